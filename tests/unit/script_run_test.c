/* Scripts run whole: what passes, what fails and where, what is unsupported. */
#include "script/file.h"
#include "script/invocation.h"
#include "script/pattern.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct arena arena;

static struct outcome result;

static enum verdict run(const char *text)
{
    static const struct command_line none;
    struct script_source source = {"test.pkt", text, strlen(text)};
    arena_end(&arena);
    script_run(&result, &arena, &source, &none);
    return result.verdict;
}

#define LISTENING \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n" \
    "+0 listen(3, 1) = 0\n+0 < S 0:0(0) win 1000 <mss 1000>\n"
#define ACCEPTED \
    LISTENING "+0 > S. 0:0(0) ack 1 <mss 1460>\n+.1 < . 1:1(0) ack 1 win 1000\n" \
              "+0 accept(3, ..., ...) = 4\n"

/* The run fails in this line, for this reason. */
static void fail(const char *text, int line, const char *why)
{
    CU_ASSERT_EQUAL(run(text), VERDICT_FAIL);
    CU_ASSERT_EQUAL(result.line, line);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result.text);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.text, why));
    if (result.line != line || !strstr(result.text, why))
        printf("\n%s\n  line %d: %s\n", text, result.line, result.text);
}

static void a_packet_that_differs_fails_and_both_are_shown(void)
{
    fail(LISTENING "+0 > S. 0:0(0) ack 2 <mss 1460>", 5, "acknowledgement number");
    CU_ASSERT_PTR_NOT_NULL(strstr(result.text, "expected: > S. 0:0(0) ack 2 <mss 1460>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(result.text, "got:      > S. 0:0(0) ack 1 <mss 1460>"));
    CU_ASSERT_EQUAL(result.steps, 4);
    CU_ASSERT_EQUAL(result.first->line, 1);
    fail(LISTENING "+0 > S. 0:0(0) ack 1", 5, "TCP options");
}

static void a_buffer_is_the_runners_or_none(void)
{
    fail(ACCEPTED "+0 write(4, \"ab\", 2) = 2", 8, "a number was expected");
    fail(ACCEPTED "+0 write(4, 1, 2) = 2", 8, "buffer");
}

static void icmp_is_not_seen_beside_a_tcp_socket(void)
{
    const char request[] = "< icmp echo_request id 7\n+0 > icmp echo_reply";
    char text[200];
    snprintf(text, sizeof text, "0 %s", request);
    CU_ASSERT_EQUAL(run(text), VERDICT_PASS);
    snprintf(text, sizeof text, "0 socket(..., SOCK_STREAM, 0) = 3\n+0 %s", request);
    fail(text, 3, "no packet came in time");
}

static void of_icmp_what_is_written_is_compared(void)
{
    const char request[] = "0 < icmp echo_request id 7 [raw (56)]\n+0 > icmp ";
    const char refused[] = "0 < udp 5000 > 8080 (10)\n+0 > icmp unreachable ";
    static const struct {
        bool refused;
        const char *answer, *why;
    } wrong[] = {
        {false, "echo_reply id 9", "id"},
        {false, "echo_reply [raw (57)]", "carries"},
        {false, "echo_reply [udp (56)]", "carries"},
        {true, "host_unreachable", "code"},
        {true, "port_unreachable [udp (9)]", "carries"},
        {true, "port_unreachable [1:1(0)]", "carries"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[200];
        snprintf(text, sizeof text, "%s%s", wrong[i].refused ? refused : request, wrong[i].answer);
        fail(text, 2, wrong[i].why);
    }
}

static void a_packet_that_never_comes_fails(void)
{
    fail(ACCEPTED "+0 > P. 1:2(1) ack 1", 8, "no packet came in time");
}

static void a_packet_at_the_wrong_time_fails(void)
{
    fail(LISTENING "+.5 > S. 0:0(0) ack 1 <mss 1460>", 5, "the packet came at");
    CU_ASSERT_EQUAL(run(LISTENING "+.004 > S. 0:0(0) ack 1 <mss 1460>"), VERDICT_PASS);
    fail(LISTENING "+.1~+.2 > S. 0:0(0) ack 1 <mss 1460>", 5, "not between");
}

static void another_result_or_error_fails(void)
{
    fail(ACCEPTED "+0 write(4, ..., 10) = 11", 8, "write() = 10, expected 11");
    fail(ACCEPTED "+0 listen(4, 1) = 0", 8, "EINVAL");
    fail(ACCEPTED "+0 recv(4, ..., 10, MSG_DONTWAIT) = -1 EINVAL (x)", 8, "EAGAIN");
    fail(ACCEPTED "+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [5], [4]) = 0", 8, "returned 0");
    fail(ACCEPTED "+0 poll([{fd=4, events=POLLOUT}], 1, 0) = 1", 8, "revents");
    fail(ACCEPTED "+0 ioctl(4, SIOCINQ, [5]) = 0", 8, "returned 0, expected 5");
    fail(ACCEPTED "+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [8]) = 0", 8, "length of 4");
    fail("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
         "+0 getsockopt(3, SOL_TCP, TCP_CONGESTION, \"cubic\", [17]) = 0",
         2, "length of 16");
    fail(ACCEPTED "+0 < P. 1:11(10) ack 1 win 1000\n+0 recvmsg(4, {msg_name(...)=..., "
                  "msg_iov(1)=[{..., 10}], msg_flags=MSG_TRUNC}, 0) = 10",
         9, "msg_flags");
    fail(ACCEPTED "+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 10}], msg_flags=0}, 0) = 10",
         8, "the count is not the list's");
}

static void another_epoll_event_fails(void)
{
#define WATCHED \
    ACCEPTED "+0 epoll_create(1) = 5\n" \
             "+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLOUT, fd=4}) = 0\n"
    CU_ASSERT_EQUAL(run(WATCHED "+0 epoll_wait(5, {events=EPOLLOUT, fd=4}, 1, 0) = 1"),
                    VERDICT_PASS);
    fail(WATCHED "+0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1", 10,
         "returned events 0x4, expected 0x1");
    fail(WATCHED "+0 epoll_wait(5, {events=EPOLLOUT, fd=3}, 1, 0) = 1", 10,
         "returned of 4, expected 3");
    fail(WATCHED "+0 epoll_wait(5, {events=0, ptr=0}, 1, 0) = 0", 10, "= 1, expected 0");
    fail(WATCHED "+0 epoll_wait(5, 0, 1, 0) = 0", 10, "was expected");
    fail(ACCEPTED "+0 epoll_create(1) = 4", 8, "in use");
    fail(ACCEPTED "+0 epoll_create(1) = 5\n+0 epoll_wait(5, {events=0, ptr=0}, 1, -1) = 0", 9,
         "wait for ever");
}

static void a_pipe_holds_what_is_spliced(void)
{
    fail(ACCEPTED "+0 pipe([4, 5]) = 0", 8, "in use");
    fail(ACCEPTED "+0 pipe(5) = 0", 8, "both of its ends");
    fail(ACCEPTED "+0 pipe([5, 6]) = 0\n+0 splice(5, NULL, 4, NULL, 10, 0) = 10", 9,
         "the pipe is empty");
    fail(ACCEPTED "+0 pipe([5, 6]) = 0\n+0 < P. 1:60001(60000) ack 1 win 1000\n"
                  "+0 splice(4, NULL, 6, NULL, 60000, 0) = 60000\n"
                  "+0 < P. 60001:120001(60000) ack 1 win 1000\n"
                  "+0 splice(4, NULL, 6, NULL, 60000, 0) = 5536\n"
                  "+0 splice(4, NULL, 6, NULL, 60000, 0) = 1",
         13, "the pipe is full");
}

static void a_call_that_would_wait_for_ever_fails(void)
{
    fail(ACCEPTED "+0 read(4, ..., 10) = 10", 8, "wait for ever");
    fail(ACCEPTED "+0...5 read(4, ..., 10) = 10", 8, "still in progress");
    fail(ACCEPTED "+0...0.1 read(4, ..., 10) = 5\n+.3 < P. 1:6(5) ack 1 win 100", 9,
         "returned at 0.4");
}

/* Section 23.5: after a second of waiting for it. */
static void a_plain_call_goes_ahead_beside_one_in_progress(void)
{
    CU_ASSERT_EQUAL(run("--tolerance_usecs=1000000\n" ACCEPTED
                        "+0...2 read(4, ..., 10) = 5\n+0 write(4, ..., 10) = 10\n"
                        "+0 > P. 1:11(10) ack 1\n+1 < P. 1:6(5) ack 11 win 100"),
                    VERDICT_PASS);
    fail("--tolerance_usecs=1000000\n" ACCEPTED
         "+0...2 read(4, ..., 10) = 5\n+0 accept(3, ..., ...) = 5",
         10, "wait for ever");
    fail("--tolerance_usecs=1000000\n" ACCEPTED
         "+0...2 read(4, ..., 10) = 5\n+0...3 read(4, ..., 10) = 5",
         10, "still in progress");
    fail(ACCEPTED "+0...2 read(4, ..., 10) = 5\n+0 write(4, ..., 10) = 10", 9, "late");
}

static void time_must_not_go_backwards(void)
{
    fail("1 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3", 1, "time 0");
    fail("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n2 bind(3, ..., ...) = 0\n1 close(3) = 0", 3,
         "backwards");
}

static void an_echo_of_a_timestamp_never_sent_fails(void)
{
    fail("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n"
         "+0 listen(3, 1) = 0\n+0 < S 0:0(0) win 1000 <mss 1000,sackOK,TS val 1 ecr 0>\n"
         "+0 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 5 ecr 1>\n"
         "+0 < . 1:1(0) ack 1 win 1000 <nop,nop,TS val 2 ecr 6>",
         6, "has not sent");
}

static void a_name_in_use_fails(void)
{
    fail("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n0 socket(..., SOCK_STREAM, 0) = 3", 2,
         "in use");
}

static void the_tolerance_is_the_larger_one(void)
{
    CU_ASSERT_EQUAL(run(LISTENING "+0 > S. 0:0(0) ack 1 <mss 1460>\n"
                                  "+1.1 > S. 0:0(0) ack 1 <mss 1460>"),
                    VERDICT_PASS);
    fail(LISTENING "+0 > S. 0:0(0) ack 1 <mss 1460>\n+1.2 > S. 0:0(0) ack 1 <mss 1460>", 6,
         "the packet came at 1.0");
}

/* The first of two inbound packets is 3 ms late: the second one is not. */
static void inbound_packets_do_not_drift(void)
{
    CU_ASSERT_EQUAL(run("--tolerance_usecs=3000\n" ACCEPTED
                        "+0 poll([{fd=4, events=POLLIN}], 1, 3) = 0\n"
                        "0.1 < . 1:11(10) ack 1 win 1000\n+.01 < . 11:21(10) ack 1 win 1000\n"
                        "0.103 > . 1:1(0) ack 11\n0.1085 > . 1:1(0) ack 21"),
                    VERDICT_PASS);
}

static void timestamps_are_compared_where_there_is_a_tick(void)
{
#define STAMPED \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n" \
    "+0 listen(3, 1) = 0\n+0 < S 0:0(0) win 1000 <mss 1000,sackOK,TS val 1 ecr 0>\n" \
    "+0 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 500 ecr 1>\n" \
    "+1 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 900 ecr 1>"
    CU_ASSERT_EQUAL(run(STAMPED), VERDICT_PASS);
    fail("--tcp_ts_tick_usecs=1000\n" STAMPED, 7, "timestamp value");
#undef STAMPED
}

static void parts_must_follow_one_another(void)
{
    fail(ACCEPTED "+0 write(4, ..., 1000) = 1000\n+0 > P. 1:2001(2000) ack 1", 9,
         "does not follow the one before");
    fail(ACCEPTED "+0 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0\n"
                  "+0 write(4, ..., 200) = 200\n+0 write(4, ..., 100) = 100\n"
                  "+0 write(4, ..., 400) = 400\n+0 > P. 1:701(700) ack 1",
         12, "another length");
}

static void a_second_syn_ack_changes_no_numbers(void)
{
    CU_ASSERT_EQUAL(run("0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3\n"
                        "+0 connect(3, ..., ...) = -1 EINPROGRESS (x)\n+0 > S 0:0(0) <...>\n"
                        "+0 < S. 100:100(0) ack 1 win 1000\n+0 > . 1:1(0) ack 1\n"
                        "+0 < S. 900:900(0) ack 1 win 1000\n+0 > . 1:1(0) ack 1\n"
                        "+0 < P. 1:11(10) ack 1 win 1000\n+0 > . 1:1(0) ack 11\n"),
                    VERDICT_PASS);
}

static void the_last_of_a_train_has_the_flags(void)
{
    CU_ASSERT_EQUAL(run("--mss=500\n" ACCEPTED "+0 < FP. 1:1001(1000) ack 1 win 1000\n"
                        "+0 > . 1:1(0) ack 1002"),
                    VERDICT_PASS);
}

static void strict_numbers_the_bytes(void)
{
    struct script_options o = {.strict = false};
    struct run r = {.options = &o};
    CU_ASSERT_EQUAL(pattern_byte(&r, 7), 0);
    o.strict = true;
    CU_ASSERT_EQUAL(pattern_byte(&r, 7), 7);
    CU_ASSERT_NOT_EQUAL(pattern_byte(&r, 7), pattern_byte(&r, 7 + 1000));
    CU_ASSERT_NOT_EQUAL(pattern_byte(&r, 7), pattern_byte(&r, 7 + 1460));
    CU_ASSERT_NOT_EQUAL(pattern_byte(&r, 7), pattern_byte(&r, 7 + 4096));
}

/* What is written as control messages, told back by a stack that tells exactly that, or something
 * else. */
static enum verdict controls(const char *sent, const char *wanted)
{
    struct script_options options = {.tolerance_usecs = 4000};
    struct run r = {.options = &options, .arena = &arena, .outcome = &result};
    struct invocation i = {.run = &r};
    struct script_error error = {.set = false};
    struct lexer lexer;
    struct script script;
    char text[1200];
    snprintf(text, sizeof text, "0 recvmsg(%s, %s) = 0", sent, wanted);
    lexer_init(&lexer, &arena, text, strlen(text), &error);
    CU_ASSERT_TRUE_FATAL(script_parse(&script, &lexer, false));
    result = (struct outcome){.verdict = VERDICT_PASS};
    i.line = script.first->call;
    CU_ASSERT_TRUE_FATAL(control_prepare(&i, argument(&i, 0), true));
    control_compare(&i, argument(&i, 1));
    return result.verdict;
}

static void control_messages_are_compared_in_order(void)
{
#define NUMBER "{cmsg_level=SOL_TCP, cmsg_type=TCP_INQ, cmsg_data=5}"
#define OTHER "{cmsg_level=SOL_TCP, cmsg_type=TCP_INQ, cmsg_data=6}"
#define ERROR(code) \
    "{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data={ee_errno=0, " \
    "ee_origin=SO_EE_ORIGIN_ZEROCOPY, ee_type=0, ee_code=" code ", ee_info=0, ee_data=3}}"
    CU_ASSERT_EQUAL(controls("[" NUMBER "]", "[" NUMBER "]"), VERDICT_PASS);
    CU_ASSERT_EQUAL(controls("[" NUMBER "]", "[" OTHER "]"), VERDICT_FAIL);
    CU_ASSERT_EQUAL(controls("[" NUMBER "," ERROR("1") "]", "[" NUMBER "," ERROR("1") "]"),
                    VERDICT_PASS);
    CU_ASSERT_EQUAL(controls("[" NUMBER "," ERROR("1") "]", "[" NUMBER "," ERROR("0") "]"),
                    VERDICT_FAIL);
    CU_ASSERT_EQUAL(controls("[" NUMBER "," ERROR("1") "]", "[" ERROR("1") "," NUMBER "]"),
                    VERDICT_FAIL);
    CU_ASSERT_EQUAL(controls("[" NUMBER "]", "[]"), VERDICT_FAIL);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.text, "more than 0"));
    CU_ASSERT_EQUAL(controls("[]", "[" NUMBER "]"), VERDICT_FAIL);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.text, "missing"));
