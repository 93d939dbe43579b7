/* The stack for a conversation: configured like the recorded host and its link, as far as they can
 * be observed. */
#include "replay/cookie.h"
#include "replay/playing.h"

#define MTU 1500
#define MTU_MIN 576 /* RFC 791: every host accepts it */
#define HEADERS 40
#define RECEIVE_BUFFER_MIN 2048

/* The recorded host's buffer, as far as it can be observed. */
static uint32_t largest_window(const struct player *p)
{
    uint32_t largest = 0;
    for (unsigned i = 0; i < p->c->count; i++)
        if (p->c->segment[i].from == p->side)
            largest = max_of(largest, conversation_window(p->c, &p->c->segment[i]));
    return largest;
}

/* The link's MTU: as the MSS that the recorded host has announced implies (RFC 6691), and large
 * enough for its peer's packets. */
static uint16_t mtu(const struct player *p)
{
    const struct tcp_options *own = &p->own->options;
    size_t most = own->has_mss ? max_of((size_t)own->mss + HEADERS, MTU_MIN) : MTU;
    for (unsigned i = 0; i < p->c->count; i++) {
        const struct conversation_segment *s = &p->c->segment[i];
        if (s->from != p->side)
            most = max_of(most, (size_t)wire_get16(s->packet.at + 2));
    }
    return (uint16_t)min_of(most, 65535);
}

static bool asks_for_ecn(const struct player *p)
{
    for (unsigned i = 0; i < p->c->count; i++) {
        const struct conversation_segment *s = &p->c->segment[i];
        if (s->from == p->side &&
            (s->header.flags & (TCP_SYN | TCP_ACK | TCP_ECE)) == (TCP_SYN | TCP_ECE))
            return true;
    }
    return false;
}

/* Opens a stack with the options that the recorded host used. */
void setting_open(struct player *p)
{
    struct rill_config config;
    stage_config(&config);
    config.tcp.timestamps = p->own->options.has_timestamps;
    config.tcp.window_scaling = p->own->options.has_window_scale;
    config.tcp.sack = p->own->options.has_sack_permitted;
    config.tcp.receive_buffer = max_of(largest_window(p), RECEIVE_BUFFER_MIN);
    config.tcp.receive_buffer_max = config.tcp.receive_buffer; /* full size from the start */
    /* the recorded send buffer is unknown: rill's must not limit it */
    config.tcp.send_buffer =
        (uint32_t)max_of(config.tcp.send_buffer, min_of(p->own->length, UINT32_MAX));
    config.tcp.send_buffer_max = max_of(config.tcp.send_buffer, config.tcp.send_buffer_max);
    if (asks_for_ecn(p))
        config.tcp.ecn = RILL_ECN_REQUEST;
    cookie_configure(p, &config);
    stage_open(&p->stage, &config, mtu(p), p->options->offload, NULL);
    cookie_prime(p);
    stage_record(&p->stage, p->options->pcap);
    p->stage.epoch = p->c->start - p->stage.now;
    p->start = p->stage.now;
}
