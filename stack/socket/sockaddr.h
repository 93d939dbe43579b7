/* struct sockaddr_in and sockaddr_in6 to the stack's addresses and back. */
#ifndef SOCKET_SOCKADDR_H
#define SOCKET_SOCKADDR_H

#include <rill/address.h>
#include <sys/socket.h>

struct endpoint {
    struct rill_address address; /* all zero: any (0.0.0.0, ::) */
    uint16_t port;
};

/* Where a socket with IPV6_V6ONLY is bound instead of to ::, which would mean every IPv4 address,
 * too. Nothing is ever sent there: 100::, of the discard-only block (RFC 6666). */
#define ADDRESS_ONLY_IP6 ((struct rill_address){{1}})

/* `family` is the socket's: AF_INET, or AF_INET6, whose IPv4 addresses are mapped (RFC 3493 3.7).
 * 0; -EFAULT: NULL; -EINVAL: a length that is wrong for it; -EAFNOSUPPORT: of another family. */
int sockaddr_get(sa_family_t family, const struct sockaddr *, socklen_t, struct endpoint *);

/* The same for AF_INET, from a program that has left the family out (AF_UNSPEC). */
int sockaddr_get_unnamed(const struct sockaddr *, socklen_t, struct endpoint *);

/* 0.0.0.0 as a destination means this host (ip(7)): the address that the socket is bound to. */
struct rill_address sockaddr_destination(struct rill_address to, struct rill_address local);

/* Writes as much as *length allows and stores the whole length there, as accept(2) says. -EFAULT,
 * -EINVAL. */
int sockaddr_put(sa_family_t family, const struct endpoint *, struct sockaddr *, socklen_t *length);

/* Has it this family? AF_UNSPEC: connect(2) dissolves an association with it. */
bool sockaddr_is(sa_family_t, const struct sockaddr *, socklen_t);

#endif
