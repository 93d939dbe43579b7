/* What the files of the ported program share. */
#ifndef TESTS_PORTED_H
#define TESTS_PORTED_H

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>

/* One line: the call, its result, and its errno if it has failed. */
#define SAY(call) say(#call, (errno = 0, (long)(call)))
void say(const char *call, long result);

struct sockaddr_in at(const char *address, int port);
int listen_at(const char *address, int port);

/* Both ends of a connection of this host's to itself. */
void open_pair(int pair[2]);

/* What poll(2) says of reading it; -1: it has failed. */
int polled(int fd, int timeout_ms);

/* Does the peer close it, within seconds? Does it send five bytes back? The third does that, and
 * returns an exit status. */
bool ends(int fd);
bool is_answered(int fd);
int answer(int fd);

/* Closes all numbers from 3 on, but these. */
void close_all_but(int fd, int other);

/* A handler that does nothing. */
void on_alarm(int number);

void say_children(void);
void say_low_numbers(void);
void say_wide_select(void);
void say_standard(void);
void say_threads(void);
int say_bare(int unused);
int serve_forks(int port);
int serve_preforks(int port);
int go_on_without_memory(int port);
int serve_daemon(int port);
int serve_daemon_once_parent(int port);
int serve_daemon_once_threaded(int port);
int exit_late(int port);

#endif
