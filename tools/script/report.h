/* Reports of the scripts' outcomes, for people and programs. */
#ifndef SCRIPT_REPORT_H
#define SCRIPT_REPORT_H

#include "script/options.h"
#include "script/outcome.h"

#include <stdio.h>

struct totals {
    unsigned passed, failed, parse_errors, unsupported, skipped;
    uint64_t transition[RILL_TCP_STATE_COUNT][RILL_TCP_STATE_COUNT]; /* [from][to] */
};

void totals_add(struct totals *, const struct outcome *);

/* 0: all pass; 1: a failure; 2: a parse error; 3: something unsupported. */
int totals_status(const struct totals *);

/* One script: a line, and the reason if it did not pass. */
void report_outcome(FILE *, const struct outcome *, bool quiet);

/* The last line of a run of several scripts. */
void report_totals(FILE *, const struct totals *);

/* A line for each transition of the state diagram that occurred in any script: FROM TO COUNT. */
void report_states(FILE *, const struct totals *);

void report_tap_plan(FILE *, unsigned scripts);
void report_tap(FILE *, const struct outcome *, unsigned number);

/* JUnit's XML: the suite is written at the end, when its counts are known. */
struct junit {
    FILE *cases; /* of `text` */
    char *text;
    size_t length;
    struct totals totals;
    int64_t lasted; /* microseconds of script time */
};

void junit_begin(struct junit *);
void junit_add(struct junit *, const struct outcome *);
void junit_end(struct junit *, FILE *);

#endif
