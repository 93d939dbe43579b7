/* The same calls on rill's sockets or on the host kernel's, each over its own loopback: what a test
 * says of one is so held against the other. On rill time is virtual. */
#ifndef TESTS_BOTH_H
#define TESTS_BOTH_H

#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <rill/rill.h>
#include <sys/epoll.h>

struct calls {
    int (*socket)(int, int, int);
    int (*bind)(int, const struct sockaddr *, socklen_t);
    int (*listen)(int, int);
    int (*accept)(int, struct sockaddr *, socklen_t *);
    int (*connect)(int, const struct sockaddr *, socklen_t);
    ssize_t (*send)(int, const void *, size_t, int);
    ssize_t (*recv)(int, void *, size_t, int);
    ssize_t (*sendmsg)(int, const struct msghdr *, int);
    ssize_t (*recvmsg)(int, struct msghdr *, int);
    ssize_t (*read)(int, void *, size_t);
    int (*shutdown)(int, int);
    int (*close)(int);
    int (*setsockopt)(int, int, int, const void *, socklen_t);
    int (*getsockopt)(int, int, int, void *, socklen_t *);
    int (*getsockname)(int, struct sockaddr *, socklen_t *);
    int (*getpeername)(int, struct sockaddr *, socklen_t *);
    int (*fcntl)(int, int, ...);
    int (*poll)(struct pollfd *, nfds_t, int);
    int (*ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
    int (*select)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
    int (*pselect)(int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *);
    int (*epoll_create)(int);
    int (*epoll_create1)(int);
    int (*epoll_ctl)(int, int, int, struct epoll_event *);
    int (*epoll_wait)(int, struct epoll_event *, int, int);
    int (*epoll_pwait)(int, struct epoll_event *, int, int, const sigset_t *);
    int (*epoll_pwait2)(int, struct epoll_event *, int, const struct timespec *, const sigset_t *);
};

extern const struct calls *on;

/* `argv[1]` "kernel": the host's calls, else rill's. Runs the tests and returns main's status. */
int both_main(const char *suite, const struct unit_test *, size_t count, int argc, char **argv);
#define BOTH_MAIN(suite, tests, argc, argv) \
    both_main(suite, tests, sizeof(tests) / sizeof *(tests), argc, argv)

/* For who runs them himself. Returns the stack, which he frees; NULL: it is the kernel. */
struct rill *both_begin(int argc, char **argv);

struct rill *both_rill(void); /* NULL: on the kernel */

/* All that is on its way arrives. */
void settle(void);

/* The soonest after so much time that a call waits, `act` runs beside it: on the kernel in another
 * thread, which settle joins. */
void both_later(rill_time after, void (*act)(void));

/* Room for `n` descriptors more and none beyond: on rill they are another stack's. Returns how many
 * that are in all. Until both_many. */
nfds_t both_few(unsigned n);
void both_many(void);

/* The readings of CLOCK_MONOTONIC, or of rill's clock. */
rill_time both_now(void);

/* A socket, a listener at a port of its own, and a connection to it: that of the one who has
 * connected in [0]. None of them blocks. */
int open_socket(int type);
int open_listener(void);
int connect_with(int fd, int listener);
void open_pair(int pair[2]);

#endif
