/* The loop, between stand-ins for a stack and a device, which write down in which order they are
 * called: R and T for the stack, r and w for the device, with the number of frames. */
#include "host/control.h"
#include "host/loop.h"
#include "host/signals.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <rill/stack.h>
#include <rill/threads.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 3 };

struct rill {
    unsigned sending; /* frames */
    size_t text;      /* gathered, in each */
    rill_time deadline;
    bool expires; /* the deadline, with the next look for what is to be sent */
};

struct fake_device {
    struct rill_device device;
    unsigned arriving; /* frames */
    uint32_t length;   /* of each */
    unsigned at_once;  /* in one read; 0: as many as are asked for */
    unsigned room;     /* frames that one write takes */
    int error;         /* of the next call */
    int event;         /* a descriptor that is writable, and readable once something was written */
    rill_time late;    /* so much has gone by when the next sleep is over: the machine was busy */
};

static char events[4096];

static void note(char what, unsigned n)
{
    size_t length = strlen(events);
    snprintf(events + length, sizeof events - length, "%c%u ", what, n);
}

void rill_receive(struct rill *s, int port, const struct rill_frame *f, unsigned n, rill_time now)
{
    (void)s;
    (void)f;
    (void)now;
    CU_ASSERT_EQUAL(port, PORT);
    note('R', n);
}

/* No threads here, but for a bell that may ring. */
static int bell = -1;

int rill_mailbox_descriptor(const struct rill_mailbox *m)
{
    (void)m;
    return bell;
}

bool rill_mailbox_deliver(struct rill_mailbox *m)
{
    (void)m;
    return false;
}

unsigned rill_transmit(struct rill *s, int port, struct rill_frame *f, unsigned max, rill_time now)
{
    (void)now;
    if (port == RILL_LOOPBACK_PORT)
        return 0;
    unsigned n = s->sending < max ? s->sending : max;
    for (unsigned i = 0; i < n; i++) {
        f[i].gather[0] = (struct rill_span){(const uint8_t *)events, s->text};
        f[i].gather_count = 1;
    }
    s->sending -= n;
    if (s->expires)
        s->deadline = RILL_NEVER;
    note('T', n);
    return n;
}

rill_time rill_deadline(const struct rill *s)
{
    return s->deadline;
}

/* What the stack asks about host descriptors. */
static struct rill_adoption adoption;

void rill_set_adoption(struct rill *s, const struct rill_adoption *by)
{
    (void)s;
    adoption = *by;
}

static int adopt(int fd, int host_fd)
{
    return adoption.take(adoption.context, fd, host_fd);
}

static void leave(int fd, int host_fd)
{
    adoption.leave(adoption.context, fd, host_fd);
}

static short looks(int fd, int host_fd)
{
    return adoption.look(adoption.context, fd, host_fd);
}

void rill_adopted_event(struct rill *s, int fd, int host_fd)
{
    (void)s;
    (void)host_fd;
    note('a', (unsigned)fd);
}

static const sigset_t *wait_mask;

const sigset_t *rill_wait_mask(const struct rill *s)
{
    (void)s;
    return wait_mask;
}

/* A control socket: f for frames that it is shown, g for a glance, s where it is served. */
struct host_control {
    int event;
};

void host_control_number(struct host_control *k, struct rill_frame *f, unsigned n)
{
    (void)k;
    (void)f;
    (void)n;
}

void host_control_frames(struct host_control *k, const struct rill_frame *f, unsigned n,
                         enum rill_capture_direction direction)
{
    (void)k;
    (void)f;
    note(direction == RILL_CAPTURE_IN ? 'i' : 'o', n);
}

void host_control_glance(struct host_control *k, rill_time now)
{
    (void)k;
    (void)now;
    note('g', 0);
}

void host_control_serve(struct host_control *k)
{
    eventfd_t value;
    note('s', 0);
    eventfd_read(k->event, &value);
}

int host_control_descriptor(const struct host_control *k)
{
    return k->event;
}

/* The host's clock, which stands still where a test holds it, however busy the machine is. */
static rill_time held; /* 0: it goes */

