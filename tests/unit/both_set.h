/* A connection and an epoll set: what each test of epoll(7) begins with, on rill or on the kernel.
 */
#ifndef TESTS_BOTH_SET_H
#define TESTS_BOTH_SET_H

#include "both.h"

extern int pair[2]; /* the connection */
extern int set;

void begin(void);
void end(void);

/* epoll_ctl on the set; the data is the descriptor. */
int control(int operation, int fd, uint32_t events);
void add(int fd, uint32_t events);
void add_to(int epfd, int fd, uint32_t events);

/* What a set says of its one ready descriptor; 0: none is; UINT32_MAX: several are. */
uint32_t said_by(int epfd);
uint32_t said(void);

void say(int fd, const char *text);
size_t read_some(int fd, size_t most);
void read_all(int fd);

#endif
