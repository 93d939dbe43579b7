/* Takes the shared options out of argv in one pass; all other arguments stay in order for the
 * program. So programs need to know nothing about the shared options. */
#include "finish.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <rill/host.h>
#include <rill/version.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { EXIT_BAD_OPTION = 2 };
enum { TRACE_MAX = 1 << 20 };           /* records: 92 MB */
enum { MTU_MIN = 68, MTU_MAX = 65521 }; /* RFC 791; 65,535 less the Ethernet header (Linux) */

enum option {
    OPTION_TAP,
    OPTION_ADDRESS,
    OPTION_HOST_ADDRESS,
    OPTION_GATEWAY,
    OPTION_MAC,
    OPTION_MTU,
    OPTION_PORT,
    OPTION_CORES,
    OPTION_MEMORY,
    OPTION_SEED,
    OPTION_PCAP,
    OPTION_PCAP_FILES,
    OPTION_PCAP_SIZE,
    OPTION_TRACE,
    OPTION_CONTROL,
    OPTION_NO_CONTROL,
    OPTION_DEBUG_CLOCK,
    OPTION_NO_OFFLOAD,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT
};

struct row {
    const char *name;
    const char *value; /* name of the value in the help; NULL: takes none */
    const char *help;
};

static const struct row table[] = {
    [OPTION_TAP] = {"tap", "NAME", "the TAP to attach to or to create [rill0]"},
    [OPTION_ADDRESS] = {"address", "A/LEN", "rill's address and prefix length [192.0.2.2/24]"},
    [OPTION_HOST_ADDRESS] = {"host-address", "A/LEN",
                             "the host's address on that TAP, or none [first other of the subnet]"},
    [OPTION_GATEWAY] = {"gateway", "A", "the default route's gateway [the host's address]"},
    [OPTION_MAC] = {"mac", "M", "rill's hardware address [derived from name and address]"},
    [OPTION_MTU] = {"mtu", "N", "bytes of IP in a frame, 68 to 65521 [1500]"},
    [OPTION_PORT] = {"port", "N", "the port to serve, 1 to 65535 [the program's own]"},
    [OPTION_CORES] = {"cores", "N",
                      "stacks that share the address, each with its own thread, 1 to 16;\n"
                      "                        only in rill-httpd and rill-echo [1]"},
    [OPTION_MEMORY] = {"memory", "M",
                       "memory budget of a stack, in million bytes [268]; some 500 bytes for\n"
                       "                        each connection"},
    [OPTION_SEED] = {"seed", "N", "the seed of all random choices of the stack [random]"},
    [OPTION_PCAP] =
        {"pcap", "FILE",
         "record every frame: NAME.pcap and - (standard output) in classic format,\n"
         "                        others as pcapng with a comment on each packet [none]"},
    [OPTION_PCAP_FILES] = {"pcap-files", "N", "captures to keep with --pcap-size [10]"},
    [OPTION_PCAP_SIZE] = {"pcap-size", "M", "start a new capture after M million bytes [no limit]"},
    [OPTION_TRACE] = {"trace", "N",
                      "size of the event trace, for gdb and captures; 0: none [1024]"},
    [OPTION_CONTROL] = {"control", "PATH",
                        "the control socket for rill-ss, accessible only to its owner\n"
                        "                        [PROGRAM.PID.sock in $XDG_RUNTIME_DIR/rill, "
                        "/run/rill or /tmp/rill-UID]"},
    [OPTION_NO_CONTROL] = {"no-control", NULL, "no control socket"},
    [OPTION_DEBUG_CLOCK] = {"debug-clock", NULL,
                            "stop the clock while the process is stopped [under a debugger]"},
    [OPTION_NO_OFFLOAD] = {"no-offload", NULL,
                           "finish checksums and cut segments in the stack, as for a real cable"},
    [OPTION_HELP] = {"help", NULL, "print this"},
    [OPTION_VERSION] = {"version", NULL, "print the version"},
};
_Static_assert(sizeof table / sizeof *table == OPTION_COUNT, "a row for each option");

/* Prints one sentence and exits. */
static _Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
static _Noreturn void refuse(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_BAD_OPTION);
}

/* ---- Values ---- */

