/* HyStart++ (RFC 9406): ends the first slow start before it overflows the bottleneck's queue.
 *
 * For each round, one window of data, the minimum round trip is kept. If it has risen against the
 * previous round, slow start becomes conservative: a quarter of the growth for five rounds, and
 * back to full growth if the rise was only temporary. The ACKs of a round that follow each other
 * closely show earlier how much the path holds: if they take more than half of the minimum round
 * trip, slow start ends at once. That is HyStart's other half (Ha and Rhee, 2011), which RFC 9406
 * leaves out and Linux has. Life cycle: starts with the plug-in, is used
 * in each slow start that has no threshold, and ends when it sets one. */
#ifndef TCP_HYSTART_H
#define TCP_HYSTART_H

#include "tcp/cc.h"

struct hystart {
    rill_time last_min, this_min; /* round trip of the last round, of this; RILL_NEVER: none */
    rill_time baseline;           /* this_min at the start of the conservative rounds; 0: none */
    rill_time round_at, acked_at; /* begin of the round; the last ACK of its train */
    uint8_t samples;              /* of this round, up to N_RTT_SAMPLE */
    uint8_t rounds;               /* of conservative slow start, the current one included */
};

void hystart_begin(struct hystart *);

/* An ACK in a slow start without a threshold (CC_NO_THRESHOLD): cwnd grows if `ack` allows it.
 * After the conservative rounds, or a long train of ACKs, ssthresh is set to cwnd. */
void hystart_acked(struct hystart *, struct cc_window *, const struct ack_sample *, uint32_t mss);

#endif
