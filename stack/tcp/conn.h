/* A connection (RFC 9293 3.3): the head that every entry of the flow table has, the core that is
 * always there, and a busy part that exists only while something is in flight or out of order.
 *
 * Positions count from the initial sequence numbers (SYN = 0, first byte = 1):
 *
 *      acknowledged   | in flight      | queued          |
 *      ---------------|----------------|-----------------|--------
 *                  snd.una          snd.nxt           snd.end (+1 where a FIN is queued)
 *
 *      read by the app| readable       | missing, maybe some | not allowed yet
 *      ---------------|----------------|---------------------|--------
 *                  rcv.read         rcv.nxt               rcv.edge
 */
#ifndef TCP_CONN_H
#define TCP_CONN_H

#include "base/position.h"
#include "base/ring.h"
#include "tcp/busy.h"
#include "tcp/fastopen.h"
#include "tcp/flow.h"
#include "tcp/mtu_search.h"
#include "wire/ip4.h"

/* The application's side: tcp_next_woken reports it when calls on it may have a new outcome. */
struct tcp_owner {
    struct list_node woken;
};

/* The timers that exclude each other: which one runs (RFC 9293 3.10.8; expire.c). */
enum main_timer {
    TIMER_NONE,
    TIMER_RETRANSMIT, /* something is in flight */
    TIMER_REORDER,    /* in flight, and may be lost unless it was reordered (RFC 8985 6) */
    TIMER_PROBE,      /* in flight, and an acknowledgement is overdue (RFC 8985 7) */
    TIMER_PERSIST,    /* nothing in flight, and the window or our rules hold back what waits */
    TIMER_QUIET,      /* nothing in flight, nothing waits: the busy part is freed at expiry */
    TIMER_FIN_WAIT_2  /* an orphan waits for the peer's FIN */
};

/* What the application has set for the buffers, in bytes. 0: not set. */
struct tcp_buffers {
    uint32_t send, receive; /* SO_SNDBUF, SO_RCVBUF: fixed, no autotuning */
    uint32_t window_clamp;  /* TCP_WINDOW_CLAMP: the largest window offered */
    uint32_t low_water;     /* SO_RCVLOWAT */
    uint32_t unsent;        /* TCP_NOTSENT_LOWAT */
};

/* Settings and state that most connections lack, allocated on first use. */
struct tcp_extras {
    position snd_up, rcv_up; /* one past the urgent byte (RFC 9293 3.3.1 SND.UP, RCV.UP); 0: none */
    position urgent_passed;  /* rcv_up when reading passed over its byte, which is urgent_byte */
    rill_time keepalive_at;  /* when the next probe is due, unless a segment arrives before */
    rill_time keepalive_idle, keepalive_interval;
    uint32_t keepalive_count, keepalive_sent;
    rill_time user_timeout; /* 0: the configuration's */
    rill_time probed_since; /* since when only the window holds text back; RILL_NEVER: never */
    rill_time linger2;      /* TCP_LINGER2; 0: the configuration's, negative: none */
    rill_time minimum_rto;  /* TCP_RTO_MIN_US; 0: the configuration's */
    rill_time maximum_rto;  /* TCP_RTO_MAX_MS; 0: the configuration's */
    rill_time delayed_ack;  /* TCP_DELACK_MAX_US; 0: the configuration's */
    uint32_t syn_retries;   /* TCP_SYNCNT; 0: the configuration's syn_timeout */
    uint64_t pacing_max;    /* SO_MAX_PACING_RATE, bytes a second; 0: none */
    struct tcp_buffers buffers;
    struct accecn *accurate;       /* accecn.h; NULL: not agreed on */
    struct tcp_progress *progress; /* of the application's writes; NULL: no reports requested */
    struct mtu_search mtu;         /* mtu.c */
    struct range mtu_probe;        /* the probe in flight; from == to: none */
    bool mtu_guessed;              /* a time-out has lowered mtu.low, no ACK has arrived since */
    uint16_t mtu_given_up;         /* the size that passed until a full stop; 0: a probe decided */
    bool has_discovery; /* IP_MTU_DISCOVER: `discovery` counts, else IP4_DISCOVERY_WANT */
    uint8_t discovery;  /* enum ip4_discovery */
    uint8_t urgent_byte;
    bool urgent_taken; /* recv(MSG_OOB) has read it */
};

