/* rill-ss: its command line, its filters, and what it makes of a socket's status. */
#include "ss/counters.h"
#include "ss/follow.h"
#include "ss/options.h"
#include "ss/summary.h"
#include "ss/words.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 16 };

static struct options options;

/* The status of a command line, cut at blanks; what it says is thrown away. */
static int parse(const char *text)
{
    static char line[256];
    char *argv[WORDS_MAX];
    int argc = 0, out = dup(1), err = dup(2);
    snprintf(line, sizeof line, "rill-ss %s", text);
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    fflush(NULL);
    CU_ASSERT_PTR_NOT_NULL(freopen("/dev/null", "w", stdout));
    CU_ASSERT_PTR_NOT_NULL(freopen("/dev/null", "w", stderr));
    int status = options_parse(&options, argc, argv);
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    return status;
}

static struct rill_status status_of(enum rill_tcp_state state)
{
    return (struct rill_status){.kind = RILL_STATUS_CONNECTION,
                                .state = (uint8_t)state,
                                .local = rill_address_ip4(0xc0000202),
                                .remote = rill_address_ip4(0xc0000201),
                                .local_port = 80,
                                .remote_port = 4000,
                                .age = RILL_MILLISECONDS(12345)};
}

/* What is printed by `print`, in memory. */
static char *said;
static size_t said_length;

static FILE *hear(void)
{
    free(said);
    return open_memstream(&said, &said_length);
}

static bool passes(const char *line, struct rill_status s)
{
    CU_ASSERT_EQUAL(parse(line), -1);
    return filter_passes(&options.filter, &s);
}

static void the_scopes_are_those_of_ss(void)
{
    struct rill_status listener = status_of(RILL_TCP_LISTEN), open = status_of(RILL_TCP_FIN_WAIT_2),
                       wait = status_of(RILL_TCP_TIME_WAIT), udp = status_of(RILL_TCP_CLOSED);
    udp.kind = RILL_STATUS_DATAGRAM;
    CU_ASSERT_TRUE(passes("", open) && !passes("", listener) && !passes("", wait));
    CU_ASSERT_TRUE(!passes("", udp) && passes("-l", udp) && passes("-l", listener));
    CU_ASSERT_TRUE(!passes("-l", open) && passes("-a", open) && passes("-a", wait));
    CU_ASSERT_TRUE(passes("-ta", open) && !passes("-ta", udp));
    CU_ASSERT_TRUE(passes("-ua", udp) && !passes("-ua", open));
    CU_ASSERT_TRUE(passes("-tua", udp) && passes("-s", wait));
}

static void expressions_narrow_it(void)
{
    struct rill_status s = status_of(RILL_TCP_CLOSE_WAIT), wait = status_of(RILL_TCP_TIME_WAIT);
    CU_ASSERT_TRUE(passes("state close-wait", s) && passes("state CLOSE_WAIT", s));
    CU_ASSERT_TRUE(!passes("state established", s) && passes("state all", wait));
    CU_ASSERT_TRUE(passes("state established state close-wait", s));
    CU_ASSERT_TRUE(!passes("-a exclude time-wait", wait) && passes("-a exclude time-wait", s));
    CU_ASSERT_TRUE(passes("sport = :80", s) && !passes("sport = :81", s));
    CU_ASSERT_TRUE(passes("dport 4000", s) && !passes("dport :80", s));
    CU_ASSERT_TRUE(passes("src 192.0.2.2 and dst 192.0.2.1", s) && !passes("src 192.0.2.1", s));
}

