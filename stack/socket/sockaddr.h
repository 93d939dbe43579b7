/* struct sockaddr_in to the stack's addresses and back. */
#ifndef SOCKET_SOCKADDR_H
#define SOCKET_SOCKADDR_H

#include <rill/address.h>
#include <sys/socket.h>

struct endpoint {
    struct rill_address address; /* all zero: any (0.0.0.0) */
    uint16_t port;
};

#define ADDRESS_LOCALHOST rill_address_ip4(0x7f000001)

/* 0; -EFAULT: NULL; -EINVAL: a length that is wrong for AF_INET; -EAFNOSUPPORT. */
int sockaddr_get(const struct sockaddr *, socklen_t, struct endpoint *);

/* Writes as much as *length allows and stores the whole length there, as accept(2) says. -EFAULT,
 * -EINVAL. */
int sockaddr_put(const struct endpoint *, struct sockaddr *, socklen_t *length);

/* AF_UNSPEC: connect(2) dissolves an association with it. */
bool sockaddr_is_unspecified(const struct sockaddr *, socklen_t);

#endif
