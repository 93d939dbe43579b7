/* Addresses in calls. A script names IPv4 addresses; an AF_INET6 socket takes and gives them mapped
 * (RFC 3493 3.7). */
#include "script/invocation.h"

#include <arpa/inet.h>
#include <rill/socket.h>
#include <string.h>

bool expression_address(const struct expression *e, uint32_t *value)
{
    struct in_addr address;
    bool call = e && e->kind == EXPRESSION_CALL && !strcmp(e->text, "inet_addr") && e->first &&
                e->first->kind == EXPRESSION_STRING;
    if (!call || inet_pton(AF_INET, e->first->text, &address) != 1)
        return false;
    *value = ntohl(address.s_addr);
    return true;
}

static bool is_ip6(const struct invocation *i)
{
    int domain;
    socklen_t length = sizeof domain;
    return rill_getsockopt(i->live_fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 &&
           domain == AF_INET6;
}

/* ---- To the stack ---- */

/* Passes `address` on in the form that its family says. */
static void make_live(struct invocation *i)
{
    const struct sockaddr_in *a = &i->address;
    i->live_address.ip4 = *a;
    i->live_length = sizeof i->live_address.ip4;
    if (a->sin_family != AF_INET6)
        return;
    i->live_address.ip6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = a->sin_port};
    i->live_length = sizeof i->live_address.ip6;
    if (a->sin_addr.s_addr == INADDR_ANY)
        return;
    i->live_address.ip6.sin6_addr.s6_addr[10] = i->live_address.ip6.sin6_addr.s6_addr[11] = 0xff;
    memcpy(&i->live_address.ip6.sin6_addr.s6_addr[12], &a->sin_addr, sizeof a->sin_addr);
}

void invocation_set_address(struct invocation *i, uint32_t address, uint16_t port)
{
    i->address = (struct sockaddr_in){.sin_family = is_ip6(i) ? AF_INET6 : AF_INET,
                                      .sin_port = htons(port),
                                      .sin_addr.s_addr = htonl(address)};
    make_live(i);
}

static bool address_from_struct(struct invocation *i, const struct expression *e)
{
    const struct expression *family = member(e, "sa_family"), *port = member(e, "sin_port");
    uint32_t address;
    if (!family || !port || !expression_address(member(e, "sin_addr"), &address)) {
        invocation_wrong(i, "an address of sa_family, sin_port = htons(N) and sin_addr = "
                            "inet_addr(\"a.b.c.d\") was expected");
        return false;
    }
    i->address.sin_family = (sa_family_t)expression_value(i->run, family);
    i->address.sin_port = htons((uint16_t)expression_value(i->run, port));
    i->address.sin_addr.s_addr = htonl(address);
    make_live(i);
    return run_good(i->run);
}

/* `...`, a structure, or a bare family such as AF_UNSPEC. */
bool invocation_address(struct invocation *i, unsigned index, uint32_t ellipsis, uint16_t port)
{
    const struct expression *e = argument(i, index);
    if (e->kind == EXPRESSION_STRUCT)
        return address_from_struct(i, e);
    if (e->kind == EXPRESSION_ELLIPSIS) {
        invocation_set_address(i, ellipsis, port);
        return true;
    }
    i->address = (struct sockaddr_in){.sin_family = (sa_family_t)expression_value(i->run, e)};
    make_live(i);
    return run_good(i->run);
}

/* ---- From the stack ---- */

void invocation_take_address(struct invocation *i)
{
    i->address = i->live_address.ip4;
    if (i->live_address.ip4.sin_family != AF_INET6)
        return;
    i->address.sin_port = i->live_address.ip6.sin6_port;
    memcpy(&i->address.sin_addr, &i->live_address.ip6.sin6_addr.s6_addr[12],
           sizeof i->address.sin_addr);
}
