/* The language: tokens, the parser, the errors' places, comparing packets. */
#include "script/live.h"
#include "script/match.h"
#include "script/print.h"
#include "script/script.h"
#include "unit.h"
#include "wire/tcp_header.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct script_error error;
static struct lexer lexer;
static struct script script;

static void open_text(const char *text)
{
    arena_end(&arena);
    error = (struct script_error){.set = false};
    lexer_init(&lexer, &arena, text, strlen(text), &error);
}

static bool parse(const char *text)
{
    open_text(text);
    return script_parse(&script, &lexer, false);
}

/* The text cannot be parsed, and the error stands there. */
static void refuse(const char *text, int line, int column, const char *why)
{
    CU_ASSERT_FALSE(parse(text));
    CU_ASSERT_EQUAL(error.line, line);
    CU_ASSERT_EQUAL(error.column, column);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, why));
    if (error.line != line || error.column != column || !strstr(error.text, why))
        printf("\n%s\n  %d:%d: %s\n", text, error.line, error.column, error.text);
}

/* ------------------------------------------------------------------- tokens */

static void expect_token(enum token_kind kind, const char *text)
{
    struct token t = lexer_next(&lexer);
    CU_ASSERT_EQUAL(t.kind, kind);
    CU_ASSERT_STRING_EQUAL(t.text, text);
}

static void numbers_words_and_characters_are_told_apart(void)
{
    open_text("12 -3 0x1F .1 0.25 S. 1:1001(1000) TFO_COOKIE 3021b9d8 ...");
    expect_token(TOKEN_INTEGER, "12");
    expect_token(TOKEN_INTEGER, "-3");
    expect_token(TOKEN_HEX, "0x1F");
    expect_token(TOKEN_FLOAT, ".1");
    expect_token(TOKEN_FLOAT, "0.25");
    expect_token(TOKEN_WORD, "S");
    expect_token(TOKEN_CHARACTER, ".");
    expect_token(TOKEN_INTEGER, "1");
    expect_token(TOKEN_CHARACTER, ":");
    expect_token(TOKEN_INTEGER, "1001");
    expect_token(TOKEN_CHARACTER, "(");
    expect_token(TOKEN_INTEGER, "1000");
    expect_token(TOKEN_CHARACTER, ")");
    expect_token(TOKEN_WORD, "TFO_COOKIE");
    expect_token(TOKEN_WORD, "3021b9d8");
    expect_token(TOKEN_ELLIPSIS, "...");
    expect_token(TOKEN_END, "");
    expect_token(TOKEN_END, "");
}

static void an_ellipsis_ends_a_number(void)
{
    open_text("+0...0.200 0.1...0.2");
    expect_token(TOKEN_CHARACTER, "+");
    expect_token(TOKEN_INTEGER, "0");
    expect_token(TOKEN_ELLIPSIS, "...");
    expect_token(TOKEN_FLOAT, "0.200");
    expect_token(TOKEN_FLOAT, "0.1");
    expect_token(TOKEN_ELLIPSIS, "...");
    expect_token(TOKEN_FLOAT, "0.2");
}

static void strings_resolve_their_escapes(void)
{
    open_text("\"a\\n\\x41\\\"\" `b \\` c` %{ d } e }%");
    expect_token(TOKEN_STRING, "a\nA\"");
    expect_token(TOKEN_SHELL, "b \\` c");
    expect_token(TOKEN_PYTHON, " d } e ");
}

static void comments_and_places_of_tokens(void)
{
    open_text("a // b\n/* c\n d */  e");
    expect_token(TOKEN_WORD, "a");
    struct token t = lexer_next(&lexer);
    CU_ASSERT_STRING_EQUAL(t.text, "e");
    CU_ASSERT_EQUAL(t.line, 3);
    CU_ASSERT_EQUAL(t.column, 8);
}

static void unended_texts_are_errors_where_they_begin(void)
{
    static const char *const texts[] = {"\n \"abc", "\n `abc", "\n %{abc", "\n /*abc",
                                        "\n \"\\q\""};
    static const int columns[] = {2, 2, 2, 2, 4};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        open_text(texts[i]);
        CU_ASSERT_EQUAL(lexer_next(&lexer).kind, TOKEN_END);
        CU_ASSERT_TRUE(error.set);
        CU_ASSERT_EQUAL(error.line, 2);
        CU_ASSERT_EQUAL(error.column, columns[i]);
    }
}

