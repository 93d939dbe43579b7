/* A network in one process: any number of stacks (hosts), links and switches on one virtual clock,
 * and applications that communicate over them. All random choices come from one 64-bit seed, in
 * integer arithmetic: the same calls give the same run, byte for byte, with every compiler.
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
 * docs/simulator.md shows it as a test. One simulator belongs to one thread. It owns everything
 * that is added to it, until rill_sim_free. Invalid arguments are asserted. A function that returns
 * a pointer returns NULL with errno on failure (ENOMEM, or as described). */
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

/* A random number in [0, bound) from the seed, for the choices of a scenario. Links and stacks have
 * their own random streams. */
uint64_t rill_sim_draw(struct rill_sim *, uint64_t bound);

/* Runs until the time `until`, until no event is left, or until `stop` (called after every event;
 * may be NULL) returns true. Returns the time reached. */
rill_time rill_sim_run(struct rill_sim *, rill_time until, bool (*stop)(void *), void *context);

/* Calls `act` once at that time, or now if the time has passed. False: ENOMEM. */
bool rill_sim_at(struct rill_sim *, rill_time, void (*act)(void *), void *context);

/* Statistics so far. The hash covers every frame that a host has sent, and its time. */
struct rill_sim_stats {
    uint64_t events, segments /* sent by hosts; a superframe counts as its segments */, hash;
};
struct rill_sim_stats rill_sim_stats(const struct rill_sim *);

/* ---- Hosts ---- */

struct rill_sim_host_config {
    char name[16];            /* for display; empty: "h1", "h2" ... */
    uint32_t address;         /* IPv4, host order; 0: 10.0.0.1, 10.0.0.2 ... */
    uint8_t prefix;           /* 8: one subnet for all, because there are no routers */
    uint16_t mtu;             /* of its ports: 1500 */
    uint32_t gso_max;         /* largest superframe, which the link cuts: 65535; 0: none */
    struct rill_config stack; /* its seed is added to a random one; check: true */
};

void rill_sim_host_config_init(struct rill_sim_host_config *);
struct rill_sim_node *rill_sim_host_add(struct rill_sim *, const struct rill_sim_host_config *);

/* The current stack; a restart replaces it. Use it for everything that this header has no function
 * for: a route, another address, counters; also for sockets, but see rill_sim_touch. */
struct rill *rill_sim_stack(const struct rill_sim_node *);
uint32_t rill_sim_address(const struct rill_sim_node *);   /* IPv4, host order */
const uint8_t *rill_sim_mac(const struct rill_sim_node *); /* of its first port: 6 bytes */
const char *rill_sim_name(const struct rill_sim_node *);

/* Fetches the stack's output. Call it after your own calls into a stack or its sockets; the
 * simulator's applications do so themselves. */
void rill_sim_touch(struct rill_sim_node *);

/* Suspends the host until then: frames, timers and applications wait. */
void rill_sim_stall(struct rill_sim_node *, rill_time until);

/* Restarts the host at once: its stack is freed and created again, with its listeners. The host's
 * ends of its flows end with ECONNRESET; its peers notice this later. */
void rill_sim_restart(struct rill_sim_node *);

/* Changes the MTU of all its ports at any time. */
void rill_sim_host_mtu(struct rill_sim_node *, uint16_t mtu);

/* Delivers a frame to a host now, without a link, as from an attacker. The frame is copied. */
void rill_sim_inject(struct rill_sim_node *, const uint8_t *frame, size_t length);

/* Records the frames of the host's first port in a capture, with the stack's comment on each packet
 * (pcapng). The simulator owns the capture. Call it before the host's first link is added;
 * stack.trace_records must be RILL_CAPTURE_TRACE or more. */
void rill_sim_capture(struct rill_sim_node *, struct rill_capture *);

/* Sets a function that is called with each frame that any host sends, before its link gets it;
 * NULL: none. The frame is valid only during the call. */
void rill_sim_watch(struct rill_sim *,
                    void (*saw)(void *context, struct rill_sim_node *, const struct rill_frame *),
                    void *context);

/* ---- Links ---- */

/* An Ethernet switch that learns addresses. */
struct rill_sim_node *rill_sim_switch_add(struct rill_sim *, const char *name);

/* A cable between two nodes: `there` is the direction from a to b. A host may have several links;
 * each is a port of its stack, and the first has its address. ELOOP: the switches would form a
 * loop. */
struct rill_sim_link *rill_sim_link_add(struct rill_sim *, struct rill_sim_node *a,
                                        struct rill_sim_node *b,
                                        const struct rill_cable_config *there,
                                        const struct rill_cable_config *back);

/* Applies from now on. Direction 0 is `there`. */
void rill_sim_link_change(struct rill_sim_link *, int direction, const struct rill_cable_config *);
const struct rill_cable_config *rill_sim_link_config(const struct rill_sim_link *, int direction);
const struct rill_cable_stats *rill_sim_link_stats(const struct rill_sim_link *, int direction);

