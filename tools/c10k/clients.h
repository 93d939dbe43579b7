/* The clients that one process of the load generator plays: they connect, stay, and ask in turn.
 *
 * Closed loop: `at_once` requests are on their way at any time, the next connection in the row asks
 * when one is answered. All that goes wrong is counted, under the name of what it was. */
#ifndef C10K_CLIENTS_H
#define C10K_CLIENTS_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SAMPLES_MAX (1u << 21) /* latencies that one process keeps: more ends the phase */

/* What has become of connections. */
struct counts {
    unsigned asked;     /* were to be opened */
    unsigned held;      /* stand now */
    unsigned answered;  /* have had at least one right answer */
    unsigned refused;   /* connect(2) was refused */
    unsigned busy;      /* told 503 */
    unsigned timed_out; /* no handshake, or no response, before the time-out */
    unsigned lost;      /* ended or reset by the server */
    unsigned wrong;     /* another answer than the file */
    unsigned failed;    /* here: no descriptor, no port */
};

/* What one process reports, in memory that it shares with its parent. */
struct results {
    atomic_uint opened, done; /* phases that it has finished */
    atomic_uint closed;       /* connections that have been brought to an end, by both sides */
    struct counts counts;
    unsigned requests;             /* answered rightly in the phase that ended last */
    uint32_t latency[SAMPLES_MAX]; /* their times, in microseconds */
};

struct shared {
    atomic_bool leave;
    atomic_uint ordered; /* how many talking phases have been ordered */
};

struct clients_config {
    struct sockaddr_in server, source; /* source: all zeros: any */
    const char *request;
    const char *body; /* what must come */
    size_t body_length;
    unsigned connections;
    unsigned talkers; /* the first so many of them talk */
    unsigned at_once;
    unsigned connecting; /* at a time: a flood is another test */
    double timeout;      /* seconds, with a handshake or an answer */
    double seconds;      /* of a talking phase, which lasts until every talker has had a turn */
    bool closes; /* each one in turn, before it leaves; else they all end with the process */
};

/* Plays until it is to leave. */
void clients_run(const struct clients_config *, const struct shared *, struct results *);

#endif
