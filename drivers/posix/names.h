/* What a host descriptor is to rill: unknown, the name of one of rill's descriptors, or adopted.
 *
 *     host's number   7 ---> rill's 0   a socket
 *                     9 ---> rill's 0   a dup(2) of it
 *                     0 ---> rill's 1   standard input, which rill has adopted: 0 is itself
 *
 * On the host, 7 is an unconnected Unix socket, or for one of rill's epoll sets an empty epoll set.
 * So fstat(2), lseek(2), fsync(2) and other calls that do not ask for its data give the right
 * results.
 *
 * Looking a number up takes no lock. */
#ifndef DRIVERS_POSIX_NAMES_H
#define DRIVERS_POSIX_NAMES_H

#include <stdbool.h>

/* The descriptor of rill's that `fd` names; -1: none. `name_adopted` gives that of a host
 * descriptor that rill has adopted. */
int name_socket(int fd);
int name_adopted(int fd);

/* Beyond what RLIMIT_NOFILE may be by default (sysctl_nr_open); pages that are not used cost
 * nothing. */
enum { NAMES_MAX = 1 << 20 };

/* Around fork(2): nothing changes between the first two; the third is the child's, where nothing is
 * adopted. */
void names_lock(void);
void names_unlock(void);
void names_in_child(void);

/* family_hold for all that has a name. */
void names_hold(void);

/* A new number for rill's descriptor, a socket or a set, or a second one of `fd`, from `least` on:
 * -1 with errno. The first is two steps for who wants to know beforehand that there is one: the
 * number, and its giving, or close(2). */
int name_new(int rills, bool close_on_exec);
int name_new_set(int rills, bool close_on_exec);
bool name_is_set(int rills);
int name_reserve(bool close_on_exec);
int name_give(int fd, int rills);
int name_dup(int fd, int least, bool close_on_exec);

/* `to` becomes a name of what `fd` names. What it was before has been closed. */
int name_dup_to(int fd, int to, int flags);

/* The number is closed on the host, and names nothing. Returns rill's descriptor if that was its
 * last name, to be closed; -1: it is not to be. */
int name_close(int fd);

/* Adopts, or counts once more, a host descriptor; rill's number, -1 with errno. Each is to be
 * released, unless it is forgotten, because the host's is about to be closed. */
int name_adopt(int fd);
void name_release(int fd, int rills);
void name_forget(int fd);

#endif
