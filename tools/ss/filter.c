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

static bool parse_address(const char *text, struct rill_address *to)
{
    struct in_addr in;
    if (inet_pton(AF_INET, text, &in) != 1)
        return false;
    *to = rill_address_ip4(ntohl(in.s_addr));
    return true;
}

struct expression {
    struct filter *filter;
    bool states_named;
};

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
    if (!strcmp(key, "sport") || !strcmp(key, "dport"))
        return parse_port(value, *key == 's' ? &f->local_port : &f->remote_port)
                   ? NULL
                   : "is no port from 1 to 65535";
    return parse_address(value, *key == 's' ? &f->local : &f->remote) ? NULL : "is no IPv4 address";
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

static bool address_fits(struct rill_address wanted, struct rill_address is)
{
    return rill_address_is_any(wanted) || rill_address_equal(wanted, is);
}

bool filter_passes(const struct filter *f, const struct rill_status *s)
{
    bool datagram = s->kind == RILL_STATUS_DATAGRAM, all = !f->tcp && !f->udp;
    if (s->state >= RILL_TCP_STATE_COUNT || !(f->states >> s->state & 1))
        return false;
    if (!all && !(datagram ? f->udp : f->tcp))
        return false;
    if ((f->local_port && f->local_port != s->local_port) ||
        (f->remote_port && f->remote_port != s->remote_port))
        return false;
    return address_fits(f->local, s->local) && address_fits(f->remote, s->remote);
}
