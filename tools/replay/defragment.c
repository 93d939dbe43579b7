#include "replay/defragment.h"

#include "recording/grow.h"
#include "replay/message.h"
#include "replay/stage.h"

static void put_whole(struct recorded *p, const struct reassembly_result *whole)
{
    struct ip4 ip = whole->header;
    size_t total = IP4_HEADER + whole->payload.length;
    if (total > UINT16_MAX)
        return;
    uint8_t *at = grow(NULL, ETH_HEADER + total);
    ip.total_length = (uint16_t)total;
    ip.more_fragments = false;
    ip.options = span_of(NULL, 0);
    eth_write(at, &stage_head);
    ip4_write(at + ETH_HEADER, &ip);
    memcpy(at + ETH_HEADER + IP4_HEADER, whole->payload.at, whole->payload.length);
    free((void *)p->frame.at);
    p->frame = span_of(at, ETH_HEADER + total);
    p->body = span_skip(p->frame, ETH_HEADER);
}

void defragment(struct recording *r)
{
    struct message_reader reader;
    struct reassembly_result whole;
    struct rill_span payload;
    struct ip4 ip;
    message_reader_open(&reader);
    for (unsigned i = 0; i < r->count; i++) {
        struct recorded *p = &r->packet[i];
        bool fragment = p->type == ETH_TYPE_IP4 && !ip4_parse(&ip, p->body, &payload) &&
                        ip.protocol == IP_PROTOCOL_TCP && (ip.more_fragments || ip.fragment_offset);
        if (fragment && !reassembly_take(&reader.fragments, &ip, payload, p->when, &whole) &&
            whole.complete)
            put_whole(p, &whole);
    }
    message_reader_close(&reader);
}
