#include "tcp/option.h"

#include "tcp/ecn.h"
#include "tcp/timestamp.h"

#define PAWS_IDLE_SECONDS (24 * 24 * 3600u) /* RFC 7323 5.5 */

struct negotiated option_negotiate(const struct tcp *t, const struct cc_ops *cc,
                                   const struct tcp_header *h)
{
    const struct tcp_options *o = &h->options;
    struct negotiated n = {
        .mss = o->has_mss ? max_of(o->mss, OPTION_MSS_FLOOR) : 0,
        .window_scaling = o->has_window_scale && t->config->window_scaling,
        .timestamps = o->has_timestamps && t->config->timestamps,
        .sack = o->has_sack_permitted && t->config->sack,
        .accurate = accecn_agreed(t, h->flags),
    };
    n.ecn = n.accurate || ecn_agreed(t, cc, h->flags);
    if (n.window_scaling)
        n.snd_scale = min_of(o->window_scale, OPTION_SCALE_MAX);
    return n;
}

uint16_t option_default_mss(struct rill_address remote)
{
    return rill_address_is_ip4(remote) ? 536 : 1220;
}

uint8_t option_scale(uint32_t window)
{
    uint8_t scale = 0;
    while (scale < OPTION_SCALE_MAX && window >> scale > UINT16_MAX)
        scale++;
    return scale;
}

void option_agree(struct tcp *t, struct tcp_conn *c, const struct negotiated *n)
{
    uint16_t offered = n->mss ? n->mss : option_default_mss(c->sender.head.flow.remote);
    c->peer_mss = c->peer_mss ? min_of(c->peer_mss, offered) : offered;
    c->timestamps = n->timestamps;
    c->sack = n->sack;
    c->ecn = n->ecn && (!n->accurate || accecn_start(t, c)); /* else an ACE field of 0 says no */
    c->window_scaling = n->window_scaling;
    c->snd_scale = n->snd_scale & 15u;
    c->rcv_scale = n->window_scaling ? n->rcv_scale & 15u : 0u;
    c->mss = (uint16_t)(c->peer_mss - (c->timestamps ? OPTION_TIMESTAMP_BYTES : 0));
    c->window.ssthresh = CC_NO_THRESHOLD;
    c->window.cwnd = 0; /* the first pull sets the initial window: it depends on the path */
    c->quick_acks = t->config->quick_acks & 31u; /* limits it to the field's range */
}

void option_write_syn(struct tcp_options *o, const struct option_offer *offer)
{
    o->has_mss = true;
    o->mss = offer->mss;
    o->scale_first = offer->order == RILL_SYN_ORDER_FREEBSD;
    o->has_sack_permitted = offer->sack;
    o->has_window_scale = offer->window_scaling;
    o->window_scale = offer->scale;
    o->has_timestamps = offer->timestamps;
    o->timestamp_value = offer->timestamp_value;
    o->timestamp_echo = offer->timestamp_echo;
}

static uint32_t bytes_of(const struct tcp_conn *c, unsigned sack_blocks)
{
    return (c->timestamps ? OPTION_TIMESTAMP_BYTES : 0) +
           (sack_blocks ? 4 + TCP_SACK_BLOCK * sack_blocks : 0);
}

uint32_t option_bytes(const struct tcp_conn *c, unsigned sack_blocks)
{
    return bytes_of(c, sack_blocks) + accecn_usual_bytes(c);
}

bool option_fin_stands_alone(const struct tcp_conn *c)
{
    position fin = c->busy->fin_at;
    return fin > c->rcv.nxt && !ranges_contains(&c->busy->beyond, (struct range){fin - 1, fin});
}

static unsigned sack_blocks_of(const struct tcp_conn *c, uint32_t max)
{
    if (!c->sack || !c->busy)
        return 0;
    unsigned blocks = c->busy->beyond.count + (c->busy->duplicate.to > c->busy->duplicate.from) +
                      option_fin_stands_alone(c);
    blocks = min_of(blocks, TCP_SACK_MAX);
    while (blocks && bytes_of(c, blocks) > max)
        blocks--;
    return blocks;
}

struct option_plan option_plan(const struct tcp *t, const struct tcp_conn *c, uint32_t segment_max)
{
    uint32_t max = min_of(TCP_HEADER_MAX, segment_max - OPTION_TEXT_MIN) - TCP_HEADER;
    unsigned blocks = sack_blocks_of(c, max), fields = ACCECN_NO_OPTION;
    if (conn_accurate(c))
        fields = accecn_fields(t, c, &blocks, max - min_of(max, bytes_of(c, blocks)));
    uint32_t bytes = bytes_of(c, blocks);
    if (fields != ACCECN_NO_OPTION)
        bytes += (uint32_t)tcp_accurate_ecn_bytes(fields, blocks ? 2 : 0);
    return (struct option_plan){bytes, (uint8_t)blocks, (uint8_t)fields};
}

uint32_t option_timestamp_offset(const struct tcp *t, const struct flow *f)
{
    struct flow key = flow_key(f);
    return (uint32_t)siphash_2_4(&t->timestamp_key, &key, sizeof key);
}

uint32_t option_timestamp(const struct tcp *t, uint32_t offset)
{
    return (uint32_t)(t->now / TIMESTAMP_TICK) + offset;
}

rill_time option_echo_age(const struct tcp *t, const struct tcp_conn *c,
                          const struct tcp_options *o)
{
    if (!c->timestamps || !o->has_timestamps || !o->timestamp_echo)
        return 0;
    uint32_t ms = option_timestamp(t, c->ts_offset) - o->timestamp_echo;
    return ms < 1u << 24 ? max_of(RILL_MILLISECONDS(ms), 1) : 0;
}

static uint32_t seconds_now(const struct tcp *t)
{
    return (uint32_t)(t->now / RILL_SECONDS(1));
}

void option_set_ts_recent(const struct tcp *t, struct tcp_conn *c, uint32_t value)
{
    c->ts_recent = value;
    c->ts_recent_age = seconds_now(t);
}

bool option_timestamp_missing(const struct tcp *t, bool agreed, const struct tcp_header *h)
{
    return t->config->require_timestamps && agreed && !h->options.has_timestamps &&
           !(h->flags & TCP_RST);
}

bool option_paws(const struct tcp *t, const struct tcp_conn *c, const struct segment *s)
{
    const struct tcp_options *o = &s->header->options;
    if (!c->timestamps || !o->has_timestamps || segment_has(s, TCP_RST))
        return false;
    return seq_after(c->ts_recent, o->timestamp_value) &&
           seconds_now(t) - c->ts_recent_age <= PAWS_IDLE_SECONDS;
}

void option_take_timestamp(const struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    const struct tcp_options *o = &s->header->options;
    if (c->timestamps && o->has_timestamps && s->seq <= c->rcv.acked)
        option_set_ts_recent(t, c, o->timestamp_value);
}
