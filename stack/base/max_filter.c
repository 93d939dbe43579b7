#include "base/max_filter.h"

/* The first has left the window: each following one moves up. */
static void move_up(struct max_filter *f, struct max_sample newest)
{
    f->best[0] = f->best[1];
    f->best[1] = f->best[2];
    f->best[2] = newest;
}

static void leave_window(struct max_filter *f, uint32_t window, struct max_sample newest)
{
    uint32_t age = newest.at - f->best[0].at;
    if (age > window) {
        move_up(f, newest);
        if (newest.at - f->best[0].at > window)
            move_up(f, newest);
    } else if (f->best[1].at == f->best[0].at && age > window / 4) {
        f->best[1] = f->best[2] = newest;
    } else if (f->best[2].at == f->best[1].at && age > window / 2) {
        f->best[2] = newest;
    }
}

void max_filter_take(struct max_filter *f, uint32_t window, uint32_t at, uint64_t value)
{
    struct max_sample newest = {value, at};
    if (value >= f->best[0].value || at - f->best[2].at > window) {
        f->best[0] = f->best[1] = f->best[2] = newest;
        return;
    }
    if (value >= f->best[1].value)
        f->best[1] = f->best[2] = newest;
    else if (value >= f->best[2].value)
        f->best[2] = newest;
    leave_window(f, window, newest);
}
