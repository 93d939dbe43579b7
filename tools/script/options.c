#include "script/options.h"

#include "link/port.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 1000000000

enum form {
    FORM_FLAG,
    FORM_U16,
    FORM_MTU,
    FORM_I64,
    FORM_PERCENT,
    FORM_ADDRESS,
    FORM_IGNORED, /* matters only to the original tool */
    FORM_REFUSED, /* makes a script unsupported */
    FORM_SPECIAL  /* has its own code */
};

struct row {
    const char *name;
    enum form form;
    size_t offset;
};

#define AT(field) offsetof(struct script_options, field)

static const struct row rows[] = {
    {"verbose", FORM_FLAG, AT(verbose)},
    {"dry_run", FORM_FLAG, AT(dry_run)},
    {"strict", FORM_FLAG, AT(strict)},
    {"strict_segments", FORM_FLAG, AT(strict_segments)},
    {"offload", FORM_FLAG, AT(offload)},
    {"tcp_ts_ecr_scaled", FORM_FLAG, AT(echo_scaled)},
    {"ignore_win", FORM_FLAG, AT(relax.window)},
    {"ignore_psh", FORM_FLAG, AT(relax.push)},
    {"ignore_syn_options", FORM_FLAG, AT(relax.syn_options)},
    {"ignore_syn_options_order", FORM_FLAG, AT(relax.option_order)},
    {"ignore_extra_acks", FORM_FLAG, AT(relax.extra_acks)},
    {"ignore_rcvbuf", FORM_FLAG, AT(relax.receive_buffer)},
    {"bind_port", FORM_U16, AT(bind_port)},
    {"connect_port", FORM_U16, AT(connect_port)},
    {"mtu", FORM_MTU, AT(mtu)},
    {"mss", FORM_U16, AT(mss)},
    {"turns", FORM_U16, AT(turns)},
    {"no_python", FORM_FLAG, AT(no_python)},
    {"tolerance_usecs", FORM_I64, AT(tolerance_usecs)},
    {"tcp_ts_tick_usecs", FORM_I64, AT(tick_usecs)},
    {"seed", FORM_I64, AT(seed)},
    {"tolerance_percent", FORM_PERCENT, AT(tolerance_percent)},
    {"local_ip", FORM_ADDRESS, AT(local)},
    {"remote_ip", FORM_ADDRESS, AT(remote)},
    {"gateway_ip", FORM_ADDRESS, AT(gateway)},
    {"netmask_ip", FORM_ADDRESS, AT(netmask)},
    {"send_omit_free", FORM_IGNORED, 0},
    {"debug", FORM_IGNORED, 0},
    {"code_command", FORM_IGNORED, 0},
    {"code_format", FORM_IGNORED, 0},
    {"code_sockopt", FORM_IGNORED, 0},
    {"code_verbose", FORM_IGNORED, 0},
    {"persistent_tun_dev", FORM_IGNORED, 0},
    {"tun_dev", FORM_IGNORED, 0},
    {"no_cleanup", FORM_IGNORED, 0},
    {"speed", FORM_IGNORED, 0},
    {"wire_client_dev", FORM_IGNORED, 0}, /* of wire_client and wire_server, which are refused */
    {"wire_server_dev", FORM_IGNORED, 0},
    {"wire_server_ip", FORM_IGNORED, 0},
    {"wire_server_port", FORM_IGNORED, 0},
    {"tcp_md5_secret", FORM_REFUSED, 0},
    {"psp_udp_port", FORM_REFUSED, 0},
    {"udp_encapsulation", FORM_REFUSED, 0},
    {"wire_client", FORM_REFUSED, 0},
    {"wire_server", FORM_REFUSED, 0},
    {"is_anyip", FORM_REFUSED, 0},
    {"so_filename", FORM_REFUSED, 0},
    {"so_flags", FORM_REFUSED, 0},
    {"define", FORM_SPECIAL, 0},
    {"ip_version", FORM_SPECIAL, 0},
    {"non_fatal", FORM_SPECIAL, 0},
    {"init_scripts", FORM_SPECIAL, 0},
    {"preset", FORM_SPECIAL, 0},
    {"freebsd", FORM_SPECIAL, 0},
};

static const char *option_error(struct arena *a, const char *name, const char *what)
{
    char text[160];
    int n = snprintf(text, sizeof text, "--%.60s: %s", name, what);
    return arena_copy(a, text, (size_t)n);
}

