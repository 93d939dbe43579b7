/* A stack performs no I/O: it takes frames, returns frames, and gets the time as an argument. It
 * reads no clock, never sleeps, has no other source of randomness than its seed, and calls nothing
 * back: a run is a function of its inputs and its seed. One stack belongs to one thread.
 *
 *     receive   takes arrived frames; changes state, never sends
 *     transmit  returns the frames to send now; they are built now, never queued
 *     deadline  tells when to call again if nothing arrives
 *
 * Functions that return int return 0 or more on success and -1 with errno on failure. */
#ifndef RILL_STACK_H
#define RILL_STACK_H

#include <rill/address.h>
#include <rill/counters.h>
#include <rill/frame.h>
#include <rill/time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RILL_PORTS_MAX 16 /* ports of one stack, including the built-in loopback port */
#define RILL_LOOPBACK_PORT 0
#define RILL_BATCH_MAX 64 /* most frames of one rill_receive */

struct rill;

/* Explicit congestion notification, as Linux's tcp_ecn: 0, 2, 1, 5, 4 and 3. Accurate ECN (RFC
 * 9768) reports each mark, not only that there was one (RFC 3168); a peer without it gets RFC
 * 3168's. */
enum rill_ecn {
    RILL_ECN_OFF,
    RILL_ECN_ACCEPT,                  /* RFC 3168, if the peer requests it */
    RILL_ECN_REQUEST,                 /* also request it on our own connections */
    RILL_ECN_ACCEPT_ACCURATE,         /* either, as the peer requests; request none */
    RILL_ECN_ACCEPT_ACCURATE_REQUEST, /* either, as the peer requests; request RFC 3168's */
    RILL_ECN_REQUEST_ACCURATE         /* also request accurate ECN on our own connections */
};

/* When segments carry the AccECN option (RFC 9768 3.2.3), as Linux's tcp_ecn_option. Never before
 * the peer has shown that such options reach us. */
enum rill_ecn_option {
    RILL_ECN_OPTION_OFF,
    RILL_ECN_OPTION_SPARSE,    /* after changes, and some times in a round trip */
    RILL_ECN_OPTION_FULL,      /* always, unless the path drops segments that have it */
    RILL_ECN_OPTION_PERSISTENT /* always */
};

/* The order of the options in a SYN. */
enum rill_syn_order {
    RILL_SYN_ORDER_LINUX,  /* MSS, SACK-permitted, timestamps, window scale */
    RILL_SYN_ORDER_FREEBSD /* MSS, window scale, SACK-permitted, timestamps */
};

/* SYN cookies (RFC 4987 3.6), as Linux's tcp_syncookies: 0, 1 and 2. */
enum rill_syn_cookies {
    RILL_SYN_COOKIES_OFF,
    RILL_SYN_COOKIES_FULL,  /* when the listener's SYN queue is full, or no SYN record is free */
    RILL_SYN_COOKIES_ALWAYS /* for every SYN: no SYN record is kept */
};

/* Packetization-layer path MTU discovery (RFC 4821), as Linux's tcp_mtu_probing: 0, 1 and 2. */
enum rill_mtu_probing {
    RILL_MTU_PROBING_OFF,
    RILL_MTU_PROBING_BLACK_HOLE, /* after a black hole has been detected */
    RILL_MTU_PROBING_ALWAYS      /* from base_mss upward, on every connection */
};

/* TCP Fast Open (RFC 7413): bits as in Linux's tcp_fastopen. */
enum rill_fast_open {
    RILL_FAST_OPEN_CLIENT = 0x1,
    RILL_FAST_OPEN_SERVER = 0x2,             /* on listeners with TCP_FASTOPEN */
    RILL_FAST_OPEN_CLIENT_NO_COOKIE = 0x4,   /* data in every SYN, with or without a cookie */
    RILL_FAST_OPEN_SERVER_NO_COOKIE = 0x200, /* data in a SYN is accepted without a cookie */
    RILL_FAST_OPEN_ALL_LISTENERS = 0x400     /* TCP_FASTOPEN need not be set */
};

