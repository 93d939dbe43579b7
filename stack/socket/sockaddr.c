/* struct sockaddr_in to the stack's addresses and back. Bytes are copied, because the caller's
 * structure may have any alignment. */
#include "socket/sockaddr.h"

#include "base/bytes.h"
#include "wire/wire.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>

static sa_family_t sockaddr_family(const struct sockaddr *from)
{
    sa_family_t family;
    memcpy(&family, (const char *)from + offsetof(struct sockaddr, sa_family), sizeof family);
    return family;
}

bool sockaddr_is_unspecified(const struct sockaddr *from, socklen_t length)
{
    return from && length >= sizeof(sa_family_t) && sockaddr_family(from) == AF_UNSPEC;
}

int sockaddr_get(const struct sockaddr *from, socklen_t length, struct endpoint *out)
{
    if (!from)
        return -EFAULT;
    if (length < sizeof(struct sockaddr_in) || length > sizeof(struct sockaddr_storage))
        return -EINVAL;
    if (sockaddr_family(from) != AF_INET)
        return -EAFNOSUPPORT;
    struct sockaddr_in in;
    memcpy(&in, from, sizeof in);
    uint32_t ip4 = wire_get32((const uint8_t *)&in.sin_addr.s_addr);
    out->address = ip4 == INADDR_ANY ? (struct rill_address){{0}} : rill_address_ip4(ip4);
    out->port = wire_get16((const uint8_t *)&in.sin_port);
    return 0;
}

int sockaddr_put(const struct endpoint *from, struct sockaddr *to, socklen_t *length)
{
    if (!to || !length)
        return -EFAULT;
    if (*length > INT_MAX)
        return -EINVAL;
    struct sockaddr_in in = {.sin_family = AF_INET};
    wire_put32((uint8_t *)&in.sin_addr.s_addr, rill_address_to_ip4(from->address));
    wire_put16((uint8_t *)&in.sin_port, from->port);
    memcpy(to, &in, min_of((size_t)*length, sizeof in));
    *length = sizeof in;
    return 0;
}
