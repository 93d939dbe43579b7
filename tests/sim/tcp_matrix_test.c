/* Every state x every combination of the six flags x where the segment lies x what it acknowledges
 * x with or without text, against an oracle that is read off RFC 9293 3.10.7, with RFC 5961's
 * challenges, RFC 1337 and RFC 6191 for TIME_WAIT. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <stdio.h>

static struct peer w;

enum place { EXACT, INSIDE, LEFT, BEYOND, PLACES }; /* of SEG.SEQ against the receive window */
enum acks { ACK_UNA, ACK_NXT, ACK_FUTURE, ACK_ANCIENT, ACKS }; /* of SEG.ACK */

struct arrival {
    enum rill_tcp_state state;
    unsigned flags;
    enum place place;
    enum acks acks;
    unsigned text;
};

/* Replies that the RFCs allow; `moved` is by how much RCV.NXT does. */
enum { SILENCE = 1, ACK = 2, SYN_ACK = 4, RST_AT_ACK = 8, RST_FOR_SEQ = 16 };

struct verdict {
    unsigned reply;
    enum rill_tcp_state after;
    unsigned moved;
};

static struct verdict is(unsigned reply, enum rill_tcp_state after)
{
    return (struct verdict){reply, after, 0};
}

/* ---------------------------------------------------------------- the oracle */

static struct verdict closed(const struct arrival *a) /* 3.10.7.1 */
{
    if (a->flags & TCP_RST)
        return is(SILENCE, RILL_TCP_CLOSED);
    return is(a->flags & TCP_ACK ? RST_AT_ACK : RST_FOR_SEQ, RILL_TCP_CLOSED);
}

static struct verdict listening(const struct arrival *a) /* 3.10.7.2 */
{
    if (a->flags & TCP_RST)
        return is(SILENCE, RILL_TCP_LISTEN);
    if (a->flags & TCP_ACK)
        return is(RST_AT_ACK, RILL_TCP_LISTEN);
    if (a->flags & TCP_SYN && !(a->flags & TCP_FIN)) /* SYN with FIN: docs/choices.md */
        return is(SYN_ACK, RILL_TCP_SYN_RECEIVED);
    return is(SILENCE, RILL_TCP_LISTEN);
}

static struct verdict syn_sent(const struct arrival *a) /* 3.10.7.3 */
{
    bool ack = a->flags & TCP_ACK;
    if (ack && a->acks != ACK_NXT)
        return is(a->flags & TCP_RST ? SILENCE : RST_AT_ACK, RILL_TCP_SYN_SENT);
    if (a->flags & TCP_RST)
        return is(SILENCE, ack ? RILL_TCP_CLOSED : RILL_TCP_SYN_SENT);
    if (!(a->flags & TCP_SYN))
        return is(SILENCE, RILL_TCP_SYN_SENT);
    if (!ack)
        return is(SYN_ACK, RILL_TCP_SYN_RECEIVED);
    return is(ACK, RILL_TCP_ESTABLISHED); /* text and FIN come again: docs/choices.md */
}

/* A listener stands behind these connections, so what is CLOSED shows as LISTEN. */
#define GONE RILL_TCP_LISTEN

static struct verdict time_wait(const struct arrival *a) /* RFC 1337, RFC 6191 */
{
    bool syn = a->flags & TCP_SYN;
    if (a->flags & TCP_RST)
        return is(a->place == INSIDE ? SILENCE | ACK : SILENCE, RILL_TCP_TIME_WAIT);
    bool beyond = a->place == INSIDE || a->place == BEYOND; /* all of the old one: MAY-2 */
    if (syn && !(a->flags & (TCP_ACK | TCP_FIN)) && beyond)
        return is(SYN_ACK, RILL_TCP_SYN_RECEIVED);
    if (syn || a->place == LEFT || a->place == BEYOND)
        return is(ACK, RILL_TCP_TIME_WAIT);
    return is(SILENCE | ACK, RILL_TCP_TIME_WAIT);
}

