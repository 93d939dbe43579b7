#include "both_hosted.h"

#include "host/loop.h"
#include "host/signals.h"

#include <assert.h>
#include <rill/stack.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* ---- A device on which nothing comes ---- */

struct silent_device {
    struct rill_device device;
    int event;
};

static int silent_read(struct rill_device *d, struct rill_frame *f, unsigned max)
{
    (void)d, (void)f, (void)max;
    return 0;
}

static int silent_write(struct rill_device *d, const struct rill_frame *f, unsigned n)
{
    (void)d, (void)f;
    return (int)n;
}

static int silent_descriptor(const struct rill_device *d)
{
    return ((const struct silent_device *)d)->event;
}

static const struct rill_device_ops silent_ops = {silent_read, silent_write, silent_descriptor,
                                                  NULL};

/* ---- The loop ---- */

static struct silent_device device = {
    .device = {&silent_ops, {.mac = {2, 0, 0, 0, 0, 1}, .mtu = 1500}}};
static struct host_loop loop;

static int turn(void *unused, rill_time until)
{
    (void)unused;
    return host_loop_turn(&loop, until);
}

static rill_time read_clock(void *unused)
{
    (void)unused;
    return host_clock_read(&loop.clock);
}

static void open_loop(struct rill *r)
{
    struct host_clock clock;
    host_clock_init(&clock, false);
    device.event = eventfd(0, EFD_CLOEXEC);
    host_signals_acquire();
    int port = rill_port_add(r, &device.device.facts);
    int error = host_loop_init(&loop, r, &device.device, port, &clock);
    assert(port > 0 && error == 0);
    rill_set_wait(r, turn, NULL);
    rill_set_clock(r, read_clock, NULL);
    host_adopted_bind(&loop.adopted, r);
}

static void close_loop(struct rill *r)
{
    host_loop_end(&loop);
    host_signals_release();
    close(device.event);
    rill_free(r);
}

int hosted_main(const char *suite, const struct unit_test *tests, size_t count, int argc,
                char **argv)
{
    struct rill *r = both_begin(argc, argv);
    if (r)
        open_loop(r);
    int status = unit_main(suite, tests, count);
    if (r)
        close_loop(r);
    return status;
}

int hosted(int host_fd)
{
    int fd = both_rill() ? rill_adopt(host_fd) : host_fd;
    CU_ASSERT(fd >= 0);
    return fd;
}

void hosted_close(int fd, int host_fd)
{
    on->close(fd);
    if (both_rill())
        close(host_fd);
}

rill_time hosted_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return RILL_SECONDS(t.tv_sec) + t.tv_nsec;
}