static void a_defined_word_becomes_what_its_value_is(void)
{
    static struct definition list[] = {{&list[1], "N", "42"},
                                       {&list[2], "S", "\"text\""},
                                       {&list[3], "C", "`run`"},
                                       {NULL, "W", "other"}};
    open_text("N S C W X");
    lexer.definitions = list;
    expect_token(TOKEN_INTEGER, "42");
    expect_token(TOKEN_STRING, "text");
    expect_token(TOKEN_SHELL, "run");
    expect_token(TOKEN_WORD, "other");
    expect_token(TOKEN_WORD, "X");
}

static void ifdef_keeps_what_is_defined_only(void)
{
    static const struct definition list[] = {{NULL, "YES", "1"}};
    open_text("a\n#ifdef YES\nb\n#endif\n#ifdef NO\nc\n#endif\nd");
    lexer.definitions = list;
    expect_token(TOKEN_WORD, "a");
    expect_token(TOKEN_WORD, "b");
    expect_token(TOKEN_WORD, "d");
    expect_token(TOKEN_END, "");
    CU_ASSERT_FALSE(error.set);
}

static void option_lines_stop_at_the_first_event(void)
{
    const char *name, *value;
    int line;
    open_text("// c\n--mss=1000 // d\n--strict\n--define=A=\"b c\"\n0 x() = 0");
    CU_ASSERT_TRUE(lexer_option(&lexer, &name, &value, &line));
    CU_ASSERT_STRING_EQUAL(name, "mss");
    CU_ASSERT_STRING_EQUAL(value, "1000");
    CU_ASSERT_EQUAL(line, 2);
    CU_ASSERT_TRUE(lexer_option(&lexer, &name, &value, &line));
    CU_ASSERT_PTR_NULL(value);
    CU_ASSERT_TRUE(lexer_option(&lexer, &name, &value, &line));
    CU_ASSERT_STRING_EQUAL(value, "A=\"b c\"");
    CU_ASSERT_FALSE(lexer_option(&lexer, &name, &value, &line));
    expect_token(TOKEN_INTEGER, "0");
}

/* -------------------------------------------------------------------- times */

static struct event_time time_of(const char *text)
{
    char whole[200];
    snprintf(whole, sizeof whole, "%s > . 1:1(0) ack 1", text);
    CU_ASSERT_TRUE_FATAL(parse(whole));
    return script.first->time;
}

static void times_are_truncated_to_microseconds(void)
{
    CU_ASSERT_EQUAL(time_of("0").at, 0);
    CU_ASSERT_EQUAL(time_of("1.5").at, 1500000);
    CU_ASSERT_EQUAL(time_of(".0000019").at, 1);
    CU_ASSERT_EQUAL(time_of("+ .25").at, 250000);
    CU_ASSERT_EQUAL(time_of("+0").kind, TIME_RELATIVE);
    CU_ASSERT_EQUAL(time_of("*").kind, TIME_ANY);
}

static void a_range_has_two_ends(void)
{
    struct event_time t = time_of("+.1~+.3");
    CU_ASSERT_TRUE(t.range);
    CU_ASSERT_EQUAL(t.kind, TIME_RELATIVE);
    CU_ASSERT_EQUAL(t.at, 100000);
    CU_ASSERT_EQUAL(t.second, 300000);
    refuse("+.1~.3 > . 1:1(0) ack 1", 1, 5, "both ends");
    refuse(".3~.1 > . 1:1(0) ack 1", 1, 7, "ends before it begins");
    refuse("0~1 < . 1:1(0) ack 1 win 5", 1, 1, "only an outbound packet");
    refuse("* close(3) = 0", 1, 1, "only an outbound packet");
    refuse("0...1 > . 1:1(0) ack 1", 1, 1, "only a system call");
}

/* ------------------------------------------------------------------ packets */

static const struct script_packet *packet(const char *text)
{
    char whole[400];
    snprintf(whole, sizeof whole, "0 %s", text);
    CU_ASSERT_TRUE_FATAL(parse(whole));
    return script.first->packet;
}