/* TCP's settings, each with its default. Times are rill_time (ns), sizes bytes. */
struct rill_tcp_config {
    rill_time initial_rto;  /* RFC 6298 2.1: 1 s */
    rill_time minimum_rto;  /* added to SRTT at least: 200 ms. RFC 6298 2.4 wants an RTO of 1 s at
                               least: choices.md */
    rill_time maximum_rto;  /* 120 s, at most a day */
    rill_time delayed_ack;  /* 40 ms; below 500 ms: RFC 9293 MUST-40 */
    bool delay_fin_ack;     /* the ACK of a FIN is delayed too, to leave with our own FIN: false */
    rill_time time_wait;    /* 60 s = 2 MSL; at most a day */
    rill_time fin_wait_2;   /* 60 s: how long a connection that the application has closed waits in
                               FIN_WAIT_2 for the peer's FIN */
    rill_time user_timeout; /* R2: a connection with unacknowledged data ends after this time
                               without an answer from the peer: 924 s */
    bool soft_errors_end_connect; /* RFC 5461 4.1: false, MUST-56 */
    rill_time syn_timeout;        /* R2 of an active open: 180 s (MUST-23: at least 3 minutes) */
    unsigned syn_linear_timeouts; /* a SYN is first repeated so often at equal intervals: 0 (RFC
                                     6298 5.5: they double), at most 127 */
    unsigned syn_ack_retries;     /* retransmissions of a SYN-ACK: 5, at most 30 */
    unsigned initial_window;      /* segments, 1 to 1,000; RFC 6928: 10 */
    unsigned burst_segments;      /* segments that one burst may always have, however slow the path
                                     is: 2 (1 to 1,000) */
    uint32_t send_buffer;         /* 64 KB: initial size; SO_SNDBUF sets a fixed size */
    uint32_t send_buffer_max;     /* 4 MB: largest size to which it grows, with cwnd; up to 1 GB */
    uint32_t unsent_mark;         /* 0: none. Written data that may wait to be sent, if the socket
                                     has no TCP_NOTSENT_LOWAT of its own */
    uint32_t receive_buffer;     /* 128 KB: the first window offered; SO_RCVBUF sets a fixed size */
    uint32_t receive_buffer_max; /* 6 MB: largest size to which it grows, with what the application
                                    reads; up to 1 GB. The window scale follows from it. All
                                    connections that receive much at once share twice this size */
    unsigned listen_backlog_max; /* 4096 */
    unsigned syn_records_max;    /* 4096, for all listeners together */
    unsigned connections_max;    /* 1,048,576 */
    unsigned time_waits_max;     /* 65,536; a further TIME_WAIT replaces the oldest */
    unsigned metrics_max;        /* destinations whose metrics are kept: 1,024 */
    unsigned challenge_acks; /* about this many a second for all connections (RFC 5961 7): 1,000 */
    rill_time challenge_interval; /* 500 ms: one flow gets at most two challenge ACKs in twice this
                                     time; 0: no limit per flow; at most a day */
    bool timestamps;              /* RFC 7323, true */
    bool window_scaling;          /* RFC 7323, true */
    bool sack;                    /* RFC 2018, true */
    bool slow_start_after_idle;   /* RFC 5681 4.1, true */
    bool loss_probes;             /* RFC 8985 7, true; as Linux's tcp_early_retrans */
    bool frto;                    /* RFC 5682, true */
    bool rto_restart;             /* RFC 7765: an earlier time-out for the last segments, false */
    enum rill_ecn ecn;            /* RFC 3168, RILL_ECN_ACCEPT */
    enum rill_ecn_option accurate_ecn_option; /* RILL_ECN_OPTION_FULL */
    unsigned accurate_ecn_beacon; /* how often in a round trip RILL_ECN_OPTION_SPARSE sends it at
                                     least: 3; 0: only after changes; at most 63 */
    uint16_t ephemeral_first;     /* 32768 */
    uint16_t ephemeral_last;      /* 60999 */
    unsigned fast_open;           /* bits of enum rill_fast_open: RILL_FAST_OPEN_CLIENT */
    rill_time fast_open_pause; /* 60 s, doubled for each further lost SYN with data: how long Fast
                                  Open is then disabled for the destination; 0: never */
    unsigned fast_open_keys;   /* number of keys in fast_open_key, 0 to 2; 0: one is drawn */
    uint8_t fast_open_key[32]; /* of 16 bytes each; the first one makes new cookies */
    char congestion[16];       /* "cubic", or "reno", "dctcp", "bbr" */
    bool pacing; /* false: only SO_MAX_PACING_RATE or the congestion control paces; true: all data
                    is paced */
    unsigned slow_start_segments; /* 8: most segments by which one ACK opens cwnd in the first slow
                                     start if data is not paced (RFC 9406 4.3, L); 0: no limit; at
                                     most 1,000 */

