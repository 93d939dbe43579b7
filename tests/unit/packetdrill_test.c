/* librill-packetdrill.so as packetdrill uses it: loaded with dlopen, packets by hand, the clock
 * that the object owns, blocking calls in a second thread. */
#include "packetdrill/interface.h"
#include "script/build.h"
#include "unit.h"
#include "wire/tcp_header.h"
#include "wire/wire.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCAL 0xc0a80001u /* the addresses of section 5 */
#define REMOTE 0xc0000201u
#define PORT 8080
#define PEER_PORT 40000

static struct packetdrill_interface i;
static struct live *last; /* the packet taken last */

/* ---------------------------------------------------------------- the tool */

/* The library lies beside the test's own folder. A sanitizer's runtime refuses RTLD_DEEPBIND. */
static void *load(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
    CU_ASSERT_FATAL(n > 0);
    path[n] = '\0';
    for (int up = 0; up < 2; up++)
        *strrchr(path, '/') = '\0';
    strcat(path, "/lib/librill-packetdrill.so");
    int deep = dlsym(RTLD_DEFAULT, "__asan_init") ? 0 : RTLD_DEEPBIND;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | deep);
    if (!library)
        puts(dlerror());
    CU_ASSERT_PTR_NOT_NULL_FATAL(library);
    return library;
}

static void begin(const char *flags)
{
    static void *library;
    void (*init)(const char *, struct packetdrill_interface *);
    library = library ? library : load();
    *(void **)&init = dlsym(library, "packetdrill_interface_init");
    CU_ASSERT_PTR_NOT_NULL_FATAL(init);
    init(flags, &i);
}

static void end(void)
{
    free(last);
    last = NULL;
    i.free(i.userdata);
}

