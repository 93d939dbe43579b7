#include "lone.h"

#include "replay/violation.h"

#include <CUnit/CUnit.h>
#include <rill/loopback.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH 16
#define POISON 0xa5
#define TURNS_MAX 100000 /* more at one instant would be a loop without end */

struct rill_config lone_config(void)
{
    struct rill_config c;
    rill_config_init(&c);
    c.check = true;
    c.seed = 7;
    return c;
}

struct lone *lone_open(const struct rill_config *config)
{
    struct rill_config defaults = lone_config();
    struct rill_port_config port = {.name = "wire", .mac = {2, 0, 0, 0, 0, 1}, .mtu = LONE_MTU};
    struct lone *l = calloc(1, sizeof *l);
    CU_ASSERT_PTR_NOT_NULL_FATAL(l);
    l->now = RILL_SECONDS(1000);
    struct rill_config own_config = config ? *config : defaults;
    record_prepare(&own_config, record_capture());
    l->rill = rill_new(&own_config, l->now);
    CU_ASSERT_PTR_NOT_NULL_FATAL(l->rill);
    record_begin(&l->recorder, l->rill);
    l->port = rill_port_add(l->rill, &port);
    struct rill_address own = rill_address_ip4(FORGE_VICTIM);
    CU_ASSERT_EQUAL_FATAL(rill_address_add(l->rill, l->port, own, 24, false), 0);
    CU_ASSERT_EQUAL_FATAL(
        rill_route_add(l->rill, rill_address_ip4(0), 0, l->port, rill_address_ip4(LONE_GATEWAY)),
        0);
    rill_use(l->rill);
    lone_pass(l, RILL_SECONDS(5));
    lone_forget(l);
    return l;
}

void lone_close(struct lone *l)
{
    rill_use(NULL);
    rill_free(l->rill);
    recorder_end(&l->recorder);
    free(l);
}

/* ----------------------------------------------------------- violations */

static void judge(const struct rill_frame *f)
{
    struct dissected d;
    struct rill_span frame = span_of(f->buffer + f->start, f->length);
    const char *violation = f->gather_count ? "gather spans" : dissect(&d, frame);
    if (!violation)
        violation = violation_of(&d);
    if (violation)
        printf("sent: %s\n", violation);
    CU_ASSERT_PTR_NULL(violation);
}

/* ----------------------------------------------------------- the wire */

static void keep(struct lone *l, const struct rill_frame *f)
{
    CU_ASSERT_FATAL(f->length <= sizeof l->frame[0].bytes);
    if (l->sent < LONE_SENT_MAX) {
        l->frame[l->sent].length = f->length;
        memcpy(l->frame[l->sent].bytes, f->buffer + f->start, f->length);
    }
    l->sent++;
}

void lone_pull(struct lone *l)
{
    uint8_t buffer[BATCH][LONE_MTU + ETH_HEADER];
    struct rill_frame frame[BATCH];
    unsigned n = BATCH, turns = 0;
    while ((rill_loopback_turn(l->rill, l->now) || n == BATCH) && turns++ < TURNS_MAX) {
        memset(buffer, POISON, sizeof buffer);
        for (unsigned i = 0; i < BATCH; i++)
            frame[i] = (struct rill_frame){.buffer = buffer[i], .room = sizeof buffer[i]};
        n = rill_transmit(l->rill, l->port, frame, BATCH, l->now);
        recorder_sent(&l->recorder, frame, n, l->now);
        for (unsigned i = 0; i < n; i++) {
            judge(&frame[i]);
            keep(l, &frame[i]);
        }
    }
    CU_ASSERT_FATAL(turns < TURNS_MAX);
}

