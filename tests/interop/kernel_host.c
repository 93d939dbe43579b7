/* The host binding without rill: the same calls on the host kernel's own sockets. An app that is
 * linked with this file instead of the stack shows what the app does, whoever's TCP is below:
 * tests/interop/apps_on_kernel_test.sh. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <rill/cores.h>
#include <rill/coroutine.h>
#include <rill/host.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static void on_signal(int number)
{
    (void)number; /* to make the call in progress fail with EINTR */
}

void rill_host_options_init(struct rill_host_options *o)
{
    *o = (struct rill_host_options){.tap = "kernel", .address = rill_address_ip4(0x7f000001)};
}

/* --port and --help only. */
int rill_host_options_refuse(int result, char *const *argv)
{
    (void)result;
    return fprintf(stderr, "%s is refused\n", argv[optind - 1]), 2;
}

void rill_host_options_parse(struct rill_host_options *o, int *argc, char **argv, const char *about,
                             const char *usage)
{
    int kept = 1;
    rill_host_options_init(o);
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            printf("%s\n%s", about, usage);
            exit(0);
        }
        if (strcmp(argv[i], "--port") == 0 && i + 1 < *argc)
            o->port = (uint16_t)atoi(argv[++i]);
        else
            argv[kept++] = argv[i];
    }
    *argc = kept;
    argv[kept] = NULL;
}

struct rill_host {
    int unused;
};

struct rill_host *rill_host_open(const struct rill_host_options *o, struct rill_diagnostic *c)
{
    static struct rill_host host;
    struct sigaction action = {.sa_handler = on_signal};
    (void)o;
    c->text[0] = 0;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &host;
}

const char *rill_host_tap_name(const struct rill_host *h)
{
    (void)h;
    return "kernel";
}

rill_time rill_host_now(struct rill_host *h)
{
    struct timespec t;
    (void)h;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return RILL_SECONDS(t.tv_sec) + t.tv_nsec;
}

int rill_host_turn(struct rill_host *h, rill_time until)
{
    rill_time left = until - rill_host_now(h);
    struct timespec t = {left / RILL_SECONDS(1), left % RILL_SECONDS(1)};
    return left > 0 ? nanosleep(&t, NULL) : 0;
}

static bool has_threads;

/* What blocks in the kernel cannot be told to stop, so the process ends. */
void rill_host_close(struct rill_host *h)
{
    (void)h;
    if (has_threads)
        _exit(0);
}

/* The kernel has its own. */
int rill_cores_run(const struct rill_host_options *o,
                   void (*serve)(struct rill_host *, unsigned core, void *context), void *context,
                   struct rill_diagnostic *c)
{
    struct rill_host *h = rill_host_open(o, c);
    serve(h, 0, context);
    rill_host_close(h);
    return 0;
}

int rill_socket(int domain, int type, int protocol)
{
    int fd = socket(domain, type, protocol), on = 1;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return fd;
}

int rill_bind(int fd, const struct sockaddr *a, socklen_t n)
{
    return bind(fd, a, n);
}

int rill_listen(int fd, int backlog)
{
    return listen(fd, backlog);
}

int rill_accept(int fd, struct sockaddr *a, socklen_t *n)
{
    return accept(fd, a, n);
}

int rill_accept4(int fd, struct sockaddr *a, socklen_t *n, int flags)
{
    return accept4(fd, a, n, flags);
}

int rill_connect(int fd, const struct sockaddr *a, socklen_t n)
{
    return connect(fd, a, n);
}

ssize_t rill_send(int fd, const void *at, size_t n, int flags)
{
    return send(fd, at, n, flags | MSG_NOSIGNAL);
}

ssize_t rill_sendto(int fd, const void *at, size_t n, int flags, const struct sockaddr *a,
                    socklen_t length)
{
    return sendto(fd, at, n, flags | MSG_NOSIGNAL, a, length);
}

ssize_t rill_recv(int fd, void *at, size_t n, int flags)
{
    return recv(fd, at, n, flags);
}

ssize_t rill_recvfrom(int fd, void *at, size_t n, int flags, struct sockaddr *a, socklen_t *length)
{
    return recvfrom(fd, at, n, flags, a, length);
}

ssize_t rill_sendmsg(int fd, const struct msghdr *m, int flags)
{
    return sendmsg(fd, m, flags | MSG_NOSIGNAL);
}

ssize_t rill_recvmsg(int fd, struct msghdr *m, int flags)
{
    return recvmsg(fd, m, flags);
}

int rill_shutdown(int fd, int how)
{
    return shutdown(fd, how);
}

int rill_close(int fd)
{
    return close(fd);
}

int rill_getsockopt(int fd, int level, int name, void *at, socklen_t *n)
{
    return getsockopt(fd, level, name, at, n);
}

int rill_setsockopt(int fd, int level, int name, const void *at, socklen_t n)
{
    return setsockopt(fd, level, name, at, n);
}

int rill_getsockname(int fd, struct sockaddr *a, socklen_t *n)
{
    return getsockname(fd, a, n);
}

int rill_poll(struct pollfd *set, nfds_t n, int timeout_ms)
{
    return poll(set, n, timeout_ms);
}

int rill_select(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *timeout)
{
    return select(n, read, write, except, timeout);
}

int rill_epoll_create1(int flags)
{
    return epoll_create1(flags);
}

int rill_epoll_ctl(int set, int operation, int fd, struct epoll_event *e)
{
    return epoll_ctl(set, operation, fd, e);
}

int rill_epoll_wait(int set, struct epoll_event *e, int max, int timeout_ms)
{
    return epoll_wait(set, e, max, timeout_ms);
}

/* ---- Threads ---- */

struct rill_mailbox *rill_host_mailbox(struct rill_host *h)
{
    has_threads = true;
    return (struct rill_mailbox *)h;
}

int rill_thread_attach(struct rill_mailbox *m)
{
    (void)m;
    return 0;
}

int rill_host_run(struct rill_host *h)
{
    (void)h;
    return pause();
}

/* The kernel's descriptors are one number space. */
int rill_adopt(int host_fd)
{
    return dup(host_fd);
}

/* ---- Coroutines: threads ---- */

struct rill_coroutine {
    pthread_t thread;
};

struct rill *rill_host_stack(const struct rill_host *h)
{
    (void)h;
    return NULL;
}

void rill_scheduler_options_init(struct rill_scheduler_options *o)
{
    *o = (struct rill_scheduler_options){0};
}

struct rill_scheduler *rill_scheduler_new(struct rill *r, const struct rill_scheduler_options *o)
{
    static char stand_in;
    (void)r, (void)o;
    return (struct rill_scheduler *)&stand_in;
}

/* The signals are the main thread's. */
struct rill_coroutine *rill_go(void *(*run)(void *), void *argument)
{
    static _Thread_local struct rill_coroutine last;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    errno = pthread_create(&last.thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return errno ? NULL : &last;
}

/* At once, by the one who has begun it. */
void rill_detach(struct rill_coroutine *c)
{
    pthread_detach(c->thread);
}

int rill_sleep(rill_time length)
{
    struct timespec t = {length / RILL_SECONDS(1), length % RILL_SECONDS(1)};
    return nanosleep(&t, NULL);
}

int rill_scheduler_run(struct rill_scheduler *s)
{
    (void)s;
    return pause();
}

void rill_scheduler_free(struct rill_scheduler *s)
{
    (void)s;
}
