/* Attacks on TCP that need many connections, each of which an attacker has opened and may use. */
#include "../unit/unit.h"
#include "lone.h"

#include <netinet/tcp.h>

#define PORT 80
#define BUDGET (18u << 20)
#define ATTACKERS 300
#define MANY 10000 /* D08 */
#define TOO_MANY 20000
#define WINDOW 60000 /* less than the first one of each connection */
#define PIECE 1000

/* One of the peer's connections to the victim. */
struct client {
    uint16_t port;
    uint32_t seq, ack; /* its SND.NXT and RCV.NXT */
};

struct scene {
    struct lone *lone;
    int listener;
    size_t budget;
    struct client attacker[TOO_MANY];
    uint16_t window; /* that the clients offer */
};

static struct scene s;

static void begin_with(size_t budget)
{
    struct rill_config config = lone_config();
    config.memory_budget = budget;
    config.check = false; /* of all objects, after each of very many segments */
    s = (struct scene){.lone = lone_open(&config), .budget = budget, .window = UINT16_MAX};
    lone_meet(s.lone, FORGE_PEER, forge_mac(2));
    s.listener = lone_listen(PORT);
}

static void begin(void)
{
    begin_with(BUDGET);
}

/* Text at so many bytes from SND.NXT. */
static void speak(const struct client *c, uint16_t flags, uint32_t at, struct rill_span text)
{
    uint8_t frame[LONE_MTU + ETH_HEADER];
    struct forge way = forge_honest();
    struct tcp_header h = {.source = c->port,
                           .destination = PORT,
                           .seq = {c->seq + at},
                           .ack = {flags & TCP_ACK ? c->ack : 0},
                           .flags = flags,
                           .window = s.window};
    h.options.has_mss = h.options.has_sack_permitted = flags & TCP_SYN;
    h.options.mss = 1460;
    lone_forget(s.lone);
    lone_hear(s.lone, frame, forge_tcp(frame, &way, &h, text));
}

/* Returns the application's socket of it; -1: the victim has not answered. */
static int come(struct client *c, uint16_t port)
{
    struct dissected d;
    *c = (struct client){.port = port, .seq = port * 7919u};
    speak(c, TCP_SYN, 0, span_of(NULL, 0));
    if (lone_count(s.lone, DISSECTED_TCP, &d) == 0 || !(d.tcp.flags & TCP_SYN))
        return -1;
    c->seq++;
    c->ack = d.tcp.seq.n + 1;
    speak(c, TCP_ACK, 0, span_of(NULL, 0));
    return rill_accept4(s.listener, NULL, NULL, SOCK_NONBLOCK);
}

/* An honest client comes last, and is heard and answered. */
static void others_are_served(void)
{
    struct client honest;
    struct dissected d;
    char heard[8];
    s.window = UINT16_MAX;
    int fd = come(&honest, 60000);
    CU_ASSERT(fd >= 0);
    speak(&honest, TCP_ACK | TCP_PSH, 0, span_of("hello", 5));
    CU_ASSERT_EQUAL(rill_recv(fd, heard, sizeof heard, 0), 5);
    CU_ASSERT_EQUAL(rill_send(fd, "world", 5, 0), 5);
    lone_pull(s.lone);
    CU_ASSERT_EQUAL(lone_count(s.lone, DISSECTED_TCP, &d), 2);
    CU_ASSERT_EQUAL(d.payload.length, 5);
    CU_ASSERT(rill_memory_peak(s.lone->rill) <= s.budget);
}

/* Each attacker fills his window, but for its first `missing` bytes and every `step` - `size`. */
static void fill_windows(uint32_t missing, uint32_t step, uint32_t size)
{
    static const uint8_t text[PIECE];
    for (unsigned i = 0; i < ATTACKERS; i++)
        CU_ASSERT(come(&s.attacker[i], (uint16_t)(1024 + i)) >= 0);
    for (unsigned i = 0; i < ATTACKERS; i++)
        for (uint32_t at = missing; at + size <= WINDOW; at += step)
            speak(&s.attacker[i], TCP_ACK, at, span_of(text, size));
    CU_ASSERT(rill_memory_used(s.lone->rill) > BUDGET / 8 * 6);
}

/* D03: CVE-2004-0171, CVE-2014-3000. What lies before it never comes. */
static void d03_early_text(void)
{
    begin();
    fill_windows(PIECE, PIECE, PIECE);
    others_are_served();
    lone_close(s.lone);
}

/* The same by islands, each of which costs more than its bytes. */
static void d03_islands(void)
{
    begin();
    fill_windows(2, 128, 1);
    others_are_served();
    lone_close(s.lone);
}

/* Text for an application that does not read: it waits for the attackers to read, say. */
static void unread_text(void)
{
    begin();
    fill_windows(0, PIECE, PIECE);
    others_are_served();
    lone_close(s.lone);
}

/* Each asks for much, and offers this window from then on; no window at all. Returns how many of
 * them the victim has let in. */
