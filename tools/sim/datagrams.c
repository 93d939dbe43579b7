#include "sim/datagrams.h"

#include "base/bytes.h"

#include <netinet/in.h>
#include <rill/rill.h>
#include <string.h>

#define PORT 9
#define SHORT_MAX 400 /* fits into every link's MTU */
#define LONG_MAX 9000
#define PAUSE_MIN 10000 /* microseconds */
#define PAUSE_MAX 1000000
#define ANSWER_MAX RILL_SECONDS(300) /* many attempts, and what the queues hold */

struct datagram {
    uint32_t number;
    uint32_t length; /* with this header */
    uint32_t answers;
};

static uint8_t byte_at(const struct datagram *l, size_t i)
{
    return (uint8_t)(l->number * 31 + i * 7 + (i >> 8));
}

static void open_socket(struct trial *t, unsigned host)
{
    struct datagram_socket *l = &t->socket[host];
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    rill_use(rill_sim_stack(t->host[host]));
    l->fd = rill_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (l->fd >= 0 && rill_bind(l->fd, (struct sockaddr *)&here, sizeof here) < 0) {
        rill_close(l->fd);
        l->fd = -1; /* no memory: at the next turn */
    }
}

static void post(struct datagram_socket *from, const struct datagram *l,
                 const struct sockaddr_in *to)
{
    uint8_t text[LONG_MAX];
    memcpy(text, l, sizeof *l);
    for (size_t i = sizeof *l; i < l->length; i++)
        text[i] = byte_at(l, i);
    rill_sendto(from->fd, text, l->length, 0, (const struct sockaddr *)to, sizeof *to);
}

static bool is_bit(uint8_t wrong)
{
    return (wrong & (wrong - 1)) == 0;
}

/* The links flip at most one bit of a fragment, and a checksum does not see two of them that cancel
 * each other out. */
static bool is_right(const struct datagram *l, const uint8_t *text, size_t length)
{
    size_t flipped = 0;
    if (length != l->length)
        return false;
    for (size_t i = sizeof *l; i < length; i++) {
        uint8_t wrong = text[i] ^ byte_at(l, i);
        flipped += wrong != 0;
        if (!is_bit(wrong))
            return false;
    }
    return flipped == 0 || (flipped > 1 && length > SHORT_MAX && flipped <= length / SHORT_MAX);
}

static void read_all(struct trial *t, unsigned host)
{
    struct datagram_socket *at = &t->socket[host];
    uint8_t text[LONG_MAX];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t n;
    while ((n = rill_recvfrom(at->fd, text, sizeof text, 0, (struct sockaddr *)&from, &size)) >=
           0) {
        struct datagram l = {0};
        memcpy(&l, text, min_of((size_t)n, sizeof l));
        if (!is_right(&l, text, (size_t)n) && !t->forged)
            trial_fail(t, "%s got a wrong datagram of %zd bytes from %#x",
                       rill_sim_name(t->host[host]), n, ntohl(from.sin_addr.s_addr));
        if (l.answers)
            at->answered = rill_sim_now(t->sim);
        else if (l.length <= LONG_MAX) {
            l.answers = 1;
            post(at, &l, &from);
        }
    }
}

static void write_one(struct trial *t, unsigned host)
{
    unsigned to = (host + (unsigned)trial_draw(t, 1, t->hosts - 1)) % t->hosts;
    struct sockaddr_in peer = {.sin_family = AF_INET,
                               .sin_port = htons(PORT),
                               .sin_addr.s_addr = htonl(rill_sim_address(t->host[to]))};
    bool is_short = rill_sim_now(t->sim) >= t->healed || trial_once_in(t, 2);
    struct datagram l = {.number = (uint32_t)trial_draw(t, 0, UINT32_MAX)};
    l.length = (uint32_t)trial_draw(t, sizeof l, is_short ? SHORT_MAX : LONG_MAX);
    post(&t->socket[host], &l, &peer);
}

static bool is_served(const struct trial *t, unsigned host)
{
    return t->socket[host].answered >= t->healed;
}

static bool all_served(void *context)
{
    const struct trial *t = context;
    for (unsigned i = 0; i < t->hosts; i++)
        if (!is_served(t, i))
            return false;
    return true;
}

static void turn(void *context)
{
    struct trial *t = context;
    for (unsigned i = 0; i < t->hosts; i++) {
        rill_use(rill_sim_stack(t->host[i]));
        if (t->socket[i].fd < 0)
            open_socket(t, i);
        read_all(t, i);
        if (!is_served(t, i))
            write_one(t, i);
        rill_sim_touch(t->host[i]);
    }
    rill_use(NULL);
    rill_time pause = RILL_MICROSECONDS(trial_draw_scale(t, PAUSE_MIN, PAUSE_MAX));
    if (!all_served(t))
        rill_sim_at(t->sim, rill_sim_now(t->sim) + pause, turn, t);
}

void datagrams_begin(struct trial *t)
{
    for (unsigned i = 0; i < t->hosts; i++)
        t->socket[i].fd = -1;
    turn(t);
}

void datagrams_restart(struct trial *t, const struct rill_sim_node *n)
{
    t->socket[trial_host_number(t, n)].fd = -1;
}

void datagrams_end(struct trial *t)
{
    rill_sim_run(t->sim, max_of(rill_sim_now(t->sim), t->healed + ANSWER_MAX), all_served, t);
    for (unsigned i = 0; i < t->hosts; i++) {
        if (!is_served(t, i))
            trial_fail(t, "%s gets no answer to its datagrams", rill_sim_name(t->host[i]));
        rill_use(rill_sim_stack(t->host[i]));
        read_all(t, i);
        rill_close(t->socket[i].fd);
        rill_sim_touch(t->host[i]);
    }
    rill_use(NULL);
}
