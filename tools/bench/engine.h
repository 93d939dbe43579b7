/* What the engine's modes share: two stacks whose frames are handed from one to the other. */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

struct options {
    const char *mode;
    unsigned long connections, count;
    bool superframes, device_sums;
};

/* Ends the program, with the errno, where it does not hold. */
void require(bool holds, const char *what);

/* The second stack listens there. */
int listener(uint16_t port);
/* A connection of the first stack, whose other side `accepted` is. */
int connected(int listening, uint16_t port, int *accepted, const struct options *);
/* A request and its response. */
void exchange(int client, int server, const struct options *);

/* engine_idle.c */
void run_idle(const struct options *);

#endif
