#include "exchange.h"

#include "handover.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RING = 1 << 19 };     /* bytes: several superframes, or thousands of SYNs */
enum { HANDED_ON_MAX = 64 }; /* batches in a row without a frame of our own */

struct exchange {
    unsigned cores;
    int bell[RILL_CORES_MAX];
    struct handover ring[]; /* [from * cores + to] */
};

struct exchange_device {
    struct rill_device device;
    struct rill_device *inner;
    struct exchange *exchange;
    unsigned core;
    const struct rill *stack;
    bool given[RILL_CORES_MAX]; /* cores that got frames in this batch: ring their bells */
    bool others_first;          /* their frames get half of the room, and the odd slot */
};

static struct exchange_device *self(struct rill_device *d)
{
    return (struct exchange_device *)d;
}

static struct handover *ring_of(struct exchange *e, unsigned from, unsigned to)
{
    return &e->ring[from * e->cores + to];
}

/* ---- Handing over ---- */

/* If the ring is full the frame is lost, as on a busy wire. */
static void give(struct exchange_device *d, unsigned to, const struct rill_frame *f)
{
    d->given[to] |= handover_put(ring_of(d->exchange, d->core, to), f);
}

/* Returns whether the frame is (also) our own, and gives it to the other cores that need it. */
static bool sort(struct exchange_device *d, const struct rill_frame *f)
{
    int whose = rill_core_of(d->stack, f);
    for (unsigned to = 0; to < d->exchange->cores; to++)
        if (to != d->core && (whose == (int)to || whose == RILL_CORE_ALL))
            give(d, to, f);
    return whose == (int)d->core || whose == RILL_CORE_ALL;
}

static void ring_bells(struct exchange_device *d)
{
    for (unsigned to = 0; to < d->exchange->cores; to++) {
        if (d->given[to] && eventfd_write(d->exchange->bell[to], 1) != 0)
            assert(errno == EAGAIN); /* the bell is readable already */
        d->given[to] = false;
    }
}

/* Moves our own frames to the front, each with its buffer; the frames after them are emptied.
 * Returns how many are ours. */
static int keep_own(struct exchange_device *d, struct rill_frame *frame, int n)
{
    int kept = 0;
    for (int i = 0; i < n; i++) {
        struct rill_frame f = frame[i];
        bool own = sort(d, &f);
        frame[i] = own ? frame[kept] : (struct rill_frame){.buffer = f.buffer, .room = f.room};
        if (own)
            frame[kept++] = f;
    }
    ring_bells(d);
    return kept;
}

static int take_given(struct exchange_device *d, struct rill_frame *frame, unsigned max)
{
    struct exchange *e = d->exchange;
    eventfd_t rings;
    unsigned n = 0;
    eventfd_read(e->bell[d->core], &rings); /* before taking: a later frame rings again */
    for (unsigned from = 0; from < e->cores; from++)
        while (from != d->core && n < max && handover_take(ring_of(e, from, d->core), &frame[n]))
            n++;
    if (n == max && eventfd_write(e->bell[d->core], 1) != 0) /* there may be more */
        assert(errno == EAGAIN);
    return (int)n;
}

/* Reads, and hands over frames of other cores, until the room is full of our own frames or the
 * device is probably empty. */
static int read_own(struct exchange_device *d, struct rill_frame *frame, unsigned max)
{
    unsigned kept = 0;
    bool more = true;
    for (unsigned i = 0; i < HANDED_ON_MAX && kept < max && (more || !kept); i++) {
        int n = d->inner->ops->read(d->inner, frame + kept, max - kept);
        if (n <= 0)
            return kept ? (int)kept : n;
        more = n == (int)(max - kept);
        kept += (unsigned)keep_own(d, frame + kept, n);
    }
    return (int)kept;
}

/* The room is shared so that neither source delays the other, and none stays empty while the other
 * source has more. */
static int exchange_read(struct rill_device *device, struct rill_frame *frame, unsigned max)
{
    struct exchange_device *d = self(device);
    d->others_first = !d->others_first;
    unsigned theirs = d->others_first ? (max + 1) / 2 : max / 2;
    int given = theirs ? take_given(d, frame, theirs) : 0;
    int own = given < (int)max ? read_own(d, frame + given, max - (unsigned)given) : 0;
    if (own < 0)
        return given > 0 ? given : -1;
    unsigned n = (unsigned)(given + own);
    bool more = n < max && given == (int)theirs;
    return (int)n + (more ? take_given(d, frame + n, max - n) : 0);
}

static int exchange_write(struct rill_device *device, const struct rill_frame *frame, unsigned n)
{
    struct exchange_device *d = self(device);
    return d->inner->ops->write(d->inner, frame, n);
}

static int exchange_descriptor(const struct rill_device *device)
{
    const struct exchange_device *d = (const struct exchange_device *)device;
    return d->inner->ops->descriptor(d->inner);
}

static void exchange_close(struct rill_device *device)
{
    struct exchange_device *d = self(device);
    d->inner->ops->close(d->inner);
    free(d);
}

struct rill_device *exchange_device(struct exchange *e, unsigned core, struct rill_device *inner)
{
    static const struct rill_device_ops ops = {
        .read = exchange_read,
        .write = exchange_write,
        .descriptor = exchange_descriptor,
        .close = exchange_close,
    };
    struct exchange_device *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->device = (struct rill_device){.ops = &ops, .facts = inner->facts};
    d->inner = inner;
    d->exchange = e;
    d->core = core;
    return &d->device;
}

void exchange_ask(struct rill_device *device, const struct rill *stack)
{
    self(device)->stack = stack;
}

/* ---- The exchange ---- */

static bool open_all(struct exchange *e)
{
    bool good = true;
    for (unsigned i = 0; i < e->cores * e->cores; i++)
        good = handover_init(&e->ring[i], RING) && good;
    for (unsigned i = 0; i < e->cores; i++) {
        e->bell[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        good = e->bell[i] >= 0 && good;
    }
    return good;
}

struct exchange *exchange_new(unsigned cores)
{
    assert(cores <= RILL_CORES_MAX);
    size_t size = sizeof(struct exchange) + cores * cores * sizeof(struct handover);
    struct exchange *e = aligned_alloc(_Alignof(struct handover), size);
    if (!e)
        return NULL;
    e->cores = cores;
    if (open_all(e))
        return e;
    exchange_free(e);
    return NULL;
}

void exchange_free(struct exchange *e)
{
    if (!e)
        return;
    int error = errno;
    for (unsigned i = 0; i < e->cores * e->cores; i++)
        handover_end(&e->ring[i]);
    for (unsigned i = 0; i < e->cores; i++)
        if (e->bell[i] >= 0)
            close(e->bell[i]);
    free(e);
    errno = error;
}

int exchange_bell(const struct exchange *e, unsigned core)
{
    return e->bell[core];
}
