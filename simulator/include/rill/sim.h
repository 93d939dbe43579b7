/* A whole internet in one process: any number of stacks (hosts), links and switches on one virtual
 * clock, and applications that talk over them. Everything that chance decides comes from one 64-bit
 * seed, in integers: the same calls give the same run, byte for byte, with every compiler.
 *
 *     struct rill_sim *sim = rill_sim_new(1);
 *     struct rill_sim_host_config h;
 *     rill_sim_host_config_init(&h);
 *     struct rill_sim_node *a = rill_sim_host_add(sim, &h), *b = rill_sim_host_add(sim, &h);
 *     struct rill_cable_config way = {.delay = RILL_MILLISECONDS(10), .loss_ppm = 10000};
 *     rill_sim_link_add(sim, a, b, &way, &way);
 *     struct rill_sim_flow_config f = {.node = {a, b}, .port = 80, .app[0].bytes = 1000000};
 *     struct rill_sim_flow *flow = rill_sim_flow_add(sim, &f);
 *     rill_sim_run(sim, RILL_SECONDS(60), NULL, NULL);
 *     assert(rill_sim_end(flow, 1)->received == 1000000);
 *     rill_sim_free(sim);
 *
 * docs/simulator.md shows it as a test. One simulator belongs to one thread. It owns all that is
 * added to it, until rill_sim_free. What a caller cannot have meant is asserted; a function that
 * returns a pointer returns NULL with errno (ENOMEM, or what is said beside it) where it fails. */
#ifndef RILL_SIM_H
#define RILL_SIM_H

#include <rill/cable.h>
#include <rill/capture.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_sim;
struct rill_sim_node; /* a host or a switch */
struct rill_sim_link;
struct rill_sim_flow;

struct rill_sim *rill_sim_new(uint64_t seed);
void rill_sim_free(struct rill_sim *); /* NULL is harmless */

/* Time begins at 0. */
rill_time rill_sim_now(const struct rill_sim *);

/* A number in [0, bound), drawn from the seed: for what a scenario decides. Links and stacks draw
 * from streams of their own. */
uint64_t rill_sim_draw(struct rill_sim *, uint64_t bound);

/* Lets time pass to `until`, or until nothing will ever happen, or `stop` (asked after every event;
 * may be NULL) says true. Returns the time reached. */
rill_time rill_sim_run(struct rill_sim *, rill_time until, bool (*stop)(void *), void *context);

/* Calls `act` once, at that time (now, where it has passed). False: ENOMEM. */
bool rill_sim_at(struct rill_sim *, rill_time, void (*act)(void *), void *context);

/* What has happened so far, as numbers. The hash is of every frame that a host has sent and of the
 * time at which it did. */
struct rill_sim_stats {
    uint64_t events, segments /* frames that hosts have sent, superframes counted by segments */,
        hash;
};
struct rill_sim_stats rill_sim_stats(const struct rill_sim *);

/* ---- Hosts ---- */

struct rill_sim_host_config {
    char name[16];            /* for people; empty: "h1", "h2" ... */
    uint32_t address;         /* IPv4, host order; 0: 10.0.0.1, 10.0.0.2 ... */
    uint8_t prefix;           /* 8: one subnet for all, as there are no routers */
    uint16_t mtu;             /* of its ports: 1500 */
    uint32_t gso_max;         /* superframes, which the link cuts: 65535; 0: none */
    struct rill_config stack; /* its seed is added to one that is drawn; check: true */
};

void rill_sim_host_config_init(struct rill_sim_host_config *);
struct rill_sim_node *rill_sim_host_add(struct rill_sim *, const struct rill_sim_host_config *);

/* The stack as it is now: a restart replaces it. For what this header has no function for (a
 * route, another address, counters); sockets too, but see rill_sim_touch. */
struct rill *rill_sim_stack(const struct rill_sim_node *);
uint32_t rill_sim_address(const struct rill_sim_node *);   /* IPv4, host order */
const uint8_t *rill_sim_mac(const struct rill_sim_node *); /* its first port's: 6 bytes */
const char *rill_sim_name(const struct rill_sim_node *);

/* Has the stack's output fetched: to be called after calls into a stack or its sockets from outside
 * the simulator's own applications. */
void rill_sim_touch(struct rill_sim_node *);

/* The host does nothing until then: frames wait, timers wait, applications wait. */
void rill_sim_stall(struct rill_sim_node *, rill_time until);

/* The machine goes down and comes up at once: the stack is freed and made anew. Its listeners come
 * back; the ends of flows that it held have ended with ECONNRESET, and its peers will see so. */
void rill_sim_restart(struct rill_sim_node *);

/* The MTU of all its ports, in mid-flight. */
void rill_sim_host_mtu(struct rill_sim_node *, uint16_t mtu);

/* A frame that arrives at a host now, from nowhere: what an attacker sends. It is copied. */
void rill_sim_inject(struct rill_sim_node *, const uint8_t *frame, size_t length);

/* Records what the host's first port sends and gets into a capture, with what the stack's trace
 * says beside each packet (pcapng); owns the capture. To be called before its first link is added;
 * stack.trace_records must be RILL_CAPTURE_TRACE or more. */
