/* The stack as a whole: <rill/stack.h>, the facade over net. */
#include "net/config.h"
#include "net/life.h"
#include "net/steering.h"
#include "socket/call.h"
#include "socket/close.h"
#include "socket/events.h"
#include "socket/object.h"

#include <errno.h>

static void rill_put(struct rill *r)
{
    struct memory m = {.budget = SIZE_MAX, .used = sizeof *r};
    memory_put(&m, r, sizeof *r);
}

struct rill *rill_new(const struct rill_config *config, rill_time now)
{
    struct memory m = {.budget = SIZE_MAX}; /* the structure contains the budget: outside of it */
    errno = EINVAL;
    if (!config_good(config))
        return NULL;
    errno = ENOMEM;
    struct rill *r = memory_get(&m, sizeof *r);
    if (!r)
        return NULL;
    if (!net_init(&r->net, config, now)) {
        net_end(&r->net);
        rill_put(r);
        errno = ENOMEM;
        return NULL;
    }
    objects_init(r);
    list_init(&r->woken);
    heap_init(&r->due, &r->net.memory);
    return r;
}

void rill_free(struct rill *r)
{
    if (!r)
        return;
    assert(r->inside == INSIDE_NOTHING);
    if (rill_current() == r)
        rill_use(NULL);
    objects_close_all(r);
    objects_end(r);
    assert(r->due.count == 0); /* no call may be parked any more */
    heap_end(&r->due);
    net_end(&r->net);
    rill_put(r);
}

void rill_close_all(struct rill *r)
{
    objects_close_all(r);
}

/* ------------------------------------------------------------ the machine */

static void rill_enter(struct rill *r, rill_time now)
{
    assert(r->inside != INSIDE_MACHINE);
    net_clock(&r->net, now);
}

void rill_receive(struct rill *r, int port, const struct rill_frame *frames, unsigned n,
                  rill_time now)
{
    assert(n <= RILL_BATCH_MAX);
    assert(port >= 0);
    assert(port < RILL_PORTS_MAX);
    rill_enter(r, now);
    enum rill_inside before = r->inside;
    r->inside = INSIDE_MACHINE;
    net_receive(&r->net, port, frames, n);
    r->inside = before;
    rill_dispatch_events(r);
}

int rill_core_of(const struct rill *r, const struct rill_frame *f)
{
    return steering_frame(&r->net.steer, span_of(f->buffer + f->start, f->length));
}

unsigned rill_transmit(struct rill *r, int port, struct rill_frame *frames, unsigned max,
                       rill_time now)
{
    assert(port >= 0);
    assert(port < RILL_PORTS_MAX);
    rill_enter(r, now);
    enum rill_inside before = r->inside;
    r->inside = INSIDE_MACHINE;
    unsigned n = net_transmit(&r->net, port, frames, max);
    r->inside = before;
    rill_dispatch_events(r);
    return n;
}

rill_time rill_deadline(const struct rill *r)
{
    if (!list_empty(&r->woken))
        return r->net.now;
    return min_of(net_deadline(&r->net), heap_first_time(&r->due));
}

bool rill_drained(const struct rill *r)
{
    return net_drained(&r->net);
}

rill_time rill_now(const struct rill *r)
{
    return r->net.now;
}

/* ----------------------------------------------- configuration and numbers */

int rill_port_add(struct rill *r, const struct rill_port_config *config)
{
    return (int)outcome(net_port_add(&r->net, config));
}

int rill_port_mtu(struct rill *r, int port, uint16_t mtu)
{
    return (int)outcome(net_port_mtu(&r->net, port, mtu));
}

int rill_address_add(struct rill *r, int port, struct rill_address a, unsigned prefix, bool probe)
{
    return (int)outcome(net_address_add(&r->net, port, a, prefix, probe));
}

int rill_address_remove(struct rill *r, int port, struct rill_address a)
{
    return (int)outcome(net_address_remove(&r->net, port, a));
}

enum rill_address_state rill_address_state(const struct rill *r, struct rill_address a)
{
    return net_address_state(&r->net, a);
}

int rill_route_add(struct rill *r, struct rill_address destination, unsigned prefix, int port,
                   struct rill_address gateway)
{
    return (int)outcome(net_route_add(&r->net, destination, prefix, port, gateway));
}

int rill_route_remove(struct rill *r, struct rill_address destination, unsigned prefix)
{
    return (int)outcome(net_route_remove(&r->net, destination, prefix));
}

int rill_neighbour_add(struct rill *r, int port, struct rill_address a, const uint8_t mac[6])
{
    return (int)outcome(net_neighbour_add(&r->net, port, a, mac));
}

size_t rill_memory_used(const struct rill *r)
{
    return r->net.memory.used;
}

size_t rill_memory_peak(const struct rill *r)
{
    return r->net.memory.peak;
}

void rill_memory_fail(struct rill *r, uint64_t n)
{
    r->net.memory.fails_in = n;
}

unsigned rill_trace_read(const struct rill *r, uint64_t *place, struct rill_trace_record *out,
                         unsigned max, uint64_t *lost)
{
    return trace_read(&r->net.trace, place, out, max, lost);
}

const struct rill_counters *rill_counters(const struct rill *r)
{
    return &r->net.counters;
}
