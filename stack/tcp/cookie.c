#include "tcp/cookie.h"

#include "tcp/backlog.h"
#include "tcp/ecn.h"
#include "tcp/option.h"
#include "tcp/reset.h"
#include "tcp/state.h"
#include "tcp/timer.h"

#define COOKIE_STEP RILL_SECONDS(64)
#define COOKIE_STEPS 2 /* counts; an older cookie is not valid */
#define COOKIE_LIFE (COOKIE_STEPS * COOKIE_STEP)
#define COOKIE_BITS 24 /* the count is above them */
#define COOKIE_MASK ((1u << COOKIE_BITS) - 1)
#define COOKIE_DATA_AT 20 /* the data is at bit 20 of the proof; below it, nothing is added */

/* The values that most hosts announce, as in Linux (Alcock and Nelson, 2011), and some for others.
 * The value is rounded down, so that the peer accepts the segments. */
static const uint16_t cookie_mss[] = {OPTION_MSS_FLOOR, 256, 536, 1220, 1300, 1440, 1460, 8960};

enum cookie_data {
    COOKIE_MSS = 7,
    COOKIE_TIMESTAMPS = 8,
    COOKIE_DATA = 15 /* all of it */
};

_Static_assert(sizeof cookie_mss / sizeof *cookie_mss == COOKIE_MSS + 1, "three bits of the data");

/* In the low bits of the timestamp: Linux's TS_OPT_WSCALE_MASK, TS_OPT_SACK, TS_OPT_ECN. */
enum cookie_timestamp {
    STAMP_SCALE = 0x0f,
    STAMP_SCALE_NONE = 0x0f,
    STAMP_SACK = 0x10,
    STAMP_ECN = 0x20,
    STAMP_BITS = 0x3f
};

static uint32_t count_now(const struct tcp *t)
{
    return (uint32_t)(t->now / COOKIE_STEP);
}

/* Hides the count, and lets our sequence number grow with the peer's. */
static uint32_t cookie_base(const struct tcp *t, const struct flow *f, seq32 irs)
{
    struct flow key = flow_key(f);
    return (uint32_t)siphash_2_4(&t->cookie_key[0], &key, sizeof key) + irs.n;
}

/* The proof of count and data. It covers only the high bits of the peer's sequence number, which
 * data within one window rarely changes. A hash of all bits would mistake such data for the first
 * byte once in a million: see cookie_read. */
static uint32_t cookie_proof(const struct tcp *t, const struct flow *f, seq32 irs, uint32_t count)
{
    struct {
        struct flow flow;
        uint32_t irs_high, count;
    } key = {flow_key(f), htole32(irs.n >> COOKIE_DATA_AT), htole32(count)};
    _Static_assert(sizeof key == sizeof *f + 8, "no byte is hashed that nobody has written");
    return (uint32_t)siphash_2_4(&t->cookie_key[1], &key, sizeof key);
}

static seq32 cookie_make(const struct tcp *t, const struct flow *f, seq32 irs, uint32_t data)
{
    uint32_t count = count_now(t);
    uint32_t proven = (cookie_proof(t, f, irs, count) + (data << COOKIE_DATA_AT)) & COOKIE_MASK;
    return (seq32){cookie_base(t, f, irs) + (count << COOKIE_BITS) + proven};
}

/* The data; more than COOKIE_DATA: the cookie is not ours, or too old. If the first n bytes were
 * lost, the next segment implies an IRS that is n too large, and so does cookie_base. The low bits
 * are then those of -n, which are not zero for any n below 1 MB. Linux, in contrast, accepts such a
 * segment as the first, with a smaller MSS, if one to three bytes are missing. */
static uint32_t cookie_read(const struct tcp *t, const struct flow *f, seq32 irs, seq32 cookie)
{
    uint32_t rest = cookie.n - cookie_base(t, f, irs), count = count_now(t);
    uint32_t age = (count - (rest >> COOKIE_BITS)) & (UINT32_MAX >> COOKIE_BITS);
    if (age >= COOKIE_STEPS)
        return UINT32_MAX;
    uint32_t data = (rest - cookie_proof(t, f, irs, count - age)) & COOKIE_MASK;
    return data & ((1u << COOKIE_DATA_AT) - 1) ? UINT32_MAX : data >> COOKIE_DATA_AT;
}

/* The largest value not above the peer's. */
static uint32_t mss_index(uint16_t mss)
{
    uint32_t i = COOKIE_MSS;
    while (i > 0 && cookie_mss[i] > mss)
        i--;
    return i;
}

/* The timestamp of the SYN-ACK: its low bits encode the negotiated options. It is never ahead of
 * the clock, from which later timestamps come (RFC 7323 4.1). */
static uint32_t stamp_write(const struct tcp *t, const struct tcp_syn *s)
{
    uint32_t bits = s->window_scaling ? s->snd_scale : (uint32_t)STAMP_SCALE_NONE;
    bits |= (s->sack ? STAMP_SACK : 0u) | (s->ecn ? STAMP_ECN : 0u);
    uint32_t clock = option_timestamp(t, 0), stamp = (clock & ~(uint32_t)STAMP_BITS) | bits;
    if (seq_after(stamp, clock))
        stamp -= STAMP_BITS + 1;
    return stamp + option_timestamp_offset(t, &s->sender.head.flow);
}

