/* Creates TAP, capture, stack, loop and signal handling in order, and closes them again; also at
 * exit(3), so that sent data is not lost with the process. */
#include "host/host.h"

#include "diagnostic.h"
#include "host/control.h"
#include "host/loop.h"
#include "host/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <rill/capture.h>
#include <rill/host.h>
#include <rill/tap.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define DRAIN_TIME RILL_SECONDS(5)

struct rill_host {
    struct rill_device *tap;    /* the inner device, decorated by: */
    struct rill_device *sorted; /* the exchange between cores (exchange.h); NULL: none */
    struct rill_device *device; /* the outermost one, with the capture */
    struct rill *stack;
    struct host_loop loop;
    struct rill_address address; /* of the stack, on the TAP */
    unsigned prefix;
    bool has_signals;
    atomic_bool stops; /* rill_host_run must end */
    pid_t process;     /* a child of fork(2) shares the TAP but not the connections */
    pid_t thread;      /* one core of several: its own thread; 0: a single core */
    struct rill_host *next;
};

static struct rill_host *open_hosts; /* for exit(3), whose handlers get no argument */

static bool is_given(struct rill_address a)
{
    static const struct rill_address zero;
    return !rill_address_equal(a, zero);
}

/* ---- Closing ---- */

/* The process ends, and with it every socket: sent and closed data may still be acknowledged. */
void host_drain(struct rill_host *h)
{
    rill_time end = rill_host_now(h) + DRAIN_TIME;
    rill_close_all(h->stack);
    while (!rill_drained(h->stack) && rill_host_now(h) < end)
        if (host_loop_turn(&h->loop, end) != 0)
            return; /* the TAP is gone, or the user has sent a second signal */
}

static void unlist(struct rill_host *h)
{
    struct rill_host **at = &open_hosts;
    while (*at && *at != h)
        at = &(*at)->next;
    if (*at)
        *at = h->next;
}

void host_dismantle(struct rill_host *h)
{
    int error = errno;
    unlist(h);
    if (h->has_signals)
        host_signals_release();
    if (h->stack && rill_current() == h->stack)
        rill_use(NULL);
    rill_mailbox_close(h->loop.mailbox);
    host_control_close(h->loop.control);
    host_loop_end(&h->loop);
    if (h->device) /* before the stack, which explains the last frames */
        h->device->ops->close(h->device);
    if (h->stack)
        rill_free(h->stack);
    free(h);
    errno = error;
}

void rill_host_close(struct rill_host *h)
{
    if (!h)
        return;
    rill_mailbox_close(h->loop.mailbox); /* now, so that threads do not wait for the drain */
    h->loop.mailbox = NULL;
    host_drain(h);
    host_dismantle(h);
}

/* Another core's host is used by its thread, which runs until the process has ended. */
static bool may_close(const struct rill_host *h)
{
    return h->process == getpid() && (h->thread == 0 || h->thread == gettid());
}

/* A signal handler has called exit(3), and the interrupted call never goes on: it is parked. False:
 * the signal did not interrupt the loop's sleep, but its work. */
static bool leave_turn(struct rill_host *h)
{
    struct rill_completion_queue completions = {0};
    if (!h->loop.turns)
        return true;
    if (!h->loop.sleeps)
        return false;
    struct rill_call *call = rill_park(h->stack, &completions, NULL);
    if (call)
        rill_stop(h->stack, call, EINTR);
    return call || errno == EDEADLK;
}

static void close_all(void)
{
    while (open_hosts) {
        struct rill_host *h = open_hosts;
        if (may_close(h) && leave_turn(h))
            rill_host_close(h);
        else
            unlist(h);
    }
}

/* ---- Opening ---- */

static int open_tap(struct rill_host *h, const struct rill_host_options *o,
                    const struct host_core_setup *setup, struct rill_diagnostic *diagnostic)
{
    struct rill_tap_config config = {
        .name = o->tap,
        .mtu = o->mtu,
        .address = o->address,
        .host_address = o->host_address,
        .host_prefix = o->host_prefix,
        .no_offload = o->no_offload,
        .queues = setup->exchange != NULL,
    };
    memcpy(config.mac, o->mac, sizeof config.mac);
    h->tap = setup->first ? rill_tap_queue(setup->first->tap, diagnostic)
                          : rill_tap_open(&config, diagnostic);
    h->device = h->tap;
    return h->tap ? 0 : -1;
}

