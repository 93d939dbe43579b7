/* Sockets as lines for people: ss's columns, and behind them how long it has been so, what limits
 * it, its timers, and whose turn it is. */
#ifndef SS_TABLE_H
#define SS_TABLE_H

#include <rill/status.h>
#include <stdbool.h>
#include <stdio.h>

struct table_style {
    bool details; /* -i: a second line */
    bool memory;  /* -m: and a third */
};

void table_head(FILE *);
void table_row(FILE *, const struct rill_status *, const struct table_style *);

#endif
