/* The maximum of the samples in a window of time, with three samples instead of all: Kathleen
 * Nichols' algorithm, as in Linux's lib/win_minmax.c. The first is the maximum; the second and the
 * third are the best of later quarters and halves of the window, and take its place when it is too
 * old. Only a new sample makes an old one leave. Life cycle: all zero is an empty filter. */
#ifndef BASE_MAX_FILTER_H
#define BASE_MAX_FILTER_H

#include <stdint.h>

struct max_filter {
    struct max_sample {
        uint64_t value;
        uint32_t at;
    } best[3];
};

/* `at`: any unit, may wrap; `window` in the same unit. */
void max_filter_take(struct max_filter *, uint32_t window, uint32_t at, uint64_t value);

static inline uint64_t max_filter_value(const struct max_filter *f)
{
    return f->best[0].value;
}

#endif
