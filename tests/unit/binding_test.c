/* Local ports where there are many connections. */
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <time.h>

#define SERVER 0xc000024d /* 192.0.2.77, who never answers */

static int stream(void)
{
    return rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

/* A connection from each port that there is, to one server. */
static unsigned take_all_ports(void)
{
    unsigned taken = 0;
    while (fails(connect_to(stream(), ip4_address(SERVER, 80)), EINPROGRESS))
        taken++;
    return taken;
}

/* Not once for each port: among a hundred thousand connections that takes a minute. */
static void a_bind_looks_once(void)
{
    world_begin(NULL);
    unsigned taken = take_all_ports();
    CU_ASSERT_EQUAL(errno, EADDRNOTAVAIL);
    CU_ASSERT_EQUAL(taken, 60999 - 32768 + 1);
    clock_t begin = clock();
    CU_ASSERT_TRUE(fails(bind_to(stream(), ip4_address(INADDR_ANY, 0)), EADDRINUSE));
    CU_ASSERT_TRUE(fails(bind_to(stream(), ip4_address(INADDR_ANY, 40000)), EADDRINUSE));
    CU_ASSERT_EQUAL(bind_to(stream(), ip4_address(INADDR_LOOPBACK, 0)), 0);
    CU_ASSERT(clock() - begin < 2 * CLOCKS_PER_SEC);
    world_end();
}

/* Nor at all of them each time: a port is taken, or free again, whoever else is there. */
static void many_binds_do_not_look_at_all_connections(void)
{
    world_begin(NULL);
    int first = stream();
    CU_ASSERT_TRUE(fails(connect_to(first, ip4_address(SERVER, 80)), EINPROGRESS));
    take_all_ports();
    clock_t begin = clock();
    for (int i = 0; i < 1000; i++) {
        int fd = stream();
        CU_ASSERT_TRUE(fails(bind_to(fd, ip4_address(INADDR_ANY, 40000)), EADDRINUSE));
        CU_ASSERT_EQUAL(bind_to(fd, world_address(LEFT, 8000)), 0);
        CU_ASSERT_EQUAL(rill_close(fd), 0);
    }
    CU_ASSERT(clock() - begin < CLOCKS_PER_SEC / 2);
    CU_ASSERT_EQUAL(rill_close(first), 0);
    CU_ASSERT_EQUAL(bind_to(stream(), ip4_address(INADDR_ANY, 0)), 0); /* the one that it had */
    world_end();
}

/* Nor at the bindings of other ports. */
static void binds_among_many_bindings_are_cheap(void)
{
    world_begin(NULL);
    int first = stream(), fd = stream(), last = -1;
    CU_ASSERT_EQUAL_FATAL(bind_to(first, world_address(LEFT, 0)), 0);
    for (int port = 32768; port <= 60999; port++)
        if (bind_to(last = stream(), world_address(LEFT, (uint16_t)port)) != 0)
            CU_ASSERT_EQUAL(errno, EADDRINUSE); /* the first one's */
    clock_t begin = clock();
    for (int i = 0; i < 30; i++)
        CU_ASSERT_TRUE(fails(bind_to(fd, world_address(LEFT, 0)), EADDRINUSE));
    CU_ASSERT(clock() - begin < CLOCKS_PER_SEC);
    CU_ASSERT_EQUAL(rill_close(last), 0);
    CU_ASSERT_EQUAL(bind_to(fd, world_address(LEFT, 0)), 0);
    world_end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a bind looks at all connections once", a_bind_looks_once},
        {"many binds do not look at all of them", many_binds_do_not_look_at_all_connections},
        {"binds among many bindings are cheap", binds_among_many_bindings_are_cheap},
    };
    return UNIT_MAIN("binding", tests);
}
