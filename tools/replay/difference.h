/* Differences between rill and the recorded host, each with its packet in the capture. What a TCP
 * may choose is allowed; everything else is an error of one of them. */
#ifndef REPLAY_DIFFERENCE_H
#define REPLAY_DIFFERENCE_H

#include <stdbool.h>
#include <stdio.h>

#define DIFFERENCE_TEXT 240

struct difference {
    unsigned number; /* of the packet; 0: none */
    unsigned order;  /* in the order of finding */
    bool allowed;
    char text[DIFFERENCE_TEXT];
};

struct differences {
    struct difference *at;
    unsigned count, room;
    unsigned forbidden; /* of them */
};

void difference_add(struct differences *, unsigned number, bool allowed, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* In the order of the capture, a line each. */
void differences_print(FILE *, struct differences *);
void differences_free(struct differences *);

#endif
