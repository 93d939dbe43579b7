/* The sockets and connections of a stack and their state: STATUS (RFC 9293 3.10.6) for all of them,
 * as ss(8) shows it. These functions change nothing, and cost nothing unless called. */
#ifndef RILL_STATUS_H
#define RILL_STATUS_H

#include <rill/address.h>
#include <rill/time.h>
#include <rill/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The kind of an entry, in the order in which rill_status_next returns them. */
enum rill_status_kind {
    RILL_STATUS_LISTENER,
    RILL_STATUS_SYN,        /* a SYN record that waits for the third ACK of the handshake */
    RILL_STATUS_CONNECTION, /* including one that the application has already closed */
    RILL_STATUS_TIME_WAIT,
    RILL_STATUS_DATAGRAM, /* a UDP socket */
    RILL_STATUS_KIND_COUNT
};

/* What keeps a connection from sending more. */
#define RILL_LIMIT_LIST(X) \
    X(NONE, "")           /* it has nothing to send, or cannot send yet */ \
    X(APPLICATION, "app") /* all written data has been sent */ \
    X(CWND, "cwnd")       /* congestion control */ \
    X(WINDOW, "rwnd")     /* the peer's receive window */ \
    X(BUFFER, "sndbuf")   /* all written data has been sent, and the send buffer is full */ \
    X(PACING, "pacing")   /* it waits until the pacing rate allows the next segment */ \
    X(SMALL, "nagle")     /* a short segment waits for more data (Nagle, TCP_CORK, MSG_MORE) */

enum rill_limit {
#define RILL_LIMIT_ENUM(name, text) RILL_LIMIT_##name,
    RILL_LIMIT_LIST(RILL_LIMIT_ENUM)
#undef RILL_LIMIT_ENUM
        RILL_LIMIT_COUNT
};

/* Timers, each with its name for display. */
#define RILL_TIMER_LIST(X) \
    X(RETRANSMIT, "retransmit") \
    X(REORDER, "reorder")  /* RFC 8985 6 */ \
    X(PROBE, "loss-probe") /* RFC 8985 7 */ \
    X(PERSIST, "persist") \
    X(QUIET, "quiet")           /* then the busy part of an idle connection is freed */ \
    X(FIN_WAIT_2, "fin-wait-2") /* then an orphan is deleted */ \
    X(PACING, "pacing") \
    X(DELAYED_ACK, "delayed-ack") \
    X(KEEPALIVE, "keepalive") \
    X(SYN_ACK, "syn-ack") \
    X(TIME_WAIT, "time-wait")

enum rill_timer {
#define RILL_TIMER_ENUM(name, text) RILL_TIMER_##name,
    RILL_TIMER_LIST(RILL_TIMER_ENUM)
#undef RILL_TIMER_ENUM
        RILL_TIMER_COUNT
};

#define RILL_STATUS_TIMERS 4 /* most timers that one connection has at once */

struct rill_status_timer {
    rill_time left; /* until it expires; 0: it is due */
    uint8_t which;  /* enum rill_timer */
    uint8_t tries;  /* how often it has expired in succession */
};

/* For connections; zeros for other kinds. Sizes are payload bytes. */
struct rill_status_detail {
    rill_time rto, srtt, rttvar;  /* rto with backoff; srtt 0: not measured yet */
    uint32_t mss, rcv_mss;        /* of sent and of received segments */
    uint32_t cwnd, ssthresh;      /* ssthresh >= INT32_MAX: none */
    uint32_t in_flight;           /* estimated bytes in flight */
    uint32_t peer_window, window; /* windows that the peer and that rill offers */
    uint32_t unacked, lost,
        sacked;                 /* segments: in flight, and how many of these are lost or SACKed */
    uint32_t retransmits;       /* segments, since the connection began */
    uint32_t segs_in, segs_out; /* 0 without statistics (struct rill_tcp_config) */
    uint64_t bytes_acked, bytes_received, bytes_retransmitted;
    uint64_t pacing_rate;                   /* bytes a second; 0: not paced */
    uint64_t unsent;                        /* written, but not sent yet */
    uint32_t send_buffer, receive_buffer;   /* limits of the two buffers */
    uint32_t send_memory, receive_memory;   /* memory of the two rings */
    uint32_t connection_memory;             /* all other memory of the connection */
    rill_time rwnd_limited, sndbuf_limited; /* total time so limited, with statistics */
    rill_time busy;                         /* total time with data in flight */
    char congestion[16];                    /* "cubic" */
    uint8_t snd_scale, rcv_scale;           /* scale shifts of the two windows */
    bool timestamps, sack, window_scaling, ecn;
    bool accurate_ecn; /* RFC 9768; then `ecn` is true, too */
};

struct rill_status {
    struct rill_address local, remote; /* all zeros: any, or not connected */
    uint16_t local_port, remote_port;
    uint8_t kind;           /* enum rill_status_kind */
    uint8_t state;          /* enum rill_tcp_state; a datagram socket: ESTABLISHED if connected,
                               else CLOSED */
    uint8_t limit;          /* enum rill_limit; set if data is in flight or unsent */
    uint8_t timers;         /* number of entries in `timer` */
    bool orphan;            /* the application has closed its descriptor */
    bool unaccepted;        /* in its listener's accept queue */
    bool peer_closed;       /* the peer's FIN has arrived */
    uint32_t receive_queue; /* bytes to read; LISTENER: connections to accept */
    uint32_t send_queue;    /* bytes not acknowledged yet; LISTENER: the backlog */
    rill_time age;          /* time in its state; negative: unknown. Known for connections with
                               statistics and for TIME_WAIT, in whole milliseconds up to 49 days */
    struct rill_status_timer timer[RILL_STATUS_TIMERS];
    struct rill_status_detail detail;
};

struct rill;

/* Copies up to `max` entries from *place on, returns how many, and moves *place behind them. Start
 * with *place 0; fewer than `max` entries: these were the last. The stack may run between two
 * calls. Entries that exist during the whole walk are returned; entries that are created or deleted
 * during it may be returned. An entry that changes its kind meanwhile (SYN to connection,
 * connection to TIME_WAIT) may be returned twice. */
unsigned rill_status_next(const struct rill *, uint64_t *place, struct rill_status *out,
                          unsigned max);

/* Names for display: "cwnd", "retransmit". Never NULL. */
const char *rill_limit_name(enum rill_limit);
const char *rill_timer_name(enum rill_timer);

#ifdef __cplusplus
}
#endif

#endif
