#include "crafted.h"

#include <CUnit/CUnit.h>
#include <rill/capture.h>
#include <stdio.h>

#define PACKS "tests/replay/captures/sx-crafted-"

unsigned crafted_index(const char *layer, struct crafted_case *c, unsigned max)
{
    char name[128], line[512];
    unsigned n = 0;
    snprintf(name, sizeof name, PACKS "%s.index.tsv", layer);
    FILE *file = fopen(name, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof line, file))
        if (n < max && sscanf(line, "%u %u %39s", &c[n].first, &c[n].last, c[n].id) == 3)
            n++;
    fclose(file);
    return n;
}

void crafted_feed(struct lone *l, const char *layer, const struct crafted_case *c, int echo)
{
    char name[128];
    struct rill_diagnostic why = {""};
    struct rill_span frame;
    size_t wire;
    rill_time when, last = 0;
    snprintf(name, sizeof name, PACKS "%s.pcap", layer);
    struct rill_capture_reader *reader = rill_capture_open(name, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    for (unsigned i = 1; i <= c->last; i++) {
        CU_ASSERT_EQUAL_FATAL(rill_capture_next(reader, &frame, &wire, &when, &why), 1);
        if (i < c->first)
            continue;
        lone_pass(l, i == c->first ? 0 : when - last);
        last = when;
        lone_hear(l, frame.at, frame.length);
        lone_echo(l, echo);
    }
    rill_capture_reader_close(reader);
}

static unsigned *answer_kind(struct answers *a, const struct dissected *d)
{
    switch (d->kind) {
    case DISSECTED_ARP:
        return d->arp.operation == ARP_REPLY ? &a->arp : &a->request;
    case DISSECTED_ICMP:
        if (d->icmp.type == ICMP_ECHO_REPLY)
            return &a->echo;
        return icmp_is_error(d->icmp.type) ? &a->error : &a->other;
    case DISSECTED_TCP:
        if (d->tcp.flags & TCP_RST)
            return &a->reset;
        return d->tcp.flags & TCP_SYN ? &a->syn_ack : &a->other;
    case DISSECTED_UDP:
        return &a->udp;
    case DISSECTED_IGMP:
        break;
    case DISSECTED_FRAGMENT: /* of echo replies: the first one stands for all */
        return d->ip.fragment_offset == 0 ? &a->echo : &a->other;
    }
    return &a->other;
}

struct answers crafted_answers(const struct lone *l)
{
    struct answers a = {0};
    for (unsigned i = 0; i < l->sent && i < LONE_SENT_MAX; i++) {
        struct dissected d = lone_sent(l, i);
        ++*answer_kind(&a, &d);
    }
    return a;
}
