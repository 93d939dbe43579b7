/* A system call of a script in progress: the values of its arguments, the stack's call, and the
 * result (language page, sections 13 and 23.4 to 23.6). It lies in the script's arena, because a
 * blocking call outlives its event. */
#ifndef SCRIPT_INVOCATION_H
#define SCRIPT_INVOCATION_H

#include "script/run.h"

#include <netinet/in.h>

#define BUFFER_MAX (64 << 20) /* bytes that one call may move */
#define EVENTS_MAX 4096       /* events that one call may return */

struct invocation {
    struct run *run;
    const struct event *event;
    const struct call_line *line;
    const struct call_row *row;
    struct descriptor_name *descriptor; /* of the first argument; NULL: it is no descriptor */
    int live_fd;                        /* -1: none */

    bool waits;       /* `call` must be tried; else it is done, with this result: */
    int64_t result;   /* -1 on failure */
    int error;        /* errno then */
    struct call call; /* one that may wait */
    struct msghdr message;
    struct iovec *part;
    struct sockaddr_in address; /* the other end's, or the socket's own, as the script has it */
    union {
        struct sockaddr base;
        struct sockaddr_in ip4;
        struct sockaddr_in6 ip6;
    } live_address; /* the same for the call: its socket may be of another family */
    socklen_t live_length;
    struct pollfd *poll;
    struct epoll_event *events;
    struct zeros *zeros; /* the file or pipe of the call; NULL: none */
    int value;           /* result of ioctl */
    uint8_t *buffer;     /* malloc'd; NULL: none */

    int64_t started, expected_end; /* of a blocking call: script time */
};

/* One row of the table of calls. */
struct call_row {
    const char *name;
    unsigned least, most; /* number of arguments */
    void (*start)(struct invocation *);
    void (*finish)(struct invocation *); /* checks the result; NULL: no check */
};

const struct call_row *call_find(const char *name);

/* ----------------------------------------------------------------- arguments */

/* NULL: no such argument. */
const struct expression *argument(const struct invocation *, unsigned index);
bool argument_is_ellipsis(const struct invocation *, unsigned index);

/* A number, a symbol, or several combined with |; else the run fails, or is unsupported, and the
 * result is 0. */
int64_t argument_number(const struct invocation *, unsigned index);
int64_t expression_value(struct run *, const struct expression *);

/* inet_addr("a.b.c.d") in host order. False: another expression. */
bool expression_address(const struct expression *, uint32_t *value);

/* A structure's member; NULL: the script does not give it. */
const struct expression *member(const struct expression *, const char *name);

/* The call has returned: -1 takes errno. */
void invocation_done(struct invocation *, int64_t result);

/* The call cannot be made as written. */
void invocation_wrong(struct invocation *, const char *what);

/* Zeroed (or patterned) bytes for the call, at most BUFFER_MAX. */
uint8_t *invocation_buffer(struct invocation *, int64_t size);

/* Gives a new descriptor its name in the script: for a descriptor of the stack, a file or a
 * pipe. */
void invocation_name(struct invocation *, int64_t name, int live, struct zeros *);

/* A message with one buffer of so many bytes, for send_message or receive_message. False: the run
 * has failed. */
bool invocation_part(struct invocation *, int64_t size);
void send_message(struct invocation *, int flags);
void receive_message(struct invocation *, int flags);

/* The functions of the tables, by subject. */
void socket_start(struct invocation *);
void socket_finish(struct invocation *);
void bind_start(struct invocation *);
void listen_start(struct invocation *);
void connect_start(struct invocation *);
void accept_start(struct invocation *);
void accept_finish(struct invocation *);
void close_start(struct invocation *);
void close_finish(struct invocation *);
void shutdown_start(struct invocation *);
void fcntl_start(struct invocation *);
void ioctl_start(struct invocation *);
void ioctl_finish(struct invocation *);
void poll_start(struct invocation *);
void poll_finish(struct invocation *);
void epoll_create_start(struct invocation *);
void epoll_create_finish(struct invocation *);
void epoll_ctl_start(struct invocation *);
void epoll_wait_start(struct invocation *);
void epoll_wait_finish(struct invocation *);
void open_start(struct invocation *);
void open_finish(struct invocation *);
void pipe_start(struct invocation *);
void pipe_finish(struct invocation *);
void sendfile_start(struct invocation *);
void sendfile_finish(struct invocation *);
void splice_start(struct invocation *);
void splice_finish(struct invocation *);
void setsockopt_start(struct invocation *);
void getsockopt_start(struct invocation *);
void send_start(struct invocation *); /* send, write, sendto */
void writev_start(struct invocation *);
void sendmsg_start(struct invocation *);
void send_finish(struct invocation *);
void receive_start(struct invocation *); /* recv, read, recvfrom */
void readv_start(struct invocation *);
void recvmsg_start(struct invocation *);
void receive_finish(struct invocation *);
void recvmsg_finish(struct invocation *);

/* Prepares the message's control buffer for a list of {cmsg_level=, cmsg_type=, cmsg_data=};
 * `filled` with these for sending. False: the run has failed. */
bool control_prepare(struct invocation *, const struct expression *list, bool filled);
void control_compare(struct invocation *, const struct expression *list);

/* An address in the script: `...` stands for `ellipsis` and its port. It sets `address` and
 * `live_address`. False: the run has failed. */
bool invocation_address(struct invocation *, unsigned index, uint32_t ellipsis, uint16_t port);

/* Sets both to this address; and `address` to the live one that a call has returned. */
void invocation_set_address(struct invocation *, uint32_t address, uint16_t port);
void invocation_take_address(struct invocation *);

#endif
