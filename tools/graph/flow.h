/* One direction of a connection as time series, from its segments and the other end's
 * acknowledgements. Pure: segments go in, points come out.
 *
 * Positions count as Wireshark does: the SYN is 0, the first byte 1; where the handshake was not
 * recorded the first byte seen is 1. Times count from the connection's first packet. */
#ifndef GRAPH_FLOW_H
#define GRAPH_FLOW_H

#include "graph/rate.h"
#include "graph/round_trip.h"
#include "graph/seen.h"
#include "graph/series.h"

/* Name in the data file, and shape. */
#define FLOW_SERIES_LIST(X) \
    X(DATA, data, BAR) /* sent for the first time */ \
    X(RETRANSMITTED, retransmitted, BAR) \
    X(REORDERED, reordered, BAR) /* fills a hole, too early for a retransmission */ \
    X(PROBE, probe, BAR)         /* keep-alive */ \
    X(SYN, syn, MARK) \
    X(FIN, fin, MARK) \
    X(PSH, psh, MARK) \
    X(RST, rst, MARK) \
    X(ACK, ack, LINE) /* of the other end */ \
    X(DUPLICATE_ACK, duplicate_ack, MARK) \
    X(WINDOW, window, LINE) /* the right edge */ \
    X(SACK, sack, BAR) \
    X(DSACK, dsack, BAR) \
    X(CWND, cwnd, LINE) /* from rill's comments, like the next two */ \
    X(SSTHRESH, ssthresh, LINE) \
    X(FLIGHT, flight, LINE) \
    X(OUTSTANDING, outstanding, LINE)     /* sent and not acknowledged, as observed */ \
    X(OFFERED, offered, LINE)             /* the window's size */ \
    X(RTT, rtt, MARK)                     /* of segments sent once */ \
    X(RTT_TIMESTAMP, rtt_timestamp, MARK) /* of retransmitted ones, by timestamps */ \
    X(SRTT, srtt, LINE)                   /* smoothed: rill's, else computed from the samples */ \
    X(RTO, rto, LINE)                     /* rill's */ \
    X(SENT_RATE, sent_rate, LINE)         /* bits a second, in each bin, like the next one */ \
    X(ACKNOWLEDGED_RATE, acknowledged_rate, LINE)

enum flow_series {
#define FLOW_SERIES_ENUM(name, text, shape) FLOW_##name,
    FLOW_SERIES_LIST(FLOW_SERIES_ENUM)
#undef FLOW_SERIES_ENUM
        FLOW_SERIES
};

const char *flow_series_name(enum flow_series);

struct flow {
    struct series_view view;
    rill_time begin; /* of the connection, since 1970 */
    struct series series[FLOW_SERIES];
    struct seen seen;
    struct round_trip round_trip;
    struct rate rate;
    bool numbered; /* initial is known */
    seq32 initial;
    position una;       /* the highest ACK for it; 0: none yet */
    rill_time advanced; /* when seen.max grew last */
    uint32_t window;    /* last offered, bytes */
    bool acked;         /* an ACK was seen that can have duplicates */
    uint8_t scale;      /* of the other end's window, from its SYN */
    bool scaled[2];     /* our SYN, the other end's SYN has the option */
    bool syn[2];        /* our SYN, the other end's SYN was seen */
    bool commented;     /* the sender is a rill that writes comments */
    /* For the caption. */
    uint64_t bytes, bytes_again; /* of text; of it, retransmitted */
    unsigned segments_again;
};

void flow_begin(struct flow *, rill_time begin, const struct series_view *);
/* A segment that this direction's sender sent. */
void flow_send(struct flow *, const struct segment *);
/* A segment from the other end. */
void flow_answer(struct flow *, const struct segment *);
/* Ends the input: the series may be read. */
void flow_end(struct flow *);
void flow_free(struct flow *);

/* Is the window line reliable? Only if both SYNs were seen, or no window is scaled. */
bool flow_window_known(const struct flow *);

#endif
