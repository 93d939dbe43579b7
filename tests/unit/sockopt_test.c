/* Socket options: what each is before it is set, what it may be set to, and what it says then. */
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/time.h>

static int stream(void)
{
    return rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

static int datagram(void)
{
    return rill_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
}

static int get(int fd, int level, int name)
{
    int value = -1;
    socklen_t length = sizeof value;
    CU_ASSERT_EQUAL(rill_getsockopt(fd, level, name, &value, &length), 0);
    CU_ASSERT_EQUAL(length, sizeof value);
    return value;
}

static int set(int fd, int level, int name, int value)
{
    return rill_setsockopt(fd, level, name, &value, sizeof value);
}

static void flags_are_off_until_they_are_set(void)
{
    static const int flag[][2] = {
        {SOL_SOCKET, SO_REUSEADDR}, {SOL_SOCKET, SO_REUSEPORT}, {SOL_SOCKET, SO_BROADCAST},
        {SOL_SOCKET, SO_KEEPALIVE}, {IPPROTO_TCP, TCP_NODELAY}, {IPPROTO_TCP, TCP_CORK},
    };
    const int count = sizeof flag / sizeof *flag;
    world_begin(NULL);
    int fd = stream();
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) /* all before are on, and nothing else is */
            CU_ASSERT_EQUAL(get(fd, flag[j][0], flag[j][1]), j < i);
        CU_ASSERT_EQUAL(set(fd, flag[i][0], flag[i][1], 7), 0);
        CU_ASSERT_EQUAL(get(fd, flag[i][0], flag[i][1]), 1);
    }
    for (int i = 0; i < count; i++)
        CU_ASSERT_EQUAL(set(fd, flag[i][0], flag[i][1], 0), 0);
    for (int i = 0; i < count; i++)
        CU_ASSERT_EQUAL(get(fd, flag[i][0], flag[i][1]), 0);
    CU_ASSERT_TRUE(fails(set(fd, SOL_SOCKET, SO_ZEROCOPY, 2), EINVAL)); /* later than the others */
    CU_ASSERT_TRUE(fails(set(fd, IPPROTO_TCP, TCP_INQ, -1), EINVAL));
    CU_ASSERT_EQUAL(set(fd, IPPROTO_TCP, TCP_INQ, 1), 0);
    world_end();
}

/* What `nc -v` and inetd's children ask for, to see whether a source route is there. */
#define TCP_RTO_MAX_MS 44 /* Linux 6.15 */
#define TCP_RTO_MIN_US 45
#define TCP_DELACK_MAX_US 46

static void no_ip_options_is_no_bytes(void)
{
    char value[40];
    socklen_t length = sizeof value;
    world_begin(NULL);
    int fd = stream();
    CU_ASSERT_EQUAL(rill_getsockopt(fd, IPPROTO_IP, IP_OPTIONS, value, &length), 0);
    CU_ASSERT_EQUAL(length, 0);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_IP, IP_OPTIONS, NULL, 0), 0);
    CU_ASSERT_TRUE(fails(rill_setsockopt(fd, IPPROTO_IP, IP_OPTIONS, value, 4), ENOPROTOOPT));
    world_end();
}

static void an_unknown_level_is_distinguished_from_an_unknown_option(void)
{
    int value;
    socklen_t length = sizeof value;
    world_begin(NULL);
    int fd = stream();
    CU_ASSERT_TRUE(fails(rill_getsockopt(fd, IPPROTO_TCP, 999, &value, &length), ENOPROTOOPT));
    CU_ASSERT_TRUE(fails(rill_getsockopt(fd, IPPROTO_IPV6, 1, &value, &length), EOPNOTSUPP));
    CU_ASSERT_TRUE(fails(rill_getsockopt(fd, IPPROTO_UDP, 1, &value, &length), EOPNOTSUPP));
    world_end();
}

