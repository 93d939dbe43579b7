#include "script/ip_command.h"

#include "script/sysctl.h"
#include "tcp/metrics.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"

#include <stdio.h>
#include <string.h>

static bool is(const char *word, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(word, names[i]))
            return true;
    return false;
}

/* An MTU, from IP's minimum of 68 bytes on. */
static bool parse_size(const char *word, uint16_t *size)
{
    int64_t number;
    bool good = number_parse(word, false, &number) && number >= 68 && number <= UINT16_MAX;
    *size = good ? (uint16_t)number : 0;
    return good;
}

/* 200ms, 1s, or a number of milliseconds; also *us for tcp_rto_min_us. */
static bool set_rto_min(struct run *r, const char *word)
{
    char us[32];
    int64_t number;
    size_t digits = strspn(word, "0123456789");
    const char *unit = word + digits;
    snprintf(us, sizeof us, "%.*s", (int)digits, word);
    bool seconds = !strcmp(unit, "s");
    if (!number_parse(us, false, &number) || number > 1000000 ||
        (*unit && !seconds && strcmp(unit, "ms") != 0))
        return false;
    snprintf(us, sizeof us, "%lld", (long long)number * (seconds ? 1000000 : 1000));
    sysctl_set(r, "net.ipv4.tcp_rto_min_us", us);
    return true;
}

static bool set_initial_window(struct run *r, const char *word)
{
    int64_t segments;
    bool good = number_parse(word, false, &segments) && segments >= 1 && segments <= 1000;
    if (good)
        run_config(r)->tcp.initial_window = (unsigned)segments;
    return good;
}

/* The MSS of our SYN follows from the MTU: another value is unsupported. */
static bool mss_follows(const struct run *r, const char *word)
{
    uint16_t mtu = r->mtu ? r->mtu : r->options->mtu, mss;
    return parse_size(word, &mss) && mss == mtu - IP4_HEADER - TCP_HEADER;
}

/* Sets one property of the route to the next word. False: unsupported. */
static bool set_property(struct run *r, const char *name, const char *value)
{
    static const char *const other[] = {"dev", "via", "proto", "scope", "src", "table", "metric"};
    uint16_t mtu;
    if (!strcmp(name, "mtu"))
        return parse_size(value, &mtu) && run_mtu(r, mtu);
    if (!strcmp(name, "advmss"))
        return mss_follows(r, value);
    if (!strcmp(name, "initcwnd"))
        return set_initial_window(r, value);
    if (!strcmp(name, "rto_min"))
        return set_rto_min(r, value);
    if (!strcmp(name, "congctl"))
        sysctl_set(r, "net.ipv4.tcp_congestion_control", value);
    return !strcmp(name, "congctl") || is(name, other, sizeof other / sizeof *other);
}

/* ip route change DESTINATION NAME VALUE...: there is only one peer, so it is the peer's route. A
 * locked MTU is the default here until ICMP changes it. */
static bool set_route(struct run *r, char *const *word, unsigned words)
{
    static const char *const verbs[] = {"change", "replace", "add", "append"};
    if (words < 4 || !is(word[2], verbs, sizeof verbs / sizeof *verbs))
        return false;
    for (unsigned i = 4; i < words && run_good(r); i += 2) {
        bool locked = i + 2 < words && !strcmp(word[i + 1], "lock");
        const char *name = word[i];
        i += locked;
        if (i + 1 >= words || !set_property(r, name, word[i + 1]))
            return false;
    }
    return true;
}

/* ip link set [dev] NAME up, or mtu N. */
static bool set_link(struct run *r, char *const *word, unsigned words)
{
    uint16_t mtu;
    if (words < 5 || strcmp(word[2], "set") != 0)
        return false;
    if (!strcmp(word[words - 1], "up"))
        return true;
    return !strcmp(word[words - 2], "mtu") && parse_size(word[words - 1], &mtu) && run_mtu(r, mtu);
}

/* Forgets what earlier connections have learned about the only peer. */
static void forget_metrics(struct run *r)
{
    if (!r->open)
        return;
    struct lru_cache *cache = &r->machine.rill->net.tcp.metrics;
    struct metrics *m = metrics_find(cache, rill_address_ip4(r->options->remote));
    if (m)
        *m = (struct metrics){.entry = m->entry};
}

static bool set_metrics(struct run *r, char *const *word, unsigned words)
{
    static const char *const verbs[] = {"flush", "delete"};
    bool forgets = words > 2 && is(word[2], verbs, sizeof verbs / sizeof *verbs);
    if (forgets)
        forget_metrics(r);
    return forgets;
}

/* ip route flush cache: a new stack has no cached data. */
static bool flushes_routes(char *const *word, unsigned words)
{
    return words > 2 && !strcmp(word[1], "route") && !strcmp(word[2], "flush");
}

/* ip OBJECT, or ip OBJECT show: only prints. */
static bool shows(char *const *word, unsigned words)
{
    static const char *const verbs[] = {"show", "list", "ls", "get"};
    return words == 2 || (words > 2 && is(word[2], verbs, sizeof verbs / sizeof *verbs));
}

void ifconfig_handle(struct run *r, char *const *word, unsigned words)
{
    uint16_t mtu;
    bool sets = words == 4 && !strcmp(word[2], "mtu") && parse_size(word[3], &mtu);
    if (words > 2 && !(sets && run_mtu(r, mtu)))
        run_unsupported(r, "shell command ifconfig ... %.20s", word[words - 1]);
}

void ip_handle(struct run *r, char *const *word, unsigned words)
{
    while (words > 1 && word[1][0] == '-') { /* how it prints, and for which family */
        word++;
        words--;
    }
    const char *object = words > 1 ? word[1] : "";
    bool done = shows(word, words) || flushes_routes(word, words) ||
                (!strcmp(object, "tcp_metrics") && set_metrics(r, word, words)) ||
                (!strcmp(object, "link") && set_link(r, word, words)) ||
                (!strcmp(object, "route") && set_route(r, word, words));
    if (!done)
        run_unsupported(r, "shell command ip %.20s", object);
}
