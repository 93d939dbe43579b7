/* The shared command line. What ends the process is run in a child, with its output in a pipe. */
#include "unit.h"

#include <getopt.h>
#include <rill/host.h>
#include <rill/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 40 };

/* A command line, cut at blanks. */
struct line {
    char text[320];
    char *argv[ARGUMENTS_MAX];
    int argc;
};

static void cut(struct line *l, const char *text)
{
    snprintf(l->text, sizeof l->text, "app %s", text);
    l->argc = 0;
    for (char *word = strtok(l->text, " "); word; word = strtok(NULL, " "))
        l->argv[l->argc++] = word;
    l->argv[l->argc] = NULL;
}

static const char *usage = "app [THING]";

static struct rill_host_options parse(struct line *l, const char *text)
{
    struct rill_host_options o;
    cut(l, text);
    rill_host_options_parse(&o, &l->argc, l->argv, "app - does nothing", usage);
    return o;
}

static void one_string_is_split_at_white_space(void)
{
    char good[] = " --tap t1\t--mtu=900\n", bad[] = "--mtu 900 --mut 5", none[] = "";
    struct rill_host_options o;
    CU_ASSERT_PTR_NULL(rill_host_options_parse_words(&o, good, "", ""));
    CU_ASSERT_STRING_EQUAL(o.tap, "t1");
    CU_ASSERT_EQUAL(o.mtu, 900);
    CU_ASSERT_STRING_EQUAL(rill_host_options_parse_words(&o, bad, "", ""), "--mut");
    CU_ASSERT_PTR_NULL(rill_host_options_parse_words(&o, none, "", ""));
    CU_ASSERT_EQUAL(o.mtu, 1500);
}

/* What the command line makes the process say on descriptor `fd`, and its exit status. */
static int say(const char *text, int fd, char said[4096])
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct line l;
        dup2(ends[1], fd);
        close(ends[0]);
        parse(&l, text);
        _exit(99); /* it did not end in there */
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t n; (n = read(ends[0], said + length, 4095 - length)) > 0;)
        length += (size_t)n;
    said[length] = '\0';
    close(ends[0]);
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void without_options_the_defaults_stand(void)
{
    struct line l;
    struct rill_host_options o = parse(&l, "");
    CU_ASSERT_STRING_EQUAL(o.tap, "rill0");
    CU_ASSERT_EQUAL(rill_address_to_ip4(o.address), 0xc0000202);
    CU_ASSERT_EQUAL(rill_address_to_ip4(o.host_address), 0xc0000201);
    CU_ASSERT_EQUAL(rill_address_to_ip4(o.gateway), 0xc0000201);
    CU_ASSERT_EQUAL(o.prefix, 24);
    CU_ASSERT_EQUAL(o.host_prefix, 24);
    CU_ASSERT_EQUAL(o.mtu, 1500);
    CU_ASSERT_EQUAL(o.port, 0);
    CU_ASSERT_PTR_NULL(o.pcap);
    CU_ASSERT_EQUAL(o.trace, 1024);
    CU_ASSERT_EQUAL(o.memory, 0);
    CU_ASSERT_FALSE(o.debug_clock);
    CU_ASSERT_PTR_NULL(o.control);
    CU_ASSERT_FALSE(o.no_control);
    CU_ASSERT_TRUE(parse(&l, "--no-control").no_control);
    CU_ASSERT_NOT_EQUAL(o.seed, parse(&l, "").seed);
}

static void every_option_is_taken_in_both_spellings(void)
{
    static const uint8_t mac[6] = {2, 0, 0x5e, 0xab, 0x53, 1};
    static const char *spelling[] = {
        "--tap t1 --address 10.1.2.3/16 --host-address 10.1.0.9/16 --gateway 10.1.0.8 --mac "
        "02:00:5e:aB:53:01 --mtu 9000 --port 8080 --seed 0x10 --pcap x.pcap --trace 64 "
        "--debug-clock --no-offload --control /c --cores 3 --memory 700",
        "--tap=t1 --address=10.1.2.3/16 --host-address=10.1.0.9/16 --gateway=10.1.0.8 "
        "--mac=02:00:5e:ab:53:01 --mtu=9000 --port=8080 --seed=16 --pcap=x.pcap --trace=64 "
        "--debug-clock --no-offload --control=/c --cores=3 --memory=700",
    };
    for (int i = 0; i < 2; i++) {
        struct line l;
        struct rill_host_options o = parse(&l, spelling[i]);
        CU_ASSERT_EQUAL(l.argc, 1);
        CU_ASSERT_STRING_EQUAL(o.tap, "t1");
        CU_ASSERT_EQUAL(rill_address_to_ip4(o.address), 0x0a010203);
        CU_ASSERT_EQUAL(o.prefix, 16);
        CU_ASSERT_EQUAL(rill_address_to_ip4(o.host_address), 0x0a010009);
        CU_ASSERT_EQUAL(o.host_prefix, 16);
        CU_ASSERT_EQUAL(rill_address_to_ip4(o.gateway), 0x0a010008);
        CU_ASSERT(memcmp(o.mac, mac, 6) == 0);
        CU_ASSERT_EQUAL(o.mtu, 9000);
        CU_ASSERT_EQUAL(o.port, 8080);
        CU_ASSERT_EQUAL(o.seed, 16);
        CU_ASSERT_STRING_EQUAL(o.pcap, "x.pcap");
        CU_ASSERT_EQUAL(o.trace, 64);
        CU_ASSERT_TRUE(o.debug_clock);
        CU_ASSERT_STRING_EQUAL(o.control, "/c");
        CU_ASSERT_TRUE(o.no_offload);
        CU_ASSERT_EQUAL(o.cores, 3);
        CU_ASSERT_EQUAL(o.memory, 700000000);
    }
}