void host_clock_init(struct host_clock *c, bool debug)
{
    *c = (struct host_clock){.debug = debug};
    held = 0;
}

rill_time host_clock_read(struct host_clock *c)
{
    struct timespec t;
    (void)c;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return held ? held : RILL_SECONDS(t.tv_sec) + t.tv_nsec;
}

rill_time host_clock_sleep_max(const struct host_clock *c)
{
    (void)c;
    return RILL_NEVER;
}

static int fake_read(struct rill_device *device, struct rill_frame *f, unsigned max)
{
    struct fake_device *d = (struct fake_device *)device;
    if (d->error) {
        errno = d->error;
        return -1;
    }
    if (d->at_once)
        max = d->at_once < max ? d->at_once : max;
    unsigned n = d->arriving < max ? d->arriving : max;
    d->arriving -= n;
    for (unsigned i = 0; i < n; i++)
        f[i].length = d->length;
    eventfd_t value;
    if (d->length && d->arriving == 0)
        eventfd_read(d->event, &value);
    note('r', n);
    return (int)n;
}

static int fake_write(struct rill_device *device, const struct rill_frame *f, unsigned n)
{
    struct fake_device *d = (struct fake_device *)device;
    (void)f;
    n = n < d->room ? n : d->room;
    note('w', n);
    return (int)n;
}

static int fake_descriptor(const struct rill_device *device)
{
    struct fake_device *d = (struct fake_device *)device;
    held += d->late;
    d->late = 0;
    return d->event;
}

static const struct rill_device_ops ops = {fake_read, fake_write, fake_descriptor, NULL};

static struct rill stack;
static struct fake_device device;
static struct host_loop loop;
static struct host_clock host_clock;

static void begin_with(uint32_t gso_max)
{
    events[0] = '\0';
    stack = (struct rill){.deadline = RILL_NEVER};
    device =
        (struct fake_device){.device = {&ops, {.mtu = 1500, .gso_max = gso_max}}, .room = 1000};
    device.event = eventfd(0, EFD_NONBLOCK);
    host_clock_init(&host_clock, false);
    CU_ASSERT_EQUAL(host_signals_acquire(), 0);
    CU_ASSERT_EQUAL(host_loop_init(&loop, &stack, &device.device, PORT, &host_clock), 0);
    host_adopted_bind(&loop.adopted, &stack);
}

static void begin(void)
{
    begin_with(0);
}

static void end(void)
{
    host_loop_end(&loop);
    host_signals_release();
    close(device.event);
}

static int turn(rill_time until)
{
    return host_loop_turn(&loop, until);
}

static void all_that_is_there_is_read_before_anything_is_sent(void)
{
    begin();
    device.arriving = 140;
    stack.sending = 70;
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_STRING_EQUAL(events, "r64 R64 r64 R64 r12 R12 r0 T64 w64 T6 w6 ");
    end();
}

static void turn_and_expect(const char *what)
{
    events[0] = '\0';
    CU_ASSERT_EQUAL(turn(0), 0);
    CU_ASSERT_STRING_EQUAL(events, what);
}

/* But not before an ACK that may have lain there for long: what is due may be the timer that it
 * stops. */
static void what_was_said_meanwhile_goes_before_more_is_read(void)
{
    begin();
    held = RILL_SECONDS(1);
    turn_and_expect("r0 T0 ");
    stack.deadline = held; /* something to send, from now on */
    device.arriving = stack.sending = 2;
    held += RILL_MICROSECONDS(900);
    turn_and_expect("T2 w2 r2 R2 T0 ");
    device.arriving = stack.sending = 3;
    held += RILL_MILLISECONDS(1);
    turn_and_expect("r3 R3 r0 T3 w3 ");
    device.length = 1000;
    device.arriving = 65;
    turn_and_expect("T0 r64 R64 ");
    stack.sending = 1; /* and not while there is more to read */
    turn_and_expect("r1 R1 T1 w1 ");
    end();
}

