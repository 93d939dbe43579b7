#include "tcp/mtu_search.h"

#include "base/bytes.h"

static bool is_close(uint16_t low, uint16_t high)
{
    return high < low + MTU_SEARCH_CLOSE;
}

uint16_t mtu_search_next(struct mtu_search *s, uint16_t ceiling, rill_time now)
{
    if (now < s->again_at)
        return 0;
    if (is_close(s->low, s->high)) /* the search had ended, and its ten minutes are over */
        s->high = MTU_SEARCH_OPEN;
    uint16_t high = min_of(s->high, ceiling);
    if (is_close(s->low, high))
        return 0;
    return (uint16_t)((s->low + high) / 2);
}

/* The range has become smaller. */
static void narrowed(struct mtu_search *s, rill_time pause, rill_time now)
{
    s->again_at = now + (is_close(s->low, s->high) ? MTU_SEARCH_AGAIN : pause);
}

void mtu_search_passed(struct mtu_search *s, uint16_t size, rill_time now)
{
    s->low = max_of(s->low, size);
    s->high = max_of(s->high, s->low);
    narrowed(s, 0, now);
}

void mtu_search_failed(struct mtu_search *s, uint16_t size, rill_time pause, rill_time now)
{
    assert(size > s->low);
    s->high = (uint16_t)(size - 1);
    narrowed(s, pause, now);
}

void mtu_search_fall(struct mtu_search *s, uint16_t low, rill_time now)
{
    *s = (struct mtu_search){
        .low = low, .high = s->high ? max_of(s->high, low) : MTU_SEARCH_OPEN, .again_at = now};
}