static void numbers_have_defaults_and_ranges(void)
{
    static const struct {
        int level, name, initial, good, reported, bad;
    } row[] = {
        {SOL_SOCKET, SO_RCVLOWAT, 1, 100, 100, 0},
        {IPPROTO_IP, IP_TOS, 0, 0x12, 0x10, 0}, /* a stream's ECN bits are TCP's */
        {IPPROTO_IP, IP_TTL, 64, 5, 5, 256},
        {IPPROTO_IP, IP_TTL, 64, -1, 64, 0},
        {IPPROTO_TCP, TCP_MAXSEG, 536, 1000, 1000, 87},
        {IPPROTO_TCP, TCP_KEEPIDLE, 7200, 10, 10, 0},
        {IPPROTO_TCP, TCP_KEEPINTVL, 75, 11, 11, 32768},
        {IPPROTO_TCP, TCP_KEEPCNT, 9, 12, 12, 128},
        {IPPROTO_TCP, TCP_KEEPCNT, 9, 127, 127, -1},
        {IPPROTO_TCP, TCP_KEEPCNT, 9, 1, 1, -1},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, 0, 3000, 3000, -1},
        {IPPROTO_TCP, TCP_SYNCNT, 7, 3, 3, 128},
        {IPPROTO_TCP, TCP_RTO_MAX_MS, 120000, 1000, 1000, 999},
        {IPPROTO_TCP, TCP_RTO_MAX_MS, 120000, 120000, 120000, 120001},
        {IPPROTO_TCP, TCP_RTO_MIN_US, 200000, 2000, 2000, 1999},
        {IPPROTO_TCP, TCP_RTO_MIN_US, 200000, 200000, 200000, 200001},
        {IPPROTO_TCP, TCP_DELACK_MAX_US, 40000, 2000, 2000, 1999},
        {IPPROTO_TCP, TCP_DELACK_MAX_US, 40000, 200000, 200000, 200001},
        {IPPROTO_TCP, TCP_LINGER2, 60, 3, 3, 0},
        {IPPROTO_TCP, TCP_LINGER2, 60, 121, 120, 0},
        {IPPROTO_TCP, TCP_LINGER2, 60, -9, -1, 0},
        {IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, 1, 1, 0}, /* 1, 1 + 2, 1 + 2 + 4 s */
        {IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, 2, 3, 0},
        {IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, 7, 7, 0},
        {IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, -1, 0, 0},
        {SOL_SOCKET, SO_SNDBUF, 2 * 64 * 1024, 10000, 20000, 0},
        {SOL_SOCKET, SO_SNDBUF, 2 * 64 * 1024, 1, 4608, 0},
        {SOL_SOCKET, SO_SNDBUF, 2 * 64 * 1024, -1, 2 * 16 * 1024 * 1024, 0},
        {IPPROTO_TCP, TCP_WINDOW_CLAMP, 0, 5000, 5000, 0},
        {IPPROTO_TCP, TCP_WINDOW_CLAMP, 0, 1, 1152, 0},
        {IPPROTO_TCP, TCP_WINDOW_CLAMP, 0, -1, 1152, 0},
        {IPPROTO_TCP, TCP_QUICKACK, 1, 0, 0, 0},
        {IPPROTO_TCP, TCP_QUICKACK, 1, 2, 1, 0}, /* no connection yet: nothing to acknowledge */
        {IPPROTO_TCP, TCP_NOTSENT_LOWAT, 0, 16384, 16384, 0},
        {IPPROTO_TCP, TCP_NOTSENT_LOWAT, 0, -1, -1, 0}, /* no mark: what Linux's sysctl says */
        {SOL_SOCKET, SO_RCVBUF, 2 * 128 * 1024, 10000, 20000, 0},
        {SOL_SOCKET, SO_RCVBUF, 2 * 128 * 1024, 100 << 20, 32 << 20, 0},
        {SOL_SOCKET, SO_RCVBUF, 2 * 128 * 1024, 0, 2304, 0},
        {SOL_SOCKET, SO_RCVBUF, 2 * 128 * 1024, -1, 32 << 20, 0}, /* unsigned, as in Linux */
    };
    world_begin(NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int fd = stream();
        CU_ASSERT_EQUAL(get(fd, row[i].level, row[i].name), row[i].initial);
        CU_ASSERT_EQUAL(set(fd, row[i].level, row[i].name, row[i].good), 0);
        CU_ASSERT_EQUAL(get(fd, row[i].level, row[i].name), row[i].reported);
        if (row[i].bad || row[i].name == TCP_KEEPIDLE)
            CU_ASSERT_TRUE(fails(set(fd, row[i].level, row[i].name, row[i].bad), EINVAL));
        CU_ASSERT_EQUAL(get(fd, row[i].level, row[i].name), row[i].reported);
    }
    int fd = stream();
    CU_ASSERT_TRUE(fails(set(fd, IPPROTO_IP, IP_TTL, 0), EINVAL));
    CU_ASSERT_EQUAL(set(fd, IPPROTO_TCP, TCP_MAXSEG, 0), 0); /* tcp(7): none any more */
    CU_ASSERT_EQUAL(get(datagram(), SOL_SOCKET, SO_RCVBUF), 212992);
    CU_ASSERT_EQUAL(set(fd = datagram(), IPPROTO_IP, IP_TOS, 0x12), 0);
    CU_ASSERT_EQUAL(get(fd, IPPROTO_IP, IP_TOS), 0x12);
    world_end();
}

