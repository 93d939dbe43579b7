#include "pair.h"

#include "record.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

void pair_config_init(struct pair_config *c, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    c->seed = seed;
    c->mtu = 1500;
    c->there.delay = c->back.delay = RILL_MILLISECONDS(1);
    for (int i = 0; i < 2; i++) {
        rill_config_init(&c->end[i]);
        c->end[i].seed = seed * 2 + (uint64_t)i;
        c->end[i].check = true;
    }
}

static void open_end(struct pair *p, const struct pair_config *c, int i)
{
    struct rill_port_config port = {
        .name = "cable", .mac = {2, 0, 0, 0, 0, (uint8_t)(i + 1)}, .mtu = c->mtu};
    struct rill_config config = c->end[i];
    record_prepare(&config, c->capture ? c->capture : record_capture());
    p->end[i] = rill_new(&config, p->now);
    assert(p->end[i]);
    p->port[i] = rill_port_add(p->end[i], &port);
    assert(p->port[i] > 0);
    int added = rill_address_add(p->end[i], p->port[i], rill_address_ip4(0x0a000001u + (uint32_t)i),
                                 24, false);
    assert(added == 0);
}

void pair_open(struct pair *p, const struct pair_config *c)
{
    memset(p, 0, sizeof *p);
    p->now = RILL_SECONDS(1000);
    for (int i = 0; i < 2; i++)
        open_end(p, c, i);
    p->cable = rill_cable_new(&c->there, &c->back, c->seed);
    assert(p->cable);
    struct rill_capture *capture = c->capture ? c->capture : record_capture();
    if (capture)
        rill_cable_record(p->cable, 0, capture, p->end[0]);
}

void pair_close(struct pair *p)
{
    rill_use(NULL);
    for (int i = 0; i < 2; i++)
        rill_free(p->end[i]);
    rill_cable_free(p->cable);
}

void pair_run(struct pair *p, rill_time until, bool (*stop)(void *), void *context)
{
    p->now = rill_cable_run(p->cable, p->end, p->port, p->now, until, stop, context);
}

void pair_run_for(struct pair *p, rill_time length)
{
    pair_run(p, p->now + length, NULL, NULL);
}

struct sockaddr_in pair_address(int end, uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(0x0a000001u + (uint32_t)end)};
}

int pair_listen(struct pair *p, uint16_t port)
{
    struct sockaddr_in a = pair_address(1, port);
    rill_use(p->end[1]);
    int listener = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int failed = rill_bind(listener, (struct sockaddr *)&a, sizeof a) || rill_listen(listener, 16);
    assert(!failed);
    return listener;
}

void pair_connect(struct pair *p, int listener, uint16_t port, int *client, int *server)
{
    struct sockaddr_in a = pair_address(1, port);
    rill_use(p->end[0]);
    *client = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int r = rill_connect(*client, (struct sockaddr *)&a, sizeof a);
    assert(r == -1 && errno == EINPROGRESS);
    *server = -1;
    for (int i = 0; i < 600 && *server < 0; i++) {
        pair_run_for(p, RILL_MILLISECONDS(100));
        rill_use(p->end[1]);
        *server = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    }
    assert(*server >= 0);
}