#define ACKS_PENDING_MAX 127  /* seven bits of struct tcp_conn */
#define RECEIVE_GROWTH_MAX 15 /* doublings: four bits */

struct tcp_conn {
    struct sender sender; /* head, node, wake, path: 72 bytes */
    union {
        struct tcp_owner *owner;       /* NULL: an orphan */
        struct tcp_listener *listener; /* until accept: `unaccepted` */
    };

    struct {
        position una, nxt, end;
        position wl1;     /* SEG.SEQ of the last window update */
        uint32_t wnd;     /* bytes, scaled */
        uint32_t wnd_max; /* the largest ever offered: RFC 5961 5.2, and the silly window rule */
        /* WL2 is not kept: it never exceeds una. Every ACK processed here is at least una, so the
         * RFC's SND.WL2 =< SEG.ACK always holds. */
    } snd;
    struct {
        position nxt, edge, read;
        position acked; /* the last acknowledgement sent: Last.ACK.sent of RFC 7323 */
    } rcv;

    struct ring *send_ring, *receive_ring; /* bytes [snd.una, snd.end) and [rcv.read, ...) */
    struct flight flight;
    struct tcp_busy *busy;
    struct tcp_extras *extras;

    rill_time timer_at, ack_at; /* RILL_NEVER: not running */

    seq32 iss, irs;
    uint32_t ts_recent, ts_recent_age; /* RFC 7323 4.3; age in seconds of the stack's clock */
    uint32_t ts_offset;
    struct rtt rtt;
    struct cc_window window;
    uint16_t peer_mss; /* from the peer's SYN, or the default; lowered by TCP_MAXSEG */
    uint16_t mss;      /* largest text of a segment, after options and path, at the last pull */
    uint8_t snd_scale : 4, rcv_scale : 4; /* 0 to 14 */
    uint8_t backoff;                      /* retransmissions or probes in a row without an answer */
    uint8_t unanswered;                   /* of these, since the last segment from the peer */
    uint8_t error;      /* errno to report once (SO_ERROR); all of Linux's fit a byte */
    uint8_t soft_error; /* errno of the last ICMP error: reported if the connection times out */
    uint8_t acks_pending : 7; /* ACKs to send: see text.c */
    bool reordering : 1;      /* RACK.reordering_seen: the path reorders (RFC 8985 6.2 step 3) */
    enum rill_reason ack_reason : 5;
    enum fast_open fast_open : 3;
    uint8_t quick_acks : 5;     /* segments still acknowledged each at once */
    uint8_t cc : 2;             /* congestion control: cc_number */
    bool unfinished : 1;        /* the last write had MSG_MORE: its end carries no PSH */
    uint16_t total_retransmits; /* segments, for STATUS */
    uint16_t rcv_mss;           /* the longest text received in one segment */

    enum main_timer timer : 3;
    bool unaccepted : 1;    /* came from a listener and waits in its queue */
    bool fin_queued : 1;    /* the application has closed its side: a FIN is at snd.end */
    bool fin_received : 1;  /* rcv.nxt has passed the peer's FIN */
    bool read_closed : 1;   /* the application does not read any more (SHUT_RD) */
    bool orphan : 1;        /* the application has closed its descriptor */
    bool reset_pending : 1; /* an RST is to be sent, then the connection ends */
    bool dead : 1;          /* CLOSED, or replaced by a TIME_WAIT record: not in the table */
    bool timestamps : 1;
    bool sack : 1;
    bool window_scaling : 1;
    bool ecn : 1;         /* RFC 3168 or, with conn_accurate, RFC 9768: agreed on */
    bool ecn_echo : 1;    /* CE has arrived: ECE on every ACK until the peer sends CWR */
    bool cwr_pending : 1; /* cwnd was reduced for ECE: CWR on the next new text */
    bool nodelay : 1;
    bool cork : 1;
    bool keepalive : 1;
    bool oob_inline : 1;    /* SO_OOBINLINE */
    bool recverr : 1;       /* IP_RECVERR: ICMP errors are reported at once */
    bool more : 1;          /* the last write had MSG_MORE: a short segment waits */
    bool interactive : 1;   /* the application answers what it receives: text.c. Linux: pingpong */
    bool push_now : 1;      /* queued data waits for nothing: tcp_push */
    bool probe_pending : 1; /* a zero-window or keep-alive probe */
    bool window_update_pending : 1; /* the application has read: a window update may be due */
    bool cwnd_limited : 1;          /* cwnd was filled: see cwnd.h */
    uint32_t receive_growth : 4;    /* doublings of the receive buffer: tuning.c */
    bool syn_data : 1; /* text on a SYN was acknowledged: the peer's or ours (RFC 7413) */
};

