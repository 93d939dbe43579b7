/* One stack on the virtual clock, shared by two threads of packetdrill: the first makes the plain
 * calls, sends and takes the packets, and is the only one that lets time pass; the second makes the
 * blocking calls.
 *
 * The stack itself knows one thread, so a lock stands around everything. A call of the second
 * thread that must wait is left as a value with the machine, which tries it whenever something
 * happens, and the thread sleeps on a condition until that call is done: packetdrill goes on only
 * once the system shows it asleep. When it wakes the first thread may have gone on in time, so its
 * next look at the clock is told when its call ended. */
#ifndef PACKETDRILL_OBJECT_H
#define PACKETDRILL_OBJECT_H

#include "packetdrill/host.h"
#include "script/machine.h"

#include <pthread.h>

struct object {
    pthread_mutex_t lock;
    pthread_cond_t done; /* the call in progress is */
    pthread_t driver;    /* who lets time pass: the thread of packetdrill_interface_init */
    struct machine machine;
    struct host_descriptors descriptors;
    struct arena arena; /* of the options */
    bool ended_known;
    rill_time ended; /* of the second thread's last call, until it has looked at the clock */
};

/* NULL: an option is wrong, and a sentence has been printed to stderr. */
struct object *object_new(const char *flags);
void object_free(struct object *);

/* Every entry from outside stands between these two. */
void object_enter(struct object *);
void object_leave(struct object *);

/* Makes a call that may wait. Returns its result and sets errno. */
int64_t object_call(struct object *, struct call *);

/* Time goes on. */
void object_pass(struct object *, rill_time how_long);

/* The time to tell the thread that asks; for the driver it goes on a little each time, because
 * packetdrill spins on it. */
rill_time object_clock(struct object *);

#endif