#undef NUMBER
#undef OTHER
#undef ERROR
}

static void python_that_fails_fails_the_script(void)
{
    CU_ASSERT_EQUAL(run(ACCEPTED "+0 %{ assert tcpi_state == TCP_ESTABLISHED }%"), VERDICT_PASS);
    fail(ACCEPTED "+0 %{ assert tcpi_state == TCP_CLOSE, 'so it is' }%", 8, "so it is");
    fail(ACCEPTED "+0 %{ a = 1 }%\n+0 %{\nassert a\nassert a == 2 }%", 9, "line 11");
    fail("0 %{ assert 1 }%", 1, "without a connection");
    fail(ACCEPTED "+0 %{ import os, signal; os.kill(os.getpid(), signal.SIGALRM) }%", 0,
         "did not end within 20 s");
    fail(ACCEPTED "+0 %{ print('x' * (17 << 20)) }%", 0, "xxx"); /* more than there is room for */
}

static void a_file_that_is_too_long_is_refused_whole(void)
{
    static const struct command_line none;
    char name[64];
    FILE *file = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n//", file);
    for (int i = 0; i < 16 << 20; i++)
        fputc('/', file);
    fputs("\n+0 close(9) = 0\n", file);
    fflush(file);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fileno(file));
    arena_end(&arena);
    script_run_file(&result, &arena, name, &none);
    CU_ASSERT_EQUAL(result.verdict, VERDICT_PARSE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result.text);
    CU_ASSERT_STRING_EQUAL(result.text, "File too large");
    fclose(file);
}

