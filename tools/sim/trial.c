#include "sim/trial.h"

#include <assert.h>
#include <rill/trace.h>
#include <stdarg.h>
#include <stdio.h>

void trial_fail(struct trial *t, const char *format, ...)
{
    va_list list;
    if (*t->failure)
        return;
    va_start(list, format);
    vsnprintf(t->failure, sizeof t->failure, format, list);
    va_end(list);
}

void trial_print(struct trial *t, const char *format, ...)
{
    va_list list;
    if (!t->verbose)
        return;
    printf("%12.3f ms  ", (double)rill_sim_now(t->sim) / 1e6);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
}

uint64_t trial_draw(struct trial *t, uint64_t low, uint64_t high)
{
    return low + rill_sim_draw(t->sim, high - low + 1);
}

uint64_t trial_draw_scale(struct trial *t, uint64_t low, uint64_t high)
{
    unsigned doublings = 0;
    while (low << (doublings + 1) <= high)
        doublings++;
    uint64_t from = low << trial_draw(t, 0, doublings);
    return trial_draw(t, from, 2 * from < high ? 2 * from : high);
}

bool trial_once_in(struct trial *t, uint64_t n)
{
    return rill_sim_draw(t->sim, n) == 0;
}

/* The trace for captures needs memory: the budget grows by as much, so that the run stays the
 * same. */
static void wish_capture(struct trial *t, struct rill_sim_host_config *c)
{
    if (!t->captures)
        return;
    c->stack.trace_records = RILL_CAPTURE_TRACE;
    c->stack.memory_budget += RILL_CAPTURE_TRACE * sizeof(struct rill_trace_record);
}

static void open_capture(struct trial *t, struct rill_sim_node *n)
{
    char name[512];
    struct rill_diagnostic diagnostic;
    if (!t->captures)
        return;
    snprintf(name, sizeof name, "%s-%s.pcapng", t->captures, rill_sim_name(n));
    struct rill_capture *capture = rill_capture_create(name, &diagnostic);
    if (capture)
        rill_sim_capture(n, capture);
    else
        printf("%s\n", diagnostic.text);
}

struct rill_sim_node *trial_host(struct trial *t, struct rill_sim_host_config *c)
{
    wish_capture(t, c);
    struct rill_sim_node *n = rill_sim_host_add(t->sim, c);
    assert(n && t->hosts < TRIAL_HOSTS);
    t->host[t->hosts++] = n;
    open_capture(t, n);
    return n;
}

unsigned trial_host_number(const struct trial *t, const struct rill_sim_node *n)
{
    unsigned i = 0;
    while (i < t->hosts && t->host[i] != n)
        i++;
    assert(i < t->hosts);
    return i;
}
