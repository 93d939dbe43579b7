#include "tcp/isn.h"

/* M ticks every 4 us (MUST-8). F is keyed, so outsiders cannot compute it (MUST-9, SHLD-1). */
seq32 isn_choose(const struct tcp *t, const struct flow *f)
{
    struct flow key = flow_key(f);
    return (seq32){(uint32_t)(t->now / 4000) +
                   (uint32_t)siphash_2_4(&t->isn_key, &key, sizeof key)};
}
