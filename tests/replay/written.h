/* Recordings written by hand: a conversation between 10.0.0.1:4000 and 10.0.0.2:80, a segment every
 * 10 ms, numbers as positions: the SYN is 0, the first byte 1. */
#ifndef TESTS_WRITTEN_H
#define TESTS_WRITTEN_H

#include "../sim/forge.h"
#include "recording/grow.h"
#include "replay/conversation.h"

#define WRITTEN_WINDOW 4000
#define WRITTEN_CLIENT 0x0a000001
#define WRITTEN_SERVER 0x0a000002

#define WRITTEN_COOKIE 0x8000 /* beside the flags: the option of RFC 7413, 8 bytes in it */
#define WRITTEN_LARGE 0x4000  /* of a SYN: windows in units of 4 bytes, and SACK */
#define WRITTEN_CLOSED 0x2000 /* the window is 0 */

/* What one segment says; the window is WRITTEN_WINDOW unless given. */
struct written {
    enum conversation_side from;
    uint16_t flags;
    position seq, ack;
    const char *text;
    uint16_t window;
};

/* The way of a packet of one of the hosts. */
static inline struct forge written_way(enum conversation_side from)
{
    struct forge way = forge_honest();
    bool client = from == CONVERSATION_CLIENT;
    way.ip.source = client ? WRITTEN_CLIENT : WRITTEN_SERVER;
    way.ip.destination = client ? WRITTEN_SERVER : WRITTEN_CLIENT;
    return way;
}

/* Adds a frame, which becomes the recording's. */
static inline void write_frame(struct recording *r, uint8_t *at, size_t length)
{
    r->packet = grow_one(r->packet, r->count, &r->room, sizeof *r->packet);
    r->packet[r->count] = (struct recorded){.number = r->count + 1,
                                            .when = RILL_MILLISECONDS(10) * r->count,
                                            .frame = span_of(at, length),
                                            .type = ETH_TYPE_IP4,
                                            .body = span_of(at + ETH_HEADER, length - ETH_HEADER)};
    r->count++;
}

/* Adds a segment of one of the hosts to the recording, which recording_free frees. */
static inline void write_tcp(struct recording *r, enum conversation_side from,
                             const struct tcp_header *h, struct rill_span text)
{
    uint8_t *at = grow(NULL, ETH_MINIMUM + IP4_HEADER + TCP_HEADER_MAX + text.length);
    struct forge way = written_way(from);
    write_frame(r, at, forge_tcp(at, &way, h, text));
}

static inline void write_udp(struct recording *r, enum conversation_side from, uint16_t source,
                             uint16_t destination, struct rill_span data)
{
    uint8_t *at = grow(NULL, ETH_MINIMUM + IP4_HEADER + UDP_HEADER + data.length);
    struct forge way = written_way(from);
    write_frame(r, at, forge_udp(at, &way, source, destination, data));
}

static inline struct tcp_header written_header(const struct written *w)
{
    static const uint32_t isn[2] = {1000, 5000};
    bool client = w->from == CONVERSATION_CLIENT;
    struct tcp_header h = {.source = client ? 4000 : 80,
                           .destination = client ? 80 : 4000,
                           .seq = {isn[w->from] + (uint32_t)w->seq},
                           .ack = {isn[!w->from] + (uint32_t)w->ack},
                           .flags = w->flags & ~(WRITTEN_COOKIE | WRITTEN_LARGE | WRITTEN_CLOSED),
                           .window = w->window ? w->window : WRITTEN_WINDOW};
    if (w->flags & WRITTEN_CLOSED)
        h.window = 0;
    h.options.has_window_scale = h.options.has_sack_permitted = w->flags & WRITTEN_LARGE;
    h.options.window_scale = 2;
    h.options.has_fast_open = w->flags & WRITTEN_COOKIE;
    h.options.fast_open.length = w->flags & WRITTEN_COOKIE ? 8 : 0;
    return h;
}

static inline void write_segment(struct recording *r, const struct written *w)
{
    struct tcp_header h = written_header(w);
    write_tcp(r, w->from, &h, span_of(w->text, w->text ? strlen(w->text) : 0));
}

/* SYN, SYN-ACK, ACK. */
static inline void write_handshake(struct recording *r)
{
    write_segment(r, &(struct written){CONVERSATION_CLIENT, TCP_SYN, 0, 0, NULL, 0});
    write_segment(r, &(struct written){CONVERSATION_SERVER, TCP_SYN | TCP_ACK, 0, 1, NULL, 0});
    write_segment(r, &(struct written){CONVERSATION_CLIENT, TCP_ACK, 1, 1, NULL, 0});
}

#endif
