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

/* The descriptor of rill's that `fd` names; -1: none. `name_adopted`: that of a host descriptor
 * that rill has adopted. */
int name_socket(int fd);
int name_adopted(int fd);

/* The least number from `from` on that names one of rill's, or that rill has adopted; -1: none. */
int name_next(unsigned from);

/* Does it name one of rill's epoll sets? */
bool name_is_set(int fd);

/* Has rill's descriptor a name here? The lock is to be held, or this be the only thread. */
bool names_have(int rills);

/* Do read, write and ioctl belong to the host? Also for one of rill's epoll sets, which the host
 * refuses to read. */
bool name_is_hosts(int fd);

/* More than the default maximum of RLIMIT_NOFILE (sysctl_nr_open); unused pages cost nothing. */
enum { NAMES_MAX = 1 << 20 };

/* Around fork(2): nothing changes between the first two; the third is for the child, where no
 * descriptor is adopted. */
void names_lock(void);
void names_unlock(void);
void names_in_child(void);

/* Calls sharing_hold for everything that has a name. */
void names_hold(void);

/* A new number for rill's descriptor, a socket or a set, or a second one of `fd`, from `least` on:
 * -1 with errno. The first is two steps for who wants to know beforehand that there is one: the
 * number, and its giving, or close(2). */
int name_new(int rills, bool close_on_exec);
int name_new_set(int rills, bool close_on_exec);
int name_reserve(bool close_on_exec);
int name_give(int fd, int rills);
int name_dup(int fd, int least, bool close_on_exec);

/* Makes `to` a name of what `fd` names. What it was before must be closed already. */
int name_dup_to(int fd, int to, int flags);

/* Closes the number on the host. Returns rill's descriptor if that was its last name, which the
 * caller must close; -1: nothing to close. */
int name_close(int fd);

/* Adopts a host descriptor, or counts one more user; rill's number, -1 with errno. Each needs a
 * release, unless it is forgotten, because the host's is about to be closed. */
int name_adopt(int fd);
void name_release(int fd, int rills);
void name_forget(int fd);

#endif
