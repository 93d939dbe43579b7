/* Plays an exchange: the timeline and the application's sockets. */
#include "recording/grow.h"
#include "replay/dissect.h"
#include "replay/exchange.h"
#include "replay/rewrite.h"
#include "replay/stage.h"

#include <arpa/inet.h>
#include <errno.h>

#define MTU 1500
#define PORTS (UINT16_MAX + 1)
#define SETTLE RILL_SECONDS(1)
#define QUOTED_PORTS 24 /* offset in an ICMP error's data, after a header of 20 bytes */

/* A port of the host that is played. */
struct port {
    int fd;      /* of its socket; -1: none yet */
    bool closed; /* the recorded host has reported it unreachable */
};

struct playing {
    const struct exchange *x;
    unsigned side;
    const struct player_options *options;
    struct exchange_report *report;
    struct stage stage;
    struct message_reader reader; /* for rill's packets */
    struct messages said;         /* by rill */
    unsigned number;              /* of the last packet played */
    struct port *port;            /* each */
};

static void fail(struct playing *p, const char *what)
{
    difference_add(&p->report->differences, p->number, false, "%s", what);
}

static bool is_own(const struct playing *p, const struct message *m)
{
    return m->source == p->x->address[p->side];
}

/* Since the first packet. */
static double seconds(const struct playing *p)
{
    return (double)(p->stage.now + p->stage.epoch - p->x->packet[0].recorded->when) / 1e9;
}

/* ----------------------------------------------------------- rill's messages */

static void hear(struct playing *p, struct rill_span frame)
{
    struct eth eth;
    struct rill_span body;
    struct dissected d;
    struct message m;
    const char *wrong = dissect(&d, frame);
    if (wrong)
        fail(p, wrong);
    if (wrong || !eth_parse(&eth, frame, &body) ||
        !message_read(&p->reader, eth.type, body, p->stage.now, &m))
        return;
    m.number = p->number;
    messages_add(&p->said, &m);
    if (p->options->verbose)
        fprintf(p->options->verbose, "  %.6f > %s\n", seconds(p), notation_message(&m).text);
}

static void pull(struct playing *p)
{
    for (unsigned n; (n = stage_pull(&p->stage)) > 0;)
        for (unsigned i = 0; i < n; i++)
            hear(p, p->stage.sent[i]);
}

static void pass(struct playing *p, rill_time until)
{
    while (p->stage.now < until) {
        p->stage.now = max_of(p->stage.now, min_of(rill_deadline(p->stage.rill), until));
        pull(p);
    }
}

/* ----------------------------------------------------------- the application */

static void open_socket(struct playing *p, uint16_t port)
{
    struct sockaddr_in own = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(STAGE_OWN)};
    if (port == 0 || p->port[port].fd >= 0)
        return;
    p->port[port].fd = rill_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (rill_bind(p->port[port].fd, (struct sockaddr *)&own, sizeof own))
        fail(p, "the application cannot bind its socket");
}

static void close_ports(struct playing *p)
{
    for (unsigned i = 0; i < p->x->messages.count; i++) {
        const struct message *m = &p->x->messages.at[i];
        if (is_own(p, m) && m->kind == MESSAGE_ICMP && m->type == ICMP_UNREACHABLE &&
            m->code == ICMP_UNREACHABLE_PORT && m->length >= QUOTED_PORTS + 8)
            p->port[wire_get16(m->data + QUOTED_PORTS + 2)].closed = true;
    }
}

static void open_ports(struct playing *p)
{
    p->port = grow(NULL, PORTS * sizeof *p->port);
    for (unsigned i = 0; i < PORTS; i++)
        p->port[i] = (struct port){.fd = -1};
    close_ports(p);
    for (unsigned i = 0; i < p->x->messages.count; i++) {
        const struct message *m = &p->x->messages.at[i];
        uint16_t port = is_own(p, m) ? m->source_port : m->destination_port;
        if (m->kind == MESSAGE_UDP && (is_own(p, m) || !p->port[port].closed))
            open_socket(p, port);
    }
}

static void send_datagram(struct playing *p, const struct message *m)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(m->destination_port),
                             .sin_addr.s_addr = htonl(STAGE_PEER)};
    int fd = p->port[m->source_port].fd;
    if (fd < 0)
        return;
    for (int attempt = 0; attempt < 2; attempt++) /* the first may return an ICMP error */
        if (rill_sendto(fd, m->data, m->length, 0, (struct sockaddr *)&to, sizeof to) >= 0) {
            p->report->sent++;
            return;
        }
    fail(p, "the application cannot send its datagram");
}

/* The socket must read exactly the message that has just arrived. */
static void receive_datagram(struct playing *p, const struct message *m)
{
    static uint8_t data[65536];
    const struct port *port = &p->port[m->destination_port];
    if (m->kind != MESSAGE_UDP || port->closed || port->fd < 0)
        return;
    ssize_t n = rill_recv(port->fd, data, sizeof data, 0);
    if (n < 0 && errno != EAGAIN) /* returns an ICMP error first */
        n = rill_recv(port->fd, data, sizeof data, 0);
    if (n < 0 || (size_t)n != m->length || memcmp(data, m->data, m->length) != 0)
        fail(p, n < 0 ? "a datagram is not delivered" : "wrong bytes are delivered");
    p->report->delivered++;
}

/* ----------------------------------------------------------- the timeline */

static void play_packet(struct playing *p, const struct exchange_packet *packet)
{
    static uint8_t frame[REWRITE_MAX];
    const struct message *m = packet->message >= 0 ? &p->x->messages.at[packet->message] : NULL;
    p->number = packet->recorded->number;
    if (packet->from == p->side) {
        if (m && m->kind == MESSAGE_UDP)
            send_datagram(p, m);
        pull(p);
        return;
    }
    if (p->options->verbose && m)
        fprintf(p->options->verbose, "  %.6f < %s (#%u)\n", seconds(p), notation_message(m).text,
                p->number);
    size_t length = rewrite_packet(frame, packet->recorded);
    stage_feed(&p->stage, frame, length);
    pull(p);
    if (m)
        receive_datagram(p, m);
}

bool exchange_run(const struct exchange *x, unsigned side, const struct player_options *options,
                  struct exchange_report *report)
{
    struct rill_config config;
    struct playing p = {.x = x, .side = side, .options = options, .report = report};
    *report = (struct exchange_report){0};
    stage_config(&config);
    stage_open(&p.stage, &config, MTU, options->offload, options->pcap);
    p.stage.epoch = x->packet[0].recorded->when - p.stage.now;
    message_reader_open(&p.reader);
    open_ports(&p);
    for (unsigned i = 0; i < x->packets; i++) {
        pass(&p, x->packet[i].recorded->when - p.stage.epoch);
        play_packet(&p, &x->packet[i]);
    }
    pass(&p, p.stage.now + SETTLE);
    exchange_compare(x, side, &p.said, &report->differences);
    message_reader_close(&p.reader);
    messages_free(&p.said);
    free(p.port);
    stage_close(&p.stage);
    return report->differences.forbidden == 0;
}