static uint64_t parse_number(enum option o, const char *text, uint64_t least, uint64_t most)
{
    char *end;
    errno = 0;
    bool hex = strncasecmp(text, "0x", 2) == 0;
    unsigned long long n = strtoull(text, &end, hex ? 16 : 10);
    if (!isdigit((unsigned char)*text) || *end || errno || n < least || n > most)
        refuse("--%s %s: not a number from %llu to %llu", table[o].name, text,
               (unsigned long long)least, (unsigned long long)most);
    return n;
}

/* 0.0.0.0/8, 127.0.0.0/8 and 224.0.0.0/3 are not addresses of single hosts (RFC 6890). */
static bool is_station(struct rill_address a)
{
    uint8_t first = a.byte[12];
    return first != 0 && first != 127 && first < 224;
}

static struct rill_address parse_ip4(enum option o, const char *text, const char *whole)
{
    struct in_addr in;
    if (inet_pton(AF_INET, text, &in) != 1)
        refuse("--%s %s: %s is not an IPv4 address", table[o].name, whole, text);
    struct rill_address a = rill_address_ip4(ntohl(in.s_addr));
    if (!is_station(a))
        refuse("--%s %s: no single station can have the address %s", table[o].name, whole, text);
    return a;
}

/* The host bits of an address in its subnet. */
static uint32_t host_mask(unsigned prefix)
{
    return (uint32_t)(UINT64_C(0xffffffff) >> prefix);
}

static void parse_subnet(enum option o, const char *text, struct rill_address *address,
                         unsigned *prefix)
{
    char head[RILL_ADDRESS_TEXT];
    const char *slash = strchr(text, '/');
    if (!slash || slash - text >= (ptrdiff_t)sizeof head)
        refuse("--%s %s: not of the form 192.0.2.2/24", table[o].name, text);
    snprintf(head, sizeof head, "%.*s", (int)(slash - text), text);
    *address = parse_ip4(o, head, text);
    char *end;
    unsigned long length = strtoul(slash + 1, &end, 10);
    if (!isdigit((unsigned char)slash[1]) || *end || length < 1 || length > 32)
        refuse("--%s %s: the prefix length is not a number from 1 to 32", table[o].name, text);
    *prefix = (unsigned)length;
    uint32_t mask = host_mask(*prefix), host = rill_address_to_ip4(*address) & mask;
    if (length < 31 && (host == 0 || host == mask))
        refuse("--%s %s: that is the subnet's own or its broadcast address", table[o].name, text);
}