/* It need not bring all that is there: then what is due waits for the rest, unless that is new. */
static void a_short_read_is_the_last_only_where_nothing_is_old(void)
{
    begin();
    held = RILL_SECONDS(1);
    stack.deadline = held;
    device.at_once = 1;
    device.arriving = 2;
    stack.sending = 1;
    turn_and_expect("r1 R1 r1 R1 r0 T1 w1 ");
    device.arriving = 2;
    turn_and_expect("T0 r1 R1 T0 ");
    turn_and_expect("T0 r1 R1 T0 ");
    held += RILL_SECONDS(1);
    stack.deadline = RILL_NEVER;
    turn_and_expect("r0 T0 ");
    held += RILL_SECONDS(1);
    eventfd_write(device.event, 1); /* ends a sleep */
    events[0] = '\0';
    CU_ASSERT_EQUAL(turn(held + RILL_SECONDS(1)), 0);
    held += RILL_MICROSECONDS(900);
    device.arriving = 2;
    turn_and_expect("r1 R1 T0 ");
    end();
}

static void sleep_so_long(rill_time late)
{
    stack.deadline = held + RILL_MILLISECONDS(2);
    device.late = late;
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    stack.sending = 1;
}

/* Who was stopped, or waited for a processor, finds frames, and a timer that they stop. */
static void a_timer_that_ran_out_in_a_sleep_waits_for_what_has_come_meanwhile(void)
{
    begin();
    held = RILL_SECONDS(1);
    device.at_once = 1;
    eventfd_write(device.event, 1);
    sleep_so_long(RILL_MILLISECONDS(5));
    device.arriving = 2;
    turn_and_expect("r1 R1 r1 R1 r0 T1 w1 ");
    sleep_so_long(RILL_MILLISECONDS(2) - 1);
    held++; /* it was not quite due */
    device.arriving = 2;
    turn_and_expect("r1 R1 T1 w1 ");
    turn_and_expect("T0 r1 R1 T0 ");
    device.length = 1; /* nothing more comes */
    sleep_so_long(RILL_MILLISECONDS(2));
    turn_and_expect("T1 w1 r0 T0 ");
    end();
}

static void a_flood_in_one_direction_is_bounded(void)
{
    begin();
    device.arriving = stack.sending = 100000;
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_EQUAL(device.arriving, 100000 - 8 * 64);
    CU_ASSERT_EQUAL(stack.sending, 100000 - 8 * 64);
    end();
}

/* Who reads them finds each in the processor's cache. */
static void a_turn_ends_with_few_superframes_and_the_last_of_them_sends(void)
{
    begin_with(65535);
    held = RILL_SECONDS(1);
    device.length = 60000;
    device.arriving = 11;
    stack.sending = 1;
    eventfd_write(device.event, 1);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(turn(0), 0);
    CU_ASSERT_STRING_EQUAL(events, "r4 R4 r4 R4 r3 R3 T1 w1 ");
    end();
}

static void small_frames_come_in_batches_also_where_superframes_may_come(void)
{
    begin_with(65535);
    device.length = 100;
    device.arriving = 3;
    eventfd_write(device.event, 1);
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_STRING_EQUAL(events, "r3 R3 r0 T0 ");
    end();
}

static void what_is_sent_does_not_wait_for_ever(void)
{
    unsigned turns = 0;
    begin_with(65535);
    held = RILL_SECONDS(1);
    device.length = 60000;
    device.arriving = 100;
    eventfd_write(device.event, 1);
    for (; turns < 50 && !strchr(events, 'T'); turns++)
        CU_ASSERT_EQUAL(turn(0), 0);
    CU_ASSERT_EQUAL(turns, 3); /* of 4 each: more than 512 KB */
    events[0] = '\0';
    for (unsigned i = 0; i < 9; i++)
        CU_ASSERT_EQUAL(turn(0), 0);
    CU_ASSERT_STRING_EQUAL(events + strlen(events) - 3, "T0 ");
    CU_ASSERT_EQUAL(strlen(events), 9 * 6 + 3 * 3);
    end();
}

