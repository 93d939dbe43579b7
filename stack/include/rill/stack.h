/* A stack is a machine without I/O: frames in, frames out, a clock handed in. Nothing in it reads a
 * clock, sleeps, draws randomness or calls back: a run is a function of its inputs and its seed.
 * One stack belongs to one thread.
 *
 *     receive   what arrived; changes state, never sends
 *     transmit  what to send now; built at this moment, never queued
 *     deadline  when to come back if nothing arrives
 *
 * Functions that return int give 0 or more on success and -1 with errno on failure. */
#ifndef RILL_STACK_H
#define RILL_STACK_H

#include <rill/address.h>
#include <rill/counters.h>
#include <rill/frame.h>
#include <rill/time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RILL_PORTS_MAX 16 /* ports of one stack, the built-in loopback port among them */
#define RILL_LOOPBACK_PORT 0
#define RILL_BATCH_MAX 64 /* frames that one rill_receive takes */

struct rill;

/* Explicit congestion notification (RFC 3168), as Linux's tcp_ecn: 0, 2 and 1. */
enum rill_ecn {
    RILL_ECN_OFF,
    RILL_ECN_ACCEPT, /* where the peer asks for it */
    RILL_ECN_REQUEST /* and of our own accord */
};

/* In which order a SYN holds its options. */
enum rill_syn_order {
    RILL_SYN_ORDER_LINUX,  /* MSS, SACK-permitted, timestamps, window scale */
    RILL_SYN_ORDER_FREEBSD /* MSS, window scale, SACK-permitted, timestamps */
};

/* SYN cookies (RFC 4987 3.6), as Linux's tcp_syncookies: 0, 1 and 2. */
enum rill_syn_cookies {
    RILL_SYN_COOKIES_OFF,
    RILL_SYN_COOKIES_FULL,  /* once a listener's SYN records are used up */
    RILL_SYN_COOKIES_ALWAYS /* no SYN is ever remembered */
};

/* Packetization-layer path MTU discovery (RFC 4821), as Linux's tcp_mtu_probing: 0, 1 and 2. */
enum rill_mtu_probing {
    RILL_MTU_PROBING_OFF,
    RILL_MTU_PROBING_BLACK_HOLE, /* once a black hole has been noticed */
    RILL_MTU_PROBING_ALWAYS      /* from base_mss upward, on every connection */
};

/* TCP Fast Open (RFC 7413): bits as in Linux's tcp_fastopen. */
enum rill_fast_open {
    RILL_FAST_OPEN_CLIENT = 0x1,
    RILL_FAST_OPEN_SERVER = 0x2,             /* on listeners with TCP_FASTOPEN */
    RILL_FAST_OPEN_CLIENT_NO_COOKIE = 0x4,   /* text on every SYN, cookie or not */
    RILL_FAST_OPEN_SERVER_NO_COOKIE = 0x200, /* text on a SYN is taken without a cookie */
    RILL_FAST_OPEN_ALL_LISTENERS = 0x400     /* TCP_FASTOPEN need not be set */
};

/* What TCP may be told. Times are rill_time (ns), sizes bytes. */
struct rill_tcp_config {
    rill_time initial_rto;  /* RFC 6298 2.1: 1 s */
    rill_time minimum_rto;  /* above SRTT: 200 ms; RFC 6298 2.4 says 1 s in all: choices.md */
    rill_time maximum_rto;  /* 120 s */
    rill_time delayed_ack;  /* 40 ms; below 500 ms: RFC 9293 MUST-40 */
    bool delay_fin_ack;     /* the ACK of a FIN waits as long for ours to ride on: false */
    rill_time time_wait;    /* 60 s = 2 MSL */
    rill_time fin_wait_2;   /* 60 s: how long an orphan waits there for the peer's FIN */
    rill_time user_timeout; /* R2: silence for so long with data unacknowledged ends the connection;
                               924 s */
    bool soft_errors_end_connect; /* RFC 5461 4.1: false, MUST-56 */
    rill_time syn_timeout;        /* R2 of an active open: at least 180 s (MUST-23) */
    unsigned syn_ack_retries;     /* of a SYN record: 5 */
    unsigned initial_window;      /* segments, RFC 6928: 10 */
    unsigned burst_segments;      /* that may leave together however slow the path is: 2 */
    uint32_t send_buffer;         /* 64 KB: what a connection begins with; SO_SNDBUF fixes it */
    uint32_t send_buffer_max;     /* 4 MB: what it may grow to, with cwnd */
    uint32_t receive_buffer;      /* 128 KB: the window offered at first; SO_RCVBUF fixes it */
    uint32_t receive_buffer_max;  /* 6 MB: what it may grow to, with what is read; the window scale
                                     follows from it; twice that is for all who receive much at
                                     once */
    unsigned listen_backlog_max;  /* 4096 */
    unsigned syn_records_max;     /* 4096, for all listeners together */
    unsigned connections_max;     /* 1,048,576 */
    unsigned time_waits_max;      /* 65,536: beyond it the oldest gives way */
    unsigned metrics_max;         /* destinations whose metrics are remembered: 1,024 */
    unsigned challenge_acks; /* for each second, all connections together (RFC 5961 7): 1,000 */
    rill_time challenge_interval; /* 500 ms: the same flow has two in twice that; 0: no bound */
    bool timestamps;              /* RFC 7323, true */
    bool window_scaling;          /* RFC 7323, true */
    bool sack;                    /* RFC 2018, true */
    bool slow_start_after_idle;   /* RFC 5681 4.1, true */
    bool loss_probes;             /* RFC 8985 7, true; as Linux's tcp_early_retrans */
    bool frto;                    /* RFC 5682, true */
    bool rto_restart;             /* RFC 7765: an earlier time-out for the last segments, false */
    enum rill_ecn ecn;            /* RFC 3168, RILL_ECN_ACCEPT */
    uint16_t ephemeral_first;     /* 32768 */
    uint16_t ephemeral_last;      /* 60999 */
    unsigned fast_open;           /* bits of enum rill_fast_open: RILL_FAST_OPEN_CLIENT */
    rill_time fast_open_pause;    /* 60 s, doubled with each further SYN of ours that was lost: how
                                     long Fast Open then rests for the destination; 0: it does not */
    unsigned fast_open_keys;      /* how many are in fast_open_key: 0 (one is drawn) to 2 */
    uint8_t fast_open_key[32];    /* of 16 bytes each: cookies are made with the first */
    char congestion[16];          /* "cubic", "reno" */
    bool pacing; /* false: text leaves as cwnd lets it, unless SO_MAX_PACING_RATE or the congestion
                    control says how fast */
    unsigned slow_start_segments; /* 8: by so many the first slow start grows for one ACK where text
                                     is not paced (RFC 9406 4.3, L); 0: by all that it tells of */