static void strict_sees_what_is_left_over(void)
{
    CU_ASSERT_EQUAL(run(ACCEPTED "+0 close(4) = 0"), VERDICT_PASS);
    fail("--strict\n" ACCEPTED "+0 close(4) = 0\n", 9, "no event asks for");
}

static void non_fatal_failures_are_warnings(void)
{
    CU_ASSERT_EQUAL(run("--non_fatal=syscall\n0 close(3) = 0\n"), VERDICT_PASS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result.warnings);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.warnings, "EBADF"));
}

/* The script is unsupported, by this name. */
static void lack(const char *text, const char *name)
{
    CU_ASSERT_EQUAL(run(text), VERDICT_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result.text);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.text, name));
}

static void what_is_not_there_is_unsupported_by_name(void)
{
    lack("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n0 `dd if=/dev/zero of=x`",
         "shell command dd");
    lack("0 `dd if=/dev/zero of=x bs=1x count=1`", "shell command dd");
    lack("0 `sysctl net.ipv4.tcp_nonsense=1`\n0 close(1) = 0", "tcp_nonsense");
    lack("\n`frobnicate`\n0 close(3) = -1", "frobnicate");
    CU_ASSERT_EQUAL(result.line, 2);
    lack("0 frobnicate(3) = 0", "frobnicate");
    lack("--ip_version=ipv6\n0 close(3) = 0", "IPv6");
    lack("0 setsockopt(3, SOL_SOCKET, SO_NONSENSE, [1], 4) = 0", "SO_NONSENSE");
    lack("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
         "+0 setsockopt(3, SOL_TCP, TCP_MD5SIG, {tcpm_keylen=6}, 216) = 0",
         "setsockopt(SOL_TCP, TCP_MD5SIG)");
    lack("--wire_server\n0 close(3) = 0", "wire_server");
    lack("--no_python\n" ACCEPTED "+0 %{ import os }%", "Python");
    lack(ACCEPTED "+0 %{ assert bbr_mode == 0 }%", "bbr_mode");
    lack(ACCEPTED "+0 open(\"/etc/passwd\", O_RDONLY) = 5", "open()");
    lack(ACCEPTED "+0 pipe([5, 6]) = 0\n+0 read(5, ..., 10) = 10", "read() of a file or a pipe");
    lack(ACCEPTED "+0 pipe([5, 6]) = 0\n+0 splice(4, [0], 6, NULL, 10, 0) = 10", "splice()");
    lack(ACCEPTED "+0 sendfile(4, 3, [0], 10) = 10", "sendfile()");
    lack("0 `tc qdisc add dev tun0 root pfifo limit 0`", "tc");
    lack("0 `echo 1 > /sys/module/x`", "echo > /sys/module/x");
    lack("0 `echo 1 > /proc/sys/net/ipv4/tcp_nonsense`", "tcp_nonsense");
    lack("0 `sleep long`", "sleep");
    lack("0 `ss -t | grep 8080`", "grep 8080");
    lack("0 `sudo -n`", "sudo");
    lack("0 `ifconfig tun0 down`", "ifconfig");
    lack("0 `ifconfig tun0 mtu 60`", "ifconfig");
    lack("0 `ip netns exec a true`", "ip netns");
    lack("0 `sysctl net.inet.tcp.fastopen.setkey=a1a1a1a1`", "setkey");
    lack("0 `ip route change 192.0.2.0/24 advmss 900`", "ip route");
    lack("0 `ip route change 192.0.2.0/24 rto_min 5h`", "ip route");
    lack("0 `ip route change 192.0.2.0/24 mtu lock`", "ip route");
    lack("0 `ip link set dev tun0 mtu 60`", "ip link");
    lack("0 `sysctl net.ipv4.tcp_retries2=256`", "tcp_retries2");
    lack("0 close(3) = -1\n0 `nstat -z TcpNonsense`", "nstat");
    lack("`true`\n0 close(3) = -1\n`frobnicate`", "frobnicate");
    lack("--init_scripts=a.sh,b.sh\n0 close(3) = -1", "a.sh");
}