/* s: 192.0.2.2:80 to 192.0.2.1:4000. */
static void an_end_may_be_a_prefix_and_a_port(void)
{
    struct rill_status s = status_of(RILL_TCP_CLOSE_WAIT), listener = status_of(RILL_TCP_LISTEN);
    listener.local = listener.remote = (struct rill_address){{0}};
    CU_ASSERT_TRUE(passes("src 192.0.0.0/16", s) && passes("src 192.0.2.3/24", s));
    CU_ASSERT_TRUE(passes("src 192.0.2.2/31", s) && !passes("src 192.0.2.0/31", s));
    CU_ASSERT_TRUE(passes("dst 192.0.2.0/24:4000", s) && !passes("dst 192.0.2.0/24:80", s));
    CU_ASSERT_TRUE(!passes("dst 10.0.0.0/8:4000", s) && passes("src 192.0.2.2:80", s));
    CU_ASSERT_TRUE(passes("src :80", s) && !passes("src :81", s) && passes("src *:80", s));
    CU_ASSERT_TRUE(passes("src 192.0.2.2:*", s) && !passes("src 192.0.2.1:*", s));
    CU_ASSERT_TRUE(!passes("src 192.0.2.2 sport = 81", s) && !passes("sport 80 src :81", s));
    CU_ASSERT_TRUE(passes("-l src 0.0.0.0/0", listener) && passes("-l src 0.0.0.0", listener));
    CU_ASSERT_FALSE(passes("-l src 192.0.2.0/24", listener));
}

static void options_are_taken(void)
{
    CU_ASSERT_EQUAL(parse("-4noim --socket /x -H"), -1);
    CU_ASSERT_TRUE(options.style.details && options.style.memory && options.no_header);
    CU_ASSERT_STRING_EQUAL(options.socket, "/x");
    CU_ASSERT_EQUAL(options.what, SHOW_SOCKETS);
    CU_ASSERT_EQUAL(parse("--follow 80"), -1);
    CU_ASSERT_TRUE(options.what == FOLLOW && options.port == 80);
    CU_ASSERT_EQUAL(parse("--counters -zj"), -1);
    CU_ASSERT_TRUE(options.what == SHOW_COUNTERS && options.zeros && options.json);
    CU_ASSERT_EQUAL(parse("--list"), -1);
    CU_ASSERT_EQUAL(options.what, SHOW_STACKS);
    CU_ASSERT_EQUAL(parse("--help"), 0);
}

