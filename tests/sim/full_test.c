/* A server that has no place left: what is new is refused or waits, and what is established goes on
 * as before. Three places can run out: the accept queue, the descriptors, the memory. */
#include "../unit/unit.h"
#include "pair.h"

#include <errno.h>
#include <string.h>

#define PORT 80
#define MANY 400

static struct pair pair;
static int listener;
static int old[2];       /* a connection from before: the client's end and the server's */
static int client[MANY]; /* those who come later */
static int served[MANY];
static unsigned clients, accepted;

static void begin(const struct rill_config *server)
{
    struct pair_config c;
    pair_config_init(&c, 1);
    if (server)
        c.end[1] = *server;
    pair_open(&pair, &c);
    listener = pair_listen(&pair, PORT); /* a backlog of 16 */
    pair_connect(&pair, listener, PORT, &old[0], &old[1]);
    clients = accepted = 0;
}

static void end(void)
{
    for (int i = 0; i < 2; i++)
        rill_close_all(pair.end[i]);
    pair_run_for(&pair, RILL_SECONDS(300));
    pair_close(&pair);
}

static bool speaks(int from, int from_fd, int to_fd)
{
    char got[6] = "";
    rill_use(pair.end[from]);
    if (rill_send(from_fd, "hello", 5, 0) != 5)
        return false;
    pair_run_for(&pair, RILL_SECONDS(1));
    rill_use(pair.end[!from]);
    return rill_recv(to_fd, got, 5, 0) == 5;
}

/* The connection from before still carries text, both ways. */
static void the_old_one_works(void)
{
    CU_ASSERT_TRUE(speaks(0, old[0], old[1]));
    CU_ASSERT_TRUE(speaks(1, old[1], old[0]));
}

static void come(unsigned n)
{
    struct sockaddr_in a = pair_address(1, PORT);
    rill_use(pair.end[0]);
    for (; n > 0; n--) {
        int fd = client[clients++] = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        CU_ASSERT_TRUE(fails(rill_connect(fd, (struct sockaddr *)&a, sizeof a), EINPROGRESS));
    }
}

/* Of the clients, for whom the handshake is done and nothing has gone wrong. */
static unsigned connected(void)
{
    unsigned n = 0;
    rill_use(pair.end[0]);
    for (unsigned i = 0; i < clients; i++) {
        struct pollfd p = {client[i], POLLOUT, 0};
        n += rill_poll(&p, 1, 0) == 1 && p.revents == POLLOUT;
    }
    return n;
}

