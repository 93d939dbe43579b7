/* STATUS (RFC 9293 3.10.6): the state of a connection in numbers, for display and for TCP_INFO. */
#ifndef TCP_STATUS_H
#define TCP_STATUS_H

#include "tcp/accecn.h"
#include "tcp/stats.h"

struct tcp_status {
    enum rill_tcp_state state;
    enum recovery_state recovery;
    bool disordered;                      /* an ACK has shown a gap, or data was retransmitted */
    uint8_t retransmits, probes, backoff; /* in a row */
    bool timestamps, sack, window_scaling, ecn;
    bool syn_data, fast_open_child;
    uint8_t snd_scale, rcv_scale;
    rill_time rto, srtt, rttvar;
    uint32_t mss, rcv_mss;                         /* bytes of text */
    uint32_t unacked, sacked, lost, retransmitted; /* segments in flight, and their marks */
    uint32_t cwnd, ssthresh, snd_wnd;              /* bytes */
    uint32_t receive_window;                       /* bytes that the peer may still send */
    uint32_t offered_window;                       /* bytes, as in the last segment sent */
    uint32_t total_retransmits;                    /* segments, ever */
    uint64_t bytes_acked, bytes_received, bytes_unsent;
    uint64_t pacing_rate, pacing_max; /* bytes per second; UINT64_MAX: unlimited */
    bool pacing;                      /* pacing_rate applies to text */
    bool pacing_waits;                /* and only pacing holds text back now */
    rill_time rcv_rtt;                /* measured as receiver; 0: not known */
    uint32_t rcv_space;               /* bytes that the application reads in a round trip */
    bool accurate_ecn;
    struct accecn accurate; /* zeros without it */
    struct tcp_stats stats;
};

void tcp_status(const struct tcp *, const struct tcp_conn *, struct tcp_status *);

#endif