static void what_makes_no_sense_is_refused(void)
{
    static const char *const lines[] = {
        "--nonsense",     "--follow",    "--follow x",      "--follow 65536",
        "--follow 80 -j", "state",       "state open",      "sport = 0",
        "sport = http",   "dst 192.0.2", "established",     "exclude never",
        "sport = ",       "src",         "src 1.2.3.4/33",  "src 1.2.3.4/",
        "src 1.2.3.4/-1", "src 10/8",    "src 1.2.3.4:x",   "src 1.2.3.4/8x",
        "src ::1",        "dst /8",      "dst 1.2.3.4/8:0",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        CU_ASSERT_EQUAL(parse(lines[i]), 2);
}

static void a_row_has_ss_s_columns_and_whose_turn_it_is(void)
{
    struct rill_status s = status_of(RILL_TCP_CLOSE_WAIT);
    s.receive_queue = 7;
    s.send_queue = 9;
    s.limit = RILL_LIMIT_WINDOW;
    s.timer[0] = (struct rill_status_timer){RILL_MILLISECONDS(250), RILL_TIMER_PERSIST, 2};
    s.timers = 1;
    FILE *out = hear();
    table_row(out, &s, &(struct table_style){0}, NULL);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(
        said, "tcp   CLOSE-WAIT      7      9           192.0.2.2:80  192.0.2.1:4000            "
              "12.3s rwnd    the application has to read the rest and to close: the peer has "
              "timer:(persist,250ms,2)\n");
}

/* Is the process told as the user of it? */
static bool has_user(struct rill_status s)
{
    struct rill_control_greeting process = {.pid = 1234, .program = "rill-echo"};
    FILE *out = hear();
    table_row(out, &s, &(struct table_style){0}, &process);
    fclose(out);
    return strstr(said, " users:((\"rill-echo\",pid=1234))") != NULL;
}

static void what_the_application_holds_has_a_user(void)
{
    struct rill_status s = status_of(RILL_TCP_CLOSE_WAIT);
    CU_ASSERT_EQUAL(parse("-tp"), -1);
    CU_ASSERT_TRUE(options.processes && has_user(s));
    s.unaccepted = true;
    CU_ASSERT_FALSE(has_user(s));
    s.unaccepted = false;
    s.orphan = true;
    CU_ASSERT_FALSE(has_user(s));
    for (unsigned kind = 0; kind < RILL_STATUS_KIND_COUNT; kind++) {
        s = status_of(RILL_TCP_LISTEN);
        s.kind = (uint8_t)kind;
        CU_ASSERT_EQUAL(has_user(s), kind != RILL_STATUS_SYN && kind != RILL_STATUS_TIME_WAIT);
    }
}

static void the_turn_is_told_for_each_state(void)
{
    static const struct {
        enum rill_tcp_state state;
        uint32_t receive_queue, send_queue;
        enum rill_limit limit;
        const char *whose, *text;
    } row[] = {
        {RILL_TCP_LISTEN, 0, 5, 0, "nobody", "waits for peers"},
        {RILL_TCP_LISTEN, 1, 5, 0, "application", "accept who waits"},
        {RILL_TCP_LISTEN, 6, 5, 0, "application", "its queue is full"},
        {RILL_TCP_SYN_SENT, 0, 0, 0, "peer", "answer our SYN"},
        {RILL_TCP_SYN_RECEIVED, 0, 0, 0, "peer", "acknowledge our SYN"},
        {RILL_TCP_ESTABLISHED, 0, 0, 0, "nobody", "both are silent"},
        {RILL_TCP_ESTABLISHED, 3, 0, 0, "application", "has to read"},
        {RILL_TCP_ESTABLISHED, 0, 9, RILL_LIMIT_WINDOW, "peer", "open its window"},
        {RILL_TCP_ESTABLISHED, 0, 9, RILL_LIMIT_CWND, "peer", "acknowledge before"},
        {RILL_TCP_ESTABLISHED, 0, 9, RILL_LIMIT_PACING, "nobody", "time will come"},
        {RILL_TCP_CLOSE_WAIT, 0, 0, 0, "application", "has to close: the peer has"},
        {RILL_TCP_CLOSE_WAIT, 0, 9, RILL_LIMIT_WINDOW, "peer", "open its window"},
        {RILL_TCP_FIN_WAIT_2, 0, 0, 0, "peer", "has to close: its application"},
        {RILL_TCP_FIN_WAIT_1, 0, 0, 0, "peer", "acknowledge our FIN"},
        {RILL_TCP_LAST_ACK, 0, 5, 0, "peer", "our text and FIN"},
        {RILL_TCP_CLOSING, 0, 0, 0, "peer", "acknowledge our FIN"},
        {RILL_TCP_TIME_WAIT, 0, 0, 0, "nobody", "old segments die out"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct rill_status s = status_of(row[i].state);
        s.receive_queue = row[i].receive_queue;
        s.send_queue = row[i].send_queue;
        s.limit = (uint8_t)row[i].limit;
        CU_ASSERT_STRING_EQUAL(words_whose(&s), row[i].whose);
        CU_ASSERT_PTR_NOT_NULL(strstr(words_turn(&s), row[i].text));
    }
}

static void times_are_short(void)
{
    char text[WORDS_TIME];
    CU_ASSERT_STRING_EQUAL(words_time(text, RILL_MILLISECONDS(250)), "250ms");
    CU_ASSERT_STRING_EQUAL(words_time(text, RILL_MILLISECONDS(59999)), "59.9s");
    CU_ASSERT_STRING_EQUAL(words_time(text, RILL_SECONDS(303)), "5min3s");
    CU_ASSERT_STRING_EQUAL(words_time(text, RILL_SECONDS(7500)), "2h5min");
}

static void json_is_printed_with_commas_and_escapes(void)
{
    struct json j = {.out = hear()};
    json_open(&j, NULL, '{');
    json_string(&j, "a", "x\"y\\z\n\xff");
    json_open(&j, "b", '[');
    json_open(&j, NULL, '{');
    json_null(&j, "c");
    json_bool(&j, "d", true);
    json_close(&j, '}');
    json_open(&j, NULL, '{');
    json_close(&j, '}');
    json_close(&j, ']');
    json_time(&j, "e", RILL_MICROSECONDS(1500042));
    json_close(&j, '}');
    fclose(j.out);
    CU_ASSERT_STRING_EQUAL(said, "{\"a\":\"x\\\"y\\\\z\\u000a\\u00ff\",\"b\":[{\"c\":null,\"d\":"
                                 "true},{}],\"e\":1500.042}");
}

static void counters_are_printed_as_nstat_does(void)
{
    static struct rill_counters c;
    c.value[RILL_TcpInSegs] = 42;
    c.drop[RILL_DROP_TCP_CHECKSUM] = 3;
    FILE *out = hear();
    counters_print(out, &c, false);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(said, "#rill\nTcpInSegs                       42                 0.0\n"
                                 "RillDrop_TCP_CHECKSUM           3                  0.0\n");
    out = hear();
    counters_print(out, &c, true);
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "\nTcpOutSegs                      0   "));
}

