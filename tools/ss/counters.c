#include "ss/counters.h"

#include <inttypes.h>

/* nstat's third column is a rate, which rill does not keep. */
static void print_one(FILE *out, const char *prefix, const char *name, uint64_t value, bool zeros)
{
    char whole[64];
    snprintf(whole, sizeof whole, "%s%s", prefix, name);
    if (value || zeros)
        fprintf(out, "%-32s%-16" PRIu64 "   0.0\n", whole, value);
}

void counters_print(FILE *out, const struct rill_counters *c, bool zeros)
{
    fputs("#rill\n", out);
    for (int i = 0; i < RILL_COUNTER_COUNT; i++)
        print_one(out, "", rill_counter_name((enum rill_counter)i), c->value[i], zeros);
    for (int i = 1; i < RILL_DROP_COUNT; i++) /* 0: nothing was dropped */
        print_one(out, "RillDrop_", rill_drop_name((enum rill_drop)i), c->drop[i], zeros);
}

void counters_json(struct json *j, const struct rill_counters *c)
{
    json_open(j, "counters", '{');
    for (int i = 0; i < RILL_COUNTER_COUNT; i++)
        json_number(j, rill_counter_name((enum rill_counter)i), c->value[i]);
    json_close(j, '}');
    json_open(j, "drops", '{');
    for (int i = 1; i < RILL_DROP_COUNT; i++)
        json_number(j, rill_drop_name((enum rill_drop)i), c->drop[i]);
    json_close(j, '}');
}
