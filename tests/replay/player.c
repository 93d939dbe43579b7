/* The timeline: recorded segments, the application's calls and the stack's timers in their order.
 */
#include "player.h"

#include "../sim/forge.h"
#include "playing.h"
#include "tcp/seq.h"

#include <stdlib.h>

#define MTU 1500
#define BATCH 16
#define SETTLE RILL_SECONDS(5) /* for the last retransmissions; below every time-out of a state */
#define TRACE 4096

static void pull(struct player *p)
{
    static uint8_t buffer[BATCH][MTU + ETH_HEADER];
    struct rill_frame frame[BATCH];
    unsigned n = BATCH;
    while (n == BATCH) {
        for (unsigned i = 0; i < BATCH; i++)
            frame[i] = (struct rill_frame){.buffer = buffer[i], .room = sizeof buffer[i]};
        n = rill_transmit(p->rill, p->port, frame, BATCH, p->now);
        for (unsigned i = 0; i < n; i++)
            judge_frame(p, span_of(buffer[i] + frame[i].start, frame[i].length));
    }
}

/* ----------------------------------------------------------- the recorded peer */

/* The recorded echo, moved to the stack's clock, and never one that it has not sent. */
static uint32_t map_echo(const struct player *p, uint32_t echo)
{
    uint32_t mapped = p->ts_first + (echo - p->own->options.timestamp_value);
    return seq_after(mapped, p->ts_last) ? p->ts_last : mapped;
}

static void feed(struct player *p, const struct conversation_segment *s)
{
    uint8_t frame[MTU + ETH_HEADER];
    struct forge way = forge_honest();
    struct tcp_header h = s->header;
    if (h.flags & TCP_ACK)
        h.ack.n = p->isn + (uint32_t)s->ack;
    if (h.options.has_timestamps && h.flags & TCP_ACK)
        h.options.timestamp_echo = map_echo(p, h.options.timestamp_echo);
    for (unsigned i = 0; i < h.options.sack_count; i++) {
        h.options.sack[i].left.n += p->isn - p->own->isn;
        h.options.sack[i].right.n += p->isn - p->own->isn;
    }
    size_t length = forge_tcp(frame, &way, &h, s->text);
    struct rill_frame f = {.buffer = frame, .room = sizeof frame, .length = (uint32_t)length};
    judge_note_arrival(p, s);
    rill_receive(p->rill, p->port, &f, 1, p->now);
    application_turn(p);
    pull(p);
}

/* The highest position that the segment knows of, SACK included. */
static position knows_of(const struct player *p, const struct conversation_segment *s)
{
    position highest = s->ack;
    for (unsigned i = 0; i < s->header.options.sack_count; i++) {
        position right = seq_unwrap(s->header.options.sack[i].right, (seq32){p->own->isn}, s->ack);
        highest = right > highest ? right : highest;
    }
    return highest;
}

/* ----------------------------------------------------------- the timeline */

static unsigned next_of(const struct player *p, unsigned from, enum conversation_side side)
{
    while (from < p->c->count && p->c->segment[from].from != side)
        from++;
    return from;
}

static rill_time due(const struct player *p, unsigned i)
{
    return i < p->c->count ? p->start + p->lag + p->c->segment[i].when : RILL_NEVER;
}

static void advance(struct player *p, rill_time to)
{
    p->now = to > p->now ? to : p->now;
    application_turn(p);
    pull(p);
}

/* Lets the stack go on until it has sent what the segment knows of. False: it never does. */
static bool wait_for(struct player *p, const struct conversation_segment *s)
{
    rill_time begin = p->now;
    while (knows_of(p, s) > p->sent || (s->header.flags & TCP_ACK && !p->known)) {
        rill_time next = min_of(rill_deadline(p->rill), begin + PLAYER_PATIENCE);
        if (p->now >= begin + PLAYER_PATIENCE)
            return false;
        advance(p, next);
    }
    p->lag += p->now - begin;
    return true;
}

/* One recorded segment of either side, or one timer of the stack. False: the end. */
static bool step(struct player *p)
{
    unsigned feeding = next_of(p, p->fed, (enum conversation_side) !p->side);
    unsigned calling = next_of(p, p->called, p->side);
    rill_time feed_at = due(p, feeding), call_at = due(p, calling);
    rill_time next = min_of(feed_at, call_at), deadline = rill_deadline(p->rill);
    if (next == RILL_NEVER || p->report->complaint[0])
        return false;
    if (deadline < next) {
        advance(p, deadline);
        return true;
    }
    advance(p, next);
    if (calling < feeding) {
        p->called = calling + 1;
        application_call(p, calling);
        pull(p);
        return true;
    }
    p->fed = feeding + 1;
    if (wait_for(p, &p->c->segment[feeding]))
        feed(p, &p->c->segment[feeding]);
    else
        player_complain(p, "the peer acknowledges what was never sent",
                        knows_of(p, &p->c->segment[feeding]));
    return true;
}

