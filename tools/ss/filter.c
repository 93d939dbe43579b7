#include "ss/filter.h"

#include "ss/words.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define STATE(name) (UINT32_C(1) << RILL_TCP_##name)
#define ALL ((UINT32_C(1) << RILL_TCP_STATE_COUNT) - 1)
#define SYNCHRONIZED \
    (STATE(ESTABLISHED) | STATE(FIN_WAIT_1) | STATE(FIN_WAIT_2) | STATE(CLOSE_WAIT) | \
     STATE(CLOSING) | STATE(LAST_ACK) | STATE(TIME_WAIT))
#define CONNECTED (SYNCHRONIZED | STATE(SYN_SENT) | STATE(SYN_RECEIVED))
#define BUCKET (STATE(SYN_RECEIVED) | STATE(TIME_WAIT))

void filter_begin(struct filter *f, enum filter_scope scope)
{
    static const uint32_t states[] = {
        [SCOPE_CONNECTED] = CONNECTED & ~BUCKET,
        [SCOPE_LISTENING] = STATE(LISTEN) | STATE(CLOSED),
        [SCOPE_ALL] = ALL,
    };
    f->states = states[scope];
}

/* 0: neither a state nor a set of states. */
static uint32_t states_named(const char *name)
{
    static const struct {
        const char *name;
        uint32_t states;
    } set[] = {{"all", ALL},
               {"connected", CONNECTED},
               {"synchronized", SYNCHRONIZED},
               {"bucket", BUCKET},
               {"big", CONNECTED & ~BUCKET}};
    enum rill_tcp_state one = words_state_named(name);
    if (one != RILL_TCP_STATE_COUNT)
        return UINT32_C(1) << one;
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        if (!strcmp(name, set[i].name))
            return set[i].states;
    return 0;
}

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    text += *text == ':';
    unsigned long n = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || n < 1 || n > 65535)
        return false;
    *port = (uint16_t)n;
    return true;
}

/* A.B.C.D or A.B.C.D/LENGTH; `*` or nothing: any. */
static bool parse_network(char *text, struct filter_end *to)
{
    struct in_addr in;
    unsigned long length = 32;
    char *slash = strchr(text, '/'), *end = "";
    if (!*text || !strcmp(text, "*"))
        return true;
    if (slash) {
        *slash++ = '\0';
        if (!isdigit((unsigned char)*slash))
            return false;
        length = strtoul(slash, &end, 10);
    }
    if (inet_pton(AF_INET, text, &in) != 1 || *end || length > 32)
        return false;
    to->mask = length ? UINT32_MAX << (32 - length) : 0;
    to->network = ntohl(in.s_addr) & to->mask;
    return true;
}

/* A network, a port after a colon, or both. The port may be `*`, too. */
static bool parse_end(const char *text, struct filter_end *to)
{
    char network[sizeof "255.255.255.255/32"] = "";
    size_t length = strcspn(text, ":");
    const char *port = text + length;
    if (!*text || length >= sizeof network)
        return false;
    memcpy(network, text, length);
    return parse_network(network, to) &&
           (!*port || !strcmp(port, ":*") || parse_port(port, &to->port));
}

struct expression {
    struct filter *filter;
    bool states_named;
};

static const char *take_end(struct filter *f, const char *key, const char *value)
{
    if (f->ends == FILTER_ENDS_MAX)
        return "is one end too many";
    bool is_port = !strcmp(key, "sport") || !strcmp(key, "dport");
    struct filter_end *end = &f->end[f->ends++];
    *end = (struct filter_end){.is_remote = *key == 'd'};
    if (is_port)
        return parse_port(value, &end->port) ? NULL : "is no port from 1 to 65535";
    return parse_end(value, end) ? NULL : "is no IPv4 address, prefix or port: 192.0.2.0/24:80";
}

/* NULL, or the error in `value` after `key`. */
static const char *take(struct expression *e, const char *key, const char *value)
{
    struct filter *f = e->filter;
    bool exclude = !strcmp(key, "exclude");
    if (exclude || !strcmp(key, "state")) {
        uint32_t states = states_named(value);
        if (exclude)
            f->states &= ~states;
        else
            f->states = (e->states_named ? f->states : 0) | states;
        e->states_named |= !exclude;
        return states ? NULL : "is no state: established, close-wait, ... or all, connected";
    }
    return take_end(f, key, value);
}

static bool is_key(const char *word)
{
    static const char *const keys[] = {"state", "exclude", "sport", "dport", "src", "dst"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(word, keys[i]))
            return true;
    return false;
}

const char *filter_parse(struct filter *f, char *const *word, const char **wrong)
{
    struct expression e = {.filter = f};
    for (; *word; word++) {
        const char *key = *wrong = *word;
        if (!strcmp(key, "and") || !strcmp(key, "&&"))
            continue;
        if (!is_key(key))
            return "is no filter: state, exclude, sport, dport, src, dst";
        word++;
        if (*word && (!strcmp(*word, "=") || !strcmp(*word, "==") || !strcmp(*word, "eq")))
            word++;
        if (!*word)
            return "needs a value";
        *wrong = *word;
        const char *diagnostic = take(&e, key, *word);
        if (diagnostic)
            return diagnostic;
    }
    return NULL;
}

static bool end_fits(const struct filter_end *end, const struct rill_status *s)
{
    struct rill_address address = end->is_remote ? s->remote : s->local;
    uint16_t port = end->is_remote ? s->remote_port : s->local_port;
    return (rill_address_to_ip4(address) & end->mask) == end->network &&
           (!end->port || end->port == port);
}

bool filter_passes(const struct filter *f, const struct rill_status *s)
{
    bool datagram = s->kind == RILL_STATUS_DATAGRAM, all = !f->tcp && !f->udp;
    if (s->state >= RILL_TCP_STATE_COUNT || !(f->states >> s->state & 1))
        return false;
    if (!all && !(datagram ? f->udp : f->tcp))
        return false;
    for (unsigned i = 0; i < f->ends; i++)
        if (!end_fits(&f->end[i], s))
            return false;
    return true;
}
