#include "mail.h"

#include <stdbool.h>
#include <string.h>

struct msghdr *mail_empty(struct mail *mail)
{
    memset(mail, 0, sizeof *mail);
    mail->part = (struct iovec){mail->text, sizeof mail->text};
    mail->m = (struct msghdr){.msg_name = &mail->name,
                              .msg_namelen = sizeof mail->name,
                              .msg_iov = &mail->part,
                              .msg_iovlen = 1,
                              .msg_control = mail->control,
                              .msg_controllen = sizeof mail->control};
    return &mail->m;
}

const void *mail_told(struct mail *mail, unsigned i, int level, int type, size_t length)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(&mail->m);
    while (c && i--)
        c = CMSG_NXTHDR(&mail->m, c);
    bool good =
        c && c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len == CMSG_LEN(length);
    return good ? CMSG_DATA(c) : NULL;
}
