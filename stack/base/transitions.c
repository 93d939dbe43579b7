/* RFC 9293 3.3.2 and 3.10 as a table: the words of the figure for each transition, and the sentence
 * of the text that says when it happens. */
#include <rill/trace.h>

#include <stddef.h>

#define TRANSITION(from, to, ...) \
    { \
        RILL_TCP_##from, RILL_TCP_##to, NULL, __VA_ARGS__ \
    }
#define NEVER(from, to, why, ...) \
    { \
        RILL_TCP_##from, RILL_TCP_##to, why, __VA_ARGS__ \
    }
#define ENDS(from) \
    TRANSITION(from, CLOSED, false, "rcv RST, ABORT or time-out", "delete TCB", \
               "3.10: \"Delete the TCB, enter the CLOSED state, and return.\"")

static const struct rill_tcp_transition transitions[] = {
    TRANSITION(CLOSED, LISTEN, true, "passive OPEN", "create TCB",
               "3.10.1: \"If passive, enter the LISTEN state and return.\""),
    TRANSITION(
        CLOSED, SYN_SENT, true, "active OPEN", "create TCB, snd SYN",
        "3.10.1: \"Set SND.UNA to ISS, SND.NXT to ISS+1, enter SYN-SENT state, and return.\""),
    TRANSITION(
        LISTEN, CLOSED, true, "CLOSE", "delete TCB",
        "3.10.4: \"Any outstanding RECEIVEs are returned with 'error: closing' responses. Delete "
        "TCB, enter CLOSED state, and return.\""),
    NEVER(LISTEN, SYN_SENT, "never: send() on a listening socket is EPIPE", true, "SEND", "snd SYN",
          "3.10.2: \"Set SND.UNA to ISS, SND.NXT to ISS+1. Enter SYN-SENT state.\""),
    TRANSITION(LISTEN, SYN_RECEIVED, true, "rcv SYN", "snd SYN,ACK",
               "3.10.7.2: \"The connection state should be changed to SYN-RECEIVED.\""),
    TRANSITION(SYN_SENT, SYN_RECEIVED, true, "rcv SYN", "snd SYN,ACK",
               "3.10.7.3: \"Otherwise, enter SYN-RECEIVED, form a SYN,ACK segment and send it.\""),
    TRANSITION(
        SYN_SENT, ESTABLISHED, true, "rcv SYN,ACK", "snd ACK",
        "3.10.7.3: \"If SND.UNA > ISS (our SYN has been ACKed), change the connection state to "
        "ESTABLISHED, form an ACK segment and send it.\""),
    TRANSITION(
        SYN_SENT, CLOSED, true, "CLOSE", "delete TCB",
        "3.10.4: \"Delete the TCB and return 'error: closing' responses to any queued SENDs, or "
        "RECEIVEs.\""),
    TRANSITION(
        SYN_RECEIVED, ESTABLISHED, true, "rcv ACK of SYN", "x",
        "3.10.7.4: \"If SND.UNA < SEG.ACK =< SND.NXT, then enter ESTABLISHED state and continue "
        "processing.\""),
    TRANSITION(
        SYN_RECEIVED, FIN_WAIT_1, true, "CLOSE", "snd FIN",
        "3.10.4: \"If no SENDs have been issued and there is no pending data to send, then form a "
        "FIN segment and send it, and enter FIN-WAIT-1 state.\""),
    ENDS(SYN_RECEIVED),
    TRANSITION(
        ESTABLISHED, FIN_WAIT_1, true, "CLOSE", "snd FIN",
        "3.10.4: \"Queue this until all preceding SENDs have been segmentized, then form a FIN "
        "segment and send it. In any case, enter FIN-WAIT-1 state.\""),
    TRANSITION(ESTABLISHED, CLOSE_WAIT, true, "rcv FIN", "snd ACK",
               "3.10.7.4: \"Enter the CLOSE-WAIT state.\""),
    ENDS(ESTABLISHED),
    TRANSITION(
        FIN_WAIT_1, FIN_WAIT_2, true, "rcv ACK of FIN", "x",
        "3.10.7.4: \"If the FIN segment is now acknowledged, then enter FIN-WAIT-2 and continue "
        "processing in that state.\""),
    TRANSITION(
        FIN_WAIT_1, CLOSING, true, "rcv FIN", "snd ACK",
        "3.10.7.4: \"If our FIN has been ACKed (perhaps in this segment), then enter TIME-WAIT; "
        "otherwise, enter the CLOSING state.\""),
    NEVER(FIN_WAIT_1, TIME_WAIT, "never: by way of FIN_WAIT_2, the ACK is seen before the FIN",
          false, "rcv FIN and ACK of FIN", "snd ACK",
          "3.10.7.4: \"If our FIN has been ACKed (perhaps in this segment), then enter TIME-WAIT, "
          "start the time-wait timer, turn off the other timers.\""),
    ENDS(FIN_WAIT_1),
    TRANSITION(
        FIN_WAIT_2, TIME_WAIT, true, "rcv FIN", "snd ACK",
        "3.10.7.4: \"Enter the TIME-WAIT state. Start the time-wait timer, turn off the other "
        "timers.\""),
    ENDS(FIN_WAIT_2),
    TRANSITION(
        CLOSE_WAIT, LAST_ACK, true, "CLOSE", "snd FIN",
        "3.10.4: \"Queue this request until all preceding SENDs have been segmentized; then send "
        "a FIN segment, enter LAST-ACK state.\""),
    ENDS(CLOSE_WAIT),
    TRANSITION(
        CLOSING, TIME_WAIT, true, "rcv ACK of FIN", "x",
        "3.10.7.4: \"If the ACK acknowledges our FIN, then enter the TIME-WAIT state; otherwise, "
        "ignore the segment.\""),
    ENDS(CLOSING),
    TRANSITION(
        LAST_ACK, CLOSED, true, "rcv ACK of FIN", "x",
        "3.10.7.4: \"If our FIN is now acknowledged, delete the TCB, enter the CLOSED state, and "
        "return.\""),
    TRANSITION(
        TIME_WAIT, CLOSED, true, "Timeout=2MSL", "delete TCB",
        "3.10.8: \"If the time-wait timeout expires on a connection, delete the TCB, enter the "
        "CLOSED state, and return.\""),
};

