#include "replay/stage.h"

#include "capture_file.h"
#include "recording/grow.h"
#include "replay/offload.h"
#include "segment.h"

#include <rill/loopback.h>

#define ANNOUNCING RILL_SECONDS(5)
#define BEGIN RILL_SECONDS(1000)

const struct eth stage_head = {
    .destination = {{2, 0, 0, 0, 0, 1}}, .source = {{2, 0, 0, 0, 0, 2}}, .type = ETH_TYPE_IP4};

void stage_config(struct rill_config *config)
{
    rill_config_init(config);
    config->check = true;
    config->trace_records = STAGE_TRACE;
}

static void stage_announce(struct stage *s)
{
    rill_time until = s->now + ANNOUNCING;
    while (s->now < until) {
        s->now = min_of(rill_deadline(s->rill), until);
        while (stage_pull(s) > 0)
            ;
    }
}

void stage_open(struct stage *s, const struct rill_config *config, uint16_t mtu, bool offload,
                struct rill_capture *pcap)
{
    struct rill_port_config port = {
        .name = "replay", .mtu = mtu, .can_gather = offload, .can_checksum = offload};
    port.gso_max = offload ? UINT16_MAX : 0;
    port.cuts_udp = offload;
    memcpy(port.mac, stage_head.destination.byte, sizeof port.mac);
    *s = (struct stage){.now = BEGIN, .offload = offload, .room = (size_t)mtu + ETH_HEADER};
    s->rill = rill_new(config, s->now);
    assert(s->rill);
    s->buffer = grow(NULL, STAGE_BATCH * s->room);
    s->port = rill_port_add(s->rill, &port);
    rill_address_add(s->rill, s->port, rill_address_ip4(STAGE_OWN), 24, false);
    rill_neighbour_add(s->rill, s->port, rill_address_ip4(STAGE_PEER), stage_head.source.byte);
    rill_use(s->rill);
    stage_announce(s);
    stage_record(s, pcap);
}

void stage_record(struct stage *s, struct rill_capture *pcap)
{
    recorder_end(&s->recorder);
    bool good = !pcap || capture_failed(pcap) || recorder_begin(&s->recorder, pcap, s->rill);
    assert(good);
}

void stage_close(struct stage *s)
{
    rill_use(NULL);
    rill_free(s->rill);
    recorder_end(&s->recorder);
    free(s->buffer);
    free(s->wire);
    free(s->sent);
}

/* Cuts the frames as a card does, before the stack may change its rings. */
static unsigned cut(struct stage *s, const struct rill_frame *frame, unsigned n)
{
    unsigned count = 0, cuts = 0;
    size_t room = 0;
    for (unsigned i = 0; i < n; i++) {
        count += segment_count(&frame[i]);
        room += segment_count(&frame[i]) * segment_room(&frame[i]);
    }
    s->wire = grow(s->wire, room + 1);
    s->sent = grow(s->sent, (count + 1) * sizeof *s->sent);
    uint8_t *to = s->wire;
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < segment_count(&frame[i]); k++, cuts++) {
            s->sent[cuts] = span_of(to, segment_copy(&frame[i], k, to));
            to += s->sent[cuts].length;
        }
    return count;
}

unsigned stage_pull(struct stage *s)
{
    struct rill_frame frame[STAGE_BATCH];
    unsigned n = 0;
    for (unsigned i = 0; i < STAGE_BATCH; i++)
        frame[i] =
            (struct rill_frame){.buffer = s->buffer + i * s->room, .room = (uint32_t)s->room};
    do
        n = rill_transmit(s->rill, s->port, frame, STAGE_BATCH, s->now);
    while (n == 0 && rill_loopback_turn(s->rill, s->now) > 0);
    recorder_sent(&s->recorder, frame, n, s->now + s->epoch);
    return cut(s, frame, n);
}

void stage_feed(struct stage *s, void *frame, size_t length)
{
    struct rill_frame f = {.buffer = frame, .room = (uint32_t)length, .length = (uint32_t)length};
    stage_feed_joined(s, &f);
}

void stage_feed_joined(struct stage *s, struct rill_frame *f)
{
    if (s->offload)
        offload_sum(f);
    recorder_arrive(&s->recorder, f, 1, s->now + s->epoch);
    rill_receive(s->rill, s->port, f, 1, s->now);
    recorder_received(&s->recorder, f, 1, s->now + s->epoch);
}
