/* Ten thousand connections over a cable, and a coroutine at each end of each of them. */
#include "../unit/unit.h"
#include "pair.h"

#include <errno.h>
#include <fcntl.h>
#include <rill/coroutine.h>
#include <stdint.h>
#include <string.h>

#define CONNECTIONS 10000
#define ROUNDS 3
#define PORT 80

static struct pair pair;
static struct rill_scheduler *scheduler;
static unsigned connected, answered, served;

/* A call is to be tried. */
static bool woken(void *unused)
{
    (void)unused;
    for (int end = 0; end < 2; end++)
        if (rill_deadline(pair.end[end]) <= rill_now(pair.end[end]))
            return true;
    return false;
}

/* The wait hook of both ends. */
static int wait_event(void *unused, rill_time until)
{
    (void)unused;
    rill_time before = pair.now;
    pair_run(&pair, until, woken, NULL);
    if (woken(NULL) || pair.now > before || pair.now >= until)
        return 0;
    errno = ETIME; /* nothing will ever happen again */
    return -1;
}

static void begin(void)
{
    struct pair_config config;
    pair_config_init(&config, 1);
    for (int end = 0; end < 2; end++) {
        config.end[end].check = false; /* of every object after every event: too much here */
        config.end[end].tcp.listen_backlog_max = config.end[end].tcp.syn_records_max = CONNECTIONS;
    }
    pair_open(&pair, &config);
    for (int end = 0; end < 2; end++)
        rill_set_wait(pair.end[end], wait_event, NULL);
    scheduler = rill_scheduler_new(pair.end[0], NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scheduler);
    CU_ASSERT_EQUAL_FATAL(rill_scheduler_add(scheduler, pair.end[1]), 0);
    connected = answered = served = 0;
}

static void *echo(void *handed)
{
    int fd = (int)(intptr_t)handed;
    uint32_t words[2];
    while (rill_recv(fd, words, sizeof words, MSG_WAITALL) == sizeof words)
        rill_send(fd, words, sizeof words, 0);
    served += rill_close(fd) == 0;
    return NULL;
}

static void *serve(void *unused)
{
    (void)unused;
    rill_use(pair.end[1]);
    int listener = pair_listen(&pair, PORT);
    rill_listen(listener, CONNECTIONS);
    rill_fcntl(listener, F_SETFL, 0); /* as pair_listen has it, it does not block */
    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = rill_accept(listener, NULL, NULL);
        CU_ASSERT_TRUE_FATAL(fd >= 0);
        rill_detach(rill_go(echo, (void *)(intptr_t)fd));
    }
    rill_close(listener);
    return NULL;
}

static bool ask(int fd, uint32_t who, uint32_t round)
{
    uint32_t question[2] = {who, round}, answer[2] = {0};
    return rill_send(fd, question, sizeof question, 0) == sizeof question &&
           rill_recv(fd, answer, sizeof answer, MSG_WAITALL) == sizeof answer &&
           memcmp(question, answer, sizeof answer) == 0;
}

/* Talks when all are connected, so that all are there at the same time. */
static void *client(void *who)
{
    bool good = true;
    struct sockaddr_in to = pair_address(1, PORT);
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    connected += rill_connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    while (connected < CONNECTIONS)
        if (rill_sleep(RILL_MILLISECONDS(100)) != 0)
            return NULL;
    for (uint32_t round = 0; round < ROUNDS; round++)
        good = good && ask(fd, (uint32_t)(intptr_t)who, round);
    answered += good;
    rill_close(fd);
    return NULL;
}

static void ten_thousand_connections_are_answered(void)
{
    begin();
    rill_use(pair.end[0]);
    rill_detach(rill_go(serve, NULL));
    for (intptr_t i = 0; i < CONNECTIONS; i++) {
        struct rill_coroutine *c = rill_go(client, (void *)i);
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        rill_detach(c);
    }
    CU_ASSERT_EQUAL(rill_scheduler_run(scheduler), 0);
    CU_ASSERT_EQUAL(answered, CONNECTIONS);
    CU_ASSERT_EQUAL(served, CONNECTIONS);
    struct rill_scheduler_facts facts = rill_scheduler_facts(scheduler);
    CU_ASSERT_TRUE(facts.stacks_mapped <= 2 * CONNECTIONS + 1);
    /* Nobody wakes without a reason: to begin, accepted, connected, asleep for a second at most,
     * and in each round once at each end. */
    CU_ASSERT_TRUE(facts.switches < CONNECTIONS * (8 + 20 + 4 * ROUNDS));
    rill_scheduler_free(scheduler);
    pair_close(&pair);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"ten thousand connections are answered", ten_thousand_connections_are_answered},
    };
    return UNIT_MAIN("coroutines", tests);
}
