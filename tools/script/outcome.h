/* What has become of a script, for the report. All texts lie in the script's arena. */
#ifndef SCRIPT_OUTCOME_H
#define SCRIPT_OUTCOME_H

#include <rill/counters.h>
#include <stdbool.h>

enum verdict {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_PARSE,       /* no script, or none that can be read */
    VERDICT_UNSUPPORTED, /* it needs what this runner, or the stack, does not have */
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
    int line, column;     /* 0: of the script as a whole */
    const char *text;     /* what is wrong, first line a sentence */
    const char *warnings; /* --non_fatal: what would have been wrong; NULL: nothing */
    struct outcome_step *first, **last;
    unsigned steps;
    int64_t lasted; /* microseconds of script time */
    /* [from][to]: what the stack's connections went through */
    uint64_t transition[RILL_TCP_STATE_COUNT][RILL_TCP_STATE_COUNT];
};

#endif
