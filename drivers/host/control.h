/* Serves the control socket of a stack (<rill/control.h>) from its loop. It never waits, and its
 * memory is bounded: CONTROL_CLIENTS clients, each with at most CONTROL_BACKLOG unread bytes. The
 * stream of a client that reads frames more slowly ends after a complete frame; a client that
 * follows the trace is told how many records it has missed. When all places are taken, a new client
 * replaces the one that has been silent for longest. */
#ifndef DRIVERS_HOST_CONTROL_H
#define DRIVERS_HOST_CONTROL_H

#include <rill/capture.h>
#include <rill/control.h>

#define CONTROL_CLIENTS 16
#define CONTROL_BACKLOG (1u << 20)

struct host_control;

/* Facts for the greeting that the stack does not know. */
struct host_control_facts {
    const char *device;
    struct rill_address address;
    uint64_t memory; /* the stack's budget */
    bool trace;      /* the stack keeps a trace */
};

/* Borrows the stack. `path`: see control_listen. NULL with a diagnostic and errno. */
struct host_control *host_control_open(struct rill *, const char *path,
                                       const struct host_control_facts *, struct rill_diagnostic *);
/* NULL is harmless. */
void host_control_close(struct host_control *);

/* Readable when a client needs service. */
int host_control_descriptor(const struct host_control *);

/* Serves the clients that need it. */
void host_control_serve(struct host_control *);

/* The same, but only when it is time: always while a client follows a stream, else at intervals. */
void host_control_glance(struct host_control *, rill_time now);

/* Frames that the stack has just received, or has built and not sent yet. Received frames must
 * first get the numbers by which the trace knows them, unless they have some. */
void host_control_number(struct host_control *, struct rill_frame *, unsigned n);
void host_control_frames(struct host_control *, const struct rill_frame *, unsigned n,
                         enum rill_capture_direction);

#endif