/* Puts the exchange with the other cores in front of the TAP. */
static int open_exchange(struct rill_host *h, const struct host_core_setup *setup,
                         struct rill_diagnostic *diagnostic)
{
    if (!setup->exchange)
        return 0;
    h->sorted = exchange_device(setup->exchange, setup->core.number, h->tap);
    if (!h->sorted) {
        diagnostic_set(diagnostic, ENOMEM, "no memory for another core");
        return -1;
    }
    h->device = h->sorted;
    return 0;
}

/* Puts a capture in front of the device. */
static int open_capture(struct rill_host *h, const struct rill_host_options *o,
                        struct rill_diagnostic *diagnostic)
{
    struct rill_capture *capture = rill_capture_create(o->pcap, diagnostic);
    if (!capture)
        return -1;
    if (o->pcap_size && rill_capture_limit(capture, o->pcap_files, o->pcap_size) != 0) {
        rill_capture_close(capture);
        diagnostic_set(diagnostic, EINVAL, "a capture to standard output cannot be bounded");
        return -1;
    }
    struct rill_device *recorded = rill_capture_device(h->device, capture, host_clock_date);
    if (!recorded) {
        rill_capture_close(capture);
        diagnostic_set(diagnostic, ENOMEM, "no memory for a capture");
        return -1;
    }
    h->device = recorded;
    return 0;
}

static int open_device(struct rill_host *h, const struct rill_host_options *o,
                       const struct host_core_setup *setup, struct rill_diagnostic *diagnostic)
{
    if (open_tap(h, o, setup, diagnostic) != 0 || open_exchange(h, setup, diagnostic) != 0)
        return -1;
    return o->pcap ? open_capture(h, o, diagnostic) : 0;
}

/* Adds the stack's port, address and route. Returns the port's number, -1 with errno. */
static int connect_stack(struct rill_host *h, const struct rill_host_options *o)
{
    int port = rill_port_add(h->stack, &h->device->facts);
    if (port < 0 || rill_address_add(h->stack, port, o->address, o->prefix, false) != 0)
        return -1;
    h->address = o->address;
    h->prefix = o->prefix;
    struct rill_address everywhere = rill_address_ip4(0);
    if (is_given(o->gateway) && rill_route_add(h->stack, everywhere, 0, port, o->gateway) != 0)
        return -1;
    return port;
}

static int wait_hook(void *context, rill_time until)
{
    return host_loop_turn(context, until);
}

static rill_time clock_hook(void *clock)
{
    return host_clock_read(clock);
}

/* A capture's comments must not be overwritten within a batch. */
static unsigned trace_records(const struct rill_host_options *o)
{
    return o->pcap && o->trace < RILL_CAPTURE_TRACE ? RILL_CAPTURE_TRACE : o->trace;
}

static struct rill_config config_of(const struct rill_host_options *o, const struct rill_core *core)
{
    struct rill_config config;
    rill_config_init(&config);
    config.core = *core;
    config.seed = o->seed;
    config.trace_records = trace_records(o);
    if (o->memory)
        config.memory_budget = (size_t)o->memory;
    return config;
}

/* From now on other cores can hand over frames. */
static void join_exchange(struct rill_host *h, const struct host_core_setup *setup)
{
    if (!h->sorted)
        return;
    exchange_ask(h->sorted, h->stack);
    h->loop.bell = exchange_bell(setup->exchange, setup->core.number);
}

static int open_stack(struct rill_host *h, const struct rill_host_options *o,
                      const struct host_core_setup *setup, struct rill_diagnostic *diagnostic)
{
    struct rill_config config = config_of(o, &setup->core);
    struct host_clock clock;
    host_clock_init(&clock, o->debug_clock);
    h->stack = rill_new(&config, host_clock_read(&clock));
    int port = h->stack ? connect_stack(h, o) : -1;
    if (port < 0 || host_loop_init(&h->loop, h->stack, h->device, port, &clock) != 0) {
        diagnostic_set(diagnostic, errno, "cannot make a stack: %m");
        return -1;
    }
    join_exchange(h, setup);
    rill_set_wait(h->stack, wait_hook, &h->loop);
    rill_set_clock(h->stack, clock_hook, &h->loop.clock);
    host_adopted_bind(&h->loop.adopted, h->stack);
    if (o->pcap)
        rill_capture_explain(h->device, h->stack);
    return 0;
}

