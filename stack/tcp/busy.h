/* The busy part of a connection: what only exists while something is in flight, out of order, or
 * still arriving. Each struct is the state of one module, whose header describes it. */
#ifndef TCP_BUSY_H
#define TCP_BUSY_H

#include "base/position.h"
#include "base/ranges.h"
#include "tcp/cc.h"
#include "tcp/flight.h"
#include "tcp/rtt.h"

enum recovery_state {
    RECOVERY_NONE,
    RECOVERY_REDUCED, /* nothing is lost, but an ECE has reduced cwnd for this window of data */
    RECOVERY_FAST,
    RECOVERY_TIMEOUT
};

enum frto {
    FRTO_OFF,
    FRTO_WAITS,    /* for the acknowledgement of the first retransmission */
    FRTO_SENDS_NEW /* text, and waits for ACKs of the older text */
};

/* RFC 6582, RFC 6675. */
struct recovery {
    enum recovery_state state;
    enum frto frto;       /* RFC 5682, after a time-out */
    uint32_t duplicates;  /* ACKs in a row, one for each segment that has left the network */
    position point;       /* RecoveryPoint: SND.NXT when the loss was found */
    position echoed_to;   /* ECE up to here reports congestion that was answered already */
    position stopped_at;  /* SND.UNA at the last time-out */
    uint32_t stops;       /* time-outs in a row at this SND.UNA, unexplained by ICMP */
    struct ranges sacked; /* beyond SND.UNA: see scoreboard.h */
};

/* RFC 8985 6: see rack.h. */
struct rack {
    rill_time sent_at; /* RACK.xmit_ts; 0: nothing has arrived yet */
    position end;
    rill_time rtt, min_rtt;
    rill_time min_rtt_at; /* when min_rtt was measured */
    position fack;
    position duplicate_round; /* 0: none */
    rill_time wait;           /* when reordered segments count as lost; RILL_NEVER: none wait */
    uint8_t window_mult, window_persist;
    rill_time newest_sent_at; /* of the newest record reported by the current ACK; 0: none */
    position newest_end, newest_fack;
};

/* RFC 8985 7: see tlp.h. */
struct tlp {
    position end; /* 0: no probe is in flight */
    bool again;
    bool sampled; /* a round trip was measured since the last probe */
    bool pending; /* output must send a probe */
};

/* RFC 6937, in bytes. */
struct prr {
    uint32_t delivered, out, recover_flight;
};

/* The state to restore: see undo.h. */
struct undo {
    bool possible, timed_out;
    bool takes_rtt;         /* waits for an RTT sample of text from rtt_from on */
    bool congested;         /* a mark was received: cwnd stays reduced (RFC 4015 3.4) */
    position from, send_to; /* range that was retransmitted */
    struct cc_window window;
    uint32_t pipe_before;
    rill_time first_again_at;           /* 0: nothing was retransmitted */
    uint32_t sent_again, arrived_twice; /* segments */
    struct rtt rtt;
    position rtt_from; /* SND.NXT at the time-out */
};

/* See delivery.h. */
struct delivery {
    uint64_t total; /* bytes delivered since the busy part began */
    rill_time delivered_at, first_sent_at;
    uint64_t app_limited_to;    /* samples up to this total are application-limited; 0: none */
    uint64_t round_from;        /* a segment sent at this total or later begins a round */
    uint64_t bandwidth;         /* bytes a second */
    bool app_limited;           /* the application limited the bandwidth sample */
    struct flight_sample alone; /* sample of the record that lies in the connection */
};

/* When text leaves: see pace.h. */
struct pace {
    rill_time at;    /* earliest time to send, except the rest of the burst */
    uint32_t left;   /* bytes */
    uint32_t missed; /* bytes that a late timer has held back: they take no time */
    bool waits;      /* text waits for `at` */
};

#define RECORD_ENDS 8
#define CE_EDGES 8

/* What dynamic right-sizing measures: see tuning.h. */
struct tuning {
    rill_time rtt;        /* measured as receiver; 0: not known yet */
    position read_to;     /* rcv.read at `read_since` */
    rill_time read_since; /* when the current measurement began */
    position window_edge; /* without timestamps: the edge at `window_since`; 0: no measurement */
    rill_time window_since;
    uint32_t echoed; /* TSecr of the last sample */
    bool counted;    /* in tcp.receivers: a round trip has brought more than a first flight */
    uint32_t held;   /* bytes: the maximum in the receive ring until it was last read empty */
    uint32_t read;   /* bytes: the maximum read in a round trip; 0: nothing received yet */
};

/* Exists while data is in flight, out of order, or still arriving, and one RTO longer. */
struct tcp_busy {
    struct ranges beyond;   /* out-of-order text in the receive ring, beyond rcv.nxt */
    struct range duplicate; /* D-SACK to report (RFC 2883); from == to: none */
    struct recovery recovery;
    struct rack rack;
    struct tlp tlp;
    struct prr prr;
    struct undo undo;
    struct delivery delivery;
    struct cc_state cc;
    struct pace pace;
    rill_time rto_at;        /* expiry of the retransmission timer, whichever timer runs instead */
    position fin_at;         /* position of the peer's FIN that arrived out of order; 0: none */
    position short_to;       /* one past the last segment sent that was not full */
    position burst_to;       /* one past the current burst: see burst.h */
    position cwnd_usage_end; /* end of the window of data being measured: see cwnd.h */
    uint32_t cwnd_usage_max;
    int32_t turn;      /* bytes left in its turn to send; negative: it has exceeded the turn */
    rill_time used_at; /* when at least half of cwnd was last used; 0: nothing sent yet */
    position record_end[RECORD_ENDS]; /* ends that wait to be sent, in order: see record.h */
    uint8_t records;
    position pushed_to;         /* one past the last new text with PSH */
    position ce_edge[CE_EDGES]; /* unacknowledged positions where marks begin or end: see ecn.h */
    uint8_t ce_edges;
    bool fin_newest;       /* the FIN at fin_at came after all text that is out of order */
    rill_time received_at; /* when in-order text last arrived */
    struct tuning tuning;
};

#endif