/* ----------------------------------------------------------- the end */

static enum rill_tcp_state state_now(struct player *p)
{
    static struct rill_trace_record record[TRACE];
    enum rill_tcp_state state = p->report->state;
    unsigned n;
    while ((n = rill_trace_read(p->rill, &p->trace_place, record, TRACE, NULL)) > 0)
        for (unsigned i = 0; i < n; i++)
            if (record[i].event == RILL_EVENT_STATE && record[i].remote_port == p->peer->port)
                state = record[i].after;
    return state;
}

static bool reset_by_peer(const struct conversation *c, enum conversation_side peer)
{
    for (unsigned i = 0; i < c->count; i++)
        if (c->segment[i].from == peer && c->segment[i].header.flags & TCP_RST)
            return true;
    return false;
}

/* Whose FIN the capture shows first: wherever it was taken, this is the order that is played. */
static bool closed_second(const struct conversation *c, enum conversation_side side)
{
    for (unsigned i = 0; i < c->count; i++)
        if (c->segment[i].header.flags & TCP_FIN)
            return c->segment[i].from != side;
    return false;
}

static enum rill_tcp_state implied_state(const struct player *p)
{
    const struct conversation_host *own = p->own, *peer = p->peer;
    bool both_closed = own->fin && peer->fin; /* a RST that comes later assassinates nobody: 1337 */
    if (own->aborted || (!both_closed && reset_by_peer(p->c, (enum conversation_side) !p->side)))
        return RILL_TCP_CLOSED;
    bool fin_acked = own->fin && p->acked > own->fin;
    if (both_closed && closed_second(p->c, p->side))
        return fin_acked ? RILL_TCP_CLOSED : RILL_TCP_LAST_ACK;
    if (both_closed)
        return fin_acked ? RILL_TCP_TIME_WAIT : RILL_TCP_CLOSING;
    if (own->fin)
        return fin_acked ? RILL_TCP_FIN_WAIT_2 : RILL_TCP_FIN_WAIT_1;
    return peer->fin ? RILL_TCP_CLOSE_WAIT : RILL_TCP_ESTABLISHED;
}

static void judge_end(struct player *p)
{
    struct player_report *r = p->report;
    bool reset = r->implied == RILL_TCP_CLOSED && !(p->own->fin && p->peer->fin);
    if (r->state != r->implied)
        player_complain(p, "it ends in another state than recorded", p->sent);
    if (r->sent != p->own->length || p->sent < (position)p->own->length + 1)
        player_complain(p, "not all was sent", p->sent);
    if (r->delivered != p->peer->length && !reset)
        player_complain(p, "not all was delivered", (position)r->delivered + 1);
    if (p->own->fin && !p->finned)
        player_complain(p, "no FIN was sent", p->sent);
}

static void open_stack(struct player *p)
{
    struct rill_config config;
    struct rill_port_config port = {.name = "replay", .mac = {2, 0, 0, 0, 0, 1}, .mtu = MTU};
    const struct tcp_options *own = &p->own->options;
    struct mac mac = forge_mac(2);
    rill_config_init(&config);
    config.check = true;
    config.trace_records = TRACE;
    config.tcp.timestamps = own->has_timestamps;
    config.tcp.window_scaling = own->has_window_scale;
    config.tcp.sack = own->has_sack_permitted;
    p->now = RILL_SECONDS(1000);
    p->rill = rill_new(&config, p->now);
    assert(p->rill);
    p->port = rill_port_add(p->rill, &port);
    rill_address_add(p->rill, p->port, rill_address_ip4(FORGE_VICTIM), 24, false);
    rill_neighbour_add(p->rill, p->port, rill_address_ip4(FORGE_PEER), mac.byte);
    rill_use(p->rill);
    advance(p, p->now + RILL_SECONDS(5)); /* its announcements are over */
    p->start = p->now;
}

bool player_run(const struct conversation *c, enum conversation_side side,
                struct player_report *report)
{
    struct player p = {.c = c,
                       .own = &c->host[side],
                       .peer = &c->host[!side],
                       .side = side,
                       .report = report,
                       .fd = -1,
                       .listener = -1,
                       .received = calloc(c->host[!side].length + 1, sizeof(bool))};
    assert(p.received);
    for (unsigned i = 0; i < c->count; i++)
        if (c->segment[i].from == side)
            p.longest = max_of(p.longest, c->segment[i].text.length);
    *report = (struct player_report){.complaint = ""};
    open_stack(&p);
    application_open(&p);
    pull(&p);
    while (step(&p))
        ;
    for (rill_time end = p.now + SETTLE; p.now < end;)
        advance(&p, min_of(rill_deadline(p.rill), end));
    report->state = state_now(&p);
    report->implied = implied_state(&p);
    judge_end(&p);
    rill_use(NULL);
    rill_free(p.rill);
    free(p.received);
    return report->complaint[0] == 0;
}
