/* An arriving segment in positions, as SEGMENT ARRIVES uses it. `text` is reduced to the part that
 * is new and allowed. */
#ifndef TCP_SEGMENT_H
#define TCP_SEGMENT_H

#include "tcp/core.h"
#include "tcp/seq.h"

struct segment {
    const struct tcp_header *header;
    position seq;  /* SEG.SEQ: of the SYN if there is one */
    position ack;  /* SEG.ACK; meaningful with the ACK bit */
    position from; /* of the first byte of text */
    struct rill_span text;
    uint32_t window; /* SEG.WND, scaled: bytes */
    bool fin;        /* the FIN at from + text.length is still to be processed */
    uint8_t port, ecn;
    uint16_t joined;  /* as in struct tcp_arrival */
    uint16_t largest; /* text of the longest one that our MSS option allows */
};

static inline bool segment_has(const struct segment *s, enum tcp_flag f)
{
    return s->header->flags & f;
}

/* SEG.LEN: SYN and FIN count. */
static inline uint32_t segment_length(const struct segment *s)
{
    return (uint32_t)s->text.length + segment_has(s, TCP_SYN) + segment_has(s, TCP_FIN);
}

/* The same for a raw header, before SEG.SEQ can be unwrapped. */
static inline uint32_t arrival_length(const struct tcp_arrival *in)
{
    return (uint32_t)in->text.length + ((in->header->flags & TCP_SYN) != 0) +
           ((in->header->flags & TCP_FIN) != 0);
}

#endif