    enum rill_syn_order syn_order; /* RILL_SYN_ORDER_LINUX */
    bool drop_syn_fin;             /* a SYN with FIN opens no connection: true */
    bool require_timestamps;       /* RFC 7323 3.2: a segment without the negotiated timestamp is
                                      dropped: false */
    bool time_wait_reset;          /* RFC 1337: an RST ends TIME_WAIT: false */
    unsigned quick_acks;           /* segments at the start of a connection that are acknowledged at
                                      once: 16, at most 31 */
    rill_time keepalive_idle;      /* 2 h; this and the next two apply if the socket sets none */
    rill_time keepalive_interval;  /* 75 s; both are 1 s to 32,767 s */
    unsigned keepalive_count;      /* 9, 1 to 127 */

    /* RILL_SYN_COOKIES_FULL. With cookies off, a SYN flood leaves honest clients only a chance */
    enum rill_syn_cookies syn_cookies;

    bool statistics;       /* counters for TCP_INFO, 96 bytes per connection: true */
    bool metrics;          /* RFC 9040: connections start with the destination's metrics: true */
    bool metrics_ssthresh; /* including ssthresh: false, as in Linux */

    enum rill_mtu_probing mtu_probing; /* RILL_MTU_PROBING_BLACK_HOLE */
    uint16_t base_mss;        /* payload bytes that every path is expected to carry: 1,024, 88 to
                                 65,000 */
    uint16_t mtu_probe_floor; /* payload bytes: black-hole detection makes segments no shorter: 88,
                                 48 to base_mss */
};

/* One of several stacks that share an address on the same port, each with its own core and its own
 * queue of the device: docs/design.md, section 10. */
struct rill_core {
    unsigned number; /* 0 to count - 1; only core 0 answers ARP requests and claims the address */
    unsigned count;  /* 1: a single stack; at most the number of ephemeral ports */
    uint64_t key;    /* the same for all cores, and secret: assigns flows to cores */
};

struct rill_config {
    uint64_t seed;             /* of all random choices: ISN, ports, IP IDs */
    size_t memory_budget;      /* bytes for all pools, rings and queues together: 256 MB, at least
                                  64 KB. Beside the other defaults a stack needs 370 KB, and 320 KB
                                  more for each port; with the least echo_memory 165 KB and 115 KB */
    unsigned trace_records;    /* rounded up to a power of two, at most 2^26; 0, the default: no
                                  trace */
    unsigned neighbours_max;   /* 1,024 */
    unsigned paths_max;        /* 4,096, at most 65,535 */
    size_t reassembly_memory;  /* 4 MB, at least 96 KB; of a small memory_budget no more than an
                                  eighth, or 96 KB, because anybody can forge fragments */
    rill_time reassembly_time; /* 30 s */
    size_t echo_memory;        /* bytes of echo replies that wait to be pulled, for each port:
                                  256 KB, 66 KB to 1 GB */
    unsigned icmp_errors;      /* most ICMP errors and RSTs without a connection a second: 1,000 */
    unsigned descriptors_max;  /* 1,048,576 */
    uint8_t ttl;               /* 64 */
    struct rill_core core;     /* number 0 of 1 */
    bool check; /* whole objects after every event, for tests, simulation and fuzzing: false */
    struct rill_tcp_config tcp;
};

/* Fills in all defaults. Call it first, then change fields. */
void rill_config_init(struct rill_config *);

/* The system for which packet scripts were written: Linux with the settings of the public suites'
 * defaults.sh, or FreeBSD 14. docs/choices.md lists what each sets. */
enum rill_preset { RILL_PRESET_NONE, RILL_PRESET_LINUX, RILL_PRESET_FREEBSD };

/* Sets the fields in which that system differs; leaves the others unchanged. */
void rill_config_preset(struct rill_config *, enum rill_preset);

/* Creates a stack whose clock starts at `now`, with a loopback port for 127.0.0.0/8 and for what
 * the stack sends to its own addresses. The caller passes the frames of this port back to the
 * stack, with rill_loopback_turn (librill-host) for example; while any wait, rill_deadline is
 * rill_now. NULL: ENOMEM, also if memory_budget is too small for the tables; EINVAL if a field is
 * outside its range. */
struct rill *rill_new(const struct rill_config *, rill_time now);

/* Frees the stack and everything that it owns. Sends nothing: to inform the peers, call
 * rill_close_all first and run the loop until rill_drained. NULL is harmless. */
void rill_free(struct rill *);

/* A device, as the stack sees it. */
struct rill_port_config {
    char name[16];     /* for display only */
    uint8_t mac[6];    /* unicast */
    uint16_t mtu;      /* bytes of IP in a frame: 68 to 65,535 */
    bool can_gather;   /* accepts frames with gather spans */
    bool can_checksum; /* finishes partial checksums */
    uint32_t gso_max;  /* largest superframe that the device segments, bytes of IP: mtu (and 1,024)
                          to 65,535; 0: none */
    bool cuts_udp;     /* with gso_max: segments UDP as well as TCP (USO) */
    uint32_t index;    /* interface index, as IP_PKTINFO tells it; the loopback port has 1; 0: the
                          port's number plus 1, or the next that no port has */
};

