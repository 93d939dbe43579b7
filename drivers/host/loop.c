#include "host/loop.h"

#include "host/control.h"
#include "host/signals.h"

#include <errno.h>
#include <poll.h>
#include <rill/loopback.h>
#include <rill/threads.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FRAMES_MAX = 512 }; /* in one direction, before the other has its turn */
enum { HEADROOM = 256 };   /* beyond the packet: the headers in front, and the stack's headroom */

/* Received frames lie in few buffers, which are reused often, so that they stay in the processor's
 * caches. The application gets its turn after READ_MAX bytes (rounded up to a batch) while they
 * are still in the cache, because they are copied into the stack and out again. */
enum { READ_MEMORY = 112 << 10, READ_MAX = 44 << 10, SUPERFRAMES = 4, CACHE_LINE = 64 };

/* If the device was found empty so recently, its frames are new: the loop may answer them before it
 * is empty again, and may send what the application has queued before reading, so that both
 * directions overlap. An older unread ACK must be read first, because it stops a timer. */
#define LATELY RILL_MILLISECONDS(1)

/* The most bytes received before anything is sent, and the longest delay, while there is more to
 * read. The kernel processes an acknowledgement within our write, and one for many bytes is
 * cheaper. But the application may be slow to read, and due acknowledgements (RFC 9293 MUST-58) and
 * timers' segments wait too. */
enum { UNANSWERED_MAX = 512 << 10 };
#define UNANSWERED_LONGEST RILL_MILLISECONDS(1)

/* The most bytes sent before received frames have their turn: a ping waits as long. Superframes are
 * nearly 64 KB, and eight of them, one request's maximum, are enough: eight more would exceed
 * WRITE_MAX unless the first were shorter. */
enum { SUPERFRAME_MIN = 8 << 10, SUPERFRAMES_MAX = 8, WRITE_MAX = SUPERFRAMES_MAX * 48 << 10 };
#define FULL_DEVICE_TIMEOUT RILL_MILLISECONDS(100)

/* Empties the first n frames, which were used. */
static void empty_frames(struct host_batch *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        b->frame[i] = (struct rill_frame){.buffer = b->frame[i].buffer, .room = b->room};
}

/* Assigns buffers side by side in `memory`. */
static void place_frames(struct host_batch *b, uint8_t *memory)
{
    for (size_t i = 0; i < b->frames; i++)
        b->frame[i].buffer = memory + i * b->room;
    empty_frames(b, b->frames);
}

static uint32_t whole_lines(uint32_t bytes)
{
    return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

int host_loop_init(struct host_loop *l, struct rill *stack, struct rill_device *device, int port,
                   const struct host_clock *clock)
{
    const struct rill_port_config *facts = &device->facts;
    uint32_t longest = (facts->gso_max > facts->mtu ? facts->gso_max : facts->mtu) + HEADROOM;
    unsigned fit = READ_MEMORY / longest;
    *l = (struct host_loop){.stack = stack,
                            .device = device,
                            .port = port,
                            .bell = -1,
                            .clock = *clock,
                            .due = RILL_NEVER};
    host_adopted_init(&l->adopted);
    host_external_loop_init(&l->external);
    fit = fit > SUPERFRAMES ? fit : SUPERFRAMES;
    l->in.frames = fit < RILL_BATCH_MAX ? fit : RILL_BATCH_MAX;
    l->in.room = whole_lines(longest);
    l->out.frames = RILL_BATCH_MAX; /* gather keeps a superframe's text out of the buffer */
    l->out.room = whole_lines(facts->can_gather ? (uint32_t)facts->mtu + HEADROOM : longest);
    size_t in = (size_t)l->in.frames * l->in.room, out = (size_t)l->out.frames * l->out.room;
    l->memory = aligned_alloc(CACHE_LINE, in > out ? in : out);
    if (!l->memory)
        return -1;
    memset(l->memory, 0, in > out ? in : out); /* memcheck does not see what a ring reads */
    place_frames(&l->in, l->memory);
    place_frames(&l->out, l->memory);
    return 0;
}

void host_loop_end(struct host_loop *l)
{
    if (!l->memory)
        return;
    host_external_loop_end(&l->external);
    host_adopted_end(&l->adopted);
    free(l->memory);
    l->memory = NULL;
}

/* Reads `max` frames for the stack. Returns how many came in, -1 with errno. */
static int receive_batch(struct host_loop *l, unsigned max, rill_time now)
{
    struct rill_frame *frame = l->in.frame;
    int n = l->device->ops->read(l->device, frame, max);
    if (n <= 0)
        return n;
    if (l->control)
        host_control_number(l->control, frame, (unsigned)n);
    rill_receive(l->stack, l->port, frame, (unsigned)n, now);
    if (l->control)
        host_control_frames(l->control, frame, (unsigned)n, RILL_CAPTURE_IN);
    for (int i = 0; i < n; i++)
        l->unanswered.bytes += frame[i].length;
    if (l->unanswered.frames == 0)
        l->unanswered.since = now;
    l->unanswered.frames += (unsigned)n;
    empty_frames(&l->in, (unsigned)n);
    return n;
}

static bool empty_lately(const struct host_loop *l, rill_time now)
{
    return now - l->emptied < LATELY;
}

/* Returns how many frames came in, -1 with errno. */
static int receive(struct host_loop *l, rill_time now)
{
    uint32_t most = l->unanswered.bytes + READ_MAX;
    bool nothing_is_old = empty_lately(l, now);
    int sum = 0;
    l->more = true;
    while (l->unanswered.frames < FRAMES_MAX && l->unanswered.bytes < most) {
        int n = receive_batch(l, l->in.frames, now);
        if (n < 0)
            return -1;
        sum += n;
        if (n == 0 || (nothing_is_old && n < (int)l->in.frames)) {
            l->more = false;
            l->emptied = now;
            break;
        }
    }
    return sum;
}

/* Nothing is sent in this turn: the next one reads more, and one acknowledgement covers all. */
static bool answer_waits(const struct host_loop *l, rill_time now)
{
    return l->more && l->unanswered.frames < FRAMES_MAX && l->unanswered.bytes < UNANSWERED_MAX &&
           now - l->unanswered.since < UNANSWERED_LONGEST;
}

/* Waits for a full device; returns false if it stays full, or cannot be polled. */
static bool await_room(struct host_loop *l)
{
    struct pollfd p = {.fd = l->device->ops->descriptor(l->device), .events = POLLOUT};
    struct timespec timeout = {.tv_nsec = FULL_DEVICE_TIMEOUT};
    return p.fd >= 0 && ppoll(&p, 1, &timeout, NULL) > 0 && p.revents & POLLOUT;
}

/* Writes all frames; those that a stuck device does not take are lost, as on a full wire. */
static int write_all(struct host_loop *l, const struct rill_frame *frame, unsigned n)
{
    for (unsigned taken = 0; taken < n;) {
        int more = l->device->ops->write(l->device, frame + taken, n - taken);
        if (more < 0)
            return -1;
        taken += (unsigned)more;
        if (taken < n && more == 0 && !await_room(l))
            break;
    }
    return 0;
}

static size_t bytes_of(const struct rill_frame *frame, unsigned n)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < n; i++)
        bytes += rill_frame_length(&frame[i]);
    return bytes;
}