static int64_t now(void)
{
    struct timeval t;
    CU_ASSERT_EQUAL(i.gettimeofday(i.userdata, &t, NULL), 0);
    return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

static struct sockaddr_in address(uint32_t ip, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
}

/* The peer's packet to the stack's port. */
static void inject(uint16_t to, uint16_t flags, uint32_t seq, uint32_t ack, uint32_t length)
{
    static uint8_t out[PACKET_MAX];
    static const struct script_options options;
    struct subject s = {
        .local = LOCAL, .remote = REMOTE, .local_port = to, .remote_port = PEER_PORT};
    struct script_packet p = {
        .flags = flags, .seq = seq, .ack = ack, .length = length, .window = 60000};
    const char *wrong;
    p.ip.ecn = ECN_UNSAID;
    s.remote_port = to == PORT ? PEER_PORT : PORT;
    size_t size = build_packet(out, &s, &p, &options, &wrong);
    build_checksums(out, size);
    CU_ASSERT_EQUAL(i.netdev_send(i.userdata, out, size), 0);
}

/* The stack's next packet; returns when it left, -1: none ever comes. */
static int64_t take(void)
{
    uint8_t packet[2000];
    size_t count = sizeof packet;
    long long when = 0;
    CU_ASSERT_EQUAL(i.netdev_receive(i.userdata, packet, &count, &when), 0);
    free(last);
    last = count ? live_new(packet, count, 0) : NULL;
    return last ? when : -1;
}

static void expect(uint16_t flags, uint32_t length)
{
    CU_ASSERT_FATAL(take() >= 0);
    CU_ASSERT_EQUAL(last->packet.flags, flags);
    CU_ASSERT_EQUAL(last->packet.length, length);
}

/* A connection that the peer has opened: seq 1 there, `*ack` is the next byte of the stack's. */
static int accepted(int *listener, uint32_t *ack)
{
    struct sockaddr_in own = address(LOCAL, PORT), peer;
    socklen_t length = sizeof peer;
    *listener = i.socket(i.userdata, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CU_ASSERT_EQUAL(i.bind(i.userdata, *listener, (struct sockaddr *)&own, sizeof own), 0);
    CU_ASSERT_EQUAL(i.listen(i.userdata, *listener, 1), 0);
    inject(PORT, TCP_SYN, 0, 0, 0);
    expect(TCP_SYN | TCP_ACK, 0);
    *ack = last->packet.seq + 1;
    inject(PORT, TCP_ACK, 1, *ack, 0);
    int fd = i.accept(i.userdata, *listener, (struct sockaddr *)&peer, &length);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(length, sizeof peer);
    CU_ASSERT_EQUAL(ntohl(peer.sin_addr.s_addr), REMOTE);
    CU_ASSERT_EQUAL(ntohs(peer.sin_port), PEER_PORT);
    return fd;
}

/* -------------------------------------------------------------- conversations */

static void a_peer_connects_and_both_send_and_close(void)
{
    char buffer[100] = "";
    uint32_t ack;
    int listener;
    begin(NULL);
    int fd = accepted(&listener, &ack);
    inject(PORT, TCP_ACK | TCP_PSH, 1, ack, 50);
    expect(TCP_ACK, 0);
    CU_ASSERT_EQUAL(last->packet.ack, 51);
    CU_ASSERT_EQUAL(i.read(i.userdata, fd, buffer, sizeof buffer), 50);
    CU_ASSERT_EQUAL(i.write(i.userdata, fd, buffer, 70), 70);
    expect(TCP_ACK | TCP_PSH, 70);
    inject(PORT, TCP_ACK, 51, ack + 70, 0);
    CU_ASSERT_EQUAL(i.close(i.userdata, fd), 0);
    expect(TCP_ACK | TCP_FIN, 0);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
    CU_ASSERT_EQUAL(i.read(i.userdata, fd, buffer, 1), -1);
    CU_ASSERT_EQUAL(errno, EBADF);
    end();
}

static void a_script_connects_to_a_peer(void)
{
    struct sockaddr_in peer = address(REMOTE, PORT);
    int error = -1;
    socklen_t length = sizeof error;
    begin("--preset=linux");
    int fd = i.socket(i.userdata, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CU_ASSERT_EQUAL(i.fcntl(i.userdata, fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
    CU_ASSERT_EQUAL(i.connect(i.userdata, fd, (struct sockaddr *)&peer, sizeof peer), -1);
    CU_ASSERT_EQUAL(errno, EINPROGRESS);
    expect(TCP_SYN, 0);
    inject(last->packet.source, TCP_SYN | TCP_ACK, 0, last->packet.seq + 1, 0);
    expect(TCP_ACK, 0);
    struct pollfd set[] = {{.fd = fd, .events = POLLOUT}, {.fd = -1}};
    CU_ASSERT_EQUAL(i.poll(i.userdata, set, 2, 0), 1);
    CU_ASSERT_EQUAL(set[0].revents, POLLOUT);
    CU_ASSERT_EQUAL(set[0].fd, fd);
    CU_ASSERT_EQUAL(i.getsockopt(i.userdata, fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CU_ASSERT_EQUAL(error, 0);
    struct iovec part[] = {{"abc", 3}, {"defg", 4}};
    CU_ASSERT_EQUAL(i.writev(i.userdata, fd, part, 2), 7);
    expect(TCP_ACK | TCP_PSH, 7);
    CU_ASSERT_EQUAL(memcmp(last->payload, "abcdefg", 7), 0);
    CU_ASSERT_EQUAL(i.shutdown(i.userdata, fd, SHUT_WR), 0);
    expect(TCP_ACK | TCP_FIN, 0);
    end();
}

/* ---------------------------------------------------------- the second thread */

struct reader {
    int fd;
    long thread; /* its number, once it runs */
    ssize_t result;
    int64_t ended;
};

static void *reader_run(void *data)
{
    struct reader *r = data;
    char buffer[1000];
    __atomic_store_n(&r->thread, syscall(SYS_gettid), __ATOMIC_SEQ_CST);
    r->result = i.read(i.userdata, r->fd, buffer, sizeof buffer);
    r->ended = now();
    return NULL;
}

/* As packetdrill does: only once the system says so does the script go on. */
static bool sleeps(const struct reader *r)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%ld/stat",
             __atomic_load_n(&r->thread, __ATOMIC_SEQ_CST));
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    char *state = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    return state && state[1] && state[2] == 'S';
}

static void a_blocking_call_sleeps_in_the_second_thread_until_its_data_comes(void)
{
    struct reader r = {.result = -2};
    uint32_t ack;
    int listener;
    pthread_t thread;
    begin("");
    r.fd = accepted(&listener, &ack);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, reader_run, &r), 0);
    while (!sleeps(&r))
        sched_yield();
    int64_t before = now();
    i.usleep(i.userdata, 300000);
    CU_ASSERT_EQUAL(r.result, -2);
    CU_ASSERT(sleeps(&r));
    inject(PORT, TCP_ACK | TCP_PSH, 1, ack, 500);
    i.usleep(i.userdata, 700000);
    CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
    CU_ASSERT_EQUAL(r.result, 500);
    CU_ASSERT_EQUAL(r.ended, before + 300000);
    CU_ASSERT(now() >= before + 1000000);
    end();
}

static void a_time_out_ends_a_blocking_call_on_the_virtual_clock(void)
{
    struct timeval timeout = {.tv_usec = 250000};
    struct reader r = {.result = -2};
    uint32_t ack;
    int listener;
    pthread_t thread;
    begin("");
    r.fd = accepted(&listener, &ack);
    CU_ASSERT_EQUAL(
        i.setsockopt(i.userdata, r.fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, reader_run, &r), 0);
    while (!sleeps(&r))
        sched_yield();
    int64_t before = now();
    CU_ASSERT_EQUAL(take(), -1);
    CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
    CU_ASSERT_EQUAL(r.result, -1);
    CU_ASSERT(r.ended <= before + 250000 && r.ended > before + 249000);
    end();
}

/* ----------------------------------------------------------------------- time */

static void the_clock_is_the_tools(void)
{
    begin(NULL);
    int64_t first = now(), second = now();
    CU_ASSERT(second > first && second <= first + 2);
    i.usleep(i.userdata, 5000000);
    CU_ASSERT_EQUAL(now(), second + 5000001);
    end();
}

static void poll_takes_its_time(void)
{
    uint32_t ack;
    int listener;
    begin(NULL);
    struct pollfd set = {.fd = accepted(&listener, &ack), .events = POLLIN};
    int64_t before = now();
    CU_ASSERT_EQUAL(i.poll(i.userdata, &set, 1, 200), 0);
    CU_ASSERT_EQUAL(now(), before + 200001);
    end();
}

static void epoll_tells_of_what_has_come(void)
{
    uint32_t ack;
    int listener;
    begin(NULL);
    int fd = accepted(&listener, &ack), set = i.epoll_create(i.userdata, 1);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd}, reported = {.events = 0};
    CU_ASSERT_FATAL(set >= 0);
    CU_ASSERT_EQUAL(i.epoll_ctl(i.userdata, set, EPOLL_CTL_ADD, fd, &event), 0);
    CU_ASSERT_EQUAL(i.epoll_ctl(i.userdata, set, EPOLL_CTL_ADD, fd, &event), -1);
    CU_ASSERT_EQUAL(errno, EEXIST);
    CU_ASSERT_EQUAL(i.epoll_ctl(i.userdata, set, EPOLL_CTL_ADD, 9999, &event), -1);
    CU_ASSERT_EQUAL(errno, EBADF);
    int64_t before = now();
    CU_ASSERT_EQUAL(i.epoll_wait(i.userdata, set, &reported, 1, 200), 0);
    CU_ASSERT_EQUAL(now(), before + 200001);
    inject(PORT, TCP_ACK | TCP_PSH, 1, ack, 50);
    CU_ASSERT_EQUAL(i.epoll_wait(i.userdata, set, &reported, 1, -1), 1);
    CU_ASSERT_EQUAL(reported.events, EPOLLIN);
    CU_ASSERT_EQUAL(reported.data.fd, fd);
    CU_ASSERT_EQUAL(i.epoll_wait(i.userdata, set, &reported, 0, 0), -1);
    CU_ASSERT_EQUAL(errno, EINVAL);
    CU_ASSERT_EQUAL(i.close(i.userdata, set), 0);
    CU_ASSERT_EQUAL(i.epoll_wait(i.userdata, set, &reported, 1, 0), -1);
    CU_ASSERT_EQUAL(errno, EBADF);
    end();
}

static void a_packet_is_stamped_with_the_time_it_left(void)
{
    char text[10] = "";
    uint32_t ack;
    int listener;
    begin(NULL);
    int fd = accepted(&listener, &ack);
    int64_t before = now();
    CU_ASSERT_EQUAL(i.send(i.userdata, fd, text, sizeof text, 0), 10);
    i.usleep(i.userdata, 100000);
    CU_ASSERT_EQUAL(take(), before);
    CU_ASSERT(take() >= before + 200000); /* it is not acknowledged: the retransmission */
    end();
}

static void where_no_packet_ever_comes_the_script_is_ended(void)
{
    begin(NULL);
    CU_ASSERT_EQUAL(take(), -1);
    CU_ASSERT_EQUAL(take(), -1);
    end();
}

/* ---------------------------------------------------------------- descriptors */

static void descriptors_are_the_hosts(void)
{
    struct stat s;
    begin(NULL);
    int a = i.socket(i.userdata, AF_INET, SOCK_STREAM, 0);
    int b = i.socket(i.userdata, AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT(a >= 0 && b >= 0 && a != b);
    CU_ASSERT_EQUAL(fstat(a, &s), 0);
    close(a);
    CU_ASSERT_EQUAL(i.socket(i.userdata, AF_INET, SOCK_STREAM, 0), a);
    CU_ASSERT_EQUAL(i.listen(i.userdata, a, 1), 0);
    close(b);
    int foreign = dup(a); /* packetdrill's own, with the same number */
    CU_ASSERT_EQUAL(foreign, b);
    end();
    CU_ASSERT_EQUAL(fcntl(a, F_GETFD), -1);
    CU_ASSERT_EQUAL(close(foreign), 0);
}

static void what_rill_has_not_fails(void)
{
    int fd[2];
    uint8_t ip6[40] = {0x60};
    begin(NULL);
    CU_ASSERT_EQUAL(i.pipe(i.userdata, fd), -1);
    CU_ASSERT_EQUAL(errno, ENOSYS);
    CU_ASSERT_EQUAL(i.bind(i.userdata, 0, NULL, 0), -1);
    CU_ASSERT_EQUAL(errno, EBADF);
    CU_ASSERT_EQUAL(i.netdev_send(i.userdata, ip6, sizeof ip6), -1);
    CU_ASSERT_EQUAL(errno, EAFNOSUPPORT);
    CU_ASSERT_EQUAL(i.netdev_send(i.userdata, ip6, 0), -1);
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a peer connects and both send and close", a_peer_connects_and_both_send_and_close},
        {"a script connects to a peer", a_script_connects_to_a_peer},
        {"a blocking call sleeps in the second thread until its data comes",
         a_blocking_call_sleeps_in_the_second_thread_until_its_data_comes},
        {"a time out ends a blocking call on the virtual clock",
         a_time_out_ends_a_blocking_call_on_the_virtual_clock},
        {"the clock is the tools", the_clock_is_the_tools},
        {"poll takes its time", poll_takes_its_time},
        {"epoll tells of what has come", epoll_tells_of_what_has_come},
        {"a packet is stamped with the time it left", a_packet_is_stamped_with_the_time_it_left},
        {"where no packet ever comes the script is ended",
         where_no_packet_ever_comes_the_script_is_ended},
        {"descriptors are the hosts", descriptors_are_the_hosts},
        {"what rill has not fails", what_rill_has_not_fails},
    };
    return UNIT_MAIN("packetdrill", tests);
}
