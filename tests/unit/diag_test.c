/* rill_status_next: who is there, in which state, for how long, and what holds it back. */
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>

#define MOST 64
#define CLIENTS 5 /* a backlog holds them */

static struct rill_status entry[MOST];
static unsigned entries;

/* The whole of one end, `step` entries at a time. */
static void take_dump(int end, unsigned step)
{
    uint64_t place = 0;
    entries = 0;
    for (unsigned n = step; n == step; entries += n)
        n = rill_status_next(world.end[end], &place, entry + entries, step);
    CU_ASSERT_EQUAL(rill_status_next(world.end[end], &place, entry + entries, step), 0);
}

/* The one entry of a kind and state; NULL where there is none, or more than one. */
static const struct rill_status *the(int kind, int state)
{
    const struct rill_status *found = NULL;
    for (unsigned i = 0; i < entries; i++)
        if (entry[i].kind == kind && entry[i].state == state) {
            if (found)
                return NULL;
            found = &entry[i];
        }
    return found;
}

static const struct rill_status_timer *timer_of(const struct rill_status *s, int which)
{
    for (unsigned i = 0; i < s->timers; i++)
        if (s->timer[i].which == which)
            return &s->timer[i];
    return NULL;
}

static void an_empty_stack_has_nothing(void)
{
    world_begin(NULL);
    take_dump(LEFT, 8);
    CU_ASSERT_EQUAL(entries, 0);
    world_end();
}

