/* Threads that use the sockets of a stack which belongs to the test's main thread. The stack talks
 * to itself, over its loopback port, on virtual time; only who gets the CPU when is left to chance.
 */
#include "mailbox.h"
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <rill/threads.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct rill_mailbox *mailbox;
static atomic_uint running;

static void begin(void)
{
    world_begin(NULL);
    mailbox = rill_mailbox_new(world.end[LEFT]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mailbox);
}

static void end(void)
{
    rill_mailbox_close(mailbox);
    world_end();
}

/* ---- The owner's loop ---- */

/* Sleeps a moment of real time, less if somebody calls. */
static void await_call(void)
{
    struct pollfd bell = {.fd = rill_mailbox_descriptor(mailbox), .events = POLLIN};
    poll(&bell, 1, 1);
}

/* Serves until no thread runs; virtual time passes when nobody has called for a moment. */
static void serve(void)
{
    while (running) {
        bool called = rill_mailbox_deliver(mailbox);
        world_pass(0);
        if (rill_mailbox_deliver(mailbox) || called)
            continue;
        await_call();
        if (!rill_mailbox_deliver(mailbox))
            world_pass(RILL_MILLISECONDS(1));
    }
}

struct work {
    pthread_t thread;
    void (*run)(int number);
    int number;
};

static void *thread_run(void *handed)
{
    const struct work *w = handed;
    CU_ASSERT_EQUAL(rill_thread_attach(mailbox), 0);
    w->run(w->number);
    rill_thread_detach();
    running--;
    return NULL;
}

static void start(struct work *w, void (*run)(int), int number)
{
    *w = (struct work){.run = run, .number = number};
    running++;
    CU_ASSERT_EQUAL_FATAL(pthread_create(&w->thread, NULL, thread_run, w), 0);
}

static void run_one(void (*run)(int))
{
    struct work w;
    begin();
    start(&w, run, 0);
    serve();
    pthread_join(w.thread, NULL);
    end();
}

static struct sockaddr_in home(uint16_t port)
{
    return ip4_address(INADDR_LOOPBACK, port);
}

static int listen_at(uint16_t port)
{
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(bind_to(fd, home(port)), 0);
    CU_ASSERT_EQUAL(rill_listen(fd, 64), 0);
    return fd;
}

/* ---- One thread ---- */

static void ask_for_everything(int unused)
{
    (void)unused;
    struct sockaddr_in name = {0};
    socklen_t length = sizeof name;
    int on = 1, value = 0;
    int listener = listen_at(80), fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    CU_ASSERT_EQUAL(connect_to(fd, home(80)), 0);
    int other = rill_accept(listener, (struct sockaddr *)&name, &length);
    CU_ASSERT_TRUE(other >= 0);
    CU_ASSERT_EQUAL(rill_getpeername(fd, (struct sockaddr *)&name, &length), 0);
    CU_ASSERT_EQUAL(ntohs(name.sin_port), 80);
    CU_ASSERT_EQUAL(rill_getsockname(other, (struct sockaddr *)&name, &length), 0);
    CU_ASSERT_EQUAL(ntohs(name.sin_port), 80);
    length = sizeof value;
    CU_ASSERT_EQUAL(rill_getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length), 0);
    CU_ASSERT_EQUAL(value, 1);
    CU_ASSERT_EQUAL(rill_send(fd, "hello", 5, 0), 5);
    struct pollfd p = {.fd = other, .events = POLLIN};
    CU_ASSERT_EQUAL(rill_poll(&p, 1, -1), 1);
    CU_ASSERT_EQUAL(rill_ioctl(other, FIONREAD, &value), 0);
    CU_ASSERT_EQUAL(value, 5);
    CU_ASSERT_EQUAL(rill_fcntl(other, F_SETFL, O_NONBLOCK), 0);
    CU_ASSERT_EQUAL(rill_fcntl(other, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    char text[8];
    CU_ASSERT_EQUAL(rill_recv(other, text, sizeof text, 0), 5);
    CU_ASSERT_TRUE(fails(rill_recv(other, text, sizeof text, 0), EAGAIN));
    CU_ASSERT_EQUAL(rill_shutdown(fd, SHUT_WR), 0);
    CU_ASSERT_EQUAL(rill_close(fd), 0);
    CU_ASSERT_TRUE(fails(rill_close(fd), EBADF));
    CU_ASSERT_EQUAL(rill_close(other), 0);
    CU_ASSERT_EQUAL(rill_close(listener), 0);
}

static void every_call_is_forwarded(void)
{
    run_one(ask_for_everything);
}

static void wait_for_readiness(int unused)
{
    (void)unused;
    int listener = listen_at(80), fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    int set = rill_epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = 7}, value = {0};
    CU_ASSERT_EQUAL(rill_epoll_ctl(set, EPOLL_CTL_ADD, listener, &e), 0);
    CU_ASSERT_EQUAL(rill_epoll_wait(set, &value, 1, 5), 0);
    CU_ASSERT_EQUAL(connect_to(fd, home(80)), 0);
    CU_ASSERT_EQUAL(rill_epoll_wait(set, &value, 1, -1), 1);
    CU_ASSERT_EQUAL(value.data.u64, 7);
    fd_set read;
    FD_ZERO(&read);
    FD_SET(listener, &read);
    struct timeval limit = {1, 0};
    CU_ASSERT_EQUAL(rill_select(listener + 1, &read, NULL, NULL, &limit), 1);
    FD_ZERO(&read);
    FD_SET(fd, &read);
    limit = (struct timeval){0, 5000};
    CU_ASSERT_EQUAL(rill_select(fd + 1, &read, NULL, NULL, &limit), 0);
    CU_ASSERT_EQUAL(limit.tv_usec, 0);
    FD_SET(99, &read);
    CU_ASSERT_TRUE(fails(rill_select(100, &read, NULL, NULL, NULL), EBADF));
    rill_close(set);
    rill_close(fd);
    rill_close(listener);
}