    enum rill_syn_order syn_order; /* RILL_SYN_ORDER_LINUX */
    bool drop_syn_fin;             /* a SYN with FIN opens nothing: true */
    bool require_timestamps;       /* RFC 7323 3.2: what lacks the agreed one is dropped: false */
    bool time_wait_reset;          /* RFC 1337: an RST ends TIME_WAIT: false */
    unsigned quick_acks;           /* segments in the beginning, each acknowledged at once: 16, at
                                      most 31 */
    rill_time keepalive_idle;      /* 2 h, and the next two: where the socket says nothing */
    rill_time keepalive_interval;  /* 75 s */
    unsigned keepalive_count;      /* 9 */

    /* RILL_SYN_COOKIES_FULL: without them a flood leaves honest clients a chance at best */
    enum rill_syn_cookies syn_cookies;

    bool tally;            /* counts for TCP_INFO, 96 bytes of each connection: true */
    bool metrics;          /* RFC 9040: connections begin with what others have learned: true */
    bool metrics_ssthresh; /* ssthresh, too: false, as in Linux */

    enum rill_mtu_probing mtu_probing; /* RILL_MTU_PROBING_BLACK_HOLE */
    uint16_t base_mss;        /* bytes of text that every path is expected to carry: 1,024 */
    uint16_t mtu_probe_floor; /* bytes of text: no black hole makes segments shorter; 88 */
};

/* One of several stacks that share an address, each with a core and a queue of the device of its
 * own, on the same port: docs/design.md, section 10. */
struct rill_core {
    unsigned number; /* 0 to count - 1; core 0 alone answers ARP requests and claims the address */
    unsigned count;  /* 1: it is alone; at most as many as there are ephemeral ports */
    uint64_t key;    /* the same for all of them, and secret: which flows are whose */
};

struct rill_config {
    uint64_t seed;             /* of everything that is drawn: ISN, ports, IP IDs */
    size_t memory_budget;      /* bytes for all pools, rings and queues together; 256 MB */
    unsigned trace_records;    /* rounded up to a power of two; 0: no trace */
    unsigned neighbours_max;   /* 1,024 */
    unsigned paths_max;        /* 4,096 */
    size_t reassembly_memory;  /* 4 MB, at least 96 KB */
    rill_time reassembly_time; /* 30 s */
    size_t echo_memory;        /* bytes of echo replies that wait to be pulled: 256 KB,
                                at least 66 KB */
    unsigned icmp_errors;      /* ICMP errors and stray RSTs of our own for each second: 1,000 */
    unsigned descriptors_max;  /* 1,048,576 */
    uint8_t ttl;               /* 64 */
    struct rill_core core;     /* 0 of 1 */
    bool check; /* whole-object checks after every event: tests, simulation, fuzzing */
    struct rill_tcp_config tcp;
};

/* Fills in every default. Call it first, then change what you like. */
void rill_config_init(struct rill_config *);

/* Which system packet scripts were written against: Linux with the settings of the public suites'
 * defaults.sh, or FreeBSD 14. docs/choices.md lists what each sets. */
enum rill_preset { RILL_PRESET_NONE, RILL_PRESET_LINUX, RILL_PRESET_FREEBSD };

