/* Options: what is negotiated on SYNs (RFC 9293 3.7.1, RFC 7323 2 and 3, RFC 2018 2) and what
 * timestamps protect (PAWS). */
#ifndef TCP_OPTION_H
#define TCP_OPTION_H

#include "tcp/accecn.h"

/* A smaller MSS from the peer is a mistake or an attack (CVE-2019-11479). */
#define OPTION_MSS_FLOOR 88

#define OPTION_SCALE_MAX 14 /* RFC 7323 2.3 */
#define OPTION_TIMESTAMP_BYTES 12
#define OPTION_TEXT_MIN 8 /* options leave at least so much text, even on a narrow path */

/* What the peer's SYN and our configuration have in common. */
struct negotiated {
    uint16_t mss; /* the peer's, at least the floor; 0: it sent none */
    uint8_t snd_scale;
    uint8_t rcv_scale; /* ours: set by the caller, which has announced it */
    bool window_scaling, timestamps, sack, ecn, accurate;
};

/* From the header of the peer's SYN or SYN-ACK; the congestion control may need ECN. */
struct negotiated option_negotiate(const struct tcp *, const struct cc_ops *,
                                   const struct tcp_header *);

/* RFC 9293 MUST-15: the MSS of a peer that sent none. */
uint16_t option_default_mss(struct rill_address remote);

/* Stores the negotiated MSS, scales, timestamps and SACK in the connection, and resets cwnd. */
void option_agree(struct tcp *, struct tcp_conn *, const struct negotiated *);

/* Our scale, from the largest window that may ever be offered. */
uint8_t option_scale(uint32_t window);

/* Writes the options of a SYN or SYN-ACK into `o`. mss: what the port allows. */
struct option_offer {
    uint16_t mss;
    uint8_t scale;
    bool window_scaling, timestamps, sack;
    enum rill_syn_order order;
    uint32_t timestamp_value, timestamp_echo;
};
void option_write_syn(struct tcp_options *o, const struct option_offer *);

/* The timestamp clock: milliseconds, with a secret offset for each flow (RFC 7323 5.4, 7.1). */
uint32_t option_timestamp_offset(const struct tcp *, const struct flow *);
uint32_t option_timestamp(const struct tcp *, uint32_t offset);

/* The age of the timestamp of ours that the peer echoes (RFC 7323 4): ns, at least 1. 0: it echoes
 * none of ours. */
rill_time option_echo_age(const struct tcp *, const struct tcp_conn *, const struct tcp_options *);

/* The peer's FIN has come, but the text right before it has not: it is a SACK block of its own. */
bool option_fin_stands_alone(const struct tcp_conn *);

/* The options of a segment now, limited to 40 bytes and by a narrow path. */
struct option_plan {
    uint32_t bytes;
    uint8_t sack_blocks;
    uint8_t ecn_fields; /* counters of the AccECN option; ACCECN_NO_OPTION */
};
struct option_plan option_plan(const struct tcp *, const struct tcp_conn *, uint32_t segment_max);

/* Bytes of options on a usual segment with so many blocks. */
uint32_t option_bytes(const struct tcp_conn *, unsigned sack_blocks);

/* RFC 7323 3.2: if timestamps were negotiated, every segment but an RST has one. True only if the
 * configuration requires it. */
bool option_timestamp_missing(const struct tcp *, bool agreed, const struct tcp_header *);

/* RFC 7323 5.3 R1: the segment is too old. Never for an RST, never after 24 days of silence. */
bool option_paws(const struct tcp *, const struct tcp_conn *, const struct segment *);

void option_set_ts_recent(const struct tcp *, struct tcp_conn *, uint32_t value);

/* RFC 7323 4.3: keeps the timestamp of a segment that spans the last acknowledgement, and that
 * option_paws has let pass: it is not older than TS.Recent. */
void option_take_timestamp(const struct tcp *, struct tcp_conn *, const struct segment *);

#endif