static void poll_select_and_epoll_wait_at_the_owner(void)
{
    run_one(wait_for_readiness);
}

static void *attach_twice(void *unused)
{
    CU_ASSERT_EQUAL(rill_thread_attach(mailbox), 0);
    CU_ASSERT_TRUE(fails(rill_thread_attach(mailbox), EBUSY));
    rill_thread_detach();
    rill_thread_detach();
    CU_ASSERT_PTR_NULL(rill_current());
    CU_ASSERT_TRUE(fails(rill_socket(AF_INET, SOCK_STREAM, 0), ENETDOWN));
    CU_ASSERT_EQUAL(rill_thread_attach(mailbox), 0); /* and ends so */
    return unused;
}

static void a_thread_that_ends_is_detached(void)
{
    pthread_t thread;
    begin();
    pthread_create(&thread, NULL, attach_twice, NULL);
    pthread_join(thread, NULL);
    end(); /* the mailbox would leak */
}

/* Made behind the mailbox's own key, so that glibc calls its destructor behind that one's. */
static pthread_key_t last_words;

static void speak(void *refused)
{
    *(bool *)refused = fails(rill_socket(AF_INET, SOCK_STREAM, 0), ENETDOWN) && !rill_current();
}

static void *end_with_last_words(void *refused)
{
    CU_ASSERT_EQUAL(rill_thread_attach(mailbox), 0);
    CU_ASSERT_EQUAL(pthread_key_create(&last_words, speak), 0);
    CU_ASSERT_EQUAL(pthread_setspecific(last_words, refused), 0);
    return NULL;
}

static void a_destructor_behind_the_thread_has_no_stack(void)
{
    pthread_t thread;
    bool refused = false;
    begin();
    pthread_create(&thread, NULL, end_with_last_words, &refused);
    pthread_join(thread, NULL);
    CU_ASSERT_TRUE(refused);
    pthread_key_delete(last_words);
    end();
}

static void the_owner_is_no_guest(void)
{
    begin();
    CU_ASSERT_TRUE(fails(rill_thread_attach(mailbox), EDEADLK));
    CU_ASSERT_PTR_EQUAL(rill_current(), world.end[LEFT]);
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0); /* nobody would make the call */
    CU_ASSERT_EQUAL(rill_close(fd), 0);
    end();
}

/* ---- Closing ---- */

static atomic_uint shut_down;

static void *hold_and_wait(void *handed)
{
    char text[8];
    CU_ASSERT_EQUAL(rill_thread_attach(mailbox), 0);
    int fd = rill_socket(AF_INET, SOCK_DGRAM, 0);
    bind_to(fd, home((uint16_t)(1000 + (intptr_t)handed)));
    running--;
    shut_down += fails(rill_recv(fd, text, sizeof text, 0), ESHUTDOWN);
    shut_down += fails(rill_recv(fd, text, sizeof text, 0), ESHUTDOWN);
    shut_down += fails(rill_poll(NULL, 0, 1), ESHUTDOWN);
    return NULL;
}