/* Returns how many frames went out, -1 with errno. If the last batch had superframes, the next is
 * expected to have them too, so fewer are requested. */
static int transmit(struct host_loop *l, rill_time now)
{
    int sum = 0;
    size_t bytes = 0;
    while (sum < FRAMES_MAX && bytes < WRITE_MAX) {
        struct rill_frame *frame = l->out.frame;
        unsigned most = l->sends_superframes ? SUPERFRAMES_MAX : RILL_BATCH_MAX;
        unsigned n = rill_transmit(l->stack, l->port, frame, most, now);
        size_t some = bytes_of(frame, n);
        if (l->control)
            host_control_frames(l->control, frame, n, RILL_CAPTURE_OUT);
        if (write_all(l, frame, n) != 0)
            return -1;
        empty_frames(&l->out, n);
        sum += (int)n;
        bytes += some;
        if (n > 0)
            l->sends_superframes = some > n * (size_t)SUPERFRAME_MIN;
        if (n < most)
            break;
    }
    l->unanswered.frames = l->unanswered.bytes = 0;
    return sum;
}

/* A signal is reported to each loop once. */
static bool take_signal(struct host_loop *l)
{
    if (l->signal_reported || !host_signals_came())
        return false;
    l->signal_reported = true;
    return true;
}

static int signals_descriptor(const struct host_loop *l)
{
    return l->signal_reported ? -1 : host_signals_descriptor();
}

static int control_descriptor(const struct host_loop *l)
{
    return l->control ? host_control_descriptor(l->control) : -1;
}

static int mailbox_descriptor(const struct host_loop *l)
{
    return l->mailbox ? rill_mailbox_descriptor(l->mailbox) : -1;
}

/* The device was empty when the sleep began, and still is, unless it ended the sleep. Its frames
 * need not be new, because the process may have waited for a processor, or was stopped: so it reads
 * them before it sends, and all of them if a timer may have expired meanwhile. */
static void wake(struct host_loop *l, bool frames, rill_time until)
{
    rill_time now = host_clock_read(&l->clock);
    l->more = frames;
    if (!frames || now < until)
        l->emptied = now;
}

/* Sleeps until a frame or a signal comes, or `until`. A debugger that lets time pass stops here,
 * and moves the clock instead (tools/gdb/rill.py); noinline, so that this works in optimized
 * builds. */