void lone_hear(struct lone *l, const void *bytes, size_t length)
{
    uint8_t *exact = malloc(length ? length : 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
    memcpy(exact, bytes, length);
    struct rill_frame f = {.buffer = exact, .room = (uint32_t)length, .length = (uint32_t)length};
    recorder_arrive(&l->recorder, &f, 1, l->now);
    rill_receive(l->rill, l->port, &f, 1, l->now);
    recorder_received(&l->recorder, &f, 1, l->now);
    free(exact);
    lone_pull(l);
}

void lone_pass(struct lone *l, rill_time time)
{
    rill_time until = l->now + time;
    for (unsigned turns = 0; turns < TURNS_MAX; turns++) {
        rill_time next = rill_deadline(l->rill);
        l->now = next < until ? next : until;
        lone_pull(l);
        if (next >= until)
            return;
    }
    CU_FAIL_FATAL("time stands still");
}

void lone_forget(struct lone *l)
{
    l->sent = 0;
}

struct dissected lone_sent(const struct lone *l, unsigned i)
{
    struct dissected d = {0};
    CU_ASSERT_FATAL(i < l->sent && i < LONE_SENT_MAX);
    CU_ASSERT_PTR_NULL(dissect(&d, span_of(l->frame[i].bytes, l->frame[i].length)));
    return d;
}

unsigned lone_count(const struct lone *l, enum dissected_kind kind, struct dissected *last)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->sent && i < LONE_SENT_MAX; i++) {
        struct dissected d = lone_sent(l, i);
        if (d.kind != kind)
            continue;
        n++;
        if (last)
            *last = d;
    }
    return n;
}

uint64_t lone_dropped(const struct lone *l, enum rill_drop drop)
{
    return rill_counters(l->rill)->drop[drop];
}

uint64_t lone_drops(const struct lone *l)
{
    uint64_t n = 0;
    for (int i = 0; i < RILL_DROP_COUNT; i++)
        if (i != RILL_DROP_RATE_LIMIT && i != RILL_DROP_REPLY_QUEUE_FULL &&
            i != RILL_DROP_FRAGMENT_TIMEOUT)
            n += rill_counters(l->rill)->drop[i];
    return n;
}

/* ----------------------------------------------------------- the application */

struct sockaddr_in lone_address(uint32_t ip4, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip4)};
}

static int bound(int type, uint16_t port)
{
    struct sockaddr_in a = lone_address(INADDR_ANY, port);
    int fd = rill_socket(AF_INET, type | SOCK_NONBLOCK, 0);
    CU_ASSERT_EQUAL_FATAL(rill_bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

int lone_listen(uint16_t port)
{
    int fd = bound(SOCK_STREAM, port);
    CU_ASSERT_EQUAL_FATAL(rill_listen(fd, 16), 0);
    return fd;
}

int lone_udp(uint16_t port)
{
    return bound(SOCK_DGRAM, port);
}

unsigned lone_echo(struct lone *l, int udp)
{
    static uint8_t data[65536];
    struct sockaddr_in from;
    unsigned count = 0;
    for (;;) {
        socklen_t length = sizeof from;
        ssize_t n = rill_recvfrom(udp, data, sizeof data, 0, (struct sockaddr *)&from, &length);
        if (n < 0)
            break;
        rill_sendto(udp, data, (size_t)n, 0, (struct sockaddr *)&from, length);
        count++;
    }
    lone_pull(l);
    return count;
}

void lone_meet(struct lone *l, uint32_t address, struct mac mac)
{
    uint8_t frame[ETH_MINIMUM];
    struct forge f = forge_honest();
    struct sockaddr_in to = lone_address(address, 9);
    int fd = lone_udp(0);
    f.from = mac;
    rill_sendto(fd, "", 1, 0, (struct sockaddr *)&to, sizeof to);
    lone_pull(l);
    struct arp reply = {.operation = ARP_REPLY,
                        .sender_mac = mac,
                        .sender = address,
                        .target_mac = forge_mac(1),
                        .target = FORGE_VICTIM};
    lone_hear(l, frame, forge_arp(frame, &f, &reply));
    rill_close(fd);
    lone_forget(l);
}

bool lone_knows(struct lone *l, uint32_t address, struct mac *mac)
{
    struct sockaddr_in to = lone_address(address, 9);
    struct dissected d;
    int fd = lone_udp(0);
    unsigned before = l->sent;
    rill_sendto(fd, "?", 1, 0, (struct sockaddr *)&to, sizeof to);
    lone_pull(l);
    rill_close(fd);
    if (l->sent == before)
        return false;
    d = lone_sent(l, before);
    *mac = d.eth.destination;
    return d.kind == DISSECTED_UDP && d.ip.destination == address;
}