static void facts_can_be_asked_and_not_set(void)
{
    world_begin(NULL);
    int s = stream(), d = datagram();
    CU_ASSERT_EQUAL(get(s, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    CU_ASSERT_EQUAL(get(d, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
    CU_ASSERT_EQUAL(get(s, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
    CU_ASSERT_EQUAL(get(d, SOL_SOCKET, SO_PROTOCOL), IPPROTO_UDP);
    CU_ASSERT_EQUAL(get(d, SOL_SOCKET, SO_DOMAIN), AF_INET);
    CU_ASSERT_EQUAL(get(s, SOL_SOCKET, SO_ACCEPTCONN), 0);
    CU_ASSERT_EQUAL(get(s, SOL_SOCKET, SO_ERROR), 0);
    CU_ASSERT_EQUAL(get(s, SOL_SOCKET, SO_SNDLOWAT), 1);
    CU_ASSERT_TRUE(fails(set(s, SOL_SOCKET, SO_SNDLOWAT, 1), ENOPROTOOPT));
    CU_ASSERT_EQUAL(rill_listen(s, 1), 0);
    CU_ASSERT_EQUAL(get(s, SOL_SOCKET, SO_ACCEPTCONN), 1);
    CU_ASSERT_TRUE(fails(set(s, SOL_SOCKET, SO_ERROR, 1), ENOPROTOOPT));
    CU_ASSERT_TRUE(fails(set(s, SOL_SOCKET, SO_TYPE, 1), ENOPROTOOPT));
    world_end();
}

static void options_check_level_name_and_length(void)
{
    int value = 1;
    socklen_t length = 1;
    uint8_t byte = 9;
    world_begin(NULL);
    int s = stream(), d = datagram();
    CU_ASSERT_TRUE(fails(set(s, SOL_SOCKET, 9999, 1), ENOPROTOOPT));
    CU_ASSERT_TRUE(fails(set(s, 9999, SO_REUSEADDR, 1), ENOPROTOOPT));
    CU_ASSERT_TRUE(fails(set(d, IPPROTO_TCP, TCP_NODELAY, 1), ENOPROTOOPT));
    CU_ASSERT_TRUE(fails(rill_setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &value, 3), EINVAL));
    CU_ASSERT_TRUE(fails(rill_setsockopt(s, SOL_SOCKET, SO_LINGER, &value, 4), EINVAL));
    CU_ASSERT_TRUE(fails(rill_setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &value, 4), EINVAL));
    CU_ASSERT_TRUE(fails(rill_setsockopt(s, SOL_SOCKET, SO_REUSEADDR, NULL, 4), EFAULT));
    CU_ASSERT_TRUE(
        fails(rill_setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &value, (socklen_t)-1), EINVAL));
    CU_ASSERT_EQUAL(rill_setsockopt(s, IPPROTO_IP, IP_TTL, &byte, 1), 0); /* ip(7) */
    CU_ASSERT_EQUAL(get(s, IPPROTO_IP, IP_TTL), 9);
    CU_ASSERT_TRUE(fails(rill_setsockopt(s, IPPROTO_IP, IP_TTL, &byte, 0), EINVAL));
    byte = 0;
    length = 3;
    CU_ASSERT_EQUAL(rill_getsockopt(s, IPPROTO_IP, IP_TTL, &value, &length), 0);
    memcpy(&byte, &value, 1);
    CU_ASSERT_EQUAL(byte, 9);
    CU_ASSERT_EQUAL(length, 1);
    byte = 0xff;
    CU_ASSERT_EQUAL(rill_getsockopt(s, SOL_SOCKET, SO_TYPE, &byte, &length), 0); /* cut */
    CU_ASSERT_EQUAL(byte, SOCK_STREAM);
    CU_ASSERT_EQUAL(length, 1);
    length = (socklen_t)-1;
    CU_ASSERT_TRUE(fails(rill_getsockopt(s, SOL_SOCKET, SO_TYPE, &value, &length), EINVAL));
    CU_ASSERT_TRUE(fails(rill_getsockopt(s, SOL_SOCKET, SO_TYPE, NULL, &length), EFAULT));
    CU_ASSERT_TRUE(fails(rill_getsockopt(s, SOL_SOCKET, 9999, &value, &length), ENOPROTOOPT));
    world_end();
}

static void linger_and_timeouts_are_kept(void)
{
    struct linger linger = {1, 5}, reported;
    struct timeval time = {3, 500000}, bad = {0, 1000000}, negative = {INT64_MIN, 0};
    socklen_t length = sizeof reported;
    world_begin(NULL);
    int fd = stream();
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_LINGER, &reported, &length), 0);
    CU_ASSERT_EQUAL(reported.l_onoff, 1);
    CU_ASSERT_EQUAL(reported.l_linger, 5);
    linger.l_onoff = 0;
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time), 0);
    CU_ASSERT_TRUE(fails(rill_setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bad, sizeof bad), EDOM));
    memset(&time, 0, sizeof time);
    length = sizeof time;
    CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, &length), 0);
    CU_ASSERT_EQUAL(time.tv_sec, 3);
    CU_ASSERT_EQUAL(time.tv_usec, 500000);
    CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, &length), 0);
    CU_ASSERT_EQUAL(time.tv_sec, 0);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &negative, sizeof negative), 0);
    time.tv_sec = INT64_MAX; /* for ever */
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), 0);
    CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, &length), 0);
    CU_ASSERT_EQUAL(time.tv_sec, 0);
    world_end();
}