/* Cuts or restores the link: while it is cut, all frames in both directions are lost. */
void rill_sim_link_cut(struct rill_sim_link *, bool is_cut);

/* ---- Applications ---- */

#define RILL_SIM_ENDLESS UINT64_MAX

/* The behaviour of one end of a flow. All zeros: it sends nothing, reads everything at once until
 * the end of the stream, shuts its direction down as soon as all is sent, and closes when both
 * directions have ended. */
struct rill_sim_app {
    uint64_t bytes;        /* to send; RILL_SIM_ENDLESS: until rill_sim_flow_stop */
    uint32_t write_chunk;  /* bytes of one write; 0: as many as the socket accepts */
    rill_time write_pause; /* between two writes */
    uint32_t read_chunk;   /* bytes of one read; 0: all available */
    rill_time read_pause;  /* between two reads; RILL_NEVER: reads nothing until rill_sim_flow_read
                              is called */
    rill_time linger;      /* time between the last byte sent and the shutdown */
    bool answers;          /* starts to send when the peer's direction has ended */
    bool polls;            /* reads and writes only when poll says that it can */
    bool urgent;           /* the last byte of each write is urgent; the peer needs SO_OOBINLINE */
    bool records;          /* each write is a record (MSG_EOR) */
    bool reports; /* asks what becomes of each write (MSG_ZEROCOPY, SO_TIMESTAMPING), and checks the
                     answers; not before the connection is open, so not with Fast Open */
    bool closes;  /* closes both directions after its last byte is sent; unread data is lost
                     (and the peer may get a reset) */
    uint64_t abort_after; /* aborts with an RST after receiving this many bytes; 0: never */
};

struct rill_sim_flow_config {
    struct rill_sim_node *node[2]; /* node[0] connects to node[1] */
    uint16_t port;                 /* of node[1]; listeners are created automatically */
    rill_time start;               /* when node[0] connects; now if this time has passed */
    uint16_t local_port; /* from which node[0] connects: after the end of all earlier flows from
                            this port to that one, whatever the stacks still remember; 0: any */
    bool crosses; /* both connect at once (RFC 9293 3.5), node[0] from local_port, node[1] from
                     `port`, which needs no listener; who is refused tries again */
    bool mapped;  /* the sockets that node[0] and a new listener create are AF_INET6 */
    int backlog;  /* of a new listener; 0: 4096 */
    void (*prepare_listener)(void *context, int fd); /* as `prepare`, of a new listener */
    struct rill_sim_app app[2];
    /* Called with each new socket and its end (0 or 1), to set options such as TCP_CONGESTION; its
     * stack is current. On end 0 before connecting, on end 1 after accepting. May be NULL. */
    void (*prepare)(void *context, int end, int fd);
    void *context;
};

struct rill_sim_flow *rill_sim_flow_add(struct rill_sim *, const struct rill_sim_flow_config *);

const struct rill_sim_flow_config *rill_sim_flow_config(const struct rill_sim_flow *);

/* The state of one end so far. */
struct rill_sim_end {
    uint64_t sent;     /* bytes that the stack has accepted */
    uint64_t received; /* bytes read */
    uint64_t wrong;    /* bytes read that differ from those sent */
    rill_time opened;  /* when it was connected or accepted; RILL_NEVER: not yet */
    rill_time moved;   /* when it last sent or read bytes, or was opened or ended */
    rill_time ended;   /* when its socket was closed; RILL_NEVER: not yet */
    bool finished;     /* it has read the peer's direction to the end */
    bool aborted;      /* it aborted the connection itself */
    bool misreported;  /* a report about a write was wrong, or is missing */
    int error;         /* the errno that ended it; 0: none */
    int fd;            /* -1: it has no socket */
};
const struct rill_sim_end *rill_sim_end(const struct rill_sim_flow *, int end);

/* Whether the flow is over: both ends have ended, or the connecting end has and the other never
 * began. */
bool rill_sim_flow_over(const struct rill_sim_flow *);

/* The end sends no further bytes, even if it is endless. */
void rill_sim_flow_stop(struct rill_sim_flow *, int end);
/* From now on the end reads `chunk` bytes every `pause`. */
void rill_sim_flow_read(struct rill_sim_flow *, int end, uint32_t chunk, rill_time pause);
/* The end aborts with an RST now. */
void rill_sim_flow_abort(struct rill_sim_flow *, int end);

/* All flows in the order in which they were added; NULL: no more. */
struct rill_sim_flow *rill_sim_flow_first(const struct rill_sim *);
struct rill_sim_flow *rill_sim_flow_next(const struct rill_sim_flow *);

/* Checks that nothing will happen by itself any more: every flow is over, no frame is in flight, no
 * stack has a timer or a frame to send. Returns NULL, or a sentence about what is left, valid until
 * the next call. */
const char *rill_sim_remains(struct rill_sim *);

#ifdef __cplusplus
}
#endif

#endif
