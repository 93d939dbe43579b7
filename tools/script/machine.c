#include "script/machine.h"

#include "capture_file.h"
#include "segment.h"
#include "wire/eth.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 32
#define FRAME_ROOM (65535 + ETH_HEADER)
#define SETTLING RILL_SECONDS(5) /* by then the stack has sent its announcements */

static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1}, gateway_mac[6] = {2, 0, 0, 0, 0, 2};

/* ------------------------------------------------------------ from the stack */

static void queue(struct machine *m, const uint8_t *frame, size_t length)
{
    struct eth eth;
    struct rill_span ip;
    if (!eth_parse(&eth, span_of(frame, length), &ip) || eth.type != ETH_TYPE_IP4)
        return; /* ARP: the neighbours are static */
    struct live *l = live_new(ip.at, ip.length, m->now);
    if (!l)
        return;
    *m->last = l;
    m->last = &l->next;
}

/* In wire format: superframes (--offload) are cut, and checksums are finished. */
static void queue_segments(struct machine *m, const struct rill_frame *f)
{
    static uint8_t whole[FRAME_ROOM];
    for (unsigned i = 0; i < segment_count(f); i++)
        queue(m, whole, segment_copy(f, i, whole));
}

/* Passes frames that the stack sends to itself back through its loopback port. */
static unsigned pull_port(struct machine *m, int port)
{
    static uint8_t room[BATCH][FRAME_ROOM];
    struct rill_frame frame[BATCH] = {{0}};
    for (int i = 0; i < BATCH; i++)
        frame[i] = (struct rill_frame){.buffer = room[i], .room = FRAME_ROOM};
    unsigned n = rill_transmit(m->rill, port, frame, BATCH, m->now);
    if (port != RILL_LOOPBACK_PORT)
        recorder_sent(&m->recorder, frame, n, m->now);
    for (unsigned i = 0; i < n && port != RILL_LOOPBACK_PORT; i++)
        queue_segments(m, &frame[i]);
    if (n && port == RILL_LOOPBACK_PORT)
        rill_receive(m->rill, port, frame, n, m->now);
    return n;
}

static void try_pending(struct machine *m)
{
    if (!m->pending || m->pending_done || call_try(m->rill, m->pending) == CALL_WAITS)
        return;
    m->pending_done = true;
    m->pending_end = m->now;
}

/* A call that proceeds may let the stack send more, and the reverse. */
void machine_pull(struct machine *m)
{
    unsigned sent = 1;
    while (sent && m->turns_left) {
        m->turns_left--;
        sent = pull_port(m, m->port) + pull_port(m, RILL_LOOPBACK_PORT);
        bool before = m->pending_done;
        try_pending(m);
        sent += m->pending_done != before;
    }
}

struct live *machine_take(struct machine *m)
{
    struct live *l = m->first;
    if (!l)
        return NULL;
    m->first = l->next;
    if (!m->first)
        m->last = &m->first;
    return l;
}

/* -------------------------------------------------------------- to the stack */

/* A packet above the MTU arrives as from receive offload (section 7): for this one call the port
 * accepts superframes. */
void machine_inject(struct machine *m, const uint8_t *ip, size_t length, bool more)
{
    static uint8_t frame[FRAME_ROOM];
    struct rill_frame f = {.buffer = frame, .room = sizeof frame};
    struct eth eth = {.type = ETH_TYPE_IP4};
    uint32_t *superframe = &m->rill->net.port[m->port].link.gso_max;
    uint32_t before = *superframe;
    memcpy(eth.destination.byte, own_mac, sizeof own_mac);
    memcpy(eth.source.byte, gateway_mac, sizeof gateway_mac);
    eth_write(frame, &eth);
    memcpy(frame + ETH_HEADER, ip, length);
    f.length = (uint32_t)(length + ETH_HEADER);
    *superframe = UINT16_MAX;
    recorder_arrive(&m->recorder, &f, 1, m->now);
    rill_receive(m->rill, m->port, &f, 1, m->now);
    recorder_received(&m->recorder, &f, 1, m->now);
    *superframe = before;
    if (more)
        return;
    try_pending(m);
    machine_pull(m);
}

