/* An exchange played: the timeline, the application's sockets, and what rill has said in the end
 * beside what the recorded host said. */
#include "recording/grow.h"
#include "replay/dissect.h"
#include "replay/exchange.h"
#include "replay/rewrite.h"
#include "replay/stage.h"

#include <arpa/inet.h>
#include <errno.h>

#define MTU 1500
#define PORTS_MAX 64
#define SETTLE RILL_SECONDS(1)
#define QUOTED_PORTS 24 /* where they lie in an ICMP error's data, behind a header of 20 bytes */

struct playing {
    const struct exchange *x;
    unsigned side;
    const struct player_options *options;
    struct exchange_report *report;
    struct stage stage;
    struct message_reader reader; /* of what rill sends */
    struct messages said;         /* by rill */
    unsigned number;              /* of the last packet played */
    uint16_t port[PORTS_MAX];
    int fd[PORTS_MAX];
    unsigned ports;
};

static void complain(struct playing *p, const char *what)
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

/* ----------------------------------------------------------- what rill says */

static void hear(struct playing *p, struct rill_span frame)
{
    struct eth eth;
    struct rill_span body;
    struct dissected d;
    struct message m;
    const char *wrong = dissect(&d, frame);
    if (wrong)
        complain(p, wrong);
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

/* The recorded host has said that nobody listens there. */
static bool is_closed(const struct playing *p, uint16_t port)
{
    for (unsigned i = 0; i < p->x->messages.count; i++) {
        const struct message *m = &p->x->messages.at[i];
        if (is_own(p, m) && m->kind == MESSAGE_ICMP && m->type == ICMP_UNREACHABLE &&
            m->code == ICMP_UNREACHABLE_PORT && m->length >= QUOTED_PORTS + 8 &&
            wire_get16(m->data + QUOTED_PORTS + 2) == port)
            return true;
    }
    return false;
}

/* The socket of a port, opened when it is first asked for; -1: none. */
static int socket_of(struct playing *p, uint16_t port)
{
    struct sockaddr_in own = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(STAGE_OWN)};
    for (unsigned i = 0; i < p->ports; i++)
        if (p->port[i] == port)
            return p->fd[i];
    if (port == 0 || p->ports == PORTS_MAX)
        return -1;
    int fd = rill_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (rill_bind(fd, (struct sockaddr *)&own, sizeof own))
        complain(p, "the application cannot bind its socket");
    p->port[p->ports] = port;
    p->fd[p->ports++] = fd;
    return fd;
}

static void open_sockets(struct playing *p)
{
    for (unsigned i = 0; i < p->x->messages.count; i++) {
        const struct message *m = &p->x->messages.at[i];
        uint16_t port = is_own(p, m) ? m->source_port : m->destination_port;
        if (m->kind == MESSAGE_UDP && (is_own(p, m) || !is_closed(p, port)))
            socket_of(p, port);
    }
}

static void send_datagram(struct playing *p, const struct message *m)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(m->destination_port),
                             .sin_addr.s_addr = htonl(STAGE_PEER)};
    int fd = socket_of(p, m->source_port);
    if (fd < 0)
        return;
    for (int attempt = 0; attempt < 2; attempt++) /* the first may tell of an ICMP error */
        if (rill_sendto(fd, m->data, m->length, 0, (struct sockaddr *)&to, sizeof to) >= 0) {
            p->report->sent++;
            return;
        }
    complain(p, "the application cannot send its datagram");
}

/* The message that has just arrived is what its socket reads, and nothing else is. */
static void receive_datagram(struct playing *p, const struct message *m)
{
    static uint8_t data[65536];
    if (m->kind != MESSAGE_UDP || is_closed(p, m->destination_port))
        return;
    int fd = socket_of(p, m->destination_port);
    ssize_t n = fd < 0 ? -1 : rill_recv(fd, data, sizeof data, 0);
    if (n < 0 && fd >= 0 && errno != EAGAIN) /* told of an ICMP error first */
        n = rill_recv(fd, data, sizeof data, 0);
    if (fd < 0)
        return;
    if (n < 0 || (size_t)n != m->length || memcmp(data, m->data, m->length) != 0)
        complain(p, n < 0 ? "a datagram is not delivered" : "wrong bytes are delivered");
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

/* ----------------------------------------------------------- comparing */

static bool same(const struct message *a, const struct message *b)
{
    if (a->kind != b->kind || a->type != b->type || a->code != b->code ||
        a->source_port != b->source_port || a->destination_port != b->destination_port)
        return false;
    if (a->kind == MESSAGE_ICMP) /* how much it quotes is the host's choice: RFC 1122 3.2.2 */
        return true;
    return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

static struct message *partner(struct messages *said, const struct message *m)
{
    for (unsigned i = 0; i < said->count; i++)
        if (!said->at[i].matched && same(&said->at[i], m))
            return &said->at[i];
    return NULL;
}

/* Whom to ask, and when, is a host's own affair; no application of rill pings or speaks other
 * protocols; and only unreachable ports and protocols are for hosts to tell, the rest is for
 * routers (RFC 1122 3.2.2.1). */
static bool may_lack(const struct message *m)
{
    if (m->kind != MESSAGE_ICMP)
        return m->kind == MESSAGE_ARP_REQUEST || m->kind == MESSAGE_ECHO ||
               m->kind == MESSAGE_OTHER;
    return m->type != ICMP_UNREACHABLE ||
           (m->code != ICMP_UNREACHABLE_PORT && m->code != ICMP_UNREACHABLE_PROTOCOL);
}

/* Replies that every host owes (RFC 826, RFC 1122 3.2.2.6): the recorded one's was lost. */
static bool may_add(const struct message *m)
{
    return m->kind == MESSAGE_ARP_REQUEST || m->kind == MESSAGE_ARP_REPLY ||
           m->kind == MESSAGE_ECHO_REPLY;
}

static void compare(struct playing *p)
{
    struct differences *d = &p->report->differences;
    for (unsigned i = 0; i < p->x->messages.count; i++) {
        const struct message *m = &p->x->messages.at[i];
        struct message *ours = is_own(p, m) ? partner(&p->said, m) : NULL;
        if (ours)
            ours->matched = true;
        else if (is_own(p, m))
            difference_add(d, m->number, may_lack(m), "only recorded: %s",
                           notation_message(m).text);
    }
    for (unsigned i = 0; i < p->said.count; i++)
        if (!p->said.at[i].matched)
            difference_add(d, p->said.at[i].number, may_add(&p->said.at[i]), "only rill sends: %s",
                           notation_message(&p->said.at[i]).text);
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
    open_sockets(&p);
    for (unsigned i = 0; i < x->packets; i++) {
        pass(&p, x->packet[i].recorded->when - p.stage.epoch);
        play_packet(&p, &x->packet[i]);
    }
    pass(&p, p.stage.now + SETTLE);
    compare(&p);
    message_reader_close(&p.reader);
    messages_free(&p.said);
    stage_close(&p.stage);
    return report->differences.forbidden == 0;
}
