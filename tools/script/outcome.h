/* The outcome of a script, for the report. All texts lie in the script's arena. */
#ifndef SCRIPT_OUTCOME_H
#define SCRIPT_OUTCOME_H

#include <rill/counters.h>
#include <stdbool.h>

enum verdict {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_PARSE,       /* not a script, or unreadable */
    VERDICT_UNSUPPORTED, /* it needs a feature that this runner, or the stack, lacks */
    VERDICT_SKIPPED      /* it is for another IP version */
};

/* An event that has been handled. */
struct outcome_step {
    struct outcome_step *next;
    int line;
    int64_t when; /* microseconds of script time */
    const char *source;
};

struct outcome {
    enum verdict verdict;
    bool relaxed;
    const char *file;
    int line, column;     /* 0: the script as a whole */
    const char *text;     /* the failure; its first line is a sentence */
    const char *warnings; /* --non_fatal: failures that were ignored; NULL: none */
    struct outcome_step *first, **last;
    unsigned steps;
    int64_t lasted; /* microseconds of script time */
    /* [from][to]: state transitions of the stack's connections */
    uint64_t transition[RILL_TCP_STATE_COUNT][RILL_TCP_STATE_COUNT];
};

#endif
