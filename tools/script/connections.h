/* Commands of FreeBSD's scripts about all connections (language page, section 18):
 *
 *     sockstat ... | grep -c STATE | grep N     N connections are in this state
 *     tcpdrop -s TIME_WAIT                      all that are in it are forgotten */
#ifndef SCRIPT_CONNECTIONS_H
#define SCRIPT_CONNECTIONS_H

#include "script/run.h"

/* The state of a pipe so far. */
struct sockstat {
    enum { SOCKSTAT_NONE, SOCKSTAT_LISTED, SOCKSTAT_COUNTED } stage;
    unsigned count;
};

/* One command of a pipe. False: another command. */
bool connections_command(struct run *, struct sockstat *, char *const *word, unsigned words);

#endif