static void a_listener_tells_its_queue_and_backlog(void)
{
    world_begin(NULL);
    rill_use(world.end[RIGHT]);
    int fd = world_listen(80);
    CU_ASSERT_TRUE(fd >= 0);
    rill_use(world.end[LEFT]);
    int client = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(connect_to(client, world_address(RIGHT, 80)), 0);
    world_pass(RILL_MILLISECONDS(100));
    take_dump(RIGHT, 8);
    const struct rill_status *s = the(RILL_STATUS_LISTENER, RILL_TCP_LISTEN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->local_port, 80);
    CU_ASSERT_EQUAL(s->receive_queue, 1);
    CU_ASSERT_TRUE(s->send_queue > 0);
    s = the(RILL_STATUS_CONNECTION, RILL_TCP_ESTABLISHED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(s->unaccepted);
    world_end();
}

static void all_of_a_group_of_listeners_are_told(void)
{
    world_begin(NULL);
    for (int i = 0; i < 3; i++) {
        int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
        rill_setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
        CU_ASSERT_EQUAL(bind_to(fd, ip4_address(INADDR_ANY, 80)), 0);
        CU_ASSERT_EQUAL(rill_listen(fd, 5), 0);
    }
    take_dump(LEFT, 1);
    CU_ASSERT_EQUAL(entries, 3);
    rill_close(0); /* the one that stands in the flow table */
    take_dump(LEFT, 8);
    CU_ASSERT_EQUAL(entries, 2);
    world_end();
}

static void queues_states_and_ages_are_told(void)
{
    world_begin(NULL);
    int server, client = world_connection(80, &server);
    CU_ASSERT_EQUAL(rill_send(client, "hello", 5, 0), 5);
    world_pass(RILL_SECONDS(2));
    take_dump(RIGHT, 8);
    const struct rill_status *s = the(RILL_STATUS_CONNECTION, RILL_TCP_ESTABLISHED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->receive_queue, 5);
    CU_ASSERT_EQUAL(s->send_queue, 0);
    CU_ASSERT_EQUAL(s->limit, RILL_LIMIT_NONE);
    CU_ASSERT_EQUAL(s->detail.bytes_received, 5);
    CU_ASSERT_TRUE(s->age >= RILL_SECONDS(2) && s->age < RILL_SECONDS(3));
    CU_ASSERT_FALSE(s->orphan || s->unaccepted || s->peer_closed);

    rill_shutdown(client, SHUT_WR);
    world_pass(RILL_SECONDS(5));
    take_dump(RIGHT, 8);
    s = the(RILL_STATUS_CONNECTION, RILL_TCP_CLOSE_WAIT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(s->peer_closed);
    CU_ASSERT_TRUE(s->age >= RILL_SECONDS(4) && s->age <= RILL_SECONDS(5));
    take_dump(LEFT, 8);
    s = the(RILL_STATUS_CONNECTION, RILL_TCP_FIN_WAIT_2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(s->age >= RILL_SECONDS(4) && s->age <= RILL_SECONDS(5));

    rill_use(world.end[RIGHT]);
    rill_close(server); /* with unread text: a reset */
    world_pass(RILL_SECONDS(1));
    take_dump(RIGHT, 8);
    CU_ASSERT_PTR_NULL(the(RILL_STATUS_CONNECTION, RILL_TCP_CLOSE_WAIT));
    world_end();
}

static void the_peers_window_limits_and_persist_runs(void)
{
    static char text[1 << 20];
    world_begin(NULL);
    int server, client = world_connection(80, &server);
    rill_fcntl(client, F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 40; i++) {
        rill_send(client, text, sizeof text, 0);
        world_pass(RILL_MILLISECONDS(50));
    }
    take_dump(LEFT, 8);
    const struct rill_status *s = the(RILL_STATUS_CONNECTION, RILL_TCP_ESTABLISHED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->limit, RILL_LIMIT_WINDOW);
    CU_ASSERT_EQUAL(s->send_queue, s->detail.unsent);
    CU_ASSERT_TRUE(s->detail.rwnd_limited > 0);
    CU_ASSERT_TRUE(s->detail.send_memory >= s->send_queue);
    CU_ASSERT_PTR_NOT_NULL(timer_of(s, RILL_TIMER_PERSIST));
    world_end();
}

static void what_is_paced_waits_for_its_time(void)
{
    static char text[1 << 16];
    world_begin(NULL);
    int server, client = world_connection(80, &server);
    uint32_t rate = 20000; /* bytes a second: the first ten segments leave at once, then it waits */
    CU_ASSERT_EQUAL(rill_setsockopt(client, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate), 0);
    rill_fcntl(client, F_SETFL, O_NONBLOCK);
    CU_ASSERT_TRUE(rill_send(client, text, sizeof text, 0) > 0);
    world_pass(RILL_MILLISECONDS(200));
    take_dump(LEFT, 8);
    const struct rill_status *s = the(RILL_STATUS_CONNECTION, RILL_TCP_ESTABLISHED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->limit, RILL_LIMIT_PACING);
    CU_ASSERT_EQUAL(s->detail.pacing_rate, rate);
    CU_ASSERT_PTR_NOT_NULL(timer_of(s, RILL_TIMER_PACING));
    world_end();
}

static void what_is_lost_waits_for_its_timer(void)
{
    world_begin(NULL);
    int server, client = world_connection(80, &server);
    world.cut = true;
    rill_send(client, "x", 1, 0);
    world_pass(RILL_SECONDS(2));
    take_dump(LEFT, 8);
    const struct rill_status *s = the(RILL_STATUS_CONNECTION, RILL_TCP_ESTABLISHED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->limit, RILL_LIMIT_APPLICATION);
    CU_ASSERT_EQUAL(s->send_queue, 1);
    CU_ASSERT_TRUE(s->detail.retransmits > 0);
    const struct rill_status_timer *timer = timer_of(s, RILL_TIMER_RETRANSMIT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(timer);
    CU_ASSERT_TRUE(timer->tries > 0 && timer->left > 0);
    world.cut = false;
    world_end();
}

static void time_wait_tells_its_time(void)
{
    world_begin(NULL);
    int server, client = world_connection(80, &server);
    rill_close(client);
    world_pass(RILL_SECONDS(1));
    rill_use(world.end[RIGHT]);
    rill_close(server);
    world_pass(RILL_SECONDS(10));
    take_dump(LEFT, 8);
    const struct rill_status *s = the(RILL_STATUS_TIME_WAIT, RILL_TCP_TIME_WAIT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(s->age >= RILL_SECONDS(9) && s->age <= RILL_SECONDS(10));
    CU_ASSERT_EQUAL(s->timer[0].which, RILL_TIMER_TIME_WAIT);
    CU_ASSERT_EQUAL(s->timer[0].left + s->age, RILL_SECONDS(60));
    world_end();
}

static void a_syn_that_waits_is_told(void)
{
    world_begin(NULL);
    rill_use(world.end[RIGHT]);
    CU_ASSERT_TRUE(world_listen(80) >= 0);
    rill_use(world.end[LEFT]);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EINPROGRESS));
    take_dump(LEFT, 8);
    CU_ASSERT_PTR_NOT_NULL(the(RILL_STATUS_CONNECTION, RILL_TCP_SYN_SENT));
    world_end();
}

/* The SYN is handed over, and every answer vanishes. */
static void a_syn_that_was_answered_tells_its_timer(void)
{
    uint8_t buffer[2048];
    struct rill_frame syn = {.buffer = buffer, .room = sizeof buffer};
    int server;
    world_begin(NULL);
    world_connection(81, &server); /* so they know each other's MAC */
    world_listen(80);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EINPROGRESS));
    CU_ASSERT_EQUAL(rill_transmit(world.end[LEFT], WORLD_WIRE, &syn, 1, world.now), 1);
    world.cut = true;
    rill_receive(world.end[RIGHT], WORLD_WIRE, &syn, 1, world.now);
    for (unsigned tries = 0; tries < 2; tries++) { /* RFC 6298: it goes again after 1 s and 3 s */
        world_pass(RILL_MILLISECONDS(800));
        take_dump(RIGHT, 8);
        const struct rill_status *s = the(RILL_STATUS_SYN, RILL_TCP_SYN_RECEIVED);
        CU_ASSERT_PTR_NOT_NULL_FATAL(s);
        const struct rill_status_timer *timer = timer_of(s, RILL_TIMER_SYN_ACK);
        CU_ASSERT_PTR_NOT_NULL_FATAL(timer);
        CU_ASSERT_EQUAL(timer->tries, tries);
        CU_ASSERT_EQUAL(timer->left, RILL_MILLISECONDS(tries ? 1400 : 200));
    }
    world.cut = false;
    world_end();
}

static void udp_sockets_with_a_port_are_told(void)
{
    world_begin(NULL);
    rill_socket(AF_INET, SOCK_DGRAM, 0);
    int fd = rill_socket(AF_INET, SOCK_DGRAM, 0), other = rill_socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL(bind_to(fd, ip4_address(INADDR_ANY, 53)), 0);
    CU_ASSERT_EQUAL(connect_to(other, world_address(RIGHT, 7)), 0);
    take_dump(LEFT, 1);
    CU_ASSERT_EQUAL(entries, 2);
    const struct rill_status *s = the(RILL_STATUS_DATAGRAM, RILL_TCP_CLOSED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->local_port, 53);
    s = the(RILL_STATUS_DATAGRAM, RILL_TCP_ESTABLISHED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->remote_port, 7);
    world_end();
}

/* What is there from beginning to end is told once, whatever comes and goes meanwhile. */
static void a_walk_survives_changes(void)
{
    struct rill_status one;
    unsigned told[CLIENTS] = {0};
    uint64_t place = 0;
    world_begin(NULL);
    rill_use(world.end[RIGHT]);
    int fd[CLIENTS];
    CU_ASSERT_TRUE(world_listen(80) >= 0);
    rill_use(world.end[LEFT]);
    for (int i = 0; i < CLIENTS; i++) {
        fd[i] = rill_socket(AF_INET, SOCK_STREAM, 0);
        CU_ASSERT_EQUAL(bind_to(fd[i], ip4_address(INADDR_ANY, (uint16_t)(4000 + i))), 0);
        CU_ASSERT_EQUAL(connect_to(fd[i], world_address(RIGHT, 80)), 0);
    }
    for (int i = 0; rill_status_next(world.end[LEFT], &place, &one, 1) == 1; i++) {
        if (one.local_port >= 4000 && one.local_port < 4000 + CLIENTS)
            told[one.local_port - 4000]++;
        if (i == 3)
            rill_close(fd[1]);
        for (int more = 0; i == 4 && more < 200; more++) { /* the table grows */
            int it = rill_socket(AF_INET, SOCK_STREAM, 0);
            CU_ASSERT_EQUAL(bind_to(it, ip4_address(INADDR_ANY, (uint16_t)(5000 + more))), 0);
            CU_ASSERT_EQUAL(rill_listen(it, 1), 0);
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        CU_ASSERT_TRUE(told[i] == 1 || (i == 1 && told[i] > 0));
    world_end();
}

static void without_statistics_the_age_is_not_known(void)
{
    struct rill_config config;
    rill_config_init(&config);
    config.tcp.statistics = false;
    world_begin(&config);
    int server;
    world_connection(80, &server);
    take_dump(LEFT, 8);
    const struct rill_status *s = the(RILL_STATUS_CONNECTION, RILL_TCP_ESTABLISHED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(s->age < 0);
    world_end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"an empty stack has nothing", an_empty_stack_has_nothing},
        {"a listener tells its queue and backlog", a_listener_tells_its_queue_and_backlog},
        {"all of a group of listeners are told", all_of_a_group_of_listeners_are_told},
        {"queues, states and ages are told", queues_states_and_ages_are_told},
        {"the peer's window limits and persist runs", the_peers_window_limits_and_persist_runs},
        {"what is paced waits for its time", what_is_paced_waits_for_its_time},
        {"what is lost waits for its timer", what_is_lost_waits_for_its_timer},
        {"TIME_WAIT tells its time", time_wait_tells_its_time},
        {"a SYN that waits is told", a_syn_that_waits_is_told},
        {"a SYN that was answered tells its timer", a_syn_that_was_answered_tells_its_timer},
        {"UDP sockets with a port are told", udp_sockets_with_a_port_are_told},
        {"a walk survives changes", a_walk_survives_changes},
        {"without statistics the age is not known", without_statistics_the_age_is_not_known},
    };
    return UNIT_MAIN("diag", tests);
}