/* Where a transition ends a connection, its cause says more than its place. */
static const char *const endings[RILL_REASON_COUNT] = {
    [RILL_REASON_RESET] = "3.10.7.4: \"If the RST bit is set, enter the CLOSED state, delete the "
                          "TCB, and return.\"",
    [RILL_REASON_ABORT] = "3.10.5: \"Send a reset segment. Delete the TCB, enter CLOSED state, and "
                          "return.\"",
    [RILL_REASON_USER_TIMEOUT] =
        "3.10.8: \"For any state if the user timeout expires, flush all queues, signal the user, "
        "delete the TCB, enter the CLOSED state, and return.\"",
    [RILL_REASON_KEEPALIVE] = "3.8.4: several probes without an answer: the peer is gone",
    [RILL_REASON_ICMP] =
        "3.9.2.2: \"These are hard error conditions, so TCP implementations SHOULD "
        "abort the connection.\"",
    [RILL_REASON_TIMER] = "a time-out of our own: nobody answers any more",
};

const struct rill_tcp_transition *rill_tcp_transitions(unsigned *count)
{
    *count = sizeof transitions / sizeof *transitions;
    return transitions;
}

const struct rill_tcp_transition *rill_tcp_transition(enum rill_tcp_state from,
                                                      enum rill_tcp_state to)
{
    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++)
        if (transitions[i].from == from && transitions[i].to == to)
            return &transitions[i];
    return NULL;
}

const char *rill_tcp_transition_text(enum rill_tcp_state from, enum rill_tcp_state to,
                                     enum rill_reason why)
{
    const struct rill_tcp_transition *a = rill_tcp_transition(from, to);
    bool own_end = from == RILL_TCP_TIME_WAIT && why == RILL_REASON_TIMER;
    bool ending = to == RILL_TCP_CLOSED && why < RILL_REASON_COUNT && endings[why] && !own_end;
    return !a ? "" : ending ? endings[why] : a->sentence;
}