static __attribute__((noinline)) int doze(struct host_loop *l, rill_time until)
{
    rill_time now = host_clock_read(&l->clock), longest = host_clock_sleep_max(&l->clock);
    bool sleeps = until > now;
    if (!sleeps && l->external.epoll < 0 && !rill_wait_mask(l->stack))
        return 0;
    rill_time length = until == RILL_NEVER ? RILL_NEVER : sleeps ? until - now : 0;
    length = length < longest ? length : longest;
    struct timespec timeout = host_timespec(length);
    struct pollfd p[] = {
        {.fd = l->device->ops->descriptor(l->device), .events = POLLIN},
        {.fd = signals_descriptor(l), .events = POLLIN},
        {.fd = control_descriptor(l), .events = POLLIN},
        {.fd = l->adopted.epoll, .events = POLLIN},
        {.fd = mailbox_descriptor(l), .events = POLLIN},
        {.fd = l->bell, .events = POLLIN},
    };
    l->sleeps = sleeps;
    int ready = ppoll(p, sizeof p / sizeof *p, length == RILL_NEVER ? NULL : &timeout,
                      rill_wait_mask(l->stack));
    l->sleeps = false;
    if (ready < 0)
        return -1;
    if (sleeps)
        wake(l, p[0].revents || p[5].revents, until);
    if (p[2].revents)
        host_control_serve(l->control);
    int events = p[3].revents ? host_adopted_serve(&l->adopted, l->stack) : 0;
    l->brought |= events > 0;
    return events < 0 ? -1 : 0;
}

static bool speaks_first(const struct host_loop *l, rill_time now)
{
    return !l->more && empty_lately(l, now);
}

/* Returns whether a frame moved, in or out, or a timer was due: a timer may end a waiting call, or
 * a connection, without a frame. -1 with errno. */
static int move_frames(struct host_loop *l, rill_time now)
{
    bool due = rill_deadline(l->stack) <= now;
    int before = due && speaks_first(l, now) ? transmit(l, now) : 0;
    int in = before < 0 ? -1 : receive(l, now);
    if (in < 0)
        return -1;
    bool called = l->mailbox && rill_mailbox_deliver(l->mailbox);
    int out = answer_waits(l, now) ? 0 : transmit(l, now);
    l->brought |= in > 0 || called || (due && before == 0 && out == 0);
    return out < 0 ? -1 : due || in > 0 || called || out > 0;
}

static int turn(struct host_loop *l, rill_time until)
{
    if (take_signal(l)) {
        errno = EINTR;
        return -1;
    }
    rill_time now = host_clock_read(&l->clock);
    l->brought = l->due <= now;
    int frames = move_frames(l, now);
    if (frames < 0)
        return -1;
    unsigned round = rill_loopback_turn(l->stack, now);
    if (l->control)
        host_control_glance(l->control, now);
    rill_time deadline = rill_deadline(l->stack);
    int events = host_adopted_serve(&l->adopted, l->stack); /* the waiting call will look at them */
    if (events < 0)
        return -1;
    l->brought |= round > 0 || events > 0;
    bool moved = frames > 0 || round > 0 || events > 0;
    /* Even a busy loop must let through the signals that a call's mask allows. */
    if (moved && !rill_wait_mask(l->stack))
        return 0;
    int slept = doze(l, moved ? now : deadline < until ? deadline : until);
    if (take_signal(l)) { /* it may have ended the sleep: reported only here */
        errno = EINTR;
        return -1;
    }
    return slept;
}

/* ------------------------------------------------------------ an external event loop */

/* A turn may have brought events that the program has not seen, and it calls rill only when the
 * descriptor is readable: so it stays readable until a turn brings nothing. */
static void external_arm(struct host_loop *l)
{
    rill_time now = host_clock_read(&l->clock);
    l->due = rill_deadline(l->stack);
    host_external_loop_arm(&l->external, l->brought ? now : l->due, now);
}

/* A signal is reported once, also to the external loop. */
static int external_watch_all(struct host_loop *l)
{
    struct host_external_loop *f = &l->external;
    if (l->signal_reported)
        host_external_loop_forget(f, host_signals_descriptor());
    bool good = host_external_loop_watch(f, l->device->ops->descriptor(l->device)) == 0 &&
                host_external_loop_watch(f, signals_descriptor(l)) == 0 &&
                host_external_loop_watch(f, control_descriptor(l)) == 0 &&
                host_external_loop_watch(f, l->adopted.epoll) == 0 &&
                host_external_loop_watch(f, mailbox_descriptor(l)) == 0 &&
                host_external_loop_watch(f, l->bell) == 0;
    external_arm(l);
    return good ? 0 : -1;
}

/* Descriptors may be adopted later, so their epoll set is watched from the start. */
int host_loop_descriptor(struct host_loop *l)
{
    if (l->external.epoll < 0 && host_external_loop_open(&l->external) < 0)
        return -1;
    if (host_adopted_open(&l->adopted) < 0)
        return -1;
    return external_watch_all(l) == 0 ? l->external.epoll : -1;
}

int host_loop_mailbox(struct host_loop *l, struct rill_mailbox *m)
{
    if (l->external.epoll >= 0 &&
        host_external_loop_watch(&l->external, rill_mailbox_descriptor(m)) != 0)
        return -1;
    l->mailbox = m;
    return 0;
}

int host_loop_turn(struct host_loop *l, rill_time until)
{
    bool had_signal = l->signal_reported;
    l->turns = true;
    int result = turn(l, until), error = errno;
    l->turns = false;
    if (l->external.epoll < 0)
        return result;
    if (had_signal == l->signal_reported)
        external_arm(l);
    else if (external_watch_all(l) != 0)
        return -1;
    errno = error;
    return result;
}
