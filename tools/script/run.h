/* The state of a running script: the machine, the socket under test, the clock of events (language
 * page, section 4) and the outcome so far. */
#ifndef SCRIPT_RUN_H
#define SCRIPT_RUN_H

#include "script/machine.h"
#include "script/outcome.h"
#include "script/script.h"
#include "script/subject.h"

#include <rill/counters.h>

/* A script's name for a descriptor. */
struct descriptor_name {
    struct descriptor_name *next;
    int script, live;
    struct subject *subject; /* NULL: it is no socket */
    struct zeros *zeros;     /* NULL: it is neither a file nor a pipe */
};

/* A %{ }% block with its variables. */
struct snippet {
    struct snippet *next;
    const struct event *event;
    const char *variables; /* Python assignments */
    const char *text;
};

struct run {
    const struct script_options *options;
    struct arena *arena;
    struct outcome *outcome;
    struct rill_config config; /* until the machine is open, which then has its own */
    struct machine machine;
    bool open;    /* the machine is */
    uint16_t mtu; /* of its port, if a command has set it; 0: as in the options */

    const struct event *event; /* the current one */
    int64_t began;             /* script time at its start */
    int64_t expected;          /* its expected time; for the next event's tolerance: */
    int64_t before;            /* that of the event before */

    struct subject *subjects; /* newest first */
    struct subject *subject;  /* the one under test, or NULL */
    uint16_t next_port;       /* of the next child's remote end */
    struct descriptor_name *descriptors;
    struct zeros *files;
    struct rill_counters *counted; /* at the last nstat; NULL: there was none */
    struct invocation *pending;    /* the blocking call in progress, or NULL */
    struct snippet *snippets, **last_snippet;

    struct { /* --strict: facts about the connection that later packets must match */
        const struct subject *subject;
        uint32_t edge; /* ack + window, live */
        uint8_t scale; /* of the stack's last SYN */
        bool edge_known;
        bool own_scales, peer_scales; /* the last SYN of each side holds a window scale */
        bool opening, scaled;         /* its SYN is out; both sides scale (RFC 7323 2.2) */
        uint16_t last_id;
        bool id_known;
        uint32_t syn_options; /* bits of the option kinds that the peer has offered */
        bool syn_seen;
    } strict;
};

/* The first failure of a run ends it. */
void run_fail(struct run *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void run_unsupported(struct run *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Is there no failure so far? */
static inline bool run_good(const struct run *r)
{
    return r->outcome->verdict == VERDICT_PASS;
}

/* The stack's configuration, before and after it is opened. */
static inline struct rill_config *run_config(struct run *r)
{
    return r->open ? &r->machine.rill->net.config : &r->config;
}

/* Changes the port's MTU, now or when the machine opens. False: the port refuses it. */
bool run_mtu(struct run *, uint16_t mtu);

/* |actual - from..to| lies within the tolerance of a distance (section 4, "Tolerance"). */
bool run_in_time(const struct run *, int64_t actual, int64_t from, int64_t to, int64_t distance);

/* A new socket under test, or a child that a packet creates. */
struct subject *run_subject_new(struct run *, enum script_protocol);

struct descriptor_name *run_descriptor(const struct run *, int script);
struct descriptor_name *run_descriptor_add(struct run *, int script, int live, struct subject *);
void run_descriptor_remove(struct run *, int script);

#endif
