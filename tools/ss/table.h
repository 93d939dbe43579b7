/* Sockets as lines for people: ss's columns, and behind them how long it has been so, what limits
 * it, its timers, and whose turn it is. */
#ifndef SS_TABLE_H
#define SS_TABLE_H

#include <rill/control.h>
#include <stdbool.h>
#include <stdio.h>

struct table_style {
    bool details; /* -i: a second line */
    bool memory;  /* -m: and a third */
};

void table_head(FILE *);
/* `process`: who is named as its user, as ss -p does; NULL: nobody. */
void table_row(FILE *, const struct rill_status *, const struct table_style *,
               const struct rill_control_greeting *process);

#endif