static void a_mailbox_that_closes_ends_the_calls_in_it(void)
{
    pthread_t thread[4];
    begin();
    shut_down = 0;
    running = 4;
    for (intptr_t i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, hold_and_wait, (void *)i);
    serve();
    end();
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    CU_ASSERT_EQUAL(shut_down, 12);
}

/* ---- A child process ---- */

/* A signal may come anywhere within what a program takes for one call, and is news until its
 * handler has run. */
static void is_interrupted(int unused)
{
    (void)unused;
    CU_ASSERT_TRUE(mailbox_interrupt());
    int fd = rill_socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_TRUE(fails(rill_poll(NULL, 0, 5), EINTR));
    mailbox_uninterrupt();
    CU_ASSERT_EQUAL(rill_poll(NULL, 0, 5), 0);
    CU_ASSERT_EQUAL(rill_close(fd), 0);
}

enum { SLOT_BYTES = 80 << 10 };
static struct rill_mailbox *before_fork;
static atomic_bool *left;
static int channel[2] = {-1, -1}; /* the owner's end, and the child's */

static void leave(void *slot)
{
    (void)slot;
    *left = true;
}

static void move_much_text(void)
{
    static char out[500000], in[sizeof out];
    struct sockaddr_in name = {0};
    struct iovec part[3] = {{out, 100}, {out + 100, 0}, {out + 100, sizeof out - 100}};
    struct iovec into[2] = {{in, 7}, {in + 7, sizeof in - 7}};
    struct msghdr m = {.msg_iov = part, .msg_iovlen = 3};
    struct msghdr n = {
        .msg_name = &name, .msg_namelen = sizeof name, .msg_iov = into, .msg_iovlen = 2};
    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (char)(i * 7 + i / 1000);
    int listener = listen_at(81), fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    connect_to(fd, home(81));
    int other = rill_accept(listener, NULL, NULL), large = 2 * (int)sizeof out;
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &large, sizeof large), 0);
    CU_ASSERT_EQUAL(rill_sendmsg(fd, &m, 0), (ssize_t)sizeof out);
    CU_ASSERT_EQUAL(rill_recvmsg(other, &n, MSG_WAITALL), (ssize_t)sizeof in);
    CU_ASSERT_EQUAL(memcmp(in, out, sizeof in), 0);
    CU_ASSERT_EQUAL(n.msg_namelen, 0);
    CU_ASSERT_TRUE(fails(rill_recv(other, in, 1, MSG_DONTWAIT), EAGAIN));
    CU_ASSERT_TRUE(fails(rill_poll(NULL, 100000, 0), ENOMEM));
    m.msg_iovlen = IOV_MAX + 1;
    CU_ASSERT_TRUE(fails(rill_sendmsg(fd, &m, 0), EMSGSIZE));
    rill_close(fd);
    rill_close(other);
    rill_close(listener);
}

/* tcp(7): what MSG_TRUNC throws away needs no buffer, and is not written to one. */
static void discard_text(void)
{
    char text[] = "my own";
    int listener = listen_at(82), fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    connect_to(fd, home(82));
    int other = rill_accept(listener, NULL, NULL);
    CU_ASSERT_EQUAL(rill_send(fd, "0123456789ab", 12, 0), 12);
    CU_ASSERT_EQUAL(rill_recv(other, text, 4, MSG_TRUNC), 4);
    CU_ASSERT_STRING_EQUAL(text, "my own");
    CU_ASSERT_EQUAL(rill_recv(other, NULL, 4, MSG_TRUNC | MSG_WAITALL), 4);
    CU_ASSERT_TRUE(fails(rill_recv(other, NULL, 4, 0), EFAULT));
    CU_ASSERT_EQUAL(rill_recv(other, text, 4, 0), 4);
    CU_ASSERT_STRING_EQUAL(text, "89abwn");
    rill_close(fd);
    rill_close(other);
    rill_close(listener);
}

