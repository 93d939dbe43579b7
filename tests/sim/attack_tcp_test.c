/* Attacks on TCP that need many connections, each of which an attacker has opened and may use. */
#include "../unit/unit.h"
#include "lone.h"

#define PORT 80
#define BUDGET (18u << 20)
#define ATTACKERS 300
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
    struct client attacker[ATTACKERS];
};

static struct scene s;

static void begin(void)
{
    struct rill_config config = lone_config();
    config.memory_budget = BUDGET;
    config.check = false; /* of all objects, after each of very many segments */
    s = (struct scene){.lone = lone_open(&config)};
    lone_meet(s.lone, FORGE_PEER, forge_mac(2));
    s.listener = lone_listen(PORT);
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
                           .window = UINT16_MAX};
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

/* An honest client comes last, and is heard. */
static void others_are_served(void)
{
    struct client honest;
    char heard[8];
    int fd = come(&honest, 60000);
    CU_ASSERT(fd >= 0);
    speak(&honest, TCP_ACK | TCP_PSH, 0, span_of("hello", 5));
    CU_ASSERT_EQUAL(rill_recv(fd, heard, sizeof heard, 0), 5);
    CU_ASSERT(rill_memory_used(s.lone->rill) <= BUDGET);
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
        {"J03 challenges tell nothing of others", j03_challenges_tell_nothing_of_others},
    };
    return UNIT_MAIN("attack_tcp", tests);
}
