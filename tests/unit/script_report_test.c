/* What people and programs are told of scripts: lines, TAP, JUnit's XML, exit statuses. */
#include "script/file.h"
#include "script/report.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define SOCKET "0 socket(..., SOCK_STREAM, 0) = 3\n"

static struct arena arena;
static char *text;
static size_t length;
static FILE *out;

static void begin(void)
{
    free(text);
    text = NULL;
    arena_end(&arena);
    out = open_memstream(&text, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
}

/* A script of that name and content. */
static struct outcome outcome(const char *name, const char *script)
{
    static const struct command_line none;
    struct script_source source = {name, script, strlen(script)};
    struct outcome o;
    script_run(&o, &arena, &source, &none);
    return o;
}

static void check_output(const char *expected)
{
    fclose(out);
    CU_ASSERT_STRING_EQUAL(text, expected);
    if (strcmp(text, expected))
        printf("\n%s", text);
}

static void a_failure_lists_what_ran_and_then_what_is_wrong(void)
{
    begin();
    struct outcome o = outcome("a.pkt", SOCKET "+.1 close(3) = 0\n+0 < R 7:7(0) win 5\n"
                                               "+0 > R 7:7(0)\n");
    report_outcome(out, &o, true);
    check_output("FAIL a.pkt\n"
                 "      1    0.000000  line 1    0 socket(..., SOCK_STREAM, 0) = 3\n"
                 "      2    0.100000  line 2    +.1 close(3) = 0\n"
                 "      3    0.100000  line 3    +0 < R 7:7(0) win 5\n"
                 "  a.pkt:4: no packet came in time\n");
}

static void a_script_tells_a_terminal_nothing(void)
{
    begin();
    struct outcome a = outcome("a.pkt", SOCKET "+0 `\x1b[2J` // \n"),
                   b = outcome("b.pkt", SOCKET "+0 \x1b[2J\n"),
                   c = outcome("c.pkt",
                               SOCKET "+0 /*\x1b*/ setsockopt(3, 1, 2, \"\x1b\", 1) = 1\n");
    report_outcome(out, &a, true);
    report_outcome(out, &b, true);
    report_outcome(out, &c, true);
    struct outcome d = outcome("\x1b[2J\n.pkt", SOCKET);
    report_outcome(out, &d, false);
    fclose(out);
    CU_ASSERT_PTR_NULL(strchr(text, '\x1b'));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "?[2J?.pkt"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "shell command ?[2J"));
}

static void lines_may_end_as_elsewhere_and_a_mark_may_begin(void)
{
    struct outcome o =
        outcome("a.pkt", "\xef\xbb\xbf--mtu=1400\r\n`sysctl net.ipv4.tcp_sack=0 \\\r\n"
                         " net.ipv4.tcp_timestamps=0\r\ntrue`\r\n" SOCKET);
    CU_ASSERT_EQUAL(o.verdict, VERDICT_PASS);
    o = outcome("b.pkt", "\xef\xbb\xbf?");
    CU_ASSERT_EQUAL(o.column, 1);
    CU_ASSERT_EQUAL(o.verdict, VERDICT_PARSE);
}

static void a_parse_error_has_line_and_column(void)
{
    begin();
    struct outcome o = outcome("b.pkt", SOCKET "+0 > Q 1:1(0)\n");
    report_outcome(out, &o, true);
    check_output("FAIL b.pkt:2:6: TCP flags expected, at `Q`\n");
}

static void quiet_says_nothing_of_what_passes(void)
{
    begin();
    struct outcome o = outcome("c.pkt", "--ignore_psh\n" SOCKET);
    report_outcome(out, &o, true);
    report_outcome(out, &o, false);
    check_output("ok   c.pkt (relaxed)\n");
}

static void tap_escapes_what_would_be_a_directive(void)
{
    begin();
    report_tap_plan(out, 3);
    struct outcome a = outcome("d#1\n.pkt", SOCKET), b = outcome("e.pkt", SOCKET "+0 f(3) = 0\n"),
                   c = outcome("f.pkt", SOCKET "+0 close(4) = 0\n");
    report_tap(out, &a, 1);
    report_tap(out, &b, 2);
    report_tap(out, &c, 3);
    check_output("TAP version 13\n1..3\nok 1 - d\\#1?.pkt\nok 2 - e.pkt # SKIP system call f()\n"
                 "not ok 3 - f.pkt\n# line 2:\n# close() = -1 EBADF, expected 0\n");
}

