/* The trace: each event is one fixed-size record in a ring of the stack, which is readable from a
 * core file; readers pull records with rill_trace_read. Off by default (trace_records = 0 in the
 * configuration); then it costs one predicted branch per event. */
#ifndef RILL_TRACE_H
#define RILL_TRACE_H

#include <rill/address.h>
#include <rill/drop.h>
#include <rill/time.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The states of RFC 9293 3.3.2. CLOSED means no connection, or one that is no longer in the flow
 * table. */
#define RILL_TCP_STATE_LIST(X) \
    X(CLOSED) \
    X(LISTEN) \
    X(SYN_SENT) \
    X(SYN_RECEIVED) \
    X(ESTABLISHED) \
    X(FIN_WAIT_1) \
    X(FIN_WAIT_2) \
    X(CLOSE_WAIT) \
    X(CLOSING) \
    X(LAST_ACK) \
    X(TIME_WAIT)

enum rill_tcp_state {
#define RILL_TCP_STATE_ENUM(name) RILL_TCP_##name,
    RILL_TCP_STATE_LIST(RILL_TCP_STATE_ENUM)
#undef RILL_TCP_STATE_ENUM
        RILL_TCP_STATE_COUNT
};

/* The kind of a record. */
#define RILL_EVENT_LIST(X) \
    X(SEGMENT_IN) \
    X(SEGMENT_OUT) \
    X(STATE) \
    X(DROP) \
    X(TIMER) \
    X(LOSS)

enum rill_event {
#define RILL_EVENT_ENUM(name) RILL_EVENT_##name,
    RILL_EVENT_LIST(RILL_EVENT_ENUM)
#undef RILL_EVENT_ENUM
        RILL_EVENT_COUNT
};

/* Why a segment was sent, a state changed or a timer expired. */
#define RILL_REASON_LIST(X) \
    X(NONE, "") \
    X(DATA, "data") \
    X(SYN, "open") \
    X(FIN, "close") \
    X(ACK_NOW, "acknowledge at once") \
    X(ACK_DELAYED, "delayed acknowledgement") \
    X(ACK_DUPLICATE, "duplicate acknowledgement") \
    X(CHALLENGE, "challenge acknowledgement") \
    X(WINDOW_UPDATE, "window update") \
    X(WINDOW_PROBE, "zero-window probe") \
    X(KEEPALIVE, "keep-alive probe") \
    X(RETRANSMIT_FAST, "retransmission after duplicate acknowledgements") \
    X(RETRANSMIT_TIMEOUT, "retransmission after a time-out") \
    X(ABORT, "abort") \
    X(RESET, "reset received") \
    X(NO_CONNECTION, "no such connection") \
    X(USER_TIMEOUT, "the peer gave no sign for too long") \
    X(CALL, "a call of the application") \
    X(SEGMENT, "an arriving segment") \
    X(TIMER, "a timer") \
    X(ICMP, "an ICMP error") \
    X(MTU_PROBE, "path MTU probe") \
    X(RETRANSMIT_MTU, "retransmission of what was too long for the path") \
    X(RETRANSMIT_RACK, "retransmission of what RACK finds lost") \
    X(LOSS_PROBE, "tail loss probe") \
    X(REORDER_TIMER, "reordering timer") \
    X(MEMORY, "memory is scarce")

enum rill_reason {
#define RILL_REASON_ENUM(name, text) RILL_REASON_##name,
    RILL_REASON_LIST(RILL_REASON_ENUM)
#undef RILL_REASON_ENUM
        RILL_REASON_COUNT
};

/* Sequence numbers are positions: relative to the initial sequence number, as Wireshark shows them
 * (the SYN is 0). If the stack does not know the peer's initial number (any more), they are the
 * numbers on the wire. A SEGMENT_IN record describes the connection after the segment was
 * processed; an event without a segment describes it at that time. */
struct rill_trace_record {
    rill_time when;
    rill_time rto;        /* the retransmission time-out, with backoff */
    int64_t seq;          /* of the segment; SND.UNA for events without one */
    int64_t ack;          /* of the segment; RCV.NXT for events without one */
    uint64_t pacing_rate; /* bytes a second; 0: not paced */
    uint32_t frame;       /* rill_frame.number of the frame that caused or carries it; 0: none */
    uint32_t length;      /* payload bytes */
    uint32_t window;      /* bytes: the segment's own window; without a segment, the peer's */
    uint32_t cwnd;        /* bytes; 0: none yet, because the peer's MSS is unknown */
    uint32_t ssthresh;    /* bytes; INT32_MAX or more: none yet */
    uint32_t in_flight;   /* bytes */
    uint32_t srtt;        /* microseconds; 0: no sample yet */
    uint32_t local_ip4;   /* host order; 0 if the flow is not IPv4 */
    uint32_t remote_ip4;
    uint16_t local_port;
    uint16_t remote_port;
    uint8_t event;  /* enum rill_event */
    uint8_t before; /* enum rill_tcp_state */
    uint8_t after;
    uint8_t reason; /* enum rill_reason */
    uint8_t drop;   /* enum rill_drop: also of a SEGMENT_IN that was not used */
    uint8_t flags;  /* of the segment, as on the wire: FIN 1 SYN 2 RST 4 PSH 8 ACK 16 URG 32 ECE 64
                       CWR 128 */
    uint8_t port;   /* port of the stack, for drops below TCP */
    bool outbound : 1; /* a frame that the stack builds, not one that it receives */
    bool ae : 1;       /* the AE flag of the segment (RFC 9768) */
};

struct rill;

/* Copies up to `max` records from *place on, oldest first, returns how many, and moves *place
 * behind them. Each reader has its own place; 0 is the first record ever. *lost (if not NULL) is
 * set to the number of records that were overwritten before this reader could read them. */
unsigned rill_trace_read(const struct rill *, uint64_t *place, struct rill_trace_record *out,
                         unsigned max, uint64_t *lost);

/* A transition of the state diagram: those of RFC 9293's figure 5, and the few that only its text
 * has. No connection takes any other. */
struct rill_tcp_transition {
    enum rill_tcp_state from, to;
    const char *never;          /* why rill never takes it; NULL: it can be taken */
    bool drawn;                 /* it is in the figure */
    const char *event, *action; /* the figure's words; "x": no action */
    const char *sentence;       /* of RFC 9293, after the number of its section */
};

/* All transitions. */
const struct rill_tcp_transition *rill_tcp_transitions(unsigned *count);
/* The transition between two states; NULL: none. */
const struct rill_tcp_transition *rill_tcp_transition(enum rill_tcp_state from,
                                                      enum rill_tcp_state to);
/* The sentence of the RFC for a transition, as a STATE record describes it. Never NULL. */
const char *rill_tcp_transition_text(enum rill_tcp_state from, enum rill_tcp_state to,
                                     enum rill_reason);

/* Names for display: "SYN_RECEIVED", "TCP_CHECKSUM", "TCP checksum wrong". Never NULL. */
const char *rill_tcp_state_name(enum rill_tcp_state);
const char *rill_drop_name(enum rill_drop);
const char *rill_drop_text(enum rill_drop);
const char *rill_event_name(enum rill_event);
const char *rill_reason_text(enum rill_reason);

#ifdef __cplusplus
}
#endif

#endif
