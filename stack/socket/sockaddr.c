/* struct sockaddr_in and sockaddr_in6 to the stack's addresses and back. Bytes are copied, because
 * the caller's structure may have any alignment. */
#include "socket/sockaddr.h"

#include "base/bytes.h"
#include "ip/address.h"
#include "wire/wire.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>

/* RFC 2133 had no scope. */
#define SOCKADDR_IN6_MIN offsetof(struct sockaddr_in6, sin6_scope_id)

bool sockaddr_is(sa_family_t family, const struct sockaddr *from, socklen_t length)
{
    sa_family_t its;
    if (!from || length < sizeof its)
        return false;
    memcpy(&its, (const char *)from + offsetof(struct sockaddr, sa_family), sizeof its);
    return its == family;
}

/* Any IPv4 address is any address. */
static struct rill_address address_of(struct rill_address a)
{
    bool any = rill_address_is_ip4(a) && rill_address_to_ip4(a) == INADDR_ANY;
    return any ? (struct rill_address){{0}} : a;
}

static void get4(const struct sockaddr *from, struct endpoint *out)
{
    struct sockaddr_in in;
    memcpy(&in, from, sizeof in);
    out->address = address_of(rill_address_ip4(wire_get32((const uint8_t *)&in.sin_addr.s_addr)));
    out->port = wire_get16((const uint8_t *)&in.sin_port);
}

static void get6(const struct sockaddr *from, struct endpoint *out)
{
    struct sockaddr_in6 in;
    memcpy(&in, from, SOCKADDR_IN6_MIN);
    memcpy(&out->address, &in.sin6_addr, sizeof out->address);
    out->address = address_of(out->address);
    out->port = wire_get16((const uint8_t *)&in.sin6_port);
}

int sockaddr_get(sa_family_t family, const struct sockaddr *from, socklen_t length,
                 struct endpoint *out)
{
    size_t min = family == AF_INET6 ? SOCKADDR_IN6_MIN : sizeof(struct sockaddr_in);
    if (!from)
        return -EFAULT;
    if (length < min || length > sizeof(struct sockaddr_storage))
        return -EINVAL;
    if (!sockaddr_is(family, from, length))
        return -EAFNOSUPPORT;
    if (family == AF_INET6)
        get6(from, out);
    else
        get4(from, out);
    return 0;
}

int sockaddr_get_unnamed(const struct sockaddr *from, socklen_t length, struct endpoint *out)
{
    struct sockaddr_in in;
    if (length < sizeof in || length > sizeof(struct sockaddr_storage))
        return -EINVAL;
    memcpy(&in, from, sizeof in);
    in.sin_family = AF_INET;
    return sockaddr_get(AF_INET, (const struct sockaddr *)&in, sizeof in, out);
}

struct rill_address sockaddr_destination(struct rill_address to, struct rill_address local)
{
    if (!rill_address_is_any(to))
        return to;
    return rill_address_is_any(local) ? ADDRESS_LOCALHOST : local;
}

static size_t put4(const struct endpoint *from, struct sockaddr_storage *to)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    wire_put32((uint8_t *)&in.sin_addr.s_addr, rill_address_to_ip4(from->address));
    wire_put16((uint8_t *)&in.sin_port, from->port);
    memcpy(to, &in, sizeof in);
    return sizeof in;
}

static size_t put6(const struct endpoint *from, struct sockaddr_storage *to)
{
    struct sockaddr_in6 in = {.sin6_family = AF_INET6};
    if (!rill_address_equal(from->address, ADDRESS_ONLY_IP6))
        memcpy(&in.sin6_addr, &from->address, sizeof in.sin6_addr);
    wire_put16((uint8_t *)&in.sin6_port, from->port);
    memcpy(to, &in, sizeof in);
    return sizeof in;
}

int sockaddr_put(sa_family_t family, const struct endpoint *from, struct sockaddr *to,
                 socklen_t *length)
{
    struct sockaddr_storage in;
    if (!to || !length)
        return -EFAULT;
    if (*length > INT_MAX)
        return -EINVAL;
    size_t whole = family == AF_INET6 ? put6(from, &in) : put4(from, &in);
    memcpy(to, &in, min_of((size_t)*length, whole));
    *length = (socklen_t)whole;
    return 0;
}