static void a_summary_counts(void)
{
    struct summary sum = {0};
    struct rill_status s = status_of(RILL_TCP_CLOSE_WAIT), w = status_of(RILL_TCP_TIME_WAIT);
    summary_add(&sum, &s);
    summary_add(&sum, &s);
    summary_add(&sum, &w);
    FILE *out = hear();
    summary_print(out, &sum, &(struct rill_control_greeting){0});
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "TCP:   3 (CLOSE-WAIT 2, TIME-WAIT 1)\nUDP:   0\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "the application's 2, the peer's 0"));
}

static void a_change_is_told_with_time_cause_and_sentence(void)
{
    struct rill_trace_record r = {.event = RILL_EVENT_STATE,
                                  .before = RILL_TCP_ESTABLISHED,
                                  .after = RILL_TCP_CLOSE_WAIT,
                                  .reason = RILL_REASON_SEGMENT,
                                  .local_ip4 = 0xc0000202,
                                  .local_port = 80,
                                  .remote_ip4 = 0xc0000201,
                                  .remote_port = 4000};
    setenv("TZ", "UTC", 1);
    FILE *out = hear();
    follow_print(out, &r, RILL_SECONDS(3661) + RILL_MICROSECONDS(5));
    fclose(out);
    CU_ASSERT_STRING_EQUAL(said, "01:01:01.000005  192.0.2.2:80 <-> 192.0.2.1:4000  ESTABLISHED -> "
                                 "CLOSE_WAIT  an arriving segment; RFC 9293 3.10.7.4: \"Enter the "
                                 "CLOSE-WAIT state.\"\n");
    r = (struct rill_trace_record){.event = RILL_EVENT_COUNT, .seq = 12};
    out = hear();
    follow_print(out, &r, 0);
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "12 events came too fast"));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"the scopes are those of ss", the_scopes_are_those_of_ss},
        {"expressions narrow it", expressions_narrow_it},
        {"an end may be a prefix and a port", an_end_may_be_a_prefix_and_a_port},
        {"options are taken", options_are_taken},
        {"what makes no sense is refused", what_makes_no_sense_is_refused},
        {"a row has ss's columns and whose turn it is",
         a_row_has_ss_s_columns_and_whose_turn_it_is},
        {"what the application holds has a user", what_the_application_holds_has_a_user},
        {"the turn is told for each state", the_turn_is_told_for_each_state},
        {"times are short", times_are_short},
        {"JSON is printed with commas and escapes", json_is_printed_with_commas_and_escapes},
        {"counters are printed as nstat does", counters_are_printed_as_nstat_does},
        {"a summary counts", a_summary_counts},
        {"a change is told with time, cause and sentence",
         a_change_is_told_with_time_cause_and_sentence},
    };
    int status = UNIT_MAIN("ss", tests);
    free(said);
    return status;
}