static void flags_are_a_word_and_a_dot(void)
{
    CU_ASSERT_EQUAL(packet("> . 1:1(0) ack 1")->flags, TCP_ACK);
    CU_ASSERT_EQUAL(packet("> S. 0:0(0) ack 1")->flags, TCP_SYN | TCP_ACK);
    CU_ASSERT_EQUAL(packet("> - 0:0(0)")->flags, 0);
    CU_ASSERT_EQUAL(packet("> FPU. 1:1(0) ack 1")->flags, TCP_FIN | TCP_PSH | TCP_URG | TCP_ACK);
    CU_ASSERT_EQUAL(packet("> SEW 0:0(0)")->flags, TCP_SYN | TCP_ECE | TCP_CWR);
    CU_ASSERT_EQUAL(packet("> P.5 1:1(0) ack 1")->flags, TCP_PSH | TCP_ACK | TCP_AE | TCP_ECE);
    CU_ASSERT_EQUAL(packet("> .2 1:1(0) ack 1")->flags, TCP_ACK | TCP_CWR);
    CU_ASSERT_TRUE(packet("> P3. 1:1(0) ack 1")->ace);
    refuse("0 > .E 1:1(0) ack 1", 1, 6, "flags stand before the `.`");
    refuse("0 > SX 1:1(0)", 1, 5, "TCP flags");
    refuse("0 > E5. 1:1(0)", 1, 5, "TCP flags");
    refuse("0 > SS 1:1(0)", 1, 5, "TCP flags");
}

static void the_end_is_the_start_and_the_length(void)
{
    const struct script_packet *p = packet("> P. 1:1001(1000) ack 5 win 7 urg 9");
    CU_ASSERT_EQUAL(p->seq, 1);
    CU_ASSERT_EQUAL(p->length, 1000);
    CU_ASSERT_EQUAL(p->ack, 5);
    CU_ASSERT_EQUAL(p->window, 7);
    CU_ASSERT_EQUAL(p->urgent, 9);
    refuse("0 > P. 1:1001(999) ack 1", 1, 10, "start plus its length");
    refuse("0 > P. 4294967295:0(1) ack 1", 1, 19, "start plus its length");
    refuse("0 > P. 1:1001 ack 1", 1, 15, "`(` expected");
}

static void an_inbound_packet_needs_its_window(void)
{
    refuse("0 < . 1:1(0) ack 1", 1, 19, "needs `win`");
    refuse("0 < . 1:1(0) ack 1 win 70000", 1, 24, "window of 0 to 65535");
    refuse("0 < S 0:0(0) win 5 <...>", 1, 21, "needs its options");
}

static void options_are_encoded_in_their_order(void)
{
    const struct script_packet *p =
        packet("> S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 7,nop,wscale 8>");
    static const uint8_t kinds[] = {2, 4, 8, 1, 3};
    CU_ASSERT_EQUAL_FATAL(p->options, 5);
    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(p->option[i].kind, kinds[i]);
    CU_ASSERT_EQUAL(wire_get16(p->option[0].data), 1460);
    CU_ASSERT_EQUAL(wire_get32(p->option[2].data), 100);
    CU_ASSERT_EQUAL(wire_get32(p->option[2].data + 4), 7);
    CU_ASSERT_EQUAL(p->option[4].data[0], 8);
    p = packet("> . 1:1(0) ack 1 <nop,nop,sack 1:2 3:4>");
    CU_ASSERT_EQUAL(p->option[2].size, 18);
    CU_ASSERT_EQUAL(wire_get32(p->option[2].data + 12), 4);
}

static void options_must_fill_words(void)
{
    refuse("0 > S 0:0(0) <mss 1460,nop>", 1, 14, "multiple of 4");
    refuse("0 > S 0:0(0) <mss 1460", 1, 23, "`>` expected");
    refuse("0 > S 0:0(0) <mess 1460>", 1, 15, "TCP option expected");
    refuse("0 > . 1:1(0) <sack 1:2 1:2 1:2 1:2 1:2,nop,nop>", 1, 36, "4 SACK blocks");
}

