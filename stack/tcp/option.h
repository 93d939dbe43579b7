/* Options: what is negotiated on SYNs (RFC 9293 3.7.1, RFC 7323 2 and 3, RFC 2018 2) and what
 * timestamps protect (PAWS). */
#ifndef TCP_OPTION_H
#define TCP_OPTION_H

#include "tcp/core.h"
#include "tcp/segment.h"

/* A peer's MSS below it is a mistake or an attack (CVE-2019-11479). */
#define OPTION_MSS_FLOOR 88

#define OPTION_SCALE_MAX 14 /* RFC 7323 2.3 */
#define OPTION_TIMESTAMP_BYTES 12
#define OPTION_LEAST_TEXT 8 /* options never take the last of a narrow path */

/* What a peer's SYN and our configuration agree on. */
struct negotiated {
    uint16_t mss; /* the peer's, floored; 0: it sent none */
    uint8_t snd_scale;
    uint8_t rcv_scale; /* ours: for whoever has announced it to fill in */
    bool window_scaling, timestamps, sack, ecn;
};

/* From the header of the peer's SYN or SYN-ACK; the congestion control may want ECN. */
struct negotiated option_negotiate(const struct tcp *, const struct cc_ops *,
                                   const struct tcp_header *);

/* RFC 9293 MUST-15: what a peer takes that said nothing. */
uint16_t option_default_mss(struct rill_address remote);

/* The connection takes what was agreed: MSS, scales, timestamps, SACK, and the initial window that
 * follows. */
void option_agree(struct tcp *, struct tcp_conn *, const struct negotiated *);

/* Ours, from the largest window that may ever be offered. */
uint8_t option_scale(uint32_t window);

/* Puts what a SYN or SYN-ACK says into `o`. mss: what the port takes. */
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

/* How long ago we have sent what the peer's timestamp echoes (RFC 7323 4): ns, at least 1. 0: it
 * echoes nothing of ours. */
rill_time option_echo_age(const struct tcp *, const struct tcp_conn *, const struct tcp_options *);

/* How many SACK blocks a segment carries now: what there is to say, as far as the options' 40 bytes
 * and a narrow path have room. */
unsigned option_sack_blocks(const struct tcp_conn *, uint32_t segment_max);

/* Bytes of options on a segment with so many blocks. */
uint32_t option_bytes(const struct tcp_conn *, unsigned sack_blocks);

/* RFC 7323 3.2: where timestamps were agreed on every segment but an RST has one. True only where
 * the configuration insists on it. */
bool option_timestamp_missing(const struct tcp *, bool agreed, const struct tcp_header *);

/* RFC 7323 5.3 R1: the segment is too old. Never an RST, never after 24 days of silence. */
bool option_paws(const struct tcp *, const struct tcp_conn *, const struct segment *);

/* RFC 7323 4.3: keeps the timestamp of the segment that spans the last acknowledgement. */
void option_take_timestamp(const struct tcp *, struct tcp_conn *, const struct segment *);

#endif