/* Changes what that system does otherwise; the rest stays as it is. */
void rill_config_preset(struct rill_config *, enum rill_preset);

/* A new stack whose clock stands at `now`, with a loopback port (127.0.0.0/8). NULL: ENOMEM, or
 * EINVAL where a field lies outside its range. */
struct rill *rill_new(const struct rill_config *, rill_time now);

/* Frees all that the stack owns. Nothing is sent: shut down and drain first where the peer should
 * know. */
void rill_free(struct rill *);

/* A device, as the stack sees it. */
struct rill_port_config {
    char name[16];     /* for people */
    uint8_t mac[6];    /* unicast */
    uint16_t mtu;      /* bytes of IP in a frame: 68 to 65,535 */
    bool can_gather;   /* takes frames with gather spans */
    bool can_checksum; /* finishes partial checksums */
    uint32_t
        gso_max;   /* largest superframe it cuts, bytes of IP: mtu (and 1,024) to 65,535; 0: none */
    bool cuts_udp; /* where gso_max: UDP as well as TCP (USO) */
};

/* Adds a port and returns its number. ENOSPC after RILL_PORTS_MAX, EINVAL for a bad MAC, MTU or
 * gso_max, ENOMEM. */
int rill_port_add(struct rill *, const struct rill_port_config *);

/* Changes the MTU, also in mid-flight: 68 to 65,535 bytes of IP. EINVAL: no such port, or below 68.
 */
int rill_port_mtu(struct rill *, int port, uint16_t mtu);

/* Gives the port an address and routes its subnet there. With probe (RFC 5227) the address is used
 * only once about 5 s of probing have found nobody else who has it, and is announced then; without,
 * it is announced and used at once. Of cores that share it only core 0 does so; the others use it.
 * EEXIST, EADDRNOTAVAIL (group, zero, loopback), EINVAL, ENOSPC.
 */
int rill_address_add(struct rill *, int port, struct rill_address, unsigned prefix, bool probe);

/* Its subnet's route goes with the last address in it. Connections from the address stay, and find
 * no way any more. EADDRNOTAVAIL: the port does not have it. */
int rill_address_remove(struct rill *, int port, struct rill_address);

enum rill_address_state {
    RILL_ADDRESS_ABSENT,
    RILL_ADDRESS_PROBING,
    RILL_ADDRESS_READY,
    RILL_ADDRESS_CONFLICT
};
enum rill_address_state rill_address_state(const struct rill *, struct rill_address);

/* Longest prefix wins. A gateway of all zeros: the destinations are on the link. IPv4 prefixes are
 * 0 to 32. EINVAL: no such port, the loopback port, a bad prefix; EEXIST, ENOSPC; to remove: ESRCH.
 */
int rill_route_add(struct rill *, struct rill_address destination, unsigned prefix, int port,
                   struct rill_address gateway);
int rill_route_remove(struct rill *, struct rill_address destination, unsigned prefix);

/* A neighbour that neither ages nor is overwritten by what arrives. EINVAL: no such port, or a MAC
 * that is no station's (zero, group); ENOBUFS: the table is full of such neighbours. */
int rill_neighbour_add(struct rill *, int port, struct rill_address, const uint8_t mac[6]);

/* Takes n <= RILL_BATCH_MAX frames that arrived on the port by `now`. The frames stay the caller's;
 * nothing of them is referenced afterwards. */
void rill_receive(struct rill *, int port, const struct rill_frame *, unsigned n, rill_time now);

/* Which of the cores that share an address (struct rill_core) is to receive an arrived frame;
 * RILL_CORE_ALL: each of them, as with ARP, fragments and groups. A stack given what another core's
 * connections are for would answer it with a reset. Frames that nobody can use are the stack's own.
 */
#define RILL_CORE_ALL (-1)
int rill_core_of(const struct rill *, const struct rill_frame *);

/* Expires what is due, then fills up to `max` frames with what the port is to send now and returns
 * how many. Call it again while it returns max. Each frame needs a buffer with room for MTU + 14
 * bytes; gso_max + 14 (or gather) where the port takes superframes. */
unsigned rill_transmit(struct rill *, int port, struct rill_frame *, unsigned max, rill_time now);

/* When rill_transmit has something to do if nothing arrives: now (the last time handed in) if a
 * frame waits on any port, RILL_NEVER if nothing ever will. */
rill_time rill_deadline(const struct rill *);

/* The latest time handed in; it never goes back. */
rill_time rill_now(const struct rill *);

/* Closes every descriptor, as the end of a process does. What was sent still leaves if the loop
 * goes on until rill_drained: nothing that was sent or closed waits for its acknowledgement any
 * more. */
void rill_close_all(struct rill *);
bool rill_drained(const struct rill *);

/* Bytes in use out of memory_budget, and the most that ever were. */
size_t rill_memory_used(const struct rill *);
size_t rill_memory_peak(const struct rill *);

/* For tests: the n-th allocation from here on fails (0: none does). */
void rill_memory_fail(struct rill *, uint64_t n);

#ifdef __cplusplus
}
#endif

#endif