static uint64_t rate_of(int fd)
{
    uint64_t rate = 0;
    socklen_t length = sizeof rate;
    CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &length), 0);
    CU_ASSERT_EQUAL(length, sizeof rate);
    return rate;
}

static void the_greatest_rate_has_64_bits_or_32(void) /* as in Linux */
{
    static const uint64_t rates[] = {1000, 1, 0, UINT64_C(5000000000), UINT64_MAX};
    uint32_t narrow = 7;
    socklen_t length = sizeof narrow;
    world_begin(NULL);
    int fd = stream();
    CU_ASSERT_EQUAL(rate_of(fd), UINT64_MAX);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rates[i], 8), 0);
        CU_ASSERT_EQUAL(rate_of(fd), rates[i]);
    }
    CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow, &length), 0);
    CU_ASSERT_EQUAL(length, 4);
    CU_ASSERT_EQUAL(narrow, UINT32_MAX);
    narrow = 3000000000;
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow, 4), 0);
    CU_ASSERT_EQUAL(rate_of(fd), 3000000000);
    narrow = UINT32_MAX;
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow, 4), 0);
    CU_ASSERT_EQUAL(rate_of(fd), UINT64_MAX);
    CU_ASSERT_TRUE(fails(rill_setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow, 3), EINVAL));
    world_end();
}

