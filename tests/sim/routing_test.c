/* Connections whose route changes, or is none: a route by another port, a neighbour that is gone;
 * and addresses that have to be probed before they can be a source (RFC 5227). */
#include "../unit/unit.h"
#include "socket/rill.h"

#include <errno.h>
#include <netinet/in.h>
#include <rill/rill.h>
#include <rill/sim.h>

#define MS RILL_MILLISECONDS(1)
#define FIRST_PORT (RILL_LOOPBACK_PORT + 1)
#define OTHER_ADDRESS 0x0a000064 /* 10.0.0.100 */

/* ---- Connections ---- */

/* A client with two links to a switch, and a server with one. */
struct scene {
    struct rill_sim *sim;
    struct rill_sim_node *client, *server;
    struct rill_sim_link *link[2], *far;
};

static struct scene s;

static void begin(void)
{
    struct rill_sim_host_config h;
    struct rill_cable_config way = {.delay = MS, .rate = 10000000};
    rill_sim_host_config_init(&h);
    s.sim = rill_sim_new(1);
    s.client = rill_sim_host_add(s.sim, &h);
    s.server = rill_sim_host_add(s.sim, &h);
    struct rill_sim_node *middle = rill_sim_switch_add(s.sim, "middle");
    for (int i = 0; i < 2; i++)
        s.link[i] = rill_sim_link_add(s.sim, s.client, middle, &way, &way);
    s.far = rill_sim_link_add(s.sim, middle, s.server, &way, &way);
    CU_ASSERT_FATAL(s.link[0] && s.link[1] && s.far);
}

static struct rill_sim_flow *flow(struct rill_sim_app client)
{
    struct rill_sim_flow_config f = {.node = {s.client, s.server}, .port = 80, .app[0] = client};
    return rill_sim_flow_add(s.sim, &f);
}

/* The second word after a pause. */
static struct rill_sim_app two_words(rill_time pause)
{
    return (struct rill_sim_app){
        .bytes = 2000, .write_chunk = 1000, .write_pause = pause, .linger = RILL_SECONDS(50)};
}

static bool is_complete(const struct rill_sim_flow *f)
{
    const struct rill_sim_end *a = rill_sim_end(f, 0), *b = rill_sim_end(f, 1);
    return a->finished && b->finished && !a->error && !b->error && b->received == a->sent;
}

static void end(void)
{
    rill_sim_run(s.sim, RILL_NEVER, NULL, NULL);
    CU_ASSERT_PTR_NULL(rill_sim_remains(s.sim));
    CU_ASSERT_EQUAL(rill_sim_stack(s.client)->net.tcp.pool[HEAD_CONNECTION].count, 0);
    rill_sim_free(s.sim);
}

/* The second port gets an address, and the route to the server. */
static void change_route(void)
{
    struct rill *stack = rill_sim_stack(s.client);
    struct rill_address to = rill_address_ip4(rill_sim_address(s.server));
    int second = FIRST_PORT + 1;
    CU_ASSERT_EQUAL(rill_address_add(stack, second, rill_address_ip4(OTHER_ADDRESS), 8, false), 0);
    CU_ASSERT_EQUAL(rill_route_add(stack, to, 32, second, rill_address_ip4(0)), 0);
    rill_sim_touch(s.client);
}

static void a_connection_moves_to_the_port_of_a_better_route(void)
{
    begin();
    struct rill_sim_flow *f = flow((struct rill_sim_app){.bytes = 1000000});
    rill_sim_run(s.sim, 300 * MS, NULL, NULL);
    CU_ASSERT(rill_sim_link_stats(s.link[0], 0)->delivered > 50);
    CU_ASSERT(rill_sim_link_stats(s.link[1], 0)->delivered < 10);
    change_route();
    uint64_t before = rill_sim_link_stats(s.link[0], 0)->sent;
    rill_sim_run(s.sim, RILL_SECONDS(5), NULL, NULL);
    CU_ASSERT(is_complete(f));
    CU_ASSERT(rill_sim_link_stats(s.link[0], 0)->sent < before + 10);
    CU_ASSERT(rill_sim_link_stats(s.link[1], 0)->delivered > 300);
    end();
}

static void what_is_said_after_a_silence_takes_the_new_port(void)
{
    begin();
    struct rill_sim_flow *f = flow(two_words(RILL_SECONDS(10)));
    rill_sim_run(s.sim, RILL_SECONDS(5), NULL, NULL);
    change_route();
    rill_sim_run(s.sim, RILL_SECONDS(15), NULL, NULL);
    CU_ASSERT_EQUAL(rill_sim_end(f, 1)->received, 2000);
    rill_sim_run(s.sim, RILL_SECONDS(100), NULL, NULL);
    CU_ASSERT(is_complete(f));
    end();
}