/* ----------------------------------------------------------- definitions */

static struct definition *definition_new(struct arena *a, const char *name, size_t length,
                                         const char *value)
{
    struct definition *d = arena_get(a, sizeof *d);
    d->name = arena_copy(a, name, length);
    d->value = arena_copy(a, value, strlen(value));
    return d;
}

/* The last definition of a name counts. */
static void define(struct script_options *o, struct arena *a, const char *name, size_t length,
                   const char *value)
{
    struct definition *d = definition_new(a, name, length, value);
    d->next = o->definitions;
    o->definitions = d;
}

void options_define_defaults(struct script_options *o, struct arena *a)
{
    /* Of google's harness for IPv4, and for IPv4 through sockets of AF_INET6 (section 16). */
    static const char *const rest[][3] = {
        {"TFO_COOKIE", "3021b9d889017eeb", "3021b9d889017eeb"},
        {"TFO_COOKIE_ZERO", "b7c12350a90dc8f5", "b7c12350a90dc8f5"},
        {"CODE", "host_unreachable", "host_unreachable"},
        {"CMSG_LEVEL_IP", "SOL_IP", "SOL_IPV6"},
        {"CMSG_TYPE_RECVERR", "IP_RECVERR", "IPV6_RECVERR"},
    };
    struct definition **end = &o->definitions;
    while (*end)
        end = &(*end)->next;
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        const char *name = rest[i][0], *value = rest[i][o->ip6_mapped ? 2 : 1];
        struct definition *d = definition_new(a, name, strlen(name), value);
        *end = d;
        end = &d->next;
    }
}

void options_init(struct script_options *o)
{
    *o = (struct script_options){
        .preset = RILL_PRESET_LINUX,
        .local = 0xc0a80001,
        .remote = 0xc0000201,
        .gateway = 0xc0a80001,
        .netmask = 0xffff0000,
        .bind_port = 8080,
        .connect_port = 8080,
        .mtu = 1500,
        .tolerance_usecs = 4000,
        .tolerance_percent = 12.5,
        .seed = 1,
        .turns = 1000,
        .init_scripts = "",
    };
}

/* Fast Open on both sides and on every listener (0x70403), with the key of TFO_COOKIE, which is
 * public and so good only for tests. */
void options_google(struct rill_config *c)
{
    static const uint8_t key[16] = {0xa1, 0xa1, 0xa1, 0xa1, 0xb2, 0xb2, 0xb2, 0xb2,
                                    0xc3, 0xc3, 0xc3, 0xc3, 0xd4, 0xd4, 0xd4, 0xd4};
    rill_config_preset(c, RILL_PRESET_LINUX);
    c->tcp.fast_open = RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_SERVER | RILL_FAST_OPEN_ALL_LISTENERS;
    c->tcp.fast_open_keys = 1;
    memcpy(c->tcp.fast_open_key, key, sizeof key);
}

void options_config(const struct script_options *o, struct rill_config *c)
{
    rill_config_init(c);
    if (o->preset == RILL_PRESET_LINUX)
        options_google(c);
    else
        rill_config_preset(c, o->preset);
    c->seed = o->seed;
    c->check = true;
}

/* -------------------------------------------------------- single options */

static const char *set_version(struct script_options *o, const char *value)
{
    o->ip6 = !strcmp(value, "ipv6");
    o->ip6_mapped = !strcmp(value, "ipv4-mapped-ipv6") || !strcmp(value, "ipv4_mapped_ipv6");
    return o->ip6 || o->ip6_mapped || !strcmp(value, "ipv4") ? NULL
                                                             : "ipv4, ipv6 or ipv4-mapped-ipv6";
}

static const char *set_preset(struct script_options *o, const char *value)
{
    static const char *const names[] = {"rill", "linux", "freebsd"};
    for (int i = RILL_PRESET_NONE; i <= RILL_PRESET_FREEBSD; i++)
        if (!strcmp(value, names[i])) {
            o->preset = (enum rill_preset)i;
            return NULL;
        }
    return "linux, freebsd or rill";
}

/* Section 18, and "useful relaxations" of 23.9. */
static void set_freebsd(struct script_options *o, struct arena *a)
{
    o->preset = RILL_PRESET_FREEBSD;
    o->freebsd = true;
    o->strict_segments = true;
    o->tolerance_percent = 5;
    o->relax = (struct relaxations){true, true, true, true, true, true};
    define(o, a, "STANDARD", strlen("STANDARD"), "1");
}

