/* Accurate ECN (RFC 9768): how many packets, and how many bytes, have arrived with each ECN field.
 * A connection that has agreed on it (tcp_conn.ecn is set too) has a struct accecn until it is
 * freed; ecn.c passes on what concerns it. The names of the counters are Linux's:
 *
 *      received_ce   r.cep - 5     delivered_ce   s.cep - 5, as the peer's ACE field tells
 *      received[]    r.e1b - 1, r.e0b - 1, r.ceb      delivered[]   the same, as its option tells
 *
 * The ACE field (ace.h) is on every segment. The AccECN option may be missing, because a middlebox
 * removes it or because other options need the room; so the field decides, and the option only
 * tells how often the field has wrapped. */
#ifndef TCP_ACCECN_H
#define TCP_ACCECN_H

#include "tcp/ace.h"
#include "tcp/segment.h"

/* Linux's TCP_ACCECN_ACE_FAIL_SEND and so on, as in TCP_INFO. */
enum accecn_failure {
    ACCECN_ACE_FAILS_SENDING = 1,    /* a SYN or SYN-ACK of ours went without the request */
    ACCECN_ACE_FAILS_ARRIVING = 2,   /* the peer's field is zero, or its ECN field was changed */
    ACCECN_OPTION_FAILS_SENDING = 4, /* segments with our option are lost */
    ACCECN_OPTION_FAILS_ARRIVING = 8 /* the peer's option was cleared, or never came */
};

/* What is known of the peer's option: Linux's TCP_ACCECN_OPT_NOT_SEEN and so on. */
enum accecn_option { OPTION_UNSEEN, OPTION_EMPTY, OPTION_COUNTS, OPTION_CLEARED };

/* Counters by ECN field: index field - 1, so ECT(1), ECT(0), CE. */
#define ECN_COUNTERS 3

struct accecn {
    uint32_t received_ce, delivered_ce;                       /* packets */
    uint32_t received[ECN_COUNTERS], delivered[ECN_COUNTERS]; /* bytes of text */
    rill_time option_at;                                      /* when our option last left */
    struct range duplicate;    /* the D-SACK that left with it; from == to: none */
    uint16_t segments_each;    /* delivered by one ACK, moving average, in 64ths */
    uint8_t failures : 4;      /* enum accecn_failure */
    uint8_t ce_pending : 4;    /* marks not reported yet; stops at 15 */
    uint8_t option_level : 2;  /* rill_tcp_config.accurate_ecn_option */
    uint8_t option_seen : 2;   /* enum accecn_option */
    uint8_t option_demand : 2; /* so many more segments must carry ours */
    uint8_t option_fields : 2; /* with at least so many counters */
    uint8_t last : 2;          /* ECN field of the packet before */
    uint8_t handshake : 2;     /* ECN field of the peer's SYN or SYN-ACK */
    uint8_t sent : 2;          /* ECN field of ours */
    uint8_t estimated : 2;     /* ECN field whose counter alone has grown of late; 0: none */
    bool reflects : 1;         /* the next segment repeats `handshake` in its ACE field */
    bool data_acked : 1;       /* the peer has acknowledged text */
};

/* ---- negotiation (3.1) ---- */

/* Does our configuration request it, and does it accept it? */
bool accecn_requests(const struct tcp *);
bool accecn_accepts(const struct tcp *);

/* Do a SYN's flags request it and do we accept it, or does a SYN-ACK accept our request? */
bool accecn_agreed(const struct tcp *, uint16_t flags);

/* The connection has agreed. False: no memory. */
bool accecn_start(struct tcp *, struct tcp_conn *);
void accecn_end(struct tcp *, struct tcp_conn *);

/* So many transmissions of a SYN or SYN-ACK have the flags; the later ones do not, because a
 * middlebox may have dropped it for them (3.1.4). */
#define ACCECN_REQUESTS 2

/* What the handshake of a passive open has told. */
struct accecn_syn {
    uint8_t arrived, sent; /* ECN fields of the SYN and of our SYN-ACK */
    uint8_t failures;
};
void accecn_take_record(struct tcp_conn *, const struct accecn_syn *);

/* The peer's SYN or SYN-ACK has arrived in SYN_SENT. */
void accecn_take_syn(struct tcp_conn *, const struct tcp_arrival *);

/* The SYN-ACK again, in a later state: its answer repeats how it has arrived. */
void accecn_take_syn_again(struct tcp_conn *, const struct segment *);

/* The flags of a SYN-ACK that answers a SYN with this ECN field. `tries`: transmissions before. */
uint16_t accecn_syn_ack_flags(uint8_t arrived, unsigned tries);

/* Adds our option to a SYN-ACK that has all its other options. */
void accecn_write_syn_ack(const struct tcp *, struct tcp_options *);

/* ---- what has arrived, for the peer (3.2) ---- */

/* An acceptable segment: counts it, and decides whether it is acknowledged at once. */
void accecn_take(struct tcp *, struct tcp_conn *, const struct segment *);

/* Text that has come before arrives again. */
void accecn_note_duplicate(struct tcp_conn *, struct range);

/* The flags of the next segment, which is sent. */
uint16_t accecn_flags(struct tcp_conn *);

/* The low two bits of the TOS field of a segment without SYN. */
uint8_t accecn_codepoint(const struct tcp_conn *);

/* The counters that the option of a segment with so many SACK blocks has now; ACCECN_NO_OPTION: it
 * has none. Of the blocks some may give way. */
#define ACCECN_NO_OPTION UINT8_MAX
unsigned accecn_fields(const struct tcp *, const struct tcp_conn *, unsigned *sack_blocks,
                       uint32_t segment_max);

/* Bytes of the option if every segment has it, and no SACK block. */
uint32_t accecn_usual_bytes(const struct tcp_conn *);

/* Writes that option; the SACK blocks are not written yet. */
void accecn_write_option(const struct tcp *, struct tcp_conn *, unsigned fields,
                         struct tcp_options *);

/* The ACE field and the option of an ACK that TIME_WAIT sends for the connection. */
void accecn_write_last_ack(const struct tcp *, struct tcp_conn *, struct tcp_reply *);

/* A device that cuts a superframe leaves CWR on its first segment only (RFC 3168 6.1.2), but as a
 * part of the field it belongs on all. */
static inline bool accecn_cuts(const struct tcp_conn *c)
{
    return conn_accurate(c) && ace_flags(conn_accurate(c)->received_ce + ACE_INITIAL) & TCP_CWR;
}

/* ---- what the peer reports ---- */

/* An ACK: ack->echoed and ack->marked. */
void accecn_take_ack(struct tcp_conn *, const struct segment *, struct ack_sample *);

#endif
