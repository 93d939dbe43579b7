#include "world.h"

#include "../sim/record.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <rill/loopback.h>

#define BATCH 16
#define FRAME 2048

struct world world;
static struct recorder recorder[2]; /* of the left end; the right one has none */

static void receive(int end, struct rill_frame *frame, unsigned n)
{
    recorder_arrive(&recorder[end], frame, n, world.now);
    rill_receive(world.end[end], WORLD_WIRE, frame, n, world.now);
    recorder_received(&recorder[end], frame, n, world.now);
}

/* Pulls what an end has to send and hands it to the other; returns how many frames moved. */
static unsigned carry(int end)
{
    static uint8_t buffer[BATCH][FRAME];
    struct rill_frame frame[BATCH];
    for (int i = 0; i < BATCH; i++)
        frame[i] = (struct rill_frame){.buffer = buffer[i], .room = FRAME};
    unsigned n = rill_transmit(world.end[end], WORLD_WIRE, frame, BATCH, world.now);
    recorder_sent(&recorder[end], frame, n, world.now);
    if (n && !world.cut)
        receive(!end, frame, n);
    return n;
}

static bool carry_all(void)
{
    unsigned moved = 0;
    for (int end = LEFT; end <= RIGHT; end++)
        moved += rill_loopback_turn(world.end[end], world.now) + carry(end);
    return moved;
}

static rill_time next_event(void)
{
    rill_time first = RILL_NEVER;
    for (unsigned i = 0; i < world.events; i++)
        if (world.event[i].when < first)
            first = world.event[i].when;
    return first;
}

/* Runs one event that is due. */
static bool run_event(void)
{
    for (unsigned i = 0; i < world.events; i++) {
        if (world.event[i].when > world.now)
            continue;
        void (*run)(void) = world.event[i].run;
        world.event[i] = world.event[--world.events];
        struct rill *before = rill_use(NULL);
        run();
        rill_use(before);
        return true;
    }
    return false;
}

static rill_time earlier(rill_time a, rill_time b)
{
    return a < b ? a : b;
}

/* The wait hook. Where nothing will ever happen again the call fails with ETIME, so that no test
 * hangs. */
static int turn(void *unused, rill_time until)
{
    (void)unused;
    if (world.interrupt_at && world.interrupt_at <= world.now) {
        world.interrupt_at = 0;
        errno = EINTR;
        return -1;
    }
    if (run_event() || carry_all())
        return 0;
    rill_time next =
        earlier(earlier(until, next_event()), world.interrupt_at ? world.interrupt_at : RILL_NEVER);
    for (int end = LEFT; end <= RIGHT; end++)
        next = earlier(next, rill_deadline(world.end[end]));
    if (next == RILL_NEVER) {
        errno = ETIME;
        return -1;
    }
    if (next > world.now)
        world.now = next;
    carry_all(); /* tells both what time it is */
    return 0;
}

static void end_begin(int end, const struct rill_config *config)
{
    struct rill_port_config port = {.name = "wire",
                                    .mac = {2, 0, 0, 0, 0, (uint8_t)(end + 1)},
                                    .mtu = 1500,
                                    .index = WIRE_INDEX};
    struct rill_config own;
    rill_config_init(&own);
    own = config ? *config : own;
    record_prepare(&own, record_capture());
    struct rill *r = rill_new(&own, world.now);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    if (end == LEFT)
        record_begin(&recorder[LEFT], r);
    CU_ASSERT_EQUAL_FATAL(rill_port_add(r, &port), WORLD_WIRE);
    CU_ASSERT_EQUAL_FATAL(
        rill_address_add(r, WORLD_WIRE, rill_address_ip4(0xc0000201 + (uint32_t)end), 24, false),
        0);
    rill_set_wait(r, turn, NULL);
    world.end[end] = r;
}

void world_begin(const struct rill_config *config)
{
    struct rill_config defaults;
    rill_config_init(&defaults);
    defaults.check = true;
    world = (struct world){.now = RILL_SECONDS(1)};
    end_begin(LEFT, config ? config : &defaults);
    defaults.seed = 1;
    end_begin(RIGHT, &defaults);
    rill_use(world.end[LEFT]);
}

void world_end(void)
{
    recorder_end(&recorder[LEFT]);
    rill_free(world.end[LEFT]);
    rill_free(world.end[RIGHT]);
}

void world_at(rill_time delay, void (*run)(void))
{
    CU_ASSERT_TRUE_FATAL(world.events < WORLD_EVENTS);
    world.event[world.events++] = (struct world_event){world.now + delay, run};
}

void world_pass(rill_time time)
{
    rill_time until = world.now + time;
    do
        turn(NULL, until);
    while (world.now < until || carry_all());
}

struct sockaddr_in ip4_address(uint32_t ip4, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip4)};
}

struct sockaddr_in world_address(int end, uint16_t port)
{
    return ip4_address(0xc0000201 + (uint32_t)end, port);
}

int bind_to(int fd, struct sockaddr_in to)
{
    return rill_bind(fd, (struct sockaddr *)&to, sizeof to);
}

int connect_to(int fd, struct sockaddr_in to)
{
    return rill_connect(fd, (struct sockaddr *)&to, sizeof to);
}

int world_listen(uint16_t port)
{
    struct rill *before = rill_use(world.end[RIGHT]);
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL_FATAL(bind_to(fd, world_address(RIGHT, port)), 0);
    CU_ASSERT_EQUAL_FATAL(rill_listen(fd, 5), 0);
    rill_use(before);
    return fd;
}

int world_connection(uint16_t port, int *accepted)
{
    int listener = world_listen(port), fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL_FATAL(connect_to(fd, world_address(RIGHT, port)), 0);
    struct rill *before = rill_use(world.end[RIGHT]);
    *accepted = rill_accept(listener, NULL, NULL);
    CU_ASSERT_TRUE_FATAL(*accepted >= 0);
    CU_ASSERT_EQUAL_FATAL(rill_close(listener), 0);
    rill_use(before);
    return fd;
}