/* Accepts whoever can be, and returns with what errno that ended. */
static int accept_all(void)
{
    rill_use(pair.end[1]);
    for (int fd; (fd = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;)
        served[accepted++] = fd;
    return errno;
}

/* Reads all that one of those who were let in has said. */
static size_t hear(int fd)
{
    char text[8192];
    size_t heard = 0;
    for (ssize_t n; (n = rill_recv(fd, text, sizeof text, 0)) > 0;)
        heard += (size_t)n;
    return heard;
}

/* To a client the handshake is done with the SYN-ACK; what he says then brings his ACK again, even
 * where his SYN was remembered in a cookie alone. */
static void forty_come_and_say(size_t bytes)
{
    static const char text[8192];
    begin(NULL);
    come(40);
    pair_run_for(&pair, RILL_MILLISECONDS(500));
    CU_ASSERT_EQUAL(connected(), 40);
    for (unsigned i = 0; i < 40; i++)
        CU_ASSERT_EQUAL(rill_send(client[i], text, bytes, 0), (ssize_t)bytes);
    the_old_one_works();
    CU_ASSERT_EQUAL(accept_all(), EAGAIN);
    CU_ASSERT_EQUAL(accepted, 17); /* one more than the backlog says: as in Linux */
    for (int i = 0; i < 60 && accepted < 40; i++) {
        pair_run_for(&pair, RILL_SECONDS(1));
        accept_all();
    }
    CU_ASSERT_EQUAL(accepted, 40);
    pair_run_for(&pair, RILL_SECONDS(60));
    rill_use(pair.end[1]);
    for (unsigned i = 0; i < accepted; i++)
        CU_ASSERT_EQUAL(hear(served[i]), bytes);
    the_old_one_works();
    end();
}

static void a_full_accept_queue_lets_others_wait(void)
{
    forty_come_and_say(1);
}

/* In several segments, of which the first alone shows the cookie: the others are not held against
 * him. */
static void it_does_so_whatever_they_say(void)
{
    forty_come_and_say(8192);
}

static void the_last_descriptor_leaves_the_rest_in_the_queue(void)
{
    struct rill_config config;
    rill_config_init(&config);
    config.descriptors_max = 4; /* the listener, the old one, and two more */
    begin(&config);
    come(5);
    pair_run_for(&pair, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(accept_all(), EMFILE);
    CU_ASSERT_EQUAL(accepted, 2);
    CU_ASSERT_EQUAL(accept_all(), EMFILE);
    CU_ASSERT_EQUAL(connected(), 5); /* nobody was turned away */
    the_old_one_works();
    for (unsigned i = 0; i < 3; i++) { /* a place becomes free: the next one takes it */
        rill_use(pair.end[1]);
        CU_ASSERT_EQUAL(rill_close(served[i]), 0);
        CU_ASSERT_EQUAL(accept_all(), i < 2 ? EMFILE : EAGAIN);
        CU_ASSERT_EQUAL(accepted, 3 + i);
    }
    the_old_one_works();
    end();
}

/* Sixteen more, each with 8 KB that nobody reads. */
static void come_and_talk(void)
{
    come(16);
    pair_run_for(&pair, RILL_SECONDS(1));
    accept_all();
    rill_use(pair.end[0]);
    for (unsigned i = clients - 16; i < clients; i++)
        rill_send(client[i], (char[8192]){0}, 8192, 0);
    pair_run_for(&pair, RILL_SECONDS(1));
}

/* Reads what those who were let in have said; returns how many of them are whole: they have said
 * something and are still there. */
static unsigned listen_to(unsigned n, bool heard[])
{
    unsigned whole = 0;
    char text[8192];
    rill_use(pair.end[1]);
    for (unsigned i = 0; i < n; i++) {
        ssize_t got;
        while ((got = rill_recv(served[i], text, sizeof text, 0)) > 0)
            heard[i] = true;
        CU_ASSERT_TRUE(fails(got, EAGAIN));
        whole += heard[i];
    }
    return whole;
}

static void memory_at_its_budget_breaks_nobody(void)
{
    struct rill_config config;
    bool heard[MANY] = {0};
    rill_config_init(&config);
    config.memory_budget = 1 << 20;
    begin(&config);
    while (clients < MANY)
        come_and_talk();
    CU_ASSERT(rill_memory_used(pair.end[1]) > config.memory_budget * 3 / 4);
    CU_ASSERT(rill_memory_peak(pair.end[1]) <= config.memory_budget);
    unsigned stay = accepted;
    CU_ASSERT(stay < clients); /* the others were refused, as SYNs that are lost */
    for (int i = 0; i < 120 && listen_to(stay, heard) < stay; i++)
        pair_run_for(&pair, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(listen_to(stay, heard), stay);
    the_old_one_works();
    for (int i = 0; i < 120 && accepted == stay; i++) { /* there is room again */
        pair_run_for(&pair, RILL_SECONDS(1));
        accept_all();
    }
    CU_ASSERT(accepted > stay);
    end();
}

/* Connections, and what they keep besides, leave room for what is said: whoever reads it makes room
 * for the next. */
static void who_is_there_leaves_room_for_what_is_said(void)
{
    struct rill_config config;
    bool heard[MANY] = {0};
    rill_config_init(&config);
    config.memory_budget = 768 << 10;
    strcpy(config.tcp.congestion, "bbr"); /* whose busy part stays */
    begin(&config);
    for (int i = 0; i < MANY / 16; i++) {
        come(16);
        pair_run_for(&pair, RILL_SECONDS(1));
        accept_all();
    }
    rill_use(pair.end[0]);
    for (unsigned i = 0; i < clients; i++)
        rill_send(client[i], "hello", 5, 0);
    for (int i = 0; i < 1200 && listen_to(accepted, heard) < accepted; i++)
        pair_run_for(&pair, RILL_SECONDS(1));
    CU_ASSERT(accepted > 0 && accepted < clients);
    CU_ASSERT_EQUAL(listen_to(accepted, heard), accepted);
    end();
}

/* Sends to everybody as long as anybody seems to take something. Who polls and finds room finds it
 * when he sends, too: or a loop that asks before it waits would go round for ever. */
static void tell_all_who_are_ready(void)
{
    static const char text[8192];
    bool any = true;
    rill_use(pair.end[1]);
    while (any) {
        any = false;
        for (unsigned i = 0; i < accepted; i++) {
            struct pollfd p = {served[i], POLLOUT, 0};
            if (rill_poll(&p, 1, 0) == 0)
                continue;
            CU_ASSERT_EQUAL_FATAL(p.revents, POLLOUT);
            CU_ASSERT_TRUE_FATAL(rill_send(served[i], text, sizeof text, 0) > 0);
            any = true;
        }
    }
}

/* Reads all that has come, and returns how many of the clients have heard something by now. */
static unsigned hear_all(bool heard[])
{
    char text[8192];
    unsigned n = 0;
    rill_use(pair.end[0]);
    for (unsigned i = 0; i < clients; i++) {
        ssize_t got;
        while ((got = rill_recv(client[i], text, sizeof text, 0)) > 0)
            heard[i] = true;
        CU_ASSERT_TRUE(fails(got, EAGAIN));
        n += heard[i];
    }
    return n;
}

static void answers_that_fill_the_memory_leave_room_for_others(void)
{
    struct rill_config config;
    bool first[MANY] = {0}, later[MANY] = {0};
    rill_config_init(&config);
    config.memory_budget = 1 << 20;
    begin(&config);
    come(16);
    pair_run_for(&pair, RILL_SECONDS(1));
    accept_all();
    come(16);
    pair_run_for(&pair, RILL_SECONDS(1));
    accept_all();
    for (int i = 0; i < 20; i++) { /* nobody reads: what fits their windows leaves, and no more */
        tell_all_who_are_ready();
        pair_run_for(&pair, RILL_SECONDS(1));
    }
    CU_ASSERT(rill_memory_used(pair.end[1]) > config.memory_budget * 3 / 4);
    the_old_one_works();
    CU_ASSERT_EQUAL(hear_all(first), 32);
    for (int i = 0; i < 10; i++) {
        pair_run_for(&pair, RILL_SECONDS(1));
        tell_all_who_are_ready();
        hear_all(later);
    }
    CU_ASSERT_EQUAL(hear_all(later), 32);
    the_old_one_works();
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a full accept queue lets others wait", a_full_accept_queue_lets_others_wait},
        {"it does so whatever they say", it_does_so_whatever_they_say},
        {"the last descriptor leaves the rest in the queue",
         the_last_descriptor_leaves_the_rest_in_the_queue},
        {"who is there leaves room for what is said", who_is_there_leaves_room_for_what_is_said},
        {"memory at its budget breaks nobody", memory_at_its_budget_breaks_nobody},
        {"answers that fill the memory leave room for others",
         answers_that_fill_the_memory_leave_room_for_others},
    };
    return UNIT_MAIN("full", tests);
}