static void what_is_not_shared_stays_in_order(void)
{
    struct line l;
    static const char *left[] = {"app", "-v", "--own=3", "file", "--porter",
                                 "-",   "--", "--mtu",   "9"};
    struct rill_host_options o =
        parse(&l, "-v --port 7 --own=3 file --porter - --mtu 576 -- --mtu 9");
    CU_ASSERT_EQUAL(o.port, 7);
    CU_ASSERT_EQUAL(o.mtu, 576);
    CU_ASSERT_EQUAL_FATAL(l.argc, 9);
    for (int i = 0; i < 9; i++)
        CU_ASSERT_STRING_EQUAL(l.argv[i], left[i]);
    CU_ASSERT_PTR_NULL(l.argv[9]);
}

static void numbers_are_decimal_unless_they_begin_with_0x(void)
{
    struct line l;
    CU_ASSERT_EQUAL(parse(&l, "--port 010").port, 10); /* as in rill-nc and rill-ss */
    CU_ASSERT_EQUAL(parse(&l, "--port 0x10").port, 16);
    CU_ASSERT_EQUAL(parse(&l, "--seed 0").seed, 0);
}

static uint32_t host_of(const char *text)
{
    struct line l;
    return rill_address_to_ip4(parse(&l, text).host_address);
}

static void the_host_gets_the_first_other_address_of_the_subnet(void)
{
    CU_ASSERT_EQUAL(host_of("--address 10.0.0.77/8"), 0x0a000001);
    CU_ASSERT_EQUAL(host_of("--address 10.0.0.1/8"), 0x0a000002);
    CU_ASSERT_EQUAL(host_of("--address 10.0.0.4/31"), 0x0a000005);
    CU_ASSERT_EQUAL(host_of("--address 10.0.0.5/31"), 0x0a000004);
}

static void the_host_may_have_none(void)
{
    static const struct rill_address zero;
    struct line l;
    struct rill_host_options o = parse(&l, "--address 10.0.0.5/32 --host-address none");
    CU_ASSERT(rill_address_equal(o.host_address, zero));
    CU_ASSERT(rill_address_equal(o.gateway, zero));
    o = parse(&l, "--address 10.0.0.5/24 --host-address none --gateway 10.0.0.254");
    CU_ASSERT_EQUAL(rill_address_to_ip4(o.gateway), 0x0a0000fe);
}

/* One sentence on standard error that names the option, and status 2. */
static bool is_refused(const char *text, const char *option)
{
    char said[4096];
    int status = say(text, STDERR_FILENO, said);
    const char *end = strchr(said, '\n');
    bool good = status == 2 && strstr(said, option) && end && end[1] == '\0';
    if (!good)
        fprintf(stderr, "%s: status %d, said \"%s\"\n", text, status, said);
    return good;
}