/* Adds a port and returns its number. ENOSPC after RILL_PORTS_MAX, EINVAL for a bad MAC, MTU or
 * gso_max or an index that another port has, ENOMEM. */
int rill_port_add(struct rill *, const struct rill_port_config *);

/* Changes the MTU at any time, also with data in flight: 68 to 65,535 bytes of IP. EINVAL: no such
 * port, or below 68. */
int rill_port_mtu(struct rill *, int port, uint16_t mtu);

/* Adds an address to the port, and a route to its subnet. With `probe` (RFC 5227) the stack probes
 * for about 5 s and then announces and uses the address if no other host has it; without, it
 * announces and uses it at once. If several cores share the address, only core 0 probes and
 * announces. EEXIST; EADDRNOTAVAIL (multicast, broadcast, zero, loopback); EINVAL (no such port,
 * not IPv4, prefix above 32); ENOSPC. */
int rill_address_add(struct rill *, int port, struct rill_address, unsigned prefix, bool probe);

/* Removes an address, and with the last address of a subnet the subnet's route. Connections from
 * the address stay open, but have no route any more. EADDRNOTAVAIL: the port does not have it. */
int rill_address_remove(struct rill *, int port, struct rill_address);

enum rill_address_state {
    RILL_ADDRESS_ABSENT,
    RILL_ADDRESS_PROBING,
    RILL_ADDRESS_READY,
    RILL_ADDRESS_CONFLICT
};
enum rill_address_state rill_address_state(const struct rill *, struct rill_address);

/* Adds or removes a route; the longest matching prefix is used. With a gateway of all zeros the
 * destinations are on the link. IPv4 prefixes are 0 to 32. EINVAL: no such port, the loopback port,
 * a bad prefix; EEXIST, ENOSPC; rill_route_remove: EINVAL, ESRCH. */
int rill_route_add(struct rill *, struct rill_address destination, unsigned prefix, int port,
                   struct rill_address gateway);
int rill_route_remove(struct rill *, struct rill_address destination, unsigned prefix);

/* Adds a static neighbour: it does not expire, and ARP packets do not change it. EINVAL: no such
 * port, or a MAC of zero or of a group; ENOBUFS: the table is full of static neighbours. */
int rill_neighbour_add(struct rill *, int port, struct rill_address, const uint8_t mac[6]);

/* Processes n <= RILL_BATCH_MAX frames that arrived on the port by `now`. The caller keeps the
 * frames; the stack does not refer to them after the call. */
void rill_receive(struct rill *, int port, const struct rill_frame *, unsigned n, rill_time now);

/* Which of the cores that share an address (struct rill_core) must receive an arrived frame;
 * RILL_CORE_ALL: all of them (ARP, fragments, broadcast, multicast). A stack that gets a segment of
 * another core's connection would answer it with a reset. For an invalid frame it returns the
 * stack's own core. */
#define RILL_CORE_ALL (-1)
int rill_core_of(const struct rill *, const struct rill_frame *);

/* Expires the timers that are due, then fills up to `max` frames that the port must send now, and
 * returns how many. Call it again while it returns max. Each frame needs a buffer with room for MTU
 * + 14 bytes; for gso_max + 14 if the port takes superframes and cannot gather. */
unsigned rill_transmit(struct rill *, int port, struct rill_frame *, unsigned max, rill_time now);

/* When rill_transmit must be called next if nothing arrives: rill_now if a frame waits on any port,
 * RILL_NEVER if no timer runs. */
rill_time rill_deadline(const struct rill *);

/* The latest time passed in; it never goes back. */
rill_time rill_now(const struct rill *);

/* rill_close_all closes every descriptor, as the end of a process does. Data already written is
 * still sent if the loop continues until rill_drained is true: then all sent data and all FINs have
 * been acknowledged. */
void rill_close_all(struct rill *);
bool rill_drained(const struct rill *);

/* Bytes in use out of memory_budget, without the trace's, and the most that were ever in use. */
size_t rill_memory_used(const struct rill *);
size_t rill_memory_peak(const struct rill *);

/* For tests: the n-th allocation from now on fails (0: none). */
void rill_memory_fail(struct rill *, uint64_t n);

#ifdef __cplusplus
}
#endif

#endif