static void send_too_long_a_datagram(void)
{
    static char out[80000], in[4];
    struct sockaddr_in to = home(83);
    int fd = rill_socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL(bind_to(fd, to), 0);
    CU_ASSERT_EQUAL(connect_to(fd, to), 0);
    CU_ASSERT_TRUE(fails(rill_send(fd, out, sizeof out, 0), EMSGSIZE));
    CU_ASSERT_TRUE(fails(rill_send(fd, out, 1, MSG_MORE), EOPNOTSUPP));
    CU_ASSERT_EQUAL(rill_send(fd, "datagram", 8, 0), 8);
    CU_ASSERT_EQUAL(rill_recv(fd, in, sizeof in, MSG_TRUNC), 8);
    CU_ASSERT_EQUAL(memcmp(in, "data", 4), 0);
    CU_ASSERT_EQUAL(rill_send(fd, "datagram", 8, 0), 8);
    CU_ASSERT_TRUE(fails(rill_recv(fd, NULL, 4, MSG_TRUNC), EFAULT));
    rill_close(fd);
}

/* errno(3): no call that succeeds sets it to 0. */
static void leave_errno_alone(void)
{
    errno = EDOM;
    int fd = rill_socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL(errno, EDOM);
    rill_close(fd);
}

static void be_a_child(void *slot)
{
    mailbox_in_child();
    CU_ASSERT_EQUAL(mailbox_attach_slot(before_fork, slot, SLOT_BYTES, channel[1], leave), 0);
    ask_for_everything(0);
    wait_for_readiness(0);
    move_much_text();
    discard_text();
    send_too_long_a_datagram();
    leave_errno_alone();
    is_interrupted(0);
    rill_thread_detach();
}

/* Serves until the child has ended; returns its exit status, or 128. */
static int serve_child(pid_t child)
{
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        rill_mailbox_deliver(mailbox);
        world_pass(0);
        if (rill_mailbox_deliver(mailbox))
            continue;
        await_call();
        if (!rill_mailbox_deliver(mailbox))
            world_pass(RILL_MILLISECONDS(1));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void serve_until_stopped(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, WNOHANG | WUNTRACED) == 0) {
        await_call();
        rill_mailbox_deliver(mailbox);
    }
    CU_ASSERT_TRUE(WIFSTOPPED(status));
}

static void *shared_memory(size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void a_child_process_makes_every_call(void)
{
    begin();
    void *slot = shared_memory(SLOT_BYTES);
    left = shared_memory(sizeof *left);
    before_fork = mailbox;
    pid_t child = fork();
    if (child == 0) {
        unsigned before = CU_get_number_of_failures();
        be_a_child(slot);
        _exit(CU_get_number_of_failures() != before);
    }
    CU_ASSERT_EQUAL(serve_child(child), 0);
    CU_ASSERT_TRUE(*left);
    munmap(slot, SLOT_BYTES);
    munmap(left, sizeof *left);
    end();
}

static void *reap(void *slot)
{
    CU_ASSERT_TRUE(mailbox_reap_slot(slot));
    running--;
    return NULL;
}

/* It waits in a call, which would never end. */
static void the_call_of_a_dead_child_ends(void)
{
    pthread_t thread;
    begin();
    void *slot = shared_memory(SLOT_BYTES);
    before_fork = mailbox;
    pid_t child = fork();
    if (child == 0) {
        mailbox_in_child();
        mailbox_attach_slot(before_fork, slot, SLOT_BYTES, channel[1], leave);
        rill_socket(AF_INET, SOCK_DGRAM, 0);
        raise(SIGSTOP);
        rill_recv(0, slot, 1, 0);
    }
    serve_until_stopped(child);
    kill(child, SIGCONT);
    while (await_call(), !rill_mailbox_deliver(mailbox))
        ;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    running++;
    pthread_create(&thread, NULL, reap, slot);
    serve();
    pthread_join(thread, NULL);
    munmap(slot, SLOT_BYTES);
    end();
}

static void be_an_orphan(void *slot)
{
    struct timespec began, ended;
    char byte;
    alarm(20);
    mailbox_in_child();
    close(channel[0]);
    mailbox_attach_slot(before_fork, slot, SLOT_BYTES, channel[1], leave);
    CU_ASSERT_TRUE(fails(rill_recv(0, &byte, 1, 0), ESHUTDOWN));
    clock_gettime(CLOCK_MONOTONIC, &began);
    CU_ASSERT_TRUE(fails(rill_recv(0, &byte, 1, 0), ESHUTDOWN));
    CU_ASSERT_TRUE(fails(rill_recv(0, &byte, 1, 0), ESHUTDOWN));
    clock_gettime(CLOCK_MONOTONIC, &ended);
    CU_ASSERT_TRUE(ended.tv_sec - began.tv_sec <= 1); /* the first call takes one */
}

/* Its number may still be somebody's: a process is there until it has been waited for. */
static void the_calls_of_an_orphan_are_refused(void)
{
    int status = 0;
    begin();
    void *slot = shared_memory(SLOT_BYTES);
    before_fork = mailbox;
    CU_ASSERT_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, channel), 0);
    pid_t child = fork();
    if (child == 0) {
        unsigned before = CU_get_number_of_failures();
        be_an_orphan(slot);
        _exit(CU_get_number_of_failures() != before);
    }
    close(channel[0]);
    waitpid(child, &status, 0);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(channel[1]);
    end();
    munmap(slot, SLOT_BYTES);
}