static void tap_names_no_line_where_there_is_none(void)
{
    begin();
    struct outcome o = {.file = "g.pkt", .verdict = VERDICT_PARSE, .text = "No such file"};
    report_tap(out, &o, 1);
    check_output("not ok 1 - g.pkt\n# No such file\n");
}

static void junit_counts_and_escapes(void)
{
    struct junit junit;
    begin();
    junit_begin(&junit);
    struct outcome a = outcome("<a>&\"\x01.pkt", SOCKET), b = outcome("b.pkt", ""),
                   c = outcome("c.pkt", SOCKET "+1 close(4) = 0\n"),
                   d = outcome("d.pkt", "--ignore_win\n" SOCKET);
    junit_add(&junit, &a);
    junit_add(&junit, &b);
    junit_add(&junit, &c);
    junit_add(&junit, &d);
    junit_end(&junit, out);
    check_output(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"rill-script\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"0\" "
        "time=\"1.000000\">\n"
        "  <testcase classname=\"script\" name=\"&lt;a&gt;&amp;&quot;?.pkt\" "
        "time=\"0.000000\"/>\n"
        "  <testcase classname=\"script\" name=\"b.pkt\" time=\"0.000000\">\n"
        "    <error message=\"line 1: a script without events at the end of the script\">"
        "a script without events at the end of the script</error>\n  </testcase>\n"
        "  <testcase classname=\"script\" name=\"c.pkt\" time=\"1.000000\">\n"
        "    <failure message=\"line 2: close() = -1 EBADF, expected 0\">"
        "  1    0.000000  line 1    0 socket(..., SOCK_STREAM, 0) = 3\n"
        "close() = -1 EBADF, expected 0</failure>\n  </testcase>\n"
        "  <testcase classname=\"script\" name=\"d.pkt\" time=\"0.000000\">\n"
        "    <system-out>relaxed</system-out>\n  </testcase>\n"
        "</testsuite>\n");
}

static int status_of(unsigned failed, unsigned parse_errors, unsigned unsupported)
{
    struct totals t = {.passed = 1,
                       .failed = failed,
                       .parse_errors = parse_errors,
                       .unsupported = unsupported,
                       .skipped = 1};
    return totals_status(&t);
}

static void the_exit_status_tells_the_worst(void)
{
    CU_ASSERT_EQUAL(status_of(0, 0, 0), 0);
    CU_ASSERT_EQUAL(status_of(1, 1, 1), 1);
    CU_ASSERT_EQUAL(status_of(0, 1, 1), 2);
    CU_ASSERT_EQUAL(status_of(0, 0, 1), 3);
}

static void transitions_of_all_scripts_add_up(void)
{
    struct totals t = {0};
    struct outcome o = {.verdict = VERDICT_PASS};
    begin();
    o.transition[RILL_TCP_CLOSED][RILL_TCP_LISTEN] = 2;
    totals_add(&t, &o);
    o.transition[RILL_TCP_LISTEN][RILL_TCP_CLOSED] = 1;
    totals_add(&t, &o);
    report_states(out, &t);
    check_output("CLOSED LISTEN 4\nLISTEN CLOSED 1\n");
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a failure lists what ran and then what is wrong",
         a_failure_lists_what_ran_and_then_what_is_wrong},
        {"a script tells a terminal nothing", a_script_tells_a_terminal_nothing},
        {"lines may end as elsewhere and a mark may begin",
         lines_may_end_as_elsewhere_and_a_mark_may_begin},
        {"a parse error has line and column", a_parse_error_has_line_and_column},
        {"quiet says nothing of what passes", quiet_says_nothing_of_what_passes},
        {"TAP names no line where there is none", tap_names_no_line_where_there_is_none},
        {"tap escapes what would be a directive", tap_escapes_what_would_be_a_directive},
        {"junit counts and escapes", junit_counts_and_escapes},
        {"the exit status tells the worst", the_exit_status_tells_the_worst},
        {"transitions of all scripts add up", transitions_of_all_scripts_add_up},
    };
    int status = UNIT_MAIN("script_report", tests);
    arena_end(&arena);
    free(text);
    return status;
}