/* Counted from the first that came: who reads takes 0.6 ms for each turn's bytes. */
static void what_is_sent_waits_a_millisecond_for_a_slow_reader(void)
{
    begin_with(65535);
    held = RILL_SECONDS(1);
    device.length = 30000;
    device.arriving = 100;
    eventfd_write(device.event, 1);
    turn_and_expect("r4 R4 ");
    held += RILL_MICROSECONDS(600);
    turn_and_expect("r4 R4 ");
    held += RILL_MICROSECONDS(600);
    turn_and_expect("r4 R4 T0 ");
    held += RILL_MICROSECONDS(600);
    turn_and_expect("r4 R4 ");
    held += RILL_MILLISECONDS(50);
    turn_and_expect("r4 R4 T0 ");
    end();
}

/* The first batch shows what they are, and that they are none any more. */
static void superframes_leave_room_for_what_comes_in(void)
{
    begin();
    stack.sending = 64 + 17;
    stack.text = 64000;
    turn_and_expect("r0 T64 w64 ");
    turn_and_expect("r0 T8 w8 ");
    turn_and_expect("r0 T8 w8 ");
    turn_and_expect("r0 T1 w1 ");
    stack.sending = 100;
    stack.text = 0;
    turn_and_expect("r0 T8 w8 T64 w64 T28 w28 ");
    end();
}

/* That nothing is left says nothing of what comes next. */
static void after_the_last_of_few_superframes_no_more_are_asked_for_than_before(void)
{
    begin();
    stack.sending = 1;
    stack.text = 45000;
    turn_and_expect("r0 T1 w1 ");
    stack.sending = 8;
    turn_and_expect("r0 T8 w8 T0 ");
    stack.sending = 100;
    turn_and_expect("r0 T8 w8 T8 w8 ");
    end();
}

static void what_the_device_did_not_take_goes_before_the_next_call_into_the_stack(void)
{
    begin();
    device.room = 3;
    stack.sending = 65;
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(events, "T64 w3 w3 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(events, "w3 w1 T1 w1 "));
    end();
}

static void an_idle_turn_sleeps_until_its_time(void)
{
    begin();
    rill_time until = host_clock_read(&host_clock) + RILL_MILLISECONDS(2);
    CU_ASSERT_EQUAL(turn(until), 0);
    CU_ASSERT(host_clock_read(&host_clock) >= until);
    end();
}

static void an_idle_turn_sleeps_until_the_stack_s_deadline(void)
{
    begin();
    stack.deadline = host_clock_read(&host_clock) + RILL_MILLISECONDS(2);
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT(host_clock_read(&host_clock) >= stack.deadline);
    stack.expires =
        true; /* a connection that times out has nothing more to say, but that is news */
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0); /* else it never returned */
    end();
}

static void a_frame_ends_the_sleep(void)
{
    begin();
    CU_ASSERT_EQUAL(eventfd_write(device.event, 1), 0);
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0); /* else it never returned */
    CU_ASSERT_STRING_EQUAL(events, "r0 T0 ");
    end();
}

static void a_control_socket_sees_what_passes_and_is_served_beside_it(void)
{
    struct host_control control = {.event = eventfd(0, EFD_NONBLOCK)};
    begin();
    loop.control = &control;
    device.arriving = stack.sending = 2;
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_STRING_EQUAL(events, "r2 R2 i2 r0 T2 o2 w2 g0 ");
    events[0] = '\0';
    CU_ASSERT_EQUAL(eventfd_write(control.event, 1), 0);
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0); /* it ends the sleep, else it never returned */
    CU_ASSERT_STRING_EQUAL(events, "r0 T0 o0 g0 s0 ");
    loop.control = NULL;
    close(control.event);
    end();
}