/* Six pairs of hexadecimal digits; the group bit clear. */
static void parse_mac(const char *text, uint8_t mac[6])
{
    bool good = strlen(text) == 17;
    for (int i = 0; good && i < 6; i++) {
        const char *pair = text + 3 * i;
        good = isxdigit((unsigned char)pair[0]) && isxdigit((unsigned char)pair[1]) &&
               pair[2] == (i < 5 ? ':' : '\0');
        mac[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    static const uint8_t zero[6];
    if (!good || mac[0] & 1 || memcmp(mac, zero, sizeof zero) == 0)
        refuse("--mac %s: not a station's hardware address like 02:00:5e:00:53:01", text);
}

static void parse_tap(const char *text, char *name, size_t size)
{
    if (*text == '\0' || strlen(text) >= size || strpbrk(text, "/: \t\n"))
        refuse("--tap %s: not a name of 1 to %zu characters without blank, / or :", text, size - 1);
    strcpy(name, text);
}

static void set_value(struct rill_host_options *to, enum option o, const char *text)
{
    switch (o) {
    case OPTION_TAP:
        parse_tap(text, to->tap, sizeof to->tap);
        break;
    case OPTION_ADDRESS:
        parse_subnet(o, text, &to->address, &to->prefix);
        break;
    case OPTION_HOST_ADDRESS:
        to->host_address = (struct rill_address){0};
        if (strcmp(text, "none") != 0)
            parse_subnet(o, text, &to->host_address, &to->host_prefix);
        break;
    case OPTION_GATEWAY:
        to->gateway = parse_ip4(o, text, text);
        break;
    case OPTION_MAC:
        parse_mac(text, to->mac);
        break;
    case OPTION_MTU:
        to->mtu = (uint16_t)parse_number(o, text, MTU_MIN, MTU_MAX);
        break;
    case OPTION_PORT:
        to->port = (uint16_t)parse_number(o, text, 1, 65535);
        break;
    case OPTION_CORES:
        to->cores = (unsigned)parse_number(o, text, 1, RILL_CORES_MAX);
        break;
    case OPTION_SEED:
        to->seed = parse_number(o, text, 0, UINT64_MAX);
        break;
    case OPTION_PCAP:
        to->pcap = text;
        break;
    case OPTION_PCAP_FILES:
        to->pcap_files = (unsigned)parse_number(o, text, 1, 100000);
        break;
    case OPTION_MEMORY:
        to->memory = parse_number(o, text, 1, 1000000) * 1000000;
        break;
    case OPTION_PCAP_SIZE:
        to->pcap_size = parse_number(o, text, 1, 1000000) * 1000000;
        break;
    case OPTION_TRACE:
        to->trace = (unsigned)parse_number(o, text, 0, TRACE_MAX);
        break;
    case OPTION_CONTROL:
        to->control = text;
        break;
    default: /* the options without a value */
        break;
    }
}

static void set_switch(struct rill_host_options *to, enum option o)
{
    to->no_control |= o == OPTION_NO_CONTROL;
    to->debug_clock |= o == OPTION_DEBUG_CLOCK;
    to->no_offload |= o == OPTION_NO_OFFLOAD;
}

/* ---- Defaults that depend on other options ---- */

static bool is_given(struct rill_address a)
{
    static const struct rill_address zero;
    return !rill_address_equal(a, zero);
}

static bool in_subnet(const struct rill_host_options *o, struct rill_address a)
{
    uint32_t difference = rill_address_to_ip4(a) ^ rill_address_to_ip4(o->address);
    return (difference & ~host_mask(o->prefix)) == 0;
}

/* The first address of rill's subnet that is not rill's own. */
static struct rill_address first_other(const struct rill_host_options *o)
{
    uint32_t ours = rill_address_to_ip4(o->address);
    uint32_t first = ours & ~host_mask(o->prefix);
    if (o->prefix < 31)
        first++; /* skip the subnet's own address */
    return rill_address_ip4(first == ours ? first + 1 : first);
}

/* Fills in the defaults that depend on other options. */
static void complete(struct rill_host_options *o, const bool given[OPTION_COUNT])
{
    if (!given[OPTION_HOST_ADDRESS]) {
        if (o->prefix == 32)
            refuse(
                "--address with /32 leaves no address to the host: name one with --host-address, "
                "or none");
        o->host_address = first_other(o);
        o->host_prefix = o->prefix;
    }
    if (!given[OPTION_GATEWAY])
        o->gateway = o->host_address;
}

static void check_together(const struct rill_host_options *o, const bool given[OPTION_COUNT])
{
    if (o->pcap_size && !o->pcap)
        refuse("--pcap-size bounds a capture: name one with --pcap");
    if (o->pcap_size && strcmp(o->pcap, "-") == 0)
        refuse("--pcap-size bounds files, not standard output (--pcap -)");
    if (given[OPTION_PCAP_FILES] && !o->pcap_size)
        refuse("--pcap-files counts the files that --pcap-size makes: give that, too");
    if (o->cores > 1 && o->pcap && strcmp(o->pcap, "-") == 0)
        refuse("--pcap -: each of several cores records a file of its own");
    if (o->control && o->no_control)
        refuse("--control and --no-control: which of the two?");
    if (rill_address_equal(o->address, o->host_address))
        refuse(
            "--address and --host-address are the same address: rill and the host need one each");
    if (rill_address_equal(o->address, o->gateway))
        refuse("--gateway is rill's own address");
    if (is_given(o->host_address) && !in_subnet(o, o->host_address))
        refuse("--host-address lies outside the subnet of --address: rill would not find the host");
    if (is_given(o->gateway) && !in_subnet(o, o->gateway))
        refuse("--gateway lies outside the subnet of --address: rill would not find it");
}

void rill_host_options_init(struct rill_host_options *o)
{
    *o = (struct rill_host_options){
        .tap = "rill0",
        .address = rill_address_ip4(0xc0000202), /* 192.0.2.0/24: TEST-NET-1, RFC 5737 */
        .prefix = 24,
        .host_address = rill_address_ip4(0xc0000201),
        .host_prefix = 24,
        .gateway = rill_address_ip4(0xc0000201),
        .mtu = 1500,
        .cores = 1,
        .pcap_files = 10,
        .trace = 1024,
    };
    if (getrandom(&o->seed, sizeof o->seed, 0) != sizeof o->seed)
        refuse("getrandom(2) gives no seed: name one with --seed");
}

/* ---- The command line ---- */

static _Noreturn void print_help(const char *about, const char *usage)
{
    size_t length = strlen(usage);
    printf("%s\n\n", about);
    if (length)
        printf("usage: %s%s\n", usage, usage[length - 1] == '\n' ? "" : "\n");
    printf("Options of every rill program, with their defaults:\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        char head[32];
        snprintf(head, sizeof head, "--%s %s", table[i].name, table[i].value ? table[i].value : "");
        printf("  %-21s %s\n", head, table[i].help);
    }
    exit(finish_output(EXIT_SUCCESS, EXIT_FAILURE));
}

static _Noreturn void print_version(void)
{
    printf("rill %s\n", RILL_VERSION);
    exit(finish_output(EXIT_SUCCESS, EXIT_FAILURE));
}

/* Which shared option an argument names, or OPTION_COUNT; *value: the text after its `=`. */
static enum option recognise(const char *argument, const char **value)
{
    if (strncmp(argument, "--", 2) != 0)
        return OPTION_COUNT;
    const char *name = argument + 2;
    size_t length = strcspn(name, "=");
    *value = name[length] ? name + length + 1 : NULL;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strlen(table[i].name) == length && strncmp(table[i].name, name, length) == 0)
            return (enum option)i;
    return OPTION_COUNT;
}

void rill_host_options_parse(struct rill_host_options *o, int *argc, char **argv, const char *about,
                             const char *usage)
{
    bool given[OPTION_COUNT] = {false};
    int kept = 1, i = 1;
    rill_host_options_init(o);
    for (; i < *argc && strcmp(argv[i], "--") != 0; i++) {
        const char *value = NULL;
        enum option which = recognise(argv[i], &value);
        if (which == OPTION_COUNT) {
            argv[kept++] = argv[i];
            continue;
        }
        if (which == OPTION_HELP)
            print_help(about, usage);
        if (which == OPTION_VERSION)
            print_version();
        if (table[which].value && !value && i + 1 < *argc)
            value = argv[++i];
        if (!table[which].value != !value)
            refuse("--%s %s", table[which].name, value ? "takes no value" : "needs a value");
        if (value)
            set_value(o, which, value);
        else
            set_switch(o, which);
        given[which] = true;
    }
    for (; i < *argc; i++)
        argv[kept++] = argv[i];
    argv[kept] = NULL;
    *argc = kept;
    complete(o, given);
    check_together(o, given);
}

/* getopt goes on to the next argument only after the last letter of one. */
static bool is_within(const char *argument, int letter)
{
    if (!argument || argument[0] != '-' || argument[1] == '-' || letter == 0)
        return false;
    const char *at = strchr(argument, letter);
    return at && at[1] != '\0';
}

int rill_host_options_refuse(int result, char *const *argv)
{
    const char letter[] = {'-', (char)optopt, '\0'}; /* it may be one of several in an argument */
    bool is_long = strncmp(argv[optind - 1], "--", 2) == 0 && !is_within(argv[optind], optopt);
    const char *why = "no such option (--help lists them)";
    if (result == ':')
        why = "it needs a value (--help lists the options)";
    else if (is_long && optopt)
        why = "it takes no value (--help lists the options)";
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name,
            is_long ? argv[optind - 1] : letter, why);
    return EXIT_BAD_OPTION;
}

const char *rill_host_options_parse_words(struct rill_host_options *o, char *words,
                                          const char *about, const char *usage)
{
    static const char blank[] = " \t\n";
    int argc = 1;
    char *rest = NULL, **argv = calloc(strlen(words) / 2 + 3, sizeof *argv);
    if (!argv)
        refuse("no memory for the options");
    argv[0] = program_invocation_short_name;
    for (char *w = strtok_r(words, blank, &rest); w; w = strtok_r(NULL, blank, &rest))
        argv[argc++] = w;
    rill_host_options_parse(o, &argc, argv, about, usage);
    const char *unknown = argv[1];
    free(argv);
    return unknown;
}