/* A control socket at the default place is optional: an error is ignored. */
static int open_control(struct rill_host *h, const struct rill_host_options *o,
                        const struct host_core_setup *setup, struct rill_diagnostic *diagnostic)
{
    struct rill_config config = config_of(o, &setup->core);
    struct host_control_facts facts = {
        .device = rill_tap_name(h->device),
        .address = o->address,
        .memory = config.memory_budget,
        .trace = config.trace_records > 0,
    };
    if (o->no_control)
        return 0;
    h->loop.control = host_control_open(h->stack, o->control, &facts, diagnostic);
    return h->loop.control || !o->control ? 0 : -1;
}

static int open_signals(struct rill_host *h, struct rill_diagnostic *diagnostic)
{
    if (host_signals_acquire() != 0) {
        diagnostic_set(diagnostic, errno, "cannot handle signals: %m");
        return -1;
    }
    h->has_signals = true;
    return 0;
}

static void enlist(struct rill_host *h)
{
    static bool registered;
    if (!registered)
        atexit(close_all);
    registered = true;
    h->process = getpid();
    h->next = open_hosts;
    open_hosts = h;
}

/* A closed one would become the capture, and what is written to the terminal a part of it. To be
 * read only: writing fails as it did. */
static void fill_standard_descriptors(void)
{
    int fd = STDIN_FILENO;
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = open("/dev/null", O_RDONLY);
    close(fd);
}

struct rill_host *host_open(const struct rill_host_options *o, const struct host_core_setup *setup,
                            struct rill_diagnostic *diagnostic)
{
    struct rill_host *h = calloc(1, sizeof *h);
    if (!h) {
        diagnostic_set(diagnostic, ENOMEM, "no memory for a host binding");
        return NULL;
    }
    fill_standard_descriptors();
    if (open_device(h, o, setup, diagnostic) != 0 || open_stack(h, o, setup, diagnostic) != 0 ||
        open_control(h, o, setup, diagnostic) != 0 || open_signals(h, diagnostic) != 0) {
        host_dismantle(h);
        return NULL;
    }
    enlist(h);
    rill_use(h->stack);
    return h;
}

struct rill_host *rill_host_open(const struct rill_host_options *o,
                                 struct rill_diagnostic *diagnostic)
{
    static const struct host_core_setup alone = {.core = {.count = 1}};
    if (o->cores <= 1)
        return host_open(o, &alone, diagnostic);
    diagnostic_set(diagnostic, EINVAL, "--cores %u: this program runs on one core", o->cores);
    return NULL;
}

void host_take(struct rill_host *h)
{
    h->thread = gettid();
    rill_use(h->stack);
}

void host_expect_adoption(struct rill_host *h)
{
    host_adopted_open(&h->loop.adopted);
}

void host_forsake(struct rill_host *h)
{
    close(h->tap->ops->descriptor(h->tap));
}

void host_keep(struct rill_host *h)
{
    h->process = getpid();
    host_signals_inherit();
}

void host_inherit(struct rill_host *h)
{
    h->loop.mailbox = NULL; /* the parent's mailbox, which is closed here */
    host_keep(h);
}

struct rill *rill_host_stack(const struct rill_host *h)
{
    return h->stack;
}

const char *rill_host_tap_name(const struct rill_host *h)
{
    return rill_tap_name(h->device);
}

struct rill_address host_address(const struct rill_host *h, unsigned *prefix)
{
    *prefix = h->prefix;
    return h->address;
}

int rill_host_turn(struct rill_host *h, rill_time until)
{
    return host_loop_turn(&h->loop, until);
}

struct rill_mailbox *rill_host_mailbox(struct rill_host *h)
{
    if (h->loop.mailbox)
        return h->loop.mailbox;
    struct rill_mailbox *m = rill_mailbox_new(h->stack);
    if (!m || host_loop_mailbox(&h->loop, m) == 0)
        return m;
    int error = errno;
    rill_mailbox_close(m);
    errno = error;
    return NULL;
}

int rill_host_run(struct rill_host *h)
{
    while (!atomic_exchange(&h->stops, false))
        if (host_loop_turn(&h->loop, RILL_NEVER) != 0)
            return -1;
    return 0;
}

void rill_host_stop(struct rill_host *h)
{
    atomic_store(&h->stops, true);
    if (h->loop.mailbox) /* the bell wakes the loop */
        eventfd_write(rill_mailbox_descriptor(h->loop.mailbox), 1);
}

int rill_host_fd(struct rill_host *h)
{
    return host_loop_descriptor(&h->loop);
}

rill_time rill_host_now(struct rill_host *h)
{
    return host_clock_read(&h->loop.clock);
}