static const char *set_non_fatal(struct script_options *o, const char *value)
{
    o->non_fatal_packet |= strstr(value, "packet") != NULL;
    o->non_fatal_call |= strstr(value, "syscall") != NULL;
    return o->non_fatal_packet || o->non_fatal_call ? NULL : "packet, syscall or both";
}

static const char *set_definition(struct script_options *o, struct arena *a, const char *value)
{
    const char *equals = strchr(value, '=');
    if (!equals || equals == value)
        return "NAME=VALUE";
    define(o, a, value, (size_t)(equals - value), equals + 1);
    return NULL;
}

/* NULL, or the expected form of the value. */
static const char *set_special(struct script_options *o, struct arena *a, const char *name,
                               const char *value)
{
    if (!strcmp(name, "freebsd")) {
        set_freebsd(o, a);
        return NULL;
    }
    if (!strcmp(name, "define"))
        return set_definition(o, a, value);
    if (!strcmp(name, "ip_version"))
        return set_version(o, value);
    if (!strcmp(name, "non_fatal"))
        return set_non_fatal(o, value);
    if (!strcmp(name, "preset"))
        return set_preset(o, value);
    o->init_scripts = arena_copy(a, value, strlen(value));
    return NULL;
}

static const char *set_number(struct script_options *o, const struct row *r, const char *value)
{
    static const struct {
        int64_t least, most;
        const char *said;
    } bounds[] = {[FORM_U16] = {0, UINT16_MAX, "a number from 0 to 65535"},
                  [FORM_MTU] = {PORT_MTU_MINIMUM, UINT16_MAX, "a number from 68 to 65535"},
                  [FORM_I64] = {0, NUMBER_MAX, "a number from 0 to 1000000000"}};
    int64_t number;
    char *field = (char *)o + r->offset;
    if (!number_parse(value, true, &number) || number < bounds[r->form].least ||
        number > bounds[r->form].most)
        return bounds[r->form].said;
    if (r->form == FORM_I64)
        memcpy(field, &number, sizeof number);
    else
        *(uint16_t *)(void *)field = (uint16_t)number;
    return NULL;
}

static const char *set_percent(double *field, const char *value)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !(number >= 0 && number <= 1000))
        return "a percentage";
    *field = number;
    return NULL;
}

/* An address of the other family is ignored, because its ip_version is refused anyway. */
static const char *set_address(uint32_t *field, const char *value)
{
    char text[64] = "";
    struct in_addr address;
    struct in6_addr address6;
    strncat(text, value, strcspn(value, "/") < 63 ? strcspn(value, "/") : 63);
    if (inet_pton(AF_INET6, text, &address6) == 1)
        return NULL;
    if (inet_pton(AF_INET, text, &address) != 1)
        return "an IPv4 address";
    *field = ntohl(address.s_addr);
    return NULL;
}

/* NULL, "" (refused), or the expected form of the value. */
static const char *set_row(struct script_options *o, struct arena *a, const struct row *r,
                           const char *value)
{
    char *field = (char *)o + r->offset;
    const char *text = value ? value : "";
    switch (r->form) {
    case FORM_FLAG:
        *(bool *)(void *)field = strcmp(text, "0") && strcmp(text, "false");
        return NULL;
    case FORM_PERCENT:
        return set_percent((double *)(void *)field, text);
    case FORM_ADDRESS:
        return set_address((uint32_t *)(void *)field, text);
    case FORM_U16:
    case FORM_MTU:
    case FORM_I64:
        return set_number(o, r, text);
    case FORM_SPECIAL:
        return set_special(o, a, r->name, text);
    case FORM_IGNORED:
        return NULL;
    case FORM_REFUSED:
        break;
    }
    return "";
}

bool options_wants_value(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name))
            return rows[i].form != FORM_FLAG && rows[i].form != FORM_IGNORED &&
                   rows[i].form != FORM_REFUSED && strcmp(name, "freebsd") != 0;
    return false;
}

bool options_set(struct script_options *o, struct arena *a, const char *name, const char *value,
                 const char **wrong)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, name))
            continue;
        const char *wanted = set_row(o, a, &rows[i], value);
        if (!wanted)
            return true;
        *wrong = *wanted ? option_error(a, name, wanted) : "";
        return false;
    }
    *wrong = option_error(a, name, "no such option (--help lists them)");
    return false;
}
