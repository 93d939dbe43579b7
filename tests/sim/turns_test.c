/* Who sends when several have something to send (tcp/burst.h): end 0's device takes a few frames at
 * a time, and what comes of them is back before it takes more. */
#include "../unit/unit.h"
#include "pair.h"

#include "socket/object.h"

#include <string.h>

#define PORT 80
#define FRAMES 64
#define MSS 1448
#define TURN 45 /* segments: the largest burst */

static struct pair p;
static int client[2], server[2];
static uint64_t received[2]; /* by the applications of end 1 */

static struct rill_frame frame[FRAMES];
static uint8_t memory[FRAMES][2048];

/* Two connections; the second one's peer offers at most `window` (0: what it likes). */
static void begin(int window)
{
    struct pair_config c;
    pair_config_init(&c, 1);
    pair_open(&p, &c);
    int listener = pair_listen(&p, PORT);
    pair_connect(&p, listener, PORT, &client[0], &server[0]);
    rill_use(p.end[1]);
    if (window)
        rill_setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    pair_connect(&p, listener, PORT, &client[1], &server[1]);
    memset(received, 0, sizeof received);
}

static void write_all(void)
{
    static const uint8_t text[1 << 16];
    rill_use(p.end[0]);
    for (int i = 0; i < 2; i++)
        while (rill_send(client[i], text, sizeof text, 0) > 0)
            ;
}

static void read_all(void)
{
    static uint8_t text[1 << 16];
    rill_use(p.end[1]);
    for (int i = 0; i < 2; i++)
        for (ssize_t n; (n = rill_recv(server[i], text, sizeof text, 0)) > 0;)
            received[i] += (uint64_t)n;
}

/* Returns how many frames went from that end to the other, `most` at most. */
static unsigned carry(int from, unsigned most)
{
    for (unsigned i = 0; i < FRAMES; i++)
        frame[i] = (struct rill_frame){.buffer = memory[i], .room = sizeof memory[i]};
    unsigned n = rill_transmit(p.end[from], p.port[from], frame, most, p.now);
    rill_receive(p.end[!from], p.port[!from], frame, n, p.now);
    return n;
}

/* The device takes so many frames at a time. */
static void run(unsigned rounds, unsigned frames)
{
    while (rounds--) {
        write_all();
        carry(0, frames);
        read_all();
        while (carry(1, FRAMES) > 0)
            ;
        p.now += RILL_MICROSECONDS(50);
    }
}

static void a_window_that_is_less_than_a_turn_leaves_in_one(void)
{
    begin(0);
    write_all();
    carry(0, 8); /* of the first ten, which leave in two bursts */
    read_all();
    CU_ASSERT_EQUAL(received[0], 8 * MSS);
    CU_ASSERT_EQUAL(received[1], 0);
    pair_close(&p);
}

/* Else it is acknowledged before it is full, and is no reason to grow. */
static void so_cwnd_grows_however_many_wait(void)
{
    begin(0);
    run(40, 10);
    for (int i = 0; i < 2; i++)
        CU_ASSERT(socket_find(p.end[0], client[i])->conn->window.cwnd >= 2 * 10 * MSS);
    pair_close(&p);
}

/* A window leaves in two halves: these are shorter than what the other sends. */
static void who_sends_short_bursts_sends_as_much_as_the_others(void)
{
    begin((TURN + 3) * MSS);
    run(1000, FRAMES);
    uint64_t more = received[0] > received[1] ? received[0] : received[1];
    uint64_t less = received[0] + received[1] - more;
    CU_ASSERT(less > 1000 * 10 * MSS);
    CU_ASSERT(more - less <= 4 * TURN * MSS); /* how the two began, and the turn under way */
    pair_close(&p);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a window that is less than a turn leaves in one",
         a_window_that_is_less_than_a_turn_leaves_in_one},
        {"so cwnd grows, however many wait", so_cwnd_grows_however_many_wait},
        {"who sends short bursts sends as much as the others",
         who_sends_short_bursts_sends_as_much_as_the_others},
    };
    return UNIT_MAIN("turns", tests);
}