/* No secret protects the echo, so it is believed only as far as the configuration allows it. */
static void stamp_read(const struct tcp *t, uint32_t echo, struct tcp_syn *s)
{
    uint32_t bits = echo - option_timestamp_offset(t, &s->sender.head.flow);
    uint32_t scale = bits & STAMP_SCALE;
    s->window_scaling = scale != STAMP_SCALE_NONE && t->config->window_scaling;
    s->snd_scale = s->window_scaling ? scale & 15u : 0u;
    s->sack = bits & STAMP_SACK && t->config->sack;
    s->ecn =
        bits & STAMP_ECN && ecn_accepts(t, settings_cc(t, &listener_at(t, s->listener)->settings));
}

bool cookie_is_due(const struct tcp *t, const struct tcp_listener *l)
{
    return t->config->syn_cookies == RILL_SYN_COOKIES_ALWAYS ||
           (t->config->syn_cookies == RILL_SYN_COOKIES_FULL && backlog_crowded(t, l));
}

void cookie_answer(struct tcp *t, struct tcp_listener *l, const struct tcp_arrival *in,
                   struct tcp_reply *reply)
{
    struct tcp_syn s = {0};
    syn_read(t, l, in, &s);
    if (!s.timestamps)
        s.window_scaling = s.sack = s.ecn = false;
    const struct flow *f = &s.sender.head.flow;
    uint32_t data = mss_index(s.mss ? s.mss : option_default_mss(f->remote));
    s.iss = cookie_make(t, f, s.irs, data | (s.timestamps ? COOKIE_TIMESTAMPS : 0u));
    *reply = (struct tcp_reply){.pending = true,
                                .flow = *f,
                                .reason = RILL_REASON_SYN,
                                .tos = syn_tos(t, &s),
                                .ttl = s.sender.ttl};
    syn_answer(t, &s, in->port_segment_max, &reply->header);
    if (s.accurate)
        accecn_write_syn_ack(t, &reply->header.options);
    reply->header.options.timestamp_value = stamp_write(t, &s);
    l->cookies_until = t->now + COOKIE_LIFE;
    t->counters->value[RILL_TcpExtTCPReqQFullDoCookies]++;
    t->counters->value[RILL_TcpExtSyncookiesSent]++;
}

bool cookie_is_awaited(const struct tcp *t, const struct tcp_listener *l)
{
    return t->config->syn_cookies != RILL_SYN_COOKIES_OFF && t->now < l->cookies_until;
}

/* Rebuilds the SYN record from the cookie. False: the cookie is not valid. */
static bool cookie_open(const struct tcp *t, const struct tcp_listener *l,
                        const struct tcp_arrival *in, struct tcp_syn *s)
{
    const struct tcp_header *h = in->header;
    syn_begin(t, l, in, s);
    s->irs.n = h->seq.n - 1;
    s->iss.n = h->ack.n - 1;
    uint32_t data = cookie_read(t, &s->sender.head.flow, s->irs, s->iss);
    s->timestamps = data & COOKIE_TIMESTAMPS;
    if (data > COOKIE_DATA || s->timestamps != h->options.has_timestamps)
        return false;
    s->mss = cookie_mss[data & COOKIE_MSS];
    if (s->timestamps) {
        stamp_read(t, h->options.timestamp_echo, s);
        s->ts_recent = h->options.timestamp_value;
    }
    s->accurate = accecn_accepts(t) && ace_of(h->flags) > 1; /* RFC 9768 5.1 */
    s->ecn |= s->accurate;
    return true;
}

enum rill_drop cookie_arrives(struct tcp *t, struct tcp_listener *l, const struct tcp_arrival *in,
                              struct tcp_reply *reply, struct tcp_conn **made)
{
    struct tcp_syn s = {0};
    if (!cookie_open(t, l, in, &s)) {
        t->counters->value[RILL_TcpExtSyncookiesFailed]++;
        if (t->now >= l->spares_until)
            reset_reply(t, in, reply); /* EV-5: it acknowledges nothing that we sent */
        return RILL_DROP_TCP_COOKIE;
    }
    t->counters->value[RILL_TcpExtSyncookiesRecv]++;
    if (backlog_overflows(t, l)) { /* the peer's first data brings the cookie again */
        l->spares_until = t->now + COOKIE_LIFE;
        return RILL_DROP_TCP_LISTEN_OVERFLOW;
    }
    struct tcp_conn *c = syn_conn(t, &s, true);
    if (!c)
        return RILL_DROP_MEMORY;
    table_insert(&t->table, &c->sender.head);
    tcp_inherit_state(&c->sender.head, &l->head);
    tcp_set_state(t, &c->sender.head, RILL_TCP_SYN_RECEIVED, RILL_REASON_SEGMENT);
    timer_restart(t, c);
    *made = c;
    return RILL_DROP_NONE;
}
