#include "recording/recording.h"

#include "recording/grow.h"
#include "recording/link.h"

#include <pcap/pcap.h>
#include <stdio.h>

static struct recorded *add(struct recording *r)
{
    r->packet = grow_one(r->packet, r->count, &r->room, sizeof *r->packet);
    return memset(&r->packet[r->count++], 0, sizeof *r->packet);
}

/* The packet as an Ethernet frame from one made-up station to another. */
static void dress(struct recorded *p, struct rill_span body)
{
    static const struct eth stations = {.destination = {{2, 0, 0, 0, 0, 1}},
                                        .source = {{2, 0, 0, 0, 0, 2}}};
    struct eth eth = stations;
    uint8_t *at = grow(NULL, ETH_HEADER + body.length);
    eth.type = p->type;
    eth_write(at, &eth);
    if (body.length)
        memcpy(at + ETH_HEADER, body.at, body.length);
    p->frame = span_of(at, ETH_HEADER + body.length);
    p->body = span_skip(p->frame, ETH_HEADER);
}

/* A file may claim any time; what does not fit 32 bits of seconds is a lie. */
static rill_time time_of(const struct pcap_pkthdr *h)
{
    int64_t seconds = h->ts.tv_sec, part = h->ts.tv_usec; /* nanoseconds, as asked for */
    seconds = max_of(0, min_of(seconds, UINT32_MAX));
    return RILL_SECONDS(seconds) + max_of(0, min_of(part, RILL_SECONDS(1)));
}

static void keep(struct recording *r, int link, const struct pcap_pkthdr *h, const uint8_t *bytes)
{
    struct recorded *p = add(r);
    struct rill_span in = span_of(bytes, h->caplen), body = span_of(NULL, 0);
    p->cut = h->caplen < h->len;
    p->when = time_of(h);
    bool whole = link_parse(link, in, &p->type, &body);
    if (link != DLT_EN10MB) {
        dress(p, body);
        return;
    }
    uint8_t *copy = grow(NULL, in.length ? in.length : 1);
    memcpy(copy, in.at, in.length);
    p->frame = span_of(copy, in.length);
    p->body = whole ? span_skip(p->frame, in.length - body.length) : body;
}

static enum recording_status read_all(struct recording *r, pcap_t *capture,
                                      const struct bpf_program *filter, struct rill_complaint *why)
{
    struct pcap_pkthdr *header;
    const uint8_t *bytes;
    unsigned number = 0;
    int got;
    while ((got = pcap_next_ex(capture, &header, &bytes)) == 1) {
        number++;
        if (!pcap_offline_filter(filter, header, bytes))
            continue;
        keep(r, pcap_datalink(capture), header, bytes);
        r->packet[r->count - 1].number = number;
    }
    if (got == PCAP_ERROR_BREAK)
        return RECORDING_GOOD;
    snprintf(why->text, sizeof why->text, "damaged behind packet %u: %s", number,
             pcap_geterr(capture));
    return RECORDING_DAMAGED;
}

static enum recording_status read_open(struct recording *r, pcap_t *capture, const char *filter,
                                       struct rill_complaint *why)
{
    struct bpf_program program;
    int type = pcap_datalink(capture);
    const char *name = pcap_datalink_val_to_name(type);
    if (!link_known(type)) {
        snprintf(why->text, sizeof why->text, "link type %s (%d)", name ? name : "unknown", type);
        return RECORDING_FOREIGN;
    }
    if (pcap_compile(capture, &program, filter, 1, PCAP_NETMASK_UNKNOWN)) {
        snprintf(why->text, sizeof why->text, "the filter: %s", pcap_geterr(capture));
        return RECORDING_UNREADABLE;
    }
    enum recording_status status = read_all(r, capture, &program, why);
    pcap_freecode(&program);
    return status;
}

enum recording_status recording_read(struct recording *r, const char *file, const char *filter,
                                     struct rill_complaint *why)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    *r = (struct recording){0};
    why->text[0] = 0;
    pcap_t *capture =
        pcap_open_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!capture) {
        snprintf(why->text, sizeof why->text, "%.*s", (int)sizeof why->text - 1, reason);
        return RECORDING_UNREADABLE;
    }
    enum recording_status status = read_open(r, capture, filter, why);
    pcap_close(capture);
    return status;
}

void recording_free(struct recording *r)
{
    for (unsigned i = 0; i < r->count; i++)
        free((void *)r->packet[i].frame.at);
    free(r->packet);
    *r = (struct recording){0};
}