static void cookies_are_hex_of_even_length(void)
{
    const struct script_packet *p = packet("> S 0:0(0) <FO 0123456789abcdef,nop,nop>");
    CU_ASSERT_EQUAL(p->option[0].kind, OPTION_FAST_OPEN);
    CU_ASSERT_EQUAL(p->option[0].size, 10);
    CU_ASSERT_EQUAL(p->option[0].data[7], 0xef);
    CU_ASSERT_EQUAL(packet("> S 0:0(0) <FO 01234567,nop,nop>")->option[0].size, 6);
    CU_ASSERT_EQUAL(packet("> S 0:0(0) <FO,nop,nop>")->option[0].size, 2);
    refuse("0 > S 0:0(0) <FO 123,nop,nop,nop>", 1, 18, "even count");
}

static void icmp_has_names_for_types_and_codes(void)
{
    const struct script_packet *p =
        packet("< icmp unreachable frag_needed mtu 1400 [1:1001(1000)]");
    CU_ASSERT_EQUAL(p->type, 3);
    CU_ASSERT_EQUAL(p->code, 4);
    CU_ASSERT_EQUAL(p->mtu, 1400);
    CU_ASSERT_EQUAL(p->echo.seq, 1);
    CU_ASSERT_EQUAL(packet("< icmp type_42 code_7")->code, 7);
    refuse("0 < icmp unreachable host_unreachable mtu 5", 1, 43, "frag_needed only");
    refuse("0 < icmp nonsense", 1, 10, "ICMP type");
    refuse("0 < icmp unreachable nonsense", 1, 22, "ICMP code");
}

static char *printed(const char *text)
{
    static char out[400];
    FILE *file = fmemopen(out, sizeof out, "w");
    packet_print(file, packet(text), text[0] == '<');
    fclose(file);
    return out;
}

