/* The TCP instance, and the values that pass through the island's interface. */
#ifndef TCP_CORE_H
#define TCP_CORE_H

#include "base/steer.h"
#include "base/trace.h"
#include "tcp/conn.h"
#include "tcp/metrics.h"
#include "tcp/table.h"
#include "wire/tcp_header.h"

#include <rill/counters.h>
#include <rill/stack.h>

/* A local port in use: bound, listening, or an unconnected socket's. Owned by the caller. */
struct tcp_binding {
    struct list_node node;     /* linked: it is in force */
    struct rill_address local; /* all zero: any */
    uint16_t port;
    bool reuse;      /* SO_REUSEADDR */
    bool reuse_port; /* SO_REUSEPORT */
    bool listening;
};

/* All bindings, by local port: see binding.c. */
struct bindings {
    struct list *bucket;
    uint32_t size, count; /* buckets, a power of two; bindings */
};

/* The options a connection is born with. */
struct tcp_settings {
    struct tcp_buffers buffers;
    uint16_t max_segment; /* TCP_MAXSEG; 0: none */
    uint8_t tos, ttl;
    uint8_t discovery; /* enum ip4_discovery */
    bool nodelay, cork, keepalive, oob_inline;
    bool recverr;                                               /* IP_RECVERR */
    bool interactive;                                           /* TCP_QUICKACK is 0 */
    uint8_t progress;                                           /* enum progress_wish */
    rill_time keepalive_idle, keepalive_interval, user_timeout; /* 0: the default */
    rill_time linger2;                                          /* TCP_LINGER2, negative: none */
    uint32_t keepalive_count;
    uint64_t pacing_max;     /* SO_MAX_PACING_RATE; 0: none */
    const struct cc_ops *cc; /* TCP_CONGESTION; NULL: the configuration's */
    uint32_t syn_retries;    /* TCP_SYNCNT; 0: the configuration's */
    rill_time minimum_rto;   /* TCP_RTO_MIN_US; 0: the configuration's */
    rill_time maximum_rto;   /* TCP_RTO_MAX_MS; 0: the configuration's */
    rill_time delayed_ack;   /* TCP_DELACK_MAX_US; 0: the configuration's */
    uint32_t defer_tries;    /* of a listener, TCP_DEFER_ACCEPT: so many SYN-ACKs wait for text */
};

/* A passive OPEN, in the flow table under its local address and port. Of several listeners
 * (SO_REUSEPORT) one stands there for all. */
struct tcp_listener {
    struct head head; /* LISTEN */
    struct tcp_owner *owner;
    struct tcp_settings settings; /* for accepted connections */
    head_ref first, last;         /* the accept queue */
    uint32_t queued, syns;        /* connections that wait to be accepted, SYN records */
    uint32_t backlog;             /* of listen(2), bounded: see backlog.h */
    rill_time cookies_until;      /* returned cookies are accepted until then */
    rill_time spares_until;       /* until then peers may exist whose valid cookies we dropped */
    head_ref ref;
    head_ref group; /* the next listener on the same address and port, in a ring: listen.h */
    struct fast_open_queue fast_open;
};

/* The memory of a SYN (syn.h): an entry of the flow table until the third ACK. */
struct tcp_syn {
    struct sender sender; /* SYN_RECEIVED */
    seq32 iss, irs;
    uint32_t ts_recent;
    head_ref listener;
    uint16_t mss; /* the peer's; 0: it sent none */
    uint8_t snd_scale : 4;
    uint8_t rcv_scale : 4; /* as in the SYN-ACK, even if the listener's settings change */
    uint8_t tries;         /* SYN-ACKs that the timer has watched, the first included */
    bool repeated : 1;     /* several were sent (also for a repeated SYN): no RTT sample (Karn) */
    bool acknowledged : 1; /* the third ACK has arrived, and was ignored: TCP_DEFER_ACCEPT */
    bool window_scaling : 1;
    bool timestamps : 1;
    bool sack : 1;
    bool ecn : 1;
    bool fast_open_cookie : 1; /* the first SYN-ACK carries a Fast Open cookie (RFC 7413) */
    bool fast_open_experimental : 1;
    bool accurate : 1;        /* accurate ECN (RFC 9768); then `ecn` is set, too */
    uint8_t arrived : 2;      /* the SYN's ECN field */
    uint8_t ecn_failures : 4; /* enum accecn_failure */
};

_Static_assert(sizeof(struct tcp_syn) <= 96, "the memory budget is part of the design");

/* The challenge ACKs recently sent for a flow. */
struct challenges {
    uint32_t since; /* ms of the stack's clock */
    uint32_t count;
};

#define CHALLENGE_PLACES 512

struct tcp {
    const struct rill_tcp_config *config;
    struct steer steer; /* which flows are ours, of those that share an address */
    bool check;         /* whole-object checks after every event */
    struct memory *memory;
    struct trace *trace;
    struct rill_counters *counters;
    rill_time now;

    struct pool pool[HEAD_KINDS]; /* by enum head_kind */
    struct table table;
    struct rings rings;
    struct heap timers;
    struct list sending[RILL_PORTS_MAX]; /* senders that may have something for the port */
    struct list woken;                   /* struct tcp_owner: calls on it may have a new outcome */
    uint32_t receivers;                  /* connections that receive much data: tuning.h */
    uint32_t receive_share;              /* bytes: the most that each of them buffers (buffer.h) */
    size_t queued; /* bytes of text that applications have written since the last pull */

    head_ref time_wait_first, time_wait_last; /* in order of expiry */
    struct bindings bindings;
    uint32_t port_step; /* RFC 6056 algorithm 3: next_ephemeral */

