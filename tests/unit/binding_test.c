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

int main(void)
{
    static const struct unit_test tests[] = {
        {"a bind looks at all connections once", a_bind_looks_once},
    };
    return UNIT_MAIN("binding", tests);
}
