/* Which sockets and connections a stack has, and what each is doing: STATUS (RFC 9293 3.10.6) for
 * all of them, as ss(8) shows it. It only looks, and costs nothing while nobody asks. */
#ifndef RILL_STATUS_H
#define RILL_STATUS_H

#include <rill/address.h>
#include <rill/time.h>
#include <rill/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an entry is, in the order in which rill_status_next goes through them. */
enum rill_status_kind {
    RILL_STATUS_LISTENER,
    RILL_STATUS_SYN,        /* a SYN that waits for its third ACK: nobody's connection yet */
    RILL_STATUS_CONNECTION, /* also one that the application has closed already */
    RILL_STATUS_TIME_WAIT,
    RILL_STATUS_DATAGRAM, /* a UDP socket */
    RILL_STATUS_KIND_COUNT
};

/* What keeps a connection from sending more. */
#define RILL_LIMIT_LIST(X) \
    X(NONE, "")           /* it does not send, or not yet */ \
    X(APPLICATION, "app") /* all that was written has left */ \
    X(CWND, "cwnd")       /* congestion control */ \
    X(WINDOW, "rwnd")     /* the peer's receive window */ \
    X(BUFFER, "sndbuf")   /* all that was written has left, and there is no room for more */ \
    X(PACING, "pacing")   /* its time has not come yet */ \
    X(SMALL, "nagle")     /* it waits to become a whole segment (Nagle, TCP_CORK, MSG_MORE) */

enum rill_limit {
#define RILL_LIMIT_ENUM(name, text) RILL_LIMIT_##name,
    RILL_LIMIT_LIST(RILL_LIMIT_ENUM)
#undef RILL_LIMIT_ENUM
        RILL_LIMIT_COUNT
};

/* Timers, each with the name that people see. */
#define RILL_TIMER_LIST(X) \
    X(RETRANSMIT, "retransmit") \
    X(REORDER, "reorder")  /* RFC 8985 6 */ \
    X(PROBE, "loss-probe") /* RFC 8985 7 */ \
    X(PERSIST, "persist") \
    X(QUIET, "quiet")           /* what only a busy connection needs is given back */ \
    X(FIN_WAIT_2, "fin-wait-2") /* then an orphan is given up */ \
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

#define RILL_STATUS_TIMERS 4 /* that one connection can have at once */

struct rill_status_timer {
    rill_time left; /* 0: it is due */
    uint8_t which;  /* enum rill_timer */
    uint8_t tries;  /* times that it ran out in a row */
};

/* Of a connection only, else zeros. Sizes are bytes of text. */
struct rill_status_detail {
    rill_time rto, srtt, rttvar;    /* the first backed off; srtt 0: nothing measured yet */
    uint32_t mss, rcv_mss;          /* of what is sent, of what comes */
    uint32_t cwnd, ssthresh;        /* ssthresh from INT32_MAX on: none */
    uint32_t in_flight;             /* believed to be on its way */
    uint32_t peer_window, window;   /* what the peer offers, and what is offered to him */
    uint32_t unacked, lost, sacked; /* segments in flight, and of these */
    uint32_t retransmits;           /* segments, ever */
    uint32_t segs_in, segs_out;     /* 0 where no tally is kept (struct rill_tcp_config) */
    uint64_t bytes_acked, bytes_received, bytes_retransmitted;
    uint64_t pacing_rate; /* bytes a second to which text keeps; 0: it is not paced */
    uint64_t unsent;      /* written, and not sent for the first time yet */
    uint32_t send_buffer, receive_buffer;   /* the most that either holds */
    uint32_t send_memory, receive_memory;   /* what the two rings take */
    uint32_t connection_memory;             /* all the rest that it takes */
    rill_time rwnd_limited, sndbuf_limited; /* for so long altogether, with tally */
    rill_time busy;                         /* for so long something was in flight */
    char congestion[16];                    /* "cubic" */
    uint8_t snd_scale, rcv_scale;           /* shifts of the two windows */
    bool timestamps, sack, window_scaling, ecn;
};

struct rill_status {
    struct rill_address local, remote; /* all zero: any, or not connected */
    uint16_t local_port, remote_port;
    uint8_t kind;           /* enum rill_status_kind */
    uint8_t state;          /* enum rill_tcp_state; of a datagram socket ESTABLISHED where it is
                               connected, else CLOSED */
    uint8_t limit;          /* enum rill_limit; where there is text in flight or to send */
    uint8_t timers;         /* in `timer` */
    bool orphan;            /* the application has closed its descriptor */
    bool unaccepted;        /* it waits in its listener's accept queue */
    bool peer_closed;       /* the peer's FIN has come */
    uint32_t receive_queue; /* bytes to be read; LISTENER: connections to be accepted */
    uint32_t send_queue;    /* bytes that are not acknowledged; LISTENER: the backlog */
    rill_time age;          /* since it has come into its state; negative: that is not known.
                               Known of connections while there is a tally (TIME_WAIT: always), in
                               whole milliseconds up to 49 days */
    struct rill_status_timer timer[RILL_STATUS_TIMERS];
    struct rill_status_detail detail;
};

struct rill;

/* Copies out up to `max` entries from *place on, returns how many, and moves *place behind them;
 * less than `max`: these were the last. It begins at 0. The stack may go on between two calls:
 * what is there from the first to the last of them is told, what comes or goes meanwhile may be. A
 * connection that goes over to TIME_WAIT meanwhile, or out of a SYN, may be told as both. */
unsigned rill_status_next(const struct rill *, uint64_t *place, struct rill_status *out,
                          unsigned max);

/* Names, for people: "cwnd", "retransmit". Never NULL. */
const char *rill_limit_name(enum rill_limit);
const char *rill_timer_name(enum rill_timer);

#ifdef __cplusplus
}
#endif

#endif