/* The first flow's retransmissions find out that the server is gone; the second one has nothing in
 * flight when it has something to say. */
static struct rill_sim_flow *lose_the_server(void)
{
    begin();
    flow(two_words(RILL_SECONDS(100)));
    struct rill_sim_flow *second = flow(two_words(RILL_SECONDS(200)));
    rill_sim_run(s.sim, RILL_SECONDS(90), NULL, NULL);
    rill_sim_link_cut(s.far, true);
    rill_sim_run(s.sim, RILL_SECONDS(220), NULL, NULL);
    return second;
}

static void text_for_a_neighbour_that_is_gone_is_tried_again(void)
{
    struct rill_sim_flow *f = lose_the_server();
    CU_ASSERT_EQUAL(rill_sim_end(f, 0)->sent, 2000);
    CU_ASSERT_EQUAL(rill_sim_end(f, 1)->received, 1000);
    rill_sim_link_cut(s.far, false);
    rill_sim_run(s.sim, RILL_SECONDS(245), NULL, NULL);
    CU_ASSERT_EQUAL(rill_sim_end(f, 1)->received, 2000);
    rill_sim_run(s.sim, RILL_SECONDS(400), NULL, NULL);
    CU_ASSERT(is_complete(f));
    end();
}

static void an_abort_that_reaches_nobody_leaves_nothing(void)
{
    struct rill_sim_flow *f = lose_the_server();
    rill_sim_flow_abort(f, 0);
    rill_sim_flow_abort(f, 1);
    rill_sim_run(s.sim, RILL_SECONDS(300), NULL, NULL);
    rill_sim_link_cut(s.far, false);
    end();
}

/* ---- Addresses ---- */

static enum rill_address_state probed(uint32_t address, rill_time time)
{
    struct rill *stack = rill_sim_stack(s.client);
    struct rill_address a = rill_address_ip4(address);
    CU_ASSERT_EQUAL(rill_address_add(stack, FIRST_PORT, a, 8, true), 0);
    CU_ASSERT_EQUAL(rill_address_state(stack, a), RILL_ADDRESS_PROBING);
    rill_sim_touch(s.client);
    rill_sim_run(s.sim, rill_sim_now(s.sim) + time, NULL, NULL);
    return rill_address_state(stack, a);
}

static int bind_client(uint32_t address)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
    rill_use(rill_sim_stack(s.client));
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    int bound = rill_bind(fd, (struct sockaddr *)&here, sizeof here), error = errno;
    rill_close(fd);
    rill_use(NULL);
    errno = error;
    return bound;
}

/* RFC 5227 1.1: three probes, up to two seconds apart, and two more to wait. */
static void an_address_that_nobody_has_is_used(void)
{
    begin();
    CU_ASSERT_EQUAL(probed(OTHER_ADDRESS, RILL_SECONDS(3)), RILL_ADDRESS_PROBING);
    CU_ASSERT(fails(bind_client(OTHER_ADDRESS), EADDRNOTAVAIL));
    CU_ASSERT_EQUAL(probed(OTHER_ADDRESS + 1, RILL_SECONDS(10)), RILL_ADDRESS_READY);
    CU_ASSERT_EQUAL(bind_client(OTHER_ADDRESS), 0);
    end();
}

static void an_address_that_somebody_has_is_not_used(void) /* RFC 5227 2.1.1 */
{
    begin();
    uint32_t taken = rill_sim_address(s.server);
    CU_ASSERT_EQUAL(probed(taken, RILL_SECONDS(10)), RILL_ADDRESS_CONFLICT);
    CU_ASSERT(fails(bind_client(taken), EADDRNOTAVAIL));
    struct rill_sim_flow *f = flow((struct rill_sim_app){.bytes = 1000});
    rill_sim_run(s.sim, RILL_SECONDS(20), NULL, NULL);
    CU_ASSERT(is_complete(f)); /* with its owner */
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a connection moves to the port of a better route",
         a_connection_moves_to_the_port_of_a_better_route},
        {"what is said after a silence takes the new port",
         what_is_said_after_a_silence_takes_the_new_port},
        {"text for a neighbour that is gone is tried again",
         text_for_a_neighbour_that_is_gone_is_tried_again},
        {"an abort that reaches nobody leaves nothing",
         an_abort_that_reaches_nobody_leaves_nothing},
        {"RFC 5227: an address that nobody has is used", an_address_that_nobody_has_is_used},
        {"RFC 5227: an address that somebody has is not used",
         an_address_that_somebody_has_is_not_used},
    };
    return UNIT_MAIN("routing", tests);
}