static void news_of_what_is_adopted_ends_the_sleep(void)
{
    begin();
    int adopted = eventfd(0, EFD_NONBLOCK);
    CU_ASSERT_EQUAL(adopt(7, adopted), 0);
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0); /* it is writable: news once */
    CU_ASSERT_PTR_NOT_NULL(strstr(events, "a7 "));
    events[0] = '\0';
    rill_time until = host_clock_read(&host_clock) + RILL_MILLISECONDS(2);
    CU_ASSERT_EQUAL(turn(until), 0);
    CU_ASSERT(host_clock_read(&host_clock) >= until);
    CU_ASSERT_PTR_NULL(strstr(events, "a7 "));
    CU_ASSERT_EQUAL(looks(7, adopted) & (POLLIN | POLLOUT), POLLOUT);
    eventfd_write(adopted, 1);
    CU_ASSERT_EQUAL(looks(7, adopted) & (POLLIN | POLLOUT), POLLIN | POLLOUT);
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(events, "a7 "));
    leave(7, adopted);
    events[0] = '\0';
    eventfd_write(adopted, 1);
    CU_ASSERT_EQUAL(turn(host_clock_read(&host_clock) + RILL_MILLISECONDS(1)), 0);
    CU_ASSERT_PTR_NULL(strstr(events, "a7 "));
    CU_ASSERT_EQUAL(adopt(8, adopted), 0); /* and comes again */
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(events, "a8 "));
    close(adopted);
    end();
}

static void a_host_descriptor_is_adopted_once(void)
{
    begin();
    int adopted = eventfd(1, EFD_NONBLOCK);
    CU_ASSERT_EQUAL(adopt(7, adopted), 0);
    CU_ASSERT_EQUAL(adopt(8, adopted), -EEXIST);
    int twin = dup(adopted);
    CU_ASSERT_EQUAL(adopt(8, twin), 0);
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(events, "a7 a8 "));
    CU_ASSERT_EQUAL(adopt(9, 1000000), -EBADF);
    CU_ASSERT_EQUAL(loop.adopted.count, 2);
    leave(9, 1000000);
    leave(7, adopted);
    leave(8, twin);
    CU_ASSERT_EQUAL(loop.adopted.count, 0);
    close(adopted);
    close(twin);
    end();
}

