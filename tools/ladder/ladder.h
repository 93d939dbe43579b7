/* The model of a ladder: which packets make a conversation, and in which state both ends of a TCP
 * conversation are after each segment. Drawing is draw.h's; this knows nothing of lines and
 * columns.
 *
 * States are not guessed forward but derived from facts (struct end), and one look ahead settles
 * what a capture alone leaves open: has this SYN or FIN reached the other end? Every segment
 * acknowledges all that its sender has received (RFC 9293 3.10.7.4), so the other end's next
 * segment tells. */
#ifndef LADDER_LADDER_H
#define LADDER_LADDER_H

#include "ladder/packet.h"

#include <rill/trace.h>

/* What one end has done and what it knows of the other end. Sequence numbers are relative: the SYN
 * is 0. */
struct end {
    uint32_t address; /* IPv4, host order */
    uint16_t port;    /* TCP only */
    bool listens;     /* before its first segment */
    bool syn_sent, syn_received, syn_acked;
    bool fin_sent, fin_received, fin_acked;
    bool fin_second; /* the peer's FIN arrived before our own was sent */
    bool gone;       /* has sent or accepted a reset */
    bool numbered;   /* isn is known */
    uint32_t isn;    /* as on the wire */
    uint32_t sent;   /* one past the highest number sent */
    uint32_t fin;    /* the number of its FIN */
    uint32_t acked;  /* the last ACK it sent */
};

/* RFC 9293 3.3.2, from the facts alone. */
enum rill_tcp_state end_state(const struct end *);

struct conversation {
    bool tcp;          /* false: all packets of two hosts that are not TCP */
    bool from_start;   /* it begins with a SYN */
    bool over;         /* both FINs, or a reset, have been seen */
    bool live;         /* no look ahead is possible: packets are assumed to arrive */
    struct end end[2]; /* A sent first */
    const struct step *first;
    size_t older; /* the next in its bucket: an index plus 1; 0: none */
};

/* One rung: a packet, drawn between the ends of its conversation. */
struct step {
    const struct packet *packet;
    const struct step *next;  /* of the same conversation, NULL: none */
    const struct step *reply; /* the other end's next segment, NULL: none */
    size_t conversation;
    unsigned from;     /* 0: A to B */
    uint32_t seq, ack; /* relative */
    bool again;        /* everything in it was sent before */
    bool received;     /* false: a SYN or FIN that the other end did not have when it sent its next
                          segment */
    enum rill_tcp_state before[2]; /* of both ends */
    enum rill_tcp_state after[2];
};

struct ladder {
    struct step *step; /* one for each packet, in order */
    size_t steps;
    struct conversation *conversation; /* in the order of their first packets */
    size_t conversations;
};

/* Facts about a conversation that the walk needs first: who was the listener, and where the ports
 * are reused. */
struct survey {
    bool spoke, fin[2]; /* has B sent; either end's FIN */
};

#define LADDER_BUCKETS ((size_t)1 << 16) /* of conversations: an index plus 1; 0: none */

/* Assigns a packet to its conversation, a new one if necessary, for which there must be room; and
 * notes the facts for the survey (ladder.c). */
void step_assign(struct ladder *, size_t bucket[LADDER_BUCKETS], struct step *);
void conversation_survey(struct conversation *, struct survey *, const struct step *);

/* Fills in the relative numbers of a segment, then its effect on both ends; in the order of the
 * capture (follow.c). */
void step_number(struct conversation *, struct step *);
void step_follow(struct conversation *, struct step *);

/* The packets must outlive the ladder. False: no memory. */
bool ladder_make(struct ladder *, const struct packet *, size_t count);
void ladder_end(struct ladder *);

#endif
