#include "both.h"

#include "few.h"

#include <fcntl.h>
#include <pthread.h>
#include <rill/loopback.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct calls *on;
static struct rill *rill;

static const struct calls kernel_calls = {
    socket,       bind,          listen,    accept,     connect,     send,         recv,
    sendmsg,      recvmsg,       read,      shutdown,   close,       setsockopt,   getsockopt,
    getsockname,  getpeername,   fcntl,     poll,       ppoll,       select,       pselect,
    epoll_create, epoll_create1, epoll_ctl, epoll_wait, epoll_pwait, epoll_pwait2,
};

static const struct calls rill_calls = {
    rill_socket,      rill_bind,         rill_listen,        rill_accept,     rill_connect,
    rill_send,        rill_recv,         rill_sendmsg,       rill_recvmsg,    rill_read,
    rill_shutdown,    rill_close,        rill_setsockopt,    rill_getsockopt, rill_getsockname,
    rill_getpeername, rill_fcntl,        rill_poll,          rill_ppoll,      rill_select,
    rill_pselect,     rill_epoll_create, rill_epoll_create1, rill_epoll_ctl,  rill_epoll_wait,
    rill_epoll_pwait, rill_epoll_pwait2,
};

/* What is to happen while a call waits. */
static struct {
    rill_time at; /* on rill's clock; on the kernel: how long it is until then */
    void (*act)(void);
    pthread_t thread;
} later = {.at = RILL_NEVER};

static void *act_later(void *unused)
{
    nanosleep(&(struct timespec){.tv_nsec = later.at}, NULL);
    later.act();
    return unused;
}

void both_later(rill_time after, void (*act)(void))
{
    later.at = rill ? rill_now(rill) + after : after;
    later.act = act;
    if (!rill)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&later.thread, NULL, act_later, NULL), 0);
}

static void happen(rill_time now)
{
    if (later.at > now)
        return;
    later.at = RILL_NEVER;
    later.act();
}

static rill_time soonest(rill_time a, rill_time b)
{
    return a < b ? a : b;
}

/* Frames first, then time; for ever is no time that can pass. */
static int turn(void *unused, rill_time until)
{
    (void)unused;
    if (rill_loopback_turn(rill, rill_now(rill)))
        return 0;
    rill_time next = soonest(soonest(rill_deadline(rill), until), later.at);
    errno = EDEADLK;
    if (next == RILL_NEVER)
        return -1;
    rill_loopback_turn(rill, next);
    happen(next);
    return 0;
}

static void settle_kernel(void)
{
    if (later.at != RILL_NEVER)
        pthread_join(later.thread, NULL);
    later.at = RILL_NEVER;
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

/* Delayed ACKs, too: half a second in which nobody times out. */
void settle(void)
{
    if (!rill) {
        settle_kernel();
        return;
    }
    rill_time end = rill_now(rill) + RILL_MILLISECONDS(500);
    while (rill_loopback_turn(rill, rill_now(rill)) || rill_deadline(rill) < end)
        rill_loopback_turn(rill, rill_deadline(rill) < end ? rill_deadline(rill) : rill_now(rill));
}

rill_time both_now(void)
{
    struct timespec t;
    if (rill)
        return rill_now(rill);
    clock_gettime(CLOCK_MONOTONIC, &t);
    return RILL_SECONDS(t.tv_sec) + t.tv_nsec;
}

struct rill *both_rill(void)
{
    return rill;
}

/* Makes it the current one. */
static struct rill *new_rill(uint32_t descriptors) /* 0: as it comes */
{
    struct rill_config config;
    rill_config_init(&config);
    config.check = true;
    if (descriptors)
        config.descriptors_max = descriptors;
    struct rill *r = rill_new(&config, RILL_SECONDS(1));
    rill_use(r);
    rill_set_wait(r, turn, NULL);
    return r;
}

static struct rill *other_rill; /* while descriptors are few */

nfds_t both_few(unsigned n)
{
    if (rill) {
        other_rill = rill;
        rill = new_rill(n);
        return n;
    }
    return few_begin(n);
}

void both_many(void)
{
    if (!rill) {
        few_end();
        return;
    }
    rill_free(rill);
    rill = other_rill;
    rill_use(rill);
}

struct rill *both_begin(int argc, char **argv)
{
    bool kernel = argc == 2 && strcmp(argv[1], "kernel") == 0;
    on = kernel ? &kernel_calls : &rill_calls;
    if (!kernel)
        rill = new_rill(0);
    return rill;
}

int both_main(const char *suite, const struct unit_test *tests, size_t count, int argc, char **argv)
{
    both_begin(argc, argv);
    int status = unit_main(suite, tests, count);
    rill_free(rill);
    return status;
}

int open_socket(int type)
{
    int fd = on->socket(AF_INET, type | SOCK_NONBLOCK, 0);
    CU_ASSERT(fd >= 0);
    return fd;
}

int open_listener(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = open_socket(SOCK_STREAM);
    CU_ASSERT_EQUAL(on->bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    CU_ASSERT_EQUAL(on->listen(fd, 8), 0);
    return fd;
}

int connect_with(int fd, int listener)
{
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    on->getsockname(listener, (struct sockaddr *)&name, &length);
    return on->connect(fd, (struct sockaddr *)&name, length);
}

void open_pair(int pair[2])
{
    int listener = open_listener();
    pair[0] = open_socket(SOCK_STREAM);
    connect_with(pair[0], listener);
    settle();
    pair[1] = on->accept(listener, NULL, NULL);
    CU_ASSERT(pair[1] >= 0);
    CU_ASSERT_EQUAL(on->fcntl(pair[1], F_SETFL, O_NONBLOCK), 0);
    on->close(listener);
    settle();
}
