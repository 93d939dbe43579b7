/* HyStart++ (RFC 9406): ends the first slow start before it overflows the bottleneck's queue.
 *
 * For each round, one window of data, the minimum round trip is kept. If it has risen against the
 * previous round, slow start becomes conservative: a quarter of the growth for five rounds, and
 * back to full growth if the rise was only temporary. Life cycle: starts with the plug-in, is used
 * in each slow start that has no threshold, and ends when it sets one. */
#ifndef TCP_HYSTART_H
#define TCP_HYSTART_H

#include "tcp/cc.h"

struct hystart {
    rill_time last_min, this_min; /* round trip of the last round, of this; RILL_NEVER: none */
    rill_time baseline;           /* this_min at the start of the conservative rounds; 0: none */
    uint8_t samples;              /* of this round, up to N_RTT_SAMPLE */
    uint8_t rounds;               /* of conservative slow start, the current one included */
};

void hystart_begin(struct hystart *);

/* An ACK in a slow start without a threshold (CC_NO_THRESHOLD): cwnd grows if `ack` allows it.
 * After the conservative rounds ssthresh is set to cwnd. */
void hystart_acked(struct hystart *, struct cc_window *, const struct ack_sample *);

#endif
