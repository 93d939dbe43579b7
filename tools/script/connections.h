/* What FreeBSD's scripts ask of all connections at once (language page, section 18):
 *
 *     sockstat ... | grep -c STATE | grep N     N connections are in this state
 *     tcpdrop -s TIME_WAIT                      all that are in it are forgotten */
#ifndef SCRIPT_CONNECTIONS_H
#define SCRIPT_CONNECTIONS_H

#include "script/run.h"

/* How far a pipe has come. */
struct sockstat {
    enum { SOCKSTAT_NONE, SOCKSTAT_LISTED, SOCKSTAT_COUNTED } stage;
    unsigned count;
};

/* One command of a pipe. False: it is none of these. */
bool connections_command(struct run *, struct sockstat *, char *const *word, unsigned words);

#endif