/* Step five: the ACK moves the state, or (true) its verdict is final. */
static bool ack_field(const struct arrival *a, enum rill_tcp_state *state, struct verdict *final)
{
    bool passive = *state == RILL_TCP_SYN_RECEIVED;
    if (!(a->flags & TCP_ACK))
        return *final = is(SILENCE, *state), true;
    if (passive && a->acks != ACK_NXT)
        return *final = is(RST_AT_ACK, *state), true;
    if (a->acks == ACK_FUTURE || a->acks == ACK_ANCIENT)
        return *final = is(ACK, *state), true;
    if (a->acks != ACK_NXT)
        return false;
    if (passive)
        *state = RILL_TCP_ESTABLISHED;
    else if (*state == RILL_TCP_FIN_WAIT_1)
        *state = RILL_TCP_FIN_WAIT_2;
    else if (*state == RILL_TCP_CLOSING)
        *state = RILL_TCP_TIME_WAIT;
    else if (*state == RILL_TCP_LAST_ACK)
        return *final = is(SILENCE, GONE), true;
    return false;
}

/* Steps seven and eight. */
static struct verdict text_and_fin(const struct arrival *a, enum rill_tcp_state state)
{
    bool fin = a->flags & TCP_FIN;
    if (a->text + fin == 0)
        return is(SILENCE, state);
    if (state >= RILL_TCP_CLOSE_WAIT)
        return is(SILENCE | ACK, state); /* ignored: the peer's FIN has been */
    if (a->place == INSIDE)
        return is(ACK, state); /* held for later; RFC 5681 4.2 */
    if (fin && state == RILL_TCP_ESTABLISHED)
        state = RILL_TCP_CLOSE_WAIT;
    else if (fin)
        state = state == RILL_TCP_FIN_WAIT_1 ? RILL_TCP_CLOSING : RILL_TCP_TIME_WAIT;
    return (struct verdict){ACK, state, a->text + fin};
}

static struct verdict other(const struct arrival *a) /* 3.10.7.4 */
{
    enum rill_tcp_state state = a->state;
    struct verdict final;
    bool passive = state == RILL_TCP_SYN_RECEIVED;
    unsigned challenge = passive ? ACK | SYN_ACK : ACK; /* the SYN-ACK again acknowledges as well */
    if (a->place == LEFT || a->place == BEYOND)         /* first */
        return is(a->flags & TCP_RST ? SILENCE : challenge, state);
    if (a->flags & TCP_RST) /* second */
        return a->place == EXACT ? is(SILENCE, GONE) : is(ACK, state);
    if (a->flags & TCP_SYN) /* fourth */
        return is(challenge, state);
    if (ack_field(a, &state, &final))
        return final;
    return text_and_fin(a, state);
}

static struct verdict oracle(const struct arrival *a)
{
    switch (a->state) {
    case RILL_TCP_CLOSED:
        return closed(a);
    case RILL_TCP_LISTEN:
        return listening(a);
    case RILL_TCP_SYN_SENT:
        return syn_sent(a);
    case RILL_TCP_TIME_WAIT:
        return time_wait(a);
    default:
        return other(a);
    }
}

/* ---------------------------------------------------------------- the comparison */

static int64_t snd_nxt(enum rill_tcp_state s)
{
    static const int64_t nxt[RILL_TCP_STATE_COUNT] = {
        [RILL_TCP_SYN_SENT] = 1,   [RILL_TCP_SYN_RECEIVED] = 1, [RILL_TCP_ESTABLISHED] = 1,
        [RILL_TCP_CLOSE_WAIT] = 1, [RILL_TCP_FIN_WAIT_1] = 2,   [RILL_TCP_FIN_WAIT_2] = 2,
        [RILL_TCP_CLOSING] = 2,    [RILL_TCP_LAST_ACK] = 2,     [RILL_TCP_TIME_WAIT] = 2};
    return nxt[s];
}

static int64_t rcv_nxt(enum rill_tcp_state s)
{
    return s >= RILL_TCP_CLOSE_WAIT ? 2 : s >= RILL_TCP_SYN_RECEIVED ? 1 : 0;
}

static int64_t una(enum rill_tcp_state s)
{
    bool fin_in_flight =
        s == RILL_TCP_FIN_WAIT_1 || s == RILL_TCP_CLOSING || s == RILL_TCP_LAST_ACK;
    bool syn_in_flight = s == RILL_TCP_SYN_SENT || s == RILL_TCP_SYN_RECEIVED;
    return snd_nxt(s) - (fin_in_flight || syn_in_flight);
}

