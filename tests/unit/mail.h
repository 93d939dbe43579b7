/* A message for recvmsg or sendmsg with room for everything: text, name, control messages. */
#ifndef TESTS_MAIL_H
#define TESTS_MAIL_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

struct mail {
    struct msghdr m;
    struct iovec part;
    struct sockaddr_in name;
    char text[16];
    _Alignas(struct cmsghdr) uint8_t control[256];
};

/* Empties it; returns its message, which owns nothing. */
struct msghdr *mail_empty(struct mail *);

/* The data of the i-th control message received, if it is this one; NULL: it is not. */
const void *mail_told(struct mail *, unsigned i, int level, int type, size_t length);

#endif