static void each_bad_value_is_one_sentence_that_names_the_option(void)
{
    static const char *const bad[][2] = {
        {"--tap", "--tap"},
        {"--tap=", "--tap"},
        {"--tap sixteen-letters-", "--tap"},
        {"--tap a/b", "--tap"},
        {"--address 192.0.2.2", "--address"},
        {"--address 192.0.2.256/24", "--address"},
        {"--address 192.0.2.2/33", "--address"},
        {"--address 192.0.2.2/0", "--address"},
        {"--address 192.0.2.2/", "--address"},
        {"--address 192.0.2.2/+4", "--address"},
        {"--address 192.0.2.2/24x", "--address"},
        {"--address 192.0.2.0/24", "--address"},
        {"--address 192.0.2.255/24", "--address"},
        {"--address 224.0.0.1/24", "--address"},
        {"--address 127.0.0.2/24", "--address"},
        {"--address 0.0.0.2/24", "--address"},
        {"--address ::1/64", "--address"},
        {"--address 10.0.0.5/32", "--address"},
        {"--host-address x/24", "--host-address"},
        {"--host-address 192.0.2.2/24", "--host-address"},
        {"--host-address 10.0.0.1/24", "--host-address"},
        {"--gateway 192.0.2.1/24", "--gateway"},
        {"--gateway 192.0.2.2", "--gateway"},
        {"--gateway 10.0.0.1", "--gateway"},
        {"--cores 0", "--cores"},
        {"--memory 0", "--memory"},
        {"--memory 1000001", "--memory"},
        {"--cores 17", "--cores"},
        {"--cores 2 --pcap -", "--pcap"},
        {"--mac 01:00:5e:00:53:01", "--mac"},
        {"--mac 00:00:00:00:00:00", "--mac"},
        {"--mac 02:00:5e:00:53", "--mac"},
        {"--mac 02:00:5e:00:53:0g", "--mac"},
        {"--mac 02:00:5e:00:53:011", "--mac"},
        {"--mtu 67", "--mtu"},
        {"--mtu 65522", "--mtu"},
        {"--mtu 1500x", "--mtu"},
        {"--mtu -1", "--mtu"},
        {"--port 0", "--port"},
        {"--port 65536", "--port"},
        {"--port 99999999999999999999999", "--port"},
        {"--seed seed", "--seed"},
        {"--seed", "--seed"},
        {"--trace -1", "--trace"},
        {"--trace 1048577", "--trace"},
        {"--debug-clock=yes", "--debug-clock"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT(is_refused(bad[i][0], bad[i][1]));
}

static void help_tells_every_option_and_ends_well(void)
{
    static const char *const option[] = {"--tap NAME",  "--address A/LEN", "--host-address A/LEN",
                                         "--gateway A", "--mac M",         "--mtu N",
                                         "--port N",    "--seed N",        "--pcap FILE",
                                         "--help",      "--version",       "--debug-clock",
                                         "--trace N",   "--no-offload"};
    char said[4096];
    CU_ASSERT_EQUAL(say("thing --help", STDOUT_FILENO, said), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "app - does nothing\n\nusage: app [THING]\n"));
    for (size_t i = 0; i < sizeof option / sizeof *option; i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(said, option[i]));
    for (const char *line = said; *line; line = strchr(line, '\n') + 1)
        CU_ASSERT(strcspn(line, "\n") <= 100);
}

static void help_without_usage_has_no_line_for_it(void)
{
    static const char begins[] = "app - does nothing\n\nOptions of every rill program";
    char said[4096];
    const char *before = usage;
    usage = "";
    CU_ASSERT_EQUAL(say("--help", STDOUT_FILENO, said), 0);
    usage = before;
    CU_ASSERT_EQUAL(strncmp(said, begins, strlen(begins)), 0);
}

static void version_tells_the_version_and_ends_well(void)
{
    char said[4096];
    CU_ASSERT_EQUAL(say("--version", STDOUT_FILENO, said), 0);
    CU_ASSERT_STRING_EQUAL(said, "rill " RILL_VERSION "\n");
}

/* What is printed about the first argument that getopt_long refuses, and its exit status. */
static int refuse(const char *text, char **said)
{
    static const struct option own[] = {
        {"file", required_argument, NULL, 'f'}, {"live", no_argument, NULL, 'l'}, {0}};
    struct line l;
    size_t length;
    FILE *before = stderr;
    cut(&l, text);
    optind = opterr = 0;
    int option;
    while ((option = getopt_long(l.argc, l.argv, ":klw:", own, NULL)) != '?' && option != ':')
        continue;
    stderr = open_memstream(said, &length);
    int status = rill_host_options_refuse(option, l.argv);
    fclose(stderr);
    stderr = before;
    return status;
}

static void what_getopt_refuses_is_one_sentence(void)
{
    static const char *const rows[][2] = {
        {"--none x", "--none: no such option (--help lists them)"},
        {"x -kq", "-q: no such option (--help lists them)"},
        {"-qk x", "-q: no such option (--help lists them)"},
        {"--live -qk x", "-q: no such option (--help lists them)"},
        {"--file", "--file: it needs a value (--help lists the options)"},
        {"-kw", "-w: it needs a value (--help lists the options)"},
        {"--live=1", "--live=1: it takes no value (--help lists the options)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *said;
        CU_ASSERT_EQUAL(refuse(rows[i][0], &said), 2);
        const char *after = strstr(said, ": ");
        CU_ASSERT_TRUE(after && !strncmp(after + 2, rows[i][1], strlen(rows[i][1])));
        CU_ASSERT_EQUAL(said[strlen(said) - 1], '\n');
        free(said);
    }
}

static const struct unit_test tests[] = {
    {"without options the defaults stand", without_options_the_defaults_stand},
    {"every option is taken in both spellings", every_option_is_taken_in_both_spellings},
    {"what is not shared stays, in order", what_is_not_shared_stays_in_order},
    {"numbers are decimal unless they begin with 0x",
     numbers_are_decimal_unless_they_begin_with_0x},
    {"one string is split at white space", one_string_is_split_at_white_space},
    {"the host gets the first other address of the subnet",
     the_host_gets_the_first_other_address_of_the_subnet},
    {"the host may have none", the_host_may_have_none},
    {"each bad value is one sentence that names the option",
     each_bad_value_is_one_sentence_that_names_the_option},
    {"what getopt refuses is one sentence", what_getopt_refuses_is_one_sentence},
    {"--help tells every option and ends well", help_tells_every_option_and_ends_well},
    {"--help without usage has no line for it", help_without_usage_has_no_line_for_it},
    {"--version tells the version and ends well", version_tells_the_version_and_ends_well},
};

int main(void)
{
    return UNIT_MAIN("options", tests);
}
