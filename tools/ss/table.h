/* Sockets as lines for people: ss's columns, then the time in this state, what limits sending, the
 * timers, and which side must act next. */
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
/* `process`: shown as the socket's user, as in ss -p; NULL: none. */
void table_row(FILE *, const struct rill_status *, const struct table_style *,
               const struct rill_control_greeting *process);

#endif