/* ---- Load ---- */

#define PAIRS 8
#define CONNECTIONS 20
#define BYTES 5000

static unsigned char pattern(int connection, int i, int back)
{
    return (unsigned char)(connection * 31 + i * 7 + back);
}

static void fill(unsigned char *text, int connection, int back)
{
    for (int i = 0; i < BYTES; i++)
        text[i] = pattern(connection, i, back);
}

static bool matches(const unsigned char *text, int connection, int back)
{
    for (int i = 0; i < BYTES; i++)
        if (text[i] != pattern(connection, i, back))
            return false;
    return true;
}

/* pthread_cancel acts at the next cancellation point; what the owner does is none. */
static void is_cancelled_before_a_call(int unused)
{
    (void)unused;
    struct timeval timeout = {.tv_sec = 1};
    char text[8];
    int fd = rill_socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    pthread_cancel(pthread_self());
    ssize_t n = rill_recv(fd, text, sizeof text, 0);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    CU_ASSERT_EQUAL(n, -1);
    CU_ASSERT_EQUAL(errno, EAGAIN);
}

static void a_cancelled_thread_ends_behind_its_call(void)
{
    run_one(is_cancelled_before_a_call);
}

static void an_interruption_holds_until_it_is_taken_back(void)
{
    run_one(is_interrupted);
}

static bool exchange(int fd, int connection, int mine)
{
    unsigned char out[BYTES], in[BYTES];
    fill(out, connection, mine);
    return rill_send(fd, out, BYTES, 0) == BYTES &&
           rill_recv(fd, in, BYTES, MSG_WAITALL) == BYTES && matches(in, connection, !mine) &&
           rill_close(fd) == 0;
}

static atomic_uint exchanged;
static atomic_uint listening;

static void serve_port(int number)
{
    int listener = listen_at((uint16_t)(2000 + number));
    listening++;
    for (int i = 0; i < CONNECTIONS; i++)
        exchanged += exchange(rill_accept(listener, NULL, NULL), i, 1);
    rill_close(listener);
}

static void use_port(int number)
{
    while (listening < PAIRS)
        rill_poll(NULL, 0, 1);
    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
        CU_ASSERT_EQUAL(connect_to(fd, home((uint16_t)(2000 + number))), 0);
        exchanged += exchange(fd, i, 0);
    }
}

static void sixteen_threads_exchange_over_many_connections(void)
{
    struct work w[2 * PAIRS];
    begin();
    exchanged = listening = 0;
    for (int i = 0; i < PAIRS; i++) {
        start(&w[2 * i], serve_port, i);
        start(&w[2 * i + 1], use_port, i);
    }
    serve();
    for (int i = 0; i < 2 * PAIRS; i++)
        pthread_join(w[i].thread, NULL);
    CU_ASSERT_EQUAL(exchanged, 2 * PAIRS * CONNECTIONS);
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a cancelled thread ends behind its call", a_cancelled_thread_ends_behind_its_call},
        {"an interruption holds until it is taken back",
         an_interruption_holds_until_it_is_taken_back},
        {"a child process makes every call", a_child_process_makes_every_call},
        {"the call of a dead child ends", the_call_of_a_dead_child_ends},
        {"the calls of an orphan are refused", the_calls_of_an_orphan_are_refused},
        {"every call is forwarded", every_call_is_forwarded},
        {"poll, select and epoll wait at the owner", poll_select_and_epoll_wait_at_the_owner},
        {"a thread that ends is detached", a_thread_that_ends_is_detached},
        {"a destructor behind the thread has no stack",
         a_destructor_behind_the_thread_has_no_stack},
        {"the owner is no guest", the_owner_is_no_guest},
        {"a mailbox that closes ends the calls in it", a_mailbox_that_closes_ends_the_calls_in_it},
        {"sixteen threads exchange over many connections",
         sixteen_threads_exchange_over_many_connections},
    };
    return UNIT_MAIN("threads", tests);
}