_Static_assert(RILL_REASON_COUNT <= 32, "ack_reason has 5 bits");
_Static_assert(sizeof(struct tcp_conn) <= 288, "the memory budget is part of the design");

static inline struct tcp_conn *conn_of(struct head *h)
{
    assert(h->kind == HEAD_CONNECTION);
    return (struct tcp_conn *)h;
}

static inline enum rill_tcp_state conn_state(const struct tcp_conn *c)
{
    return c->sender.head.state;
}

/* IP_MTU_DISCOVER. */
static inline enum ip4_discovery conn_discovery(const struct tcp_conn *c)
{
    return c->extras && c->extras->has_discovery ? c->extras->discovery : IP4_DISCOVERY_WANT;
}

/* The connection's congestion control. */
static inline const struct cc_ops *conn_cc(const struct tcp_conn *c)
{
    return cc_at(c->cc);
}

/* The state of accurate ECN; NULL: it was not agreed on. */
static inline struct accecn *conn_accurate(const struct tcp_conn *c)
{
    return c->ecn && c->extras ? c->extras->accurate : NULL;
}

/* As an orphan it does not stay in FIN_WAIT_2 (TCP_LINGER2, negative): it is reset there. */
static inline bool conn_skips_fin_wait_2(const struct tcp_conn *c)
{
    return c->orphan && c->extras && c->extras->linger2 < 0;
}

/* RFC 6675's pipe: bytes sent, and neither acknowledged nor SACKed nor lost. */
static inline uint32_t conn_in_flight(const struct tcp_conn *c)
{
    return (uint32_t)(c->snd.nxt - c->snd.una) - flight_sacked(&c->flight) -
           flight_lost(&c->flight);
}

/* Bytes that the application has written and TCP has not sent yet. */
static inline size_t conn_unsent(const struct tcp_conn *c)
{
    return (size_t)max_of(c->snd.end - max_of(c->snd.nxt, 1), 0);
}

/* One past the last position to send, a queued FIN included. */
static inline position conn_send_limit(const struct tcp_conn *c)
{
    return c->snd.end + c->fin_queued;
}

/* Data waits, and its next segment, or the FIN alone, exceeds the peer's window. */
static inline bool conn_window_holds(const struct tcp_conn *c)
{
    position next = max_of(min_of((position)conn_unsent(c), (position)c->mss), 1);
    return c->snd.nxt + next > c->snd.una + c->snd.wnd;
}

/* Might it have something to send? Output decides whether it may. Output must see each connection
 * once, because MSS and initial window depend on the path. */
static inline bool conn_may_have_output(const struct tcp_conn *c)
{
    return c->window.cwnd == 0 || c->snd.nxt < conn_send_limit(c) || flight_lost(&c->flight) ||
           c->acks_pending || c->window_update_pending || c->probe_pending || c->reset_pending ||
           (c->busy && (c->busy->tlp.pending || c->busy->ce_edges ||
                        c->busy->recovery.frto == FRTO_SENDS_NEW));
}

/* One past the last readable byte: a FIN counts in rcv.nxt but holds none. */
static inline position conn_read_limit(const struct tcp_conn *c)
{
    return c->rcv.nxt - c->fin_received;
}

#endif