    struct hash_key isn_key, port_key, timestamp_key, cookie_key[2], fast_open_key;
    struct lru_cache metrics; /* struct metrics by remote address */
    struct random random;
    rill_time challenge_until; /* RFC 5961 7: end of the current budget, and what is left of it */
    uint32_t challenge_left;
    struct challenges challenged[CHALLENGE_PLACES]; /* by the hash of the flow */
};

/* A segment that has arrived: its checksum is right or vouched for, its header parsed. Spans are
 * borrowed. */
struct tcp_arrival {
    struct rill_address source, destination;
    const struct tcp_header *header;
    struct rill_span text;
    uint8_t port;              /* of the stack */
    uint8_t ecn;               /* the low two bits of the TOS field */
    bool to_group;             /* the frame or the datagram was a broadcast or multicast */
    uint16_t port_segment_max; /* as in struct tcp_path */
    uint16_t joined; /* not 0: a superframe, merged from segments with so many bytes of text */
};

/* A time as records store it: 32 bits, which wrap. The host's clock may begin below zero. */
static inline uint32_t milliseconds_of(rill_time t)
{
    return (uint32_t)(t / RILL_MILLISECONDS(1));
}

/* What the RTO exceeds the round trip by at least: TCP_RTO_MIN_US, or the configuration's. */
static inline rill_time conn_rto_min(const struct tcp *t, const struct tcp_conn *c)
{
    rill_time own = c->extras ? c->extras->minimum_rto : 0;
    return own ? own : t->config->minimum_rto;
}

/* The longest RTO: TCP_RTO_MAX_MS, or the configuration's. */
static inline rill_time conn_rto_max(const struct tcp *t, const struct tcp_conn *c)
{
    rill_time own = c->extras ? c->extras->maximum_rto : 0;
    return own ? own : t->config->maximum_rto;
}

/* The retransmission time-out after so many attempts without an answer (RFC 6298). */
static inline rill_time conn_rto(const struct tcp *t, const struct tcp_conn *c, unsigned backoff)
{
    rill_time initial = t->config->initial_rto;
    if (c->snd.una > 0) /* our SYN has been acknowledged */
        initial = max_of(initial, RTT_FALLBACK);
    else if (conn_state(c) == RILL_TCP_SYN_SENT)
        backoff = rtt_syn_backoff(t->config, backoff);
    return rtt_timeout(&c->rtt, initial, backoff, conn_rto_min(t, c), conn_rto_max(t, c));
}

/* How long an ACK may wait: TCP_DELACK_MAX_US, or the configuration's time if that is shorter. */
static inline rill_time conn_ack_delay(const struct tcp *t, const struct tcp_conn *c)
{
    rill_time own = c->extras ? c->extras->delayed_ack : 0;
    return own ? min_of(own, t->config->delayed_ack) : t->config->delayed_ack;
}

/* The number of segments that such text was, or becomes, on the wire. size 0: it is one segment. */
static inline uint32_t tcp_pieces(size_t length, uint32_t size)
{
    return size && length > size ? (uint32_t)((length + size - 1) / size) : 1;
}

/* A segment without text that belongs to no connection: RST, an ACK out of TIME_WAIT, or a SYN-ACK
 * that carries a cookie. */
struct tcp_reply {
    bool pending;
    struct flow flow; /* ours: local is its source */
    struct tcp_header header;
    enum rill_reason reason;
    uint8_t tos, ttl; /* of the IP header; ttl 0: the stack's */
    uint8_t state;    /* of the flow's entry: enum rill_tcp_state, if there is a trace */
};

/* What the network layer reports about a path at each pull. */
struct tcp_path {
    uint16_t segment_max; /* the largest TCP segment, header included: MTU less the IP header */
    uint16_t port_segment_max; /* the same of the port's own MTU: what our MSS option promises */
    uint32_t gso_max;          /* largest text of a superframe that the device cuts; 0: none */
    unsigned train_max;        /* segments that may leave together, where the port cuts them */
};

/* A segment to send. The text lies in the send ring until the next call of any kind. */
struct tcp_emission {
    struct tcp_header header;
    struct rill_span text[2];
    unsigned text_count;
    uint32_t length;   /* of the text */
    uint16_t gso_size; /* not 0: cut into pieces of so much text */
    uint8_t tos, ttl;  /* of the IP header; the low two bits of tos say ECN */
    uint8_t discovery; /* enum ip4_discovery */
};

/* The congestion control of connections that did not choose one. */
static inline const struct cc_ops *tcp_default_cc(const struct tcp *t)
{
    return cc_find(t->config->congestion);
}

static inline const struct cc_ops *settings_cc(const struct tcp *t, const struct tcp_settings *s)
{
    return s->cc ? s->cc : tcp_default_cc(t);
}

/* The number of segments on the wire. */
static inline uint32_t emission_segments(const struct tcp_emission *e)
{
    return e->gso_size ? (e->length + e->gso_size - 1u) / e->gso_size : 1;
}

static inline struct tcp_listener *listener_at(const struct tcp *t, head_ref r)
{
    assert(ref_kind(r) == HEAD_LISTENER);
    return (struct tcp_listener *)table_at(&t->table, r);
}

/* An ICMP error that quotes a segment of ours, whose source is `local`. */
struct tcp_icmp {
    struct flow flow;
    seq32 seq;
    uint8_t error;        /* errno */
    bool hard;            /* destination unreachable, code 2 or 3 */
    bool partial;         /* the peer has waited in vain for some of its fragments */
    uint16_t segment_max; /* fragmentation needed: the new largest segment; 0: another error */
    uint16_t claimed;     /* the value in the router's message; 0: it gave no MTU */
};

#endif