/* Closed on the host under the stack's hands, and its number given to another, which is adopted. */
static void what_the_host_has_closed_is_invalid(void)
{
    begin();
    int adopted = eventfd(0, EFD_NONBLOCK), other = eventfd(1, EFD_NONBLOCK);
    CU_ASSERT_EQUAL(adopt(7, adopted), 0);
    close(adopted);
    CU_ASSERT_EQUAL(looks(7, adopted), POLLNVAL);
    CU_ASSERT_EQUAL(dup2(other, adopted), adopted);
    CU_ASSERT_EQUAL(adopt(8, adopted), 0);
    CU_ASSERT_EQUAL(looks(7, adopted), POLLNVAL);
    leave(7, adopted);
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_PTR_NULL(strstr(events, "a7 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(events, "a8 "));
    CU_ASSERT_EQUAL(looks(8, adopted) & POLLIN, POLLIN);
    leave(8, adopted);
    CU_ASSERT_EQUAL(loop.adopted.count, 0);
    close(adopted);
    close(other);
    end();
}

static void a_file_that_is_adopted_is_always_ready(void)
{
    begin();
    int adopted = open("/proc/self/exe", O_RDONLY);
    CU_ASSERT_EQUAL(adopt(7, adopted), -EPERM);
    CU_ASSERT_EQUAL(turn(host_clock_read(&host_clock) + RILL_MILLISECONDS(1)), 0);
    CU_ASSERT_PTR_NULL(strstr(events, "a7 "));
    CU_ASSERT_EQUAL(looks(7, adopted), POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
    close(adopted);
    end();
}

static void a_file_may_have_the_number_of_what_the_host_has_closed(void)
{
    begin();
    int adopted = eventfd(0, EFD_NONBLOCK), file = open("/proc/self/exe", O_RDONLY);
    CU_ASSERT_EQUAL(adopt(7, adopted), 0);
    CU_ASSERT_EQUAL(dup2(file, adopted), adopted);
    CU_ASSERT_EQUAL(adopt(8, adopted), -EPERM);
    CU_ASSERT_EQUAL(looks(8, adopted), POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
    CU_ASSERT_EQUAL(loop.adopted.count, 0);
    leave(7, adopted);
    CU_ASSERT_EQUAL(adopt(9, adopted), -EPERM); /* a file may be adopted again */
    CU_ASSERT_EQUAL(loop.adopted.count, 0);
    close(adopted);
    close(file);
    end();
}

static bool readable(int fd, int milliseconds)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, milliseconds) == 1;
}

static void turn_brings_news(int fd)
{
    CU_ASSERT_EQUAL(turn(0), 0);
    CU_ASSERT(readable(fd, 0));
    CU_ASSERT_EQUAL(turn(0), 0);
    CU_ASSERT(!readable(fd, 0));
}

static void an_external_loop_learns_of_everything(void)
{
    begin();
    int fd = host_loop_descriptor(&loop);
    CU_ASSERT(fd >= 0);
    CU_ASSERT_EQUAL(host_loop_descriptor(&loop), fd);
    CU_ASSERT(!readable(fd, 0));
    eventfd_write(device.event, 1); /* a frame */
    CU_ASSERT(readable(fd, 0));
    eventfd_t value;
    eventfd_read(device.event, &value);
    CU_ASSERT(!readable(fd, 0));
    stack.deadline = host_clock_read(&host_clock) + RILL_MILLISECONDS(100);
    CU_ASSERT_EQUAL(turn(0), 0);
    CU_ASSERT(!readable(fd, 0));
    CU_ASSERT(readable(fd, 1000));
    CU_ASSERT(host_clock_read(&host_clock) >= stack.deadline);
    CU_ASSERT_EQUAL(turn(0), 0);
    CU_ASSERT(readable(fd, 1000)); /* it is still due */
    stack.deadline = RILL_NEVER;
    turn_brings_news(fd);
    device.arriving = 1;
    turn_brings_news(fd);
    stack.deadline = host_clock_read(&host_clock); /* a call's, after the last turn */
    stack.expires = true;
    turn_brings_news(fd);
    stack.sending = 1; /* that is none */
    CU_ASSERT_EQUAL(turn(0), 0);
    CU_ASSERT(!readable(fd, 0));
    int adopted = eventfd(0, EFD_NONBLOCK);
    CU_ASSERT_EQUAL(adopt(7, adopted), 0);
    CU_ASSERT(readable(fd, 0)); /* nobody need turn first */
    turn_brings_news(fd);       /* that it is writable has been told */
    eventfd_write(adopted, 1);
    CU_ASSERT(readable(fd, 0));
    turn_brings_news(fd);
    close(adopted);
    bell = eventfd(0, EFD_NONBLOCK);
    CU_ASSERT_EQUAL(host_loop_mailbox(&loop, (struct rill_mailbox *)&bell), 0); /* a late one */
    CU_ASSERT(!readable(fd, 0));
    eventfd_write(bell, 1);
    CU_ASSERT(readable(fd, 0));
    close(bell);
    bell = -1;
    raise(SIGINT);
    CU_ASSERT(readable(fd, 0));
    CU_ASSERT_EQUAL(turn(0), -1);
    CU_ASSERT_EQUAL(errno, EINTR);
    CU_ASSERT(!readable(fd, 0)); /* told once */
    end();
}

static void on_signal(int number)
{
    note('!', (unsigned)number);
}

static void the_calls_signal_mask_holds_while_it_sleeps(void)
{
    sigset_t blocked, none, before;
    struct sigaction action = {.sa_handler = on_signal}, old;
    begin();
    sigaction(SIGUSR1, &action, &old);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    raise(SIGUSR1);
    CU_ASSERT_EQUAL(turn(host_clock_read(&host_clock) + RILL_MILLISECONDS(1)), 0);
    CU_ASSERT_PTR_NULL(strstr(events, "!"));
    wait_mask = &none;
    CU_ASSERT_EQUAL(turn(RILL_NEVER), -1);
    CU_ASSERT_EQUAL(errno, EINTR);
    CU_ASSERT_PTR_NOT_NULL(strstr(events, "!"));
    events[0] = '\0';
    raise(SIGUSR1);
    CU_ASSERT_EQUAL(turn(0), -1); /* also where it need not sleep */
    CU_ASSERT_PTR_NOT_NULL(strstr(events, "!"));
    events[0] = '\0';
    raise(SIGUSR1);
    stack.sending = 1;
    CU_ASSERT_EQUAL(turn(RILL_NEVER), -1); /* or is busy */
    CU_ASSERT_STRING_EQUAL(events, "r0 T1 w1 !10 ");
    wait_mask = NULL;
    sigprocmask(SIG_SETMASK, &before, NULL);
    sigaction(SIGUSR1, &old, NULL);
    end();
}

static void an_error_of_the_device_ends_the_turn(void)
{
    begin();
    device.error = ENODEV;
    CU_ASSERT_EQUAL(turn(RILL_NEVER), -1);
    CU_ASSERT_EQUAL(errno, ENODEV);
    end();
}

static void a_signal_is_reported_once(void)
{
    begin();
    raise(SIGTERM);
    CU_ASSERT_EQUAL(turn(RILL_NEVER), -1);
    CU_ASSERT_EQUAL(errno, EINTR);
    CU_ASSERT_STRING_EQUAL(events, "");
    stack.sending = 1;
    CU_ASSERT_EQUAL(turn(RILL_NEVER), 0);
    CU_ASSERT_STRING_EQUAL(events, "r0 T1 w1 ");
    rill_time until = host_clock_read(&host_clock) + RILL_MILLISECONDS(2);
    CU_ASSERT_EQUAL(turn(until), 0); /* and sleep is sleep again */
    CU_ASSERT(host_clock_read(&host_clock) >= until);
    end();
}

static const struct unit_test tests[] = {
    {"all that is there is read before anything is sent",
     all_that_is_there_is_read_before_anything_is_sent},
    {"what was said meanwhile goes before more is read",
     what_was_said_meanwhile_goes_before_more_is_read},
    {"a short read is the last only where nothing is old",
     a_short_read_is_the_last_only_where_nothing_is_old},
    {"a timer that ran out in a sleep waits for what has come meanwhile",
     a_timer_that_ran_out_in_a_sleep_waits_for_what_has_come_meanwhile},
    {"a flood in one direction is bounded", a_flood_in_one_direction_is_bounded},
    {"a turn ends with few superframes, and the last of them sends",
     a_turn_ends_with_few_superframes_and_the_last_of_them_sends},
    {"small frames come in batches, also where superframes may come",
     small_frames_come_in_batches_also_where_superframes_may_come},
    {"what is sent does not wait for ever", what_is_sent_does_not_wait_for_ever},
    {"what is sent waits a millisecond for a slow reader",
     what_is_sent_waits_a_millisecond_for_a_slow_reader},
    {"superframes leave room for what comes in", superframes_leave_room_for_what_comes_in},
    {"after the last of few superframes no more are asked for than before",
     after_the_last_of_few_superframes_no_more_are_asked_for_than_before},
    {"what the device did not take goes before the next call into the stack",
     what_the_device_did_not_take_goes_before_the_next_call_into_the_stack},
    {"an idle turn sleeps until its time", an_idle_turn_sleeps_until_its_time},
    {"an idle turn sleeps until the stack's deadline",
     an_idle_turn_sleeps_until_the_stack_s_deadline},
    {"a frame ends the sleep", a_frame_ends_the_sleep},
    {"a control socket sees what passes and is served beside it",
     a_control_socket_sees_what_passes_and_is_served_beside_it},
    {"news of what is adopted ends the sleep", news_of_what_is_adopted_ends_the_sleep},
    {"a host descriptor is adopted once", a_host_descriptor_is_adopted_once},
    {"what the host has closed is invalid", what_the_host_has_closed_is_invalid},
    {"a file that is adopted is always ready", a_file_that_is_adopted_is_always_ready},
    {"a file may have the number of what the host has closed",
     a_file_may_have_the_number_of_what_the_host_has_closed},
    {"an external loop learns of everything", an_external_loop_learns_of_everything},
    {"the call's signal mask holds while it sleeps", the_calls_signal_mask_holds_while_it_sleeps},
    {"an error of the device ends the turn", an_error_of_the_device_ends_the_turn},
    {"a signal is reported once", a_signal_is_reported_once},
};

int main(void)
{
    return UNIT_MAIN("loop", tests);
}