static struct peer_segment build(const struct arrival *a)
{
    static const int64_t place[PLACES] = {0, 10, -30, 5000000};
    const int64_t ack[ACKS] = {una(a->state), snd_nxt(a->state), snd_nxt(a->state) + 1,
                               una(a->state) - 100000};
    return (struct peer_segment){.flags = (uint16_t)a->flags,
                                 .seq = rcv_nxt(a->state) + place[a->place],
                                 .ack = ack[a->acks],
                                 .length = a->text};
}

/* Which of the replies this is; 0: none that any RFC knows. */
static unsigned kind_of(const struct arrival *a, const struct peer_segment *sent,
                        const struct peer_segment *got, const struct verdict *v)
{
    int64_t length = sent->length + (a->flags & TCP_SYN ? 1 : 0) + (a->flags & TCP_FIN ? 1 : 0);
    bool first = a->state <= RILL_TCP_SYN_SENT; /* no RCV.NXT yet: it follows the SYN */
    int64_t nxt = (first ? sent->seq + 1 : rcv_nxt(a->state)) + v->moved;
    if (got->length)
        return 0;
    if (got->flags == TCP_RST)
        return got->seq == sent->ack ? RST_AT_ACK : 0;
    if (got->flags == (TCP_RST | TCP_ACK))
        return (uint32_t)got->seq + w.irs == 0 && got->ack == sent->seq + length ? RST_FOR_SEQ : 0;
    if (got->flags == (TCP_SYN | TCP_ACK)) {
        bool reopened = a->state == RILL_TCP_TIME_WAIT;
        return got->seq == 0 && got->ack == (reopened ? sent->seq + 1 : nxt) ? SYN_ACK : 0;
    }
    return got->flags == TCP_ACK && got->seq == snd_nxt(a->state) && got->ack == nxt ? ACK : 0;
}

static void print_difference(const struct arrival *a, const struct verdict *v, unsigned reply,
                             enum rill_tcp_state after)
{
    static const char *const places[] = {"at RCV.NXT", "inside", "left of", "beyond"};
    static const char *const acks[] = {"UNA", "NXT", "the future", "the distant past"};
    printf("%s: %s%s%s%s%s%s %s the window, %u bytes, acknowledges %s: reply %u (allowed %u), "
           "%s (expected %s); flags %x seq %lld ack %lld\n",
           rill_tcp_state_name(a->state), a->flags & TCP_FIN ? "F" : "",
           a->flags & TCP_SYN ? "S" : "", a->flags & TCP_RST ? "R" : "",
           a->flags & TCP_PSH ? "P" : "", a->flags & TCP_ACK ? "A" : "",
           a->flags & TCP_URG ? "U" : "", places[a->place], a->text, acks[a->acks], reply, v->reply,
           rill_tcp_state_name(after), rill_tcp_state_name(v->after), w.got.flags,
           (long long)w.got.seq, (long long)w.got.ack);
}

/* True: rill did what the oracle says. */
static bool agrees(const struct arrival *a)
{
    struct verdict v = oracle(a);
    struct peer_segment sent = build(a);
    peer_open(&w);
    peer_reaches(&w, a->state);
    peer_put(&w, sent);
    unsigned reply = peer_takes(&w, &w.got) ? kind_of(a, &sent, &w.got, &v) : SILENCE;
    enum rill_tcp_state after = peer_state(&w);
    bool good = reply & v.reply && after == v.after && !peer_takes(&w, &w.got);
    if (!good)
        print_difference(a, &v, reply, after);
    peer_close(&w);
    return good;
}

static void run_state(enum rill_tcp_state state)
{
    unsigned wrong = 0;
    for (unsigned n = 0; n < 64 * PLACES * ACKS * 2; n++) {
        struct arrival a = {state, n % 64, n / 64 % PLACES, n / 64 / PLACES % ACKS,
                            n / 64 / PLACES / ACKS * 10};
        if (!(a.flags & TCP_ACK) && a.acks) /* it acknowledges nothing: once is enough */
            continue;
        wrong += !agrees(&a);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

#define STATE_TEST(name) \
    static void run_##name(void) \
    { \
        run_state(RILL_TCP_##name); \
    }
RILL_TCP_STATE_LIST(STATE_TEST)

#define STATE_ROW(name) {#name " answers as RFC 9293 3.10.7 says", run_##name},

int main(void)
{
    static const struct unit_test tests[] = {RILL_TCP_STATE_LIST(STATE_ROW)};
    return UNIT_MAIN("tcp_matrix", tests);
}