static void what_is_printed_can_be_parsed_again(void)
{
    static const char *const texts[] = {
        "< S 0:0(0) win 65535 <mss 1000,sackOK,TS val 1 ecr 0,nop,wscale 7>",
        "> P. 1:1001(1000) ack 1 <nop,nop,sack 5:7 1:2>",
        "> [ect01] . 1:1(0) ack 7 <...>",
        "> [tos 0x10] FP.5 1:1(0) ack 7 urg 3",
        "> [dscp 0x8, ect0, ttl 9] . 1:1(0) ack 7",
        "> - 4294967295:4294967295(0)",
        "> P. ...(100) ack 1 <nop,nop,TS val ... ecr 11>",
        "< icmp unreachable frag_needed mtu 1400 [1:1001(1000)]",
        "> udp (500)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CU_ASSERT_STRING_EQUAL(printed(texts[i]), texts[i]);
}

/* -------------------------------------------------------------------- calls */

static void values_nest(void)
{
    CU_ASSERT_TRUE_FATAL(
        parse("0 sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=A|B}, 0) = 10"));
    const struct expression *header = script.first->call->arguments->first->next;
    CU_ASSERT_EQUAL_FATAL(header->kind, EXPRESSION_STRUCT);
    CU_ASSERT_EQUAL(header->children, 3);
    CU_ASSERT_STRING_EQUAL(header->first->name, "msg_name");
    CU_ASSERT_EQUAL(header->first->next->first->last->number, 10);
    CU_ASSERT_EQUAL(header->last->kind, EXPRESSION_OR);
    CU_ASSERT_EQUAL(script.first->call->result->number, 10);
}

static void what_a_line_lacks_is_missed_at_its_end(void)
{
    refuse("0 < . 1:1(0) ack 1\n+0 close(3) = 0", 1, 19, "needs `win` at the end of the line");
    refuse("0 close(3)\n", 1, 11, "`=` expected at the end of the script");
    refuse("0 sendmsg(3, {msg_name(...)=...,\n*", 1, 33, "at the end of the line");
    refuse("0 %{ a\nb }%\n+0\n2 close(3) = 0", 3, 3, "at the end of the line");
    refuse("0 < S 0:0(0) win 5 <mss 100,\n bogus>", 2, 2, "TCP option expected, at `bogus`");
    refuse("0 close(3) = 0\n)", 2, 1, "time in seconds expected, at `)`");
}

static void an_error_is_followed_by_a_note(void)
{
    CU_ASSERT_TRUE_FATAL(parse("0 read(4, ..., 5) = -1 EAGAIN (Try again)"));
    CU_ASSERT_STRING_EQUAL(script.first->call->error, "EAGAIN");
    CU_ASSERT_TRUE_FATAL(parse("0 fcntl(4, F_GETFL) = 0x2 (flags O_RDWR|O_NONBLOCK)"));
    CU_ASSERT_PTR_NULL(script.first->call->error);
    refuse("0 read(4, ..., 5) = -1 EAGAIN\n0 close(3) = 0", 1, 30, "note");
    refuse("0 read(4, ..., 5)", 1, 18, "`=` expected");
    refuse("0 read(4, ..., 5 = 3", 1, 18, "`,` or the end of the list");
    refuse("0 read(4, [1, 2) = 3", 1, 16, "`,` or the end of the list");
    refuse("0 read(4,) = 3", 1, 10, "value expected");
    refuse("0 read = 3", 1, 8, "`(` expected");
}

static void values_nest_so_deep_and_no_deeper(void)
{
    char text[200000] = "0 f(";
    memset(text + 4, '[', 15);
    memset(text + 19, ']', 15);
    strcpy(text + 34, ") = 0");
    CU_ASSERT_TRUE(parse(text));
    memset(text + 4, '[', sizeof text - 5);
    refuse(text, 1, 20, "nest too deeply");
}

static void adjacent_strings_are_one(void)
{
    CU_ASSERT_TRUE_FATAL(parse("0 f(\"ab\" \"c\"...) = 0"));
    CU_ASSERT_STRING_EQUAL(script.first->call->arguments->first->text, "abc");
    CU_ASSERT_EQUAL(script.first->call->arguments->first->length, 3);
}

static void commands_stand_first_and_last(void)
{
    CU_ASSERT_TRUE_FATAL(parse("`a` 0 close(3) = 0 +0 `b` `c`"));
    CU_ASSERT_STRING_EQUAL(script.init->text, "a");
    CU_ASSERT_EQUAL(script.events, 2);
    CU_ASSERT_STRING_EQUAL(script.first->next->text, "b");
    CU_ASSERT_STRING_EQUAL(script.cleanup->text, "c");
    refuse("0 close(3) = 0 `c` 0 close(3) = 0", 1, 20, "end of the script");
    refuse("`a`", 1, 4, "without events");
    refuse("", 1, 1, "without events");
}

static void encapsulation_is_unsupported_rather_than_wrong(void)
{
    refuse("0 > ipv4 1.1.1.1 > 2.2.2.2: . 1:1(0) ack 1", 1, 5, "encapsulated");
    CU_ASSERT_TRUE(error.unsupported);
}

/* ----------------------------------------------------------------- matching */

static const char *difference(const char *wanted, const char *got, const struct relaxations *relax)
{
    struct script_options o = {0};
    struct script_packet w = *packet(wanted);
    struct script_packet g = *packet(got);
    if (relax)
        o.relax = *relax;
    return packet_difference(&w, &g, &o, 0);
}

static void fields_are_compared(void)
{
    static const char *const base = "> P. 1:11(10) ack 5 win 7 <nop,nop,TS val 1 ecr 2>";
    CU_ASSERT_PTR_NULL(difference(base, base, NULL));
    CU_ASSERT_PTR_NULL(difference("> P. 1:11(10) ack 5 <...>", base, NULL));
    CU_ASSERT_STRING_EQUAL(difference("> . 1:11(10) ack 5 <...>", base, NULL), "flags");
    CU_ASSERT_STRING_EQUAL(difference("> P. 2:12(10) ack 5 <...>", base, NULL), "sequence number");
    CU_ASSERT_STRING_EQUAL(difference("> P. 1:10(9) ack 5 <...>", base, NULL), "length");
    CU_ASSERT_STRING_EQUAL(difference("> P. 1:11(10) ack 6 <...>", base, NULL),
                           "acknowledgement number");
    CU_ASSERT_STRING_EQUAL(difference("> P. 1:11(10) ack 5 win 8 <...>", base, NULL), "window");
    CU_ASSERT_STRING_EQUAL(difference("> P. 1:11(10) ack 5 urg 1 <...>", base, NULL),
                           "urgent pointer");
    CU_ASSERT_STRING_EQUAL(difference("> P. 1:11(10) ack 5", base, NULL), "TCP options");
}

static void raw_options_are_read_as_what_they_make_up(void)
{
    CU_ASSERT_PTR_NULL(
        difference("> S 0:0(0) <020405b403030601>", "> S 0:0(0) <mss 1460,wscale 6,nop>", NULL));
    const struct script_packet *p = packet("< S 0:0(0) win 5 <0x0204ff00>");
    CU_ASSERT_EQUAL(p->options, 4);
    CU_ASSERT_TRUE(p->option[2].kind == 0xff && p->option[2].size == 1);
    refuse("0 > S 0:0(0) <0200ffff>", 1, 15, "options that could be sent");
    refuse("0 > S 0:0(0) <02040506ab>", 1, 15, "options that could be sent");
    refuse("0 < S 0:0(0) win 5 <020405>", 1, 20, "multiple of 4");
}

static void relaxations_let_one_thing_pass_each(void)
{
    struct relaxations window = {.window = true}, push = {.push = true},
                       syn = {.syn_options = true}, order = {.option_order = true};
    CU_ASSERT_PTR_NULL(difference("> . 1:1(0) ack 1 win 5", "> . 1:1(0) ack 1 win 6", &window));
    CU_ASSERT_PTR_NULL(difference("> P. 1:2(1) ack 1", "> . 1:2(1) ack 1", &push));
    CU_ASSERT_STRING_EQUAL(difference("> F. 1:2(1) ack 1", "> . 1:2(1) ack 1", &push), "flags");
    CU_ASSERT_PTR_NULL(difference("> S 0:0(0) <mss 5>", "> S 0:0(0)", &syn));
    CU_ASSERT_STRING_EQUAL(
        difference("> . 1:1(0) ack 1 <nop,nop,sackOK>", "> . 1:1(0) ack 1", &syn), "TCP options");
    CU_ASSERT_PTR_NULL(
        difference("> S 0:0(0) <mss 5,nop,wscale 1>", "> S 0:0(0) <nop,wscale 1,mss 5>", &order));
    CU_ASSERT_STRING_EQUAL(
        difference("> S 0:0(0) <mss 5,nop,wscale 1>", "> S 0:0(0) <mss 5>", &order), "TCP options");
}

static void reserved_bits_must_be_clear(void)
{
    struct script_options o = {0};
    struct script_packet wanted = *packet("> . 1:1(0) ack 1"), got = wanted;
    CU_ASSERT_PTR_NULL(packet_difference(&wanted, &got, &o, 0));
    got.reserved = 4;
    CU_ASSERT_STRING_EQUAL(packet_difference(&wanted, &got, &o, 0), "reserved bits");
}

static void tos_ttl_and_ecn_are_compared_where_they_are_written(void)
{
    struct script_options o = {0};
    struct script_packet got = *packet("> . 1:1(0) ack 1");
    got.ip.tos = 0x11;
    got.ip.ttl = 7;
    CU_ASSERT_PTR_NULL(packet_difference(packet("> . 1:1(0) ack 1"), &got, &o, 0));
    CU_ASSERT_PTR_NULL(packet_difference(packet("> [tos 0x11] . 1:1(0) ack 1"), &got, &o, 0));
    CU_ASSERT_STRING_EQUAL(packet_difference(packet("> [tos 0x10] . 1:1(0) ack 1"), &got, &o, 0),
                           "tos");
    CU_ASSERT_PTR_NULL(packet_difference(packet("> [ect1] . 1:1(0) ack 1"), &got, &o, 0));
    CU_ASSERT_PTR_NULL(packet_difference(packet("> [ect01] . 1:1(0) ack 1"), &got, &o, 0));
    CU_ASSERT_STRING_EQUAL(packet_difference(packet("> [ce] . 1:1(0) ack 1"), &got, &o, 0),
                           "ECN bits");
    CU_ASSERT_PTR_NULL(packet_difference(packet("> [dscp 0x4, ect1] . 1:1(0) ack 1"), &got, &o, 0));
    CU_ASSERT_STRING_EQUAL(packet_difference(packet("> [dscp 0x5] . 1:1(0) ack 1"), &got, &o, 0),
                           "tos");
    CU_ASSERT_STRING_EQUAL(packet_difference(packet("> (ttl 8) . 1:1(0) ack 1"), &got, &o, 0),
                           "ttl");
    CU_ASSERT_PTR_NULL(packet_difference(packet("> (ttl 255) . 1:1(0) ack 1"), &got, &o, 0));
}

static void a_sent_packet_is_taken_apart(void)
{
    static const uint8_t tcp[TCP_HEADER] = {0, 80, 1,    0,    0, 0, 0, 7, 0, 0,
                                            0, 9,  0x50, 0x12, 0, 5, 0, 0, 0, 0};
    uint8_t bytes[IP4_HEADER + TCP_HEADER];
    struct ip4 ip = {.total_length = sizeof bytes, .ttl = 64, .protocol = IP_PROTOCOL_TCP};
    ip4_write(bytes, &ip);
    memcpy(bytes + IP4_HEADER, tcp, sizeof tcp);
    struct live *l = live_new(bytes, sizeof bytes, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(l);
    CU_ASSERT_PTR_NULL(l->malformed);
    CU_ASSERT_EQUAL(l->packet.source, 80);
    CU_ASSERT_EQUAL(l->packet.seq, 7);
    CU_ASSERT_EQUAL(l->packet.ack, 9);
    CU_ASSERT_EQUAL(l->packet.flags, TCP_SYN | TCP_ACK);
    CU_ASSERT_EQUAL(l->packet.window, 5);
    CU_ASSERT_FALSE(l->checksum_good);
    free(l);
}

static const struct unit_test tests[] = {
    {"numbers, words and characters are told apart", numbers_words_and_characters_are_told_apart},
    {"an ellipsis ends a number", an_ellipsis_ends_a_number},
    {"strings resolve their escapes", strings_resolve_their_escapes},
    {"comments disappear and tokens know their places", comments_and_places_of_tokens},
    {"unended texts are errors where they begin", unended_texts_are_errors_where_they_begin},
    {"a defined word becomes what its value is", a_defined_word_becomes_what_its_value_is},
    {"#ifdef keeps what is defined only", ifdef_keeps_what_is_defined_only},
    {"option lines stop at the first event", option_lines_stop_at_the_first_event},
    {"times are truncated to microseconds", times_are_truncated_to_microseconds},
    {"a range has two ends", a_range_has_two_ends},
    {"flags are a word and a dot", flags_are_a_word_and_a_dot},
    {"the end is the start and the length", the_end_is_the_start_and_the_length},
    {"an inbound packet needs its window", an_inbound_packet_needs_its_window},
    {"options are encoded in their order", options_are_encoded_in_their_order},
    {"options must fill words", options_must_fill_words},
    {"raw options are read as what they make up", raw_options_are_read_as_what_they_make_up},
    {"cookies are hex of even length", cookies_are_hex_of_even_length},
    {"ICMP has names for types and codes", icmp_has_names_for_types_and_codes},
    {"what is printed can be parsed again", what_is_printed_can_be_parsed_again},
    {"values nest", values_nest},
    {"what a line lacks is missed at its end", what_a_line_lacks_is_missed_at_its_end},
    {"an error is followed by a note", an_error_is_followed_by_a_note},
    {"values nest so deep and no deeper", values_nest_so_deep_and_no_deeper},
    {"adjacent strings are one", adjacent_strings_are_one},
    {"commands stand first and last", commands_stand_first_and_last},
    {"encapsulation is unsupported rather than wrong",
     encapsulation_is_unsupported_rather_than_wrong},
    {"fields are compared", fields_are_compared},
    {"relaxations let one thing pass each", relaxations_let_one_thing_pass_each},
    {"reserved bits must be clear", reserved_bits_must_be_clear},
    {"tos, ttl and ECN are compared where they are written",
     tos_ttl_and_ecn_are_compared_where_they_are_written},
    {"a sent packet is taken apart", a_sent_packet_is_taken_apart},
};

int main(void)
{
    int status = UNIT_MAIN("script", tests);
    arena_end(&arena);
    return status;
}