static void parse_errors_have_a_place(void)
{
    CU_ASSERT_EQUAL(run("0 close(3) = 0\n0 > Q 1:1(0)"), VERDICT_PARSE);
    CU_ASSERT_EQUAL(result.line, 2);
    CU_ASSERT_EQUAL(result.column, 5);
    CU_ASSERT_EQUAL(run("--mtu=12x\n0 close(3) = 0"), VERDICT_PARSE);
    CU_ASSERT_EQUAL(result.line, 1);
}

static const struct unit_test tests[] = {
    {"a packet that differs fails and both are shown",
     a_packet_that_differs_fails_and_both_are_shown},
    {"a buffer is the runners or none", a_buffer_is_the_runners_or_none},
    {"icmp is not seen beside a tcp socket", icmp_is_not_seen_beside_a_tcp_socket},
    {"of ICMP what is written is compared", of_icmp_what_is_written_is_compared},
    {"a packet that never comes fails", a_packet_that_never_comes_fails},
    {"a packet at the wrong time fails", a_packet_at_the_wrong_time_fails},
    {"another result or error fails", another_result_or_error_fails},
    {"another epoll event fails", another_epoll_event_fails},
    {"a pipe holds what is spliced", a_pipe_holds_what_is_spliced},
    {"a call that would wait for ever fails", a_call_that_would_wait_for_ever_fails},
    {"a plain call goes ahead beside one in progress",
     a_plain_call_goes_ahead_beside_one_in_progress},
    {"time must not go backwards", time_must_not_go_backwards},
    {"an echo of a timestamp never sent fails", an_echo_of_a_timestamp_never_sent_fails},
    {"a name in use fails", a_name_in_use_fails},
    {"the tolerance is the larger one", the_tolerance_is_the_larger_one},
    {"inbound packets do not drift", inbound_packets_do_not_drift},
    {"timestamps are compared where there is a tick",
     timestamps_are_compared_where_there_is_a_tick},
    {"parts must follow one another", parts_must_follow_one_another},
    {"a second SYN-ACK changes no numbers", a_second_syn_ack_changes_no_numbers},
    {"the last of a train has the flags", the_last_of_a_train_has_the_flags},
    {"strict numbers the bytes", strict_numbers_the_bytes},
    {"control messages are compared in order", control_messages_are_compared_in_order},
    {"python that fails fails the script", python_that_fails_fails_the_script},
    {"a file that is too long is refused whole", a_file_that_is_too_long_is_refused_whole},
    {"strict sees what is left over", strict_sees_what_is_left_over},
    {"non-fatal failures are warnings", non_fatal_failures_are_warnings},
    {"what is not there is unsupported by name", what_is_not_there_is_unsupported_by_name},
    {"parse errors have a place", parse_errors_have_a_place},
};

int main(void)
{
    int status = UNIT_MAIN("script_run", tests);
    arena_end(&arena);
    return status;
}
