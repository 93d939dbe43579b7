/* `grep " 0A " /proc/net/tcp | grep ":1F90"`: all sockets of the stack in the format of that file
 * (proc_net_tcp(5)). */
#ifndef SCRIPT_PROC_NET_H
#define SCRIPT_PROC_NET_H

#include "script/run.h"

/* /proc/net/tcp or tcp6: either holds the sockets of both families. */
bool proc_net_has(const char *file);

/* A line for each socket and connection; before the stack is open: none. */
const char *proc_net_lines(struct run *);

#endif