static unsigned ask_and_be_silent(unsigned attackers, uint16_t window)
{
    static const uint8_t answer[60000];
    unsigned served = 0;
    for (unsigned i = 0; i < attackers; i++) {
        char heard[8];
        s.window = UINT16_MAX;
        int fd = come(&s.attacker[i], (uint16_t)(1024 + i));
        if (fd < 0)
            continue;
        s.window = window;
        speak(&s.attacker[i], TCP_ACK | TCP_PSH, 0, span_of("GET", 3));
        rill_recv(fd, heard, sizeof heard, 0);
        rill_send(fd, answer, sizeof answer, 0);
        lone_pull(s.lone);
        served++;
    }
    return served;
}

/* D08: CVE-2008-4609 and its kin. The default budget has room for many of them. */
static void d08_closed_windows(void)
{
    begin_with(lone_config().memory_budget);
    CU_ASSERT_EQUAL(ask_and_be_silent(MANY, 0), MANY);
    others_are_served();
    lone_close(s.lone);
}

/* They do not acknowledge, either: what is in flight costs more than what waits. */
static void d08_no_acknowledgements(void)
{
    begin_with(lone_config().memory_budget);
    CU_ASSERT_EQUAL(ask_and_be_silent(MANY, UINT16_MAX), MANY);
    others_are_served();
    lone_close(s.lone);
}

static void unread_text_of_many(void)
{
    static const uint8_t text[PIECE];
    begin_with(lone_config().memory_budget);
    for (unsigned i = 0; i < MANY; i++) {
        CU_ASSERT(come(&s.attacker[i], (uint16_t)(1024 + i)) >= 0);
        for (uint32_t at = 0; at < WINDOW; at += PIECE)
            speak(&s.attacker[i], TCP_ACK, at, span_of(text, PIECE));
    }
    others_are_served();
    lone_close(s.lone);
}

/* Many short writes that are not acknowledged: each is a segment in flight, which costs more than
 * its byte. */
static void d08_short_segments(void)
{
    int on = 1;
    begin();
    for (unsigned i = 0; i < ATTACKERS; i++) {
        int fd = come(&s.attacker[i], (uint16_t)(1024 + i));
        CU_ASSERT(fd >= 0);
        rill_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        for (int n = 0; n < 2000; n++) {
            rill_send(fd, "x", 1, 0);
            lone_pull(s.lone);
        }
    }
    others_are_served();
    lone_close(s.lone);
}

/* RFC 6429: where memory ends, those who take nothing have to go, and not those who come; while
 * they wait, an honest client's SYN is sent again five times or seven. */
static void more_than_memory_holds(uint16_t window, rill_time timeout, enum rill_counter ends)
{
    begin_with(lone_config().memory_budget);
    CU_ASSERT(ask_and_be_silent(TOO_MANY, window) < TOO_MANY);
    lone_pass(s.lone, timeout);
    lone_meet(s.lone, FORGE_PEER, forge_mac(2));
    others_are_served();
    CU_ASSERT(rill_counters(s.lone->rill)->value[ends] > 0);
    lone_close(s.lone);
}

static void d08_too_many_closed_windows(void)
{
    more_than_memory_holds(0, RILL_SECONDS(31), RILL_TcpExtTCPAbortOnMemory);
}

static void d08_too_many_silent_ones(void)
{
    more_than_memory_holds(UINT16_MAX, RILL_SECONDS(127), RILL_TcpExtTCPAbortOnTimeout);
}

/* How many answers an attacker gets on a connection of his own to resets that lie in its window. */
static unsigned challenges(const struct client *c)
{
    struct dissected d;
    unsigned n = 0;
    for (int i = 0; i < 2000; i++) {
        speak(c, TCP_RST, 100, span_of(NULL, 0));
        n += lone_count(s.lone, DISSECTED_TCP, &d);
    }
    return n;
}

/* J03: CVE-2016-5696. What his guesses at somebody else's connection have met with does not show
 * there. */
static void j03_challenges_tell_nothing_of_others(void)
{
    unsigned heard[2];
    for (int guesses = 0; guesses < 2; guesses++) {
        begin();
        struct client *victim = &s.attacker[0], *own = &s.attacker[1];
        CU_ASSERT(come(victim, 1024) >= 0 && come(own, 1025) >= 0);
        for (int i = 0; guesses && i < 2000; i++)
            speak(victim, TCP_SYN, 5000, span_of(NULL, 0));
        heard[guesses] = challenges(own);
        lone_close(s.lone);
    }
    CU_ASSERT(heard[0] > 0);
    CU_ASSERT_EQUAL(heard[0], heard[1]);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"D03 early text leaves memory for others", d03_early_text},
        {"D03 so do islands of it", d03_islands},
        {"and so does text that nobody reads", unread_text},
        {"text of many that nobody reads does so, too", unread_text_of_many},
        {"D08 windows that stay closed leave memory for others", d08_closed_windows},
        {"D08 so do peers that acknowledge nothing", d08_no_acknowledgements},
        {"D08 so do short segments that nobody acknowledges", d08_short_segments},
        {"D08 too many closed windows do not stay", d08_too_many_closed_windows},
        {"D08 nor do too many silent peers", d08_too_many_silent_ones},
        {"J03 challenges tell nothing of others", j03_challenges_tell_nothing_of_others},
    };
    return UNIT_MAIN("attack_tcp", tests);
}