/* ------------------------------------------------------------------- time */

static rill_time next_timer(const struct machine *m)
{
    rill_time next = rill_deadline(m->rill);
    if (m->pending && !m->pending_done && m->pending->tried)
        next = min_of(next, m->pending->deadline);
    return max_of(next, m->now);
}

bool machine_step(struct machine *m, rill_time limit)
{
    rill_time next = next_timer(m);
    if (next > limit || next > MACHINE_END || !m->turns_left)
        return false;
    m->now = next;
    machine_pull(m);
    return true;
}

void machine_pass(struct machine *m, rill_time until)
{
    while (machine_step(m, until))
        ;
    m->now = max_of(m->now, until);
    machine_pull(m);
}

bool machine_call(struct machine *m, struct call *c)
{
    bool done = call_try(m->rill, c) == CALL_DONE;
    m->pending = c;
    m->pending_done = done;
    m->pending_end = m->now;
    machine_pull(m);
    return m->pending_done;
}

/* Lets time pass to the stack's next timer, or to the call's deadline. */
static bool pass_for(struct machine *m, rill_time deadline)
{
    if (machine_step(m, min_of(deadline, MACHINE_END)))
        return true;
    if (deadline > MACHINE_END || !m->turns_left)
        return false;
    machine_pass(m, deadline);
    return true;
}

bool machine_wait(struct machine *m, struct call *c)
{
    bool done = call_try(m->rill, c) == CALL_DONE;
    while (!done && pass_for(m, c->deadline))
        done = call_try(m->rill, c) == CALL_DONE;
    machine_pull(m);
    return done;
}

/* ---------------------------------------------------------------- starting */

static unsigned prefix_of(uint32_t netmask)
{
    unsigned prefix = 0;
    while (prefix < 32 && netmask & 1u << (31 - prefix))
        prefix++;
    return prefix;
}

/* All other addresses are one station: the gateway, or, if that is the stack's own address as in
 * google's harness, another one in its subnet. */
static bool add_addresses(struct machine *m, const struct script_options *o)
{
    struct rill_port_config port = {
        .name = "wire", .mtu = o->mtu, .can_gather = o->offload, .can_checksum = o->offload};
    port.gso_max = o->offload ? UINT16_MAX : 0;
    port.cuts_udp = o->offload;
    uint32_t gateway = o->gateway == o->local ? (o->local ^ 1) | 2 : o->gateway;
    memcpy(port.mac, own_mac, sizeof own_mac);
    m->port = rill_port_add(m->rill, &port);
    return m->port >= 0 &&
           rill_address_add(m->rill, m->port, rill_address_ip4(o->local), prefix_of(o->netmask),
                            false) == 0 &&
           rill_neighbour_add(m->rill, m->port, rill_address_ip4(gateway), gateway_mac) == 0 &&
           rill_neighbour_add(m->rill, m->port, rill_address_ip4(o->remote), gateway_mac) == 0 &&
           rill_route_add(m->rill, rill_address_ip4(0), 0, m->port, rill_address_ip4(gateway)) == 0;
}

bool machine_open(struct machine *m, const struct script_options *o,
                  const struct rill_config *config)
{
    *m = (struct machine){.now = MACHINE_EPOCH - SETTLING, .turns_left = o->turns * 1000u};
    m->last = &m->first;
    struct rill_config own = *config;
    if (o->capture)
        own.trace_records = max_of(own.trace_records, RILL_CAPTURE_TRACE);
    m->rill = rill_new(&own, m->now);
    if (!m->rill)
        return false;
    rill_use(m->rill);
    if (!add_addresses(m, o)) {
        machine_close(m);
        return false;
    }
    machine_pass(m, MACHINE_EPOCH);
    return !o->capture || capture_failed(o->capture) ||
           recorder_begin(&m->recorder, o->capture, m->rill);
}

void machine_close(struct machine *m)
{
    for (struct live *l; (l = machine_take(m)) != NULL;)
        free(l);
    rill_use(NULL);
    if (m->rill)
        rill_free(m->rill);
    m->rill = NULL;
    recorder_end(&m->recorder);
}
