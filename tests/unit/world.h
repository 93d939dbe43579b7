/* Two stacks on one wire, in virtual time: what tests of the socket calls live in. The wait hook of
 * both moves frames, and where none moves, time; so a call that blocks does so in no time at all.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <netinet/in.h>
#include <rill/rill.h>

#define WORLD_WIRE 1  /* the port of both stacks that is not the loopback one */
#define WIRE_INDEX 12 /* its interface index */

#define WORLD_EVENTS 8

enum { LEFT, RIGHT }; /* 192.0.2.1 and 192.0.2.2 */

struct world_event {
    rill_time when;
    void (*run)(void);
};

struct world {
    struct rill *end[2];
    rill_time now;
    bool cut;               /* the wire is: frames vanish */
    rill_time interrupt_at; /* when the hook fails with EINTR, once; 0: never */
    struct world_event event[WORLD_EVENTS];
    unsigned events;
};

extern struct world world;

/* The left end is current afterwards. NULL: the defaults. */
void world_begin(const struct rill_config *);
/* Frees both; every byte must have come back. */
void world_end(void);

/* Has `run` called after so long, with whatever stack current that it asks for itself. */
void world_at(rill_time delay, void (*run)(void));

/* Lets time pass, with all that happens in it. */
void world_pass(rill_time time);

/* 192.0.2.1 or 192.0.2.2; ip4 in host order. */
struct sockaddr_in world_address(int end, uint16_t port);
struct sockaddr_in ip4_address(uint32_t ip4, uint16_t port);

/* The calls again, with a struct sockaddr_in by value. */
int bind_to(int fd, struct sockaddr_in);
int connect_to(int fd, struct sockaddr_in);

/* A listener at that port of the right end, and a connection to it: the left end's descriptor,
 * *accepted the right one's. */
int world_listen(uint16_t port);
int world_connection(uint16_t port, int *accepted);

#endif