static void without_a_connection_the_plug_in_tells_nothing(void)
{
    uint32_t word = 7;
    socklen_t length = sizeof word;
    world_begin(NULL);
    int fd = stream();
    CU_ASSERT_EQUAL(rill_getsockopt(fd, IPPROTO_TCP, TCP_CC_INFO, &word, &length), 0);
    CU_ASSERT_EQUAL(length, 0);
    CU_ASSERT_EQUAL(word, 7);
    CU_ASSERT_TRUE(fails(rill_setsockopt(fd, IPPROTO_TCP, TCP_CC_INFO, &word, 4), ENOPROTOOPT));
    world_end();
}

static void the_congestion_control_has_a_name(void)
{
    char name[16] = "";
    socklen_t length = sizeof name;
    world_begin(NULL);
    int fd = stream();
    CU_ASSERT_EQUAL(rill_getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length), 0);
    CU_ASSERT_STRING_EQUAL(name, "cubic");
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4), 0);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno\0x", 6), 0);
    CU_ASSERT_TRUE(fails(rill_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "ren", 3), ENOENT));
    CU_ASSERT_TRUE(fails(rill_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "vegas", 5), ENOENT));
    CU_ASSERT_TRUE(fails(rill_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "", 0), EINVAL));
    CU_ASSERT_TRUE(
        fails(rill_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno of a long name", 19), ENOENT));
    CU_ASSERT_EQUAL(rill_getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length), 0);
    CU_ASSERT_STRING_EQUAL(name, "reno");
    world_end();
}

static void an_accepted_socket_has_its_listeners_options(void)
{
    world_begin(NULL);
    int listener = world_listen(80);
    rill_use(world.end[RIGHT]);
    set(listener, IPPROTO_TCP, TCP_NODELAY, 1);
    set(listener, SOL_SOCKET, SO_SNDBUF, 5000);
    set(listener, IPPROTO_IP, IP_TTL, 9);
    rill_use(world.end[LEFT]);
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 80)), 0);
    rill_use(world.end[RIGHT]);
    int accepted = rill_accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    CU_ASSERT_EQUAL(get(accepted, IPPROTO_TCP, TCP_NODELAY), 1);
    CU_ASSERT_EQUAL(get(accepted, SOL_SOCKET, SO_SNDBUF), 10000);
    CU_ASSERT_EQUAL(get(accepted, IPPROTO_IP, IP_TTL), 9);
    CU_ASSERT_EQUAL(rill_fcntl(accepted, F_GETFL), O_RDWR); /* but not O_NONBLOCK */
    CU_ASSERT_EQUAL(rill_fcntl(accepted, F_GETFD), FD_CLOEXEC);
    set(accepted, IPPROTO_IP, IP_TTL, 5);
    CU_ASSERT_EQUAL(get(listener, IPPROTO_IP, IP_TTL), 9); /* each its own from then on */
    world_end();
}

static void an_option_that_finds_no_memory_says_so(void)
{
    world_begin(NULL);
    int fd = stream();
    rill_memory_fail(world.end[LEFT], 1);
    CU_ASSERT_TRUE(fails(set(fd, IPPROTO_IP, IP_TTL, 9), ENOBUFS));
    CU_ASSERT_EQUAL(get(fd, IPPROTO_IP, IP_TTL), 64);
    world_end();
}

static const struct unit_test tests[] = {
    {"flags are off until they are set", flags_are_off_until_they_are_set},
    {"no IP options is no bytes", no_ip_options_is_no_bytes},
    {"an unknown level is distinguished from an unknown option",
     an_unknown_level_is_distinguished_from_an_unknown_option},
    {"numbers have defaults and ranges", numbers_have_defaults_and_ranges},
    {"facts can be asked and not set", facts_can_be_asked_and_not_set},
    {"options check level, name and length", options_check_level_name_and_length},
    {"linger and time-outs are kept", linger_and_timeouts_are_kept},
    {"the greatest rate has 64 bits or 32", the_greatest_rate_has_64_bits_or_32},
    {"without a connection the plug-in tells nothing",
     without_a_connection_the_plug_in_tells_nothing},
    {"the congestion control has a name", the_congestion_control_has_a_name},
    {"an accepted socket has its listener's options", an_accepted_socket_has_its_listeners_options},
    {"an option that finds no memory says so", an_option_that_finds_no_memory_says_so},
};

int main(void)
{
    return UNIT_MAIN("sockopt", tests);
}
