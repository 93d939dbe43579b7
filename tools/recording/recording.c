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

/* ------------------------------------------------------------ one packet after the other */

static enum recording_status reader_begin(struct recording_reader *r, const char *filter,
                                          struct rill_diagnostic *why)
{
    int type = pcap_datalink(r->capture);
    const char *name = pcap_datalink_val_to_name(type);
    if (!link_known(type)) {
        snprintf(why->text, sizeof why->text,
                 "link type %s (%d): Ethernet, Linux's cooked captures, raw IP and BSD's loopback "
                 "are known",
                 name ? name : "unknown", type);
        return RECORDING_FOREIGN;
    }
    if (pcap_compile(r->capture, &r->filter, filter, 1, PCAP_NETMASK_UNKNOWN)) {
        snprintf(why->text, sizeof why->text, "the filter: %s", pcap_geterr(r->capture));
        return RECORDING_UNREADABLE;
    }
    return RECORDING_GOOD;
}

/* With what libpcap has opened, or with why it has not. */
static enum recording_status reader_open(struct recording_reader *r, pcap_t *capture,
                                         const char *reason, const char *filter,
                                         struct rill_diagnostic *why)
{
    *r = (struct recording_reader){.capture = capture};
    why->text[0] = 0;
    if (capture)
        return reader_begin(r, filter, why);
    if (!strcmp(reason, "unknown file format"))
        reason = "unknown file format: pcap and pcapng are known, if they are not compressed";
    snprintf(why->text, sizeof why->text, "%.*s", (int)sizeof why->text - 1, reason);
    return RECORDING_UNREADABLE;
}

/* libpcap names the file where it cannot be opened; so do our callers, always. */
static const char *without_name(const char *reason, const char *file)
{
    size_t length = strlen(file);
    bool named = !strncmp(reason, file, length) && !strncmp(reason + length, ": ", 2);
    return named ? reason + length + 2 : reason;
}

enum recording_status recording_open(struct recording_reader *r, const char *file,
                                     const char *filter, struct rill_diagnostic *why)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_t *capture =
        pcap_open_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
    return reader_open(r, capture, without_name(reason, file), filter, why);
}

enum recording_status recording_open_stream(struct recording_reader *r, FILE *stream,
                                            const char *filter, struct rill_diagnostic *why)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_t *capture =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!capture)
        fclose(stream);
    return reader_open(r, capture, reason, filter, why);
}

bool recording_next(struct recording_reader *r, struct recorded *p, struct rill_diagnostic *why)
{
    struct pcap_pkthdr *h;
    const uint8_t *bytes;
    int got;
    while ((got = pcap_next_ex(r->capture, &h, &bytes)) == 1) {
        r->number++;
        if (!pcap_offline_filter(&r->filter, h, bytes))
            continue;
        struct rill_span in = span_of(bytes, h->caplen);
        *p = (struct recorded){.number = r->number, .when = time_of(h), .frame = in};
        p->cut = h->caplen < h->len ? h->len - h->caplen : 0;
        if (!link_parse(pcap_datalink(r->capture), in, &p->type, &p->body))
            p->body = span_of(NULL, 0);
        return true;
    }
    if (got != PCAP_ERROR_BREAK)
        snprintf(why->text, sizeof why->text, "damaged behind packet %u: %s", r->number,
                 pcap_geterr(r->capture));
    return false;
}

void recording_close(struct recording_reader *r)
{
    pcap_freecode(&r->filter);
    if (r->capture)
        pcap_close(r->capture);
    *r = (struct recording_reader){0};
}

/* --------------------------------------------------------------------------- all of them */

static void keep(struct recording *r, int link, const struct recorded *read)
{
    struct recorded *p = add(r);
    *p = *read;
    if (link != DLT_EN10MB) {
        dress(p, read->body);
        return;
    }
    struct rill_span in = read->frame;
    uint8_t *copy = grow(NULL, in.length ? in.length : 1);
    memcpy(copy, in.at, in.length);
    p->frame = span_of(copy, in.length);
    if (read->body.at)
        p->body = span_skip(p->frame, in.length - read->body.length);
}

enum recording_status recording_read(struct recording *r, const char *file, const char *filter,
                                     struct rill_diagnostic *why)
{
    struct recording_reader reader;
    struct recorded p;
    *r = (struct recording){0};
    enum recording_status status = recording_open(&reader, file, filter, why);
    while (status == RECORDING_GOOD && recording_next(&reader, &p, why))
        keep(r, pcap_datalink(reader.capture), &p);
    if (status == RECORDING_GOOD && why->text[0])
        status = RECORDING_DAMAGED;
    recording_close(&reader);
    return status;
}

void recording_free(struct recording *r)
{
    for (unsigned i = 0; i < r->count; i++)
        free((void *)r->packet[i].frame.at);
    free(r->packet);
    *r = (struct recording){0};
}
