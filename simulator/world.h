/* The data structures of the simulator. One heap holds all future events; an event lies in the
 * object that it concerns.
 *
 *     arrival   a frame has come to the end of a link: a host's stack gets it, a switch
 *               forwards it
 *     output    a stack's deadline, or a call into it: its output goes onto its links
 *     step      an application's turn
 *     accept    a listener's turn
 *     act       a scenario's action
 *
 * Code that changes a stack touches its host, which makes its output due at once; so a stack's
 * output is pulled once for all events at one instant. */
#ifndef SIMULATOR_WORLD_H
#define SIMULATOR_WORLD_H

#include "base/hash.h"
#include "base/heap.h"

#include <rill/device.h>
#include <rill/rill.h>
#include <rill/sim.h>

enum event_kind { EVENT_ARRIVAL, EVENT_OUTPUT, EVENT_STEP, EVENT_ACCEPT, EVENT_ACT };

struct event {
    struct heap_node node;
    enum event_kind kind;
};

/* One end of a link, in a node. As a host's port it is a device, which a capture may decorate. */
struct plug {
    struct rill_device device;
    struct rill_device *outer; /* the device or its decorator */
    struct event arrival;
    struct rill_sim_link *link;
    int end;
    struct rill_sim_node *node;
    struct plug *next; /* of the node, in the order in which they were added */
    int port;          /* of a host's stack */
};

struct rill_sim_link {
    struct rill_sim *sim;
    struct rill_cable *cable;
    struct plug plug[2];
    struct rill_sim_link *next;
};

/* The plug at which a switch has last seen an address. */
struct station {
    uint8_t mac[6];
    struct plug *at;
};

#define STATIONS_MAX 256 /* of one switch: frames to further addresses are flooded */

struct listener {
    struct event accept;
    struct rill_sim_node *node;
    uint16_t port;
    struct rill_sim_flow_config config; /* of the flow that needed it first */
    int fd;
    struct listener *next; /* in the node */
};

#define CALLING_BUCKETS 1024

struct rill_sim_node {
    struct rill_sim *sim;
    struct rill_sim_node *next;
    struct plug *first, *last;
    uint32_t number; /* from 1 */
    bool is_switch;
    char name[16];

    /* a host */
    struct rill_sim_host_config config;
    struct rill *stack;
    struct event output;
    rill_time stalled; /* suspended until then */
    uint64_t aborts;   /* connections aborted by the stack, at the last look */
    struct listener *listeners;
    struct rill_sim_flow *calling[CALLING_BUCKETS]; /* flows from here, by local port, last first */
    struct rill_capture *capture; /* for the first port; NULL: none, or its device has it */

    /* a switch */
    struct rill_sim_node *group; /* representative of its group of connected switches */
    struct station *station;     /* STATIONS_MAX */
    unsigned stations;
};

/* What an application has been told about its writes. */
struct reports {
    uint32_t writes, completed; /* with MSG_ZEROCOPY */
    struct {
        bool any;
        uint32_t byte;
    } stamped[3]; /* for each SCM_TSTAMP_*, the latest */
};

/* One application: an end of a flow. */
struct end {
    struct rill_sim_end seen;
    struct rill_sim_app app;
    struct reports reports;
    struct event step;
    struct rill_sim_flow *flow;
    uint8_t index;
    bool shut;               /* its own direction is shut down */
    rill_time write, read;   /* when the next one is allowed */
    rill_time again;         /* when it may connect, after it was refused */
    rill_time done;          /* when it sent its last byte */
    struct end *same_bucket; /* in the simulator's hash table of sockets */
    uint16_t local_port;
    bool in_table;
};

struct rill_sim_flow {
    struct rill_sim *sim;
    struct rill_sim_flow_config config;
    struct end end[2];
    uint32_t number; /* from 1 */
    struct rill_sim_flow *next;
    struct rill_sim_flow *same_port; /* flows of the connecting host with the same port hash */
    bool forgotten;                  /* the connecting host has restarted */
};

struct act {
    struct event event;
    void (*act)(void *);
    void *context;
    struct act *next, *previous; /* in the list of pending acts */
};

#define SOCKET_BUCKETS 4096

struct rill_sim {
    uint64_t seeds; /* splitmix64: for stacks and links */
    struct random random;
    rill_time now;
    struct memory memory;
    struct heap heap;
    uint32_t events; /* the most in the heap at once */
    struct rill_sim_stats stats;
    struct rill_sim_node *first_node, **node_end;
    struct rill_sim_link *links;
    struct rill_sim_flow *first_flow, **flow_end;
    struct act acts; /* root of the circular list */
    uint32_t nodes, hosts, flows;
    struct end *bucket[SOCKET_BUCKETS];
    void (*saw)(void *, struct rill_sim_node *, const struct rill_frame *);
    void *saw_context;
    struct rill_frame frame[RILL_BATCH_MAX];
    uint8_t *buffers; /* for `frames`, and for the data that an application reads */
    uint8_t *text;    /* the data that applications send */
    char sentence[160];
};

/* The clock: rill_sim_run moves it. */
void world_advance(struct rill_sim *, rill_time);
rill_time capture_time(void); /* the time of the simulator that runs in this thread */

/* Zeroed memory; NULL with ENOMEM. Freed with free. */
void *world_new(size_t bytes);

/* Reserves room in the heap for one more event. False: ENOMEM. */
bool world_event(struct rill_sim *, struct event *, enum event_kind);
void world_schedule(struct rill_sim *, struct event *, rill_time); /* RILL_NEVER: removes it */

/* Bytes of a frame's buffer: Ethernet, the largest IP packet, and headroom. */
#define WORLD_FRAME_ROOM 65792

/* Empty frames for a batch. */
struct rill_frame *world_frames(struct rill_sim *);

/* Adds a host or a switch without plugs; without a name it gets initial and number. */
struct rill_sim_node *node_add(struct rill_sim *, const char *name, char initial);

/* Handlers of events. */
void plug_arrive(struct plug *);
void host_output(struct rill_sim_node *);
void end_step(struct end *);
void listener_accept(struct listener *);

/* Schedules a plug's next arrival again. */
void plug_schedule(struct plug *);

/* switch.c */
void switch_pass(struct rill_sim_node *, struct plug *from, const struct rill_frame *);

/* host.c */
bool host_plug(struct rill_sim_node *, struct plug *);
void host_end(struct rill_sim_node *);
void host_receive(struct rill_sim_node *, int port, const struct rill_frame *, unsigned n);

/* flow.c: the applications of a host */
void flow_wake(struct rill_sim_node *, const struct rill_frame *);
void flow_wake_all(struct rill_sim_node *);
void flow_host_down(struct rill_sim_node *);

#endif