void rill_sim_capture(struct rill_sim_node *, struct rill_capture *);

/* Called with each frame that any host sends, before its link has it; NULL: nobody. The frame is
 * borrowed. */
void rill_sim_watch(struct rill_sim *,
                    void (*saw)(void *context, struct rill_sim_node *, const struct rill_frame *),
                    void *context);

/* ---- Links ---- */

/* An Ethernet switch, which learns who is where. */
struct rill_sim_node *rill_sim_switch_add(struct rill_sim *, const char *name);

/* A cable between two nodes: `there` is the direction from a to b. A host may have several links,
 * each a port of its stack, and has its address on the first. ELOOP: switches in a circle. */
struct rill_sim_link *rill_sim_link_add(struct rill_sim *, struct rill_sim_node *a,
                                        struct rill_sim_node *b,
                                        const struct rill_cable_config *there,
                                        const struct rill_cable_config *back);

/* From now on. Direction 0 is `there`. */
void rill_sim_link_change(struct rill_sim_link *, int direction, const struct rill_cable_config *);
const struct rill_cable_config *rill_sim_link_config(const struct rill_sim_link *, int direction);
const struct rill_cable_stats *rill_sim_link_stats(const struct rill_sim_link *, int direction);

/* Partition: what is put onto it in either direction vanishes, until it is healed. */
void rill_sim_link_cut(struct rill_sim_link *, bool is_cut);

/* ---- Applications ---- */

#define RILL_SIM_ENDLESS UINT64_MAX

/* How one end of a flow behaves. All zeros: sends nothing, reads all at once to the end of the
 * stream, shuts its own direction down as soon as it has nothing (more) to send, and closes when
 * both directions are over. */
struct rill_sim_app {
    uint64_t bytes;        /* to send; RILL_SIM_ENDLESS: until rill_sim_flow_stop */
    uint32_t write_chunk;  /* bytes of one write; 0: as much as the socket takes */
    rill_time write_pause; /* between two writes */
    uint32_t read_chunk;   /* bytes of one read; 0: all there is */
    rill_time read_pause;  /* between two reads; RILL_NEVER: reads nothing until the other direction
                              has been stopped by rill_sim_flow_read */
    rill_time linger;      /* how long it waits with its shutdown, the last byte sent */
    bool answers;          /* begins to send when the peer's direction has ended */
    bool closes;           /* closes both directions with its last byte sent, what it has not read
                              is lost (and the peer may see a reset) */
    uint64_t abort_after;  /* aborts (an RST) once it has received so many bytes; 0: never */
};

struct rill_sim_flow_config {
    struct rill_sim_node *node[2]; /* who connects, to whom */
    uint16_t port;                 /* the latter's; listeners appear by themselves */
    rill_time start;               /* of the connection: now, where it has passed */
    struct rill_sim_app app[2];
    /* Called with each new socket and its end (0 or 1), for options such as TCP_CONGESTION; its
     * stack is current. On end 0 before connecting, on end 1 when accepted. May be NULL. */
    void (*prepare)(void *context, int end, int fd);
    void *context;
};

struct rill_sim_flow *rill_sim_flow_add(struct rill_sim *, const struct rill_sim_flow_config *);

const struct rill_sim_flow_config *rill_sim_flow_config(const struct rill_sim_flow *);

/* What an end has seen so far. */
struct rill_sim_end {
    uint64_t sent;     /* bytes that the stack has taken */
    uint64_t received; /* bytes read */
    uint64_t wrong;    /* of those, bytes that are not what was sent */
    rill_time opened;  /* connected or accepted; RILL_NEVER: not yet */
    rill_time moved;   /* the last time that bytes were taken or read, or it was opened or ended */
    rill_time ended;   /* its socket was closed; RILL_NEVER: not yet */
    bool finished;     /* the peer's direction was read to its end */
    bool aborted;      /* it did so itself */
    int error;         /* what ended it; 0: nothing did */
    int fd;            /* -1: it has no socket */
};
const struct rill_sim_end *rill_sim_end(const struct rill_sim_flow *, int end);

/* The flow is over: both ends have ended; or the one that connects has, and the other never began.
 */
bool rill_sim_flow_over(const struct rill_sim_flow *);

/* An end has sent its last byte, also where it is endless. */
void rill_sim_flow_stop(struct rill_sim_flow *, int end);
/* From now on the end reads so much, that often. */
void rill_sim_flow_read(struct rill_sim_flow *, int end, uint32_t chunk, rill_time pause);
/* The end closes with an RST, now. */
void rill_sim_flow_abort(struct rill_sim_flow *, int end);

/* All flows in the order of adding; NULL: no more. */
struct rill_sim_flow *rill_sim_flow_first(const struct rill_sim *);
struct rill_sim_flow *rill_sim_flow_next(const struct rill_sim_flow *);

/* Nothing is left: every flow is over, no stack waits for anything, and none holds a connection, a
 * record, a datagram or a socket other than its listeners. NULL, or a sentence about what is left.
 * Valid until the next call. */
const char *rill_sim_remains(struct rill_sim *);

#ifdef __cplusplus
}
#endif

#endif
