#include "tcp/ace.h"

#include "base/bytes.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"

unsigned ace_of(uint16_t flags)
{
    return (flags & TCP_AE ? 4u : 0) | (flags & TCP_CWR ? 2u : 0) | (flags & TCP_ECE ? 1u : 0);
}

uint16_t ace_flags(unsigned ace)
{
    return (uint16_t)((ace & 4 ? TCP_AE : 0) | (ace & 2 ? TCP_CWR : 0) | (ace & 1 ? TCP_ECE : 0));
}

unsigned ace_code(uint8_t ecn)
{
    static const uint8_t code[] = {[ECN_NOT_ECT] = 2, [ECN_ECT1] = 3, [ECN_ECT0] = 4, [ECN_CE] = 6};
    return code[ecn & ECN_MASK];
}

uint8_t ace_decode(unsigned ace)
{
    switch (ace) {
    case 3:
        return ECN_ECT1;
    case 4:
        return ECN_ECT0;
    case 6:
        return ECN_CE;
    default:
        return ECN_NOT_ECT;
    }
}

bool ace_arrival_valid(uint8_t sent, uint8_t arrived)
{
    return sent == arrived || (sent != ECN_NOT_ECT && arrived != ECN_NOT_ECT && sent != ECN_CE);
}

/* Which of the two the marked bytes speak for. */
static uint32_t weigh(uint32_t delta, uint32_t safe, const struct ace_evidence *e)
{
    if (!e->marked_bytes)
        return delta;
    if (e->segments >= 2 * (ACE_MASK + 1) && e->exact_segments) {
        if (e->bytes <= e->marked_bytes)
            return safe;
        uint64_t marked = (uint64_t)e->marked_bytes * e->segments;
        uint32_t estimate = (uint32_t)((marked + e->bytes - 1) / e->bytes);
        return min_of(safe, delta + (estimate & ~ACE_MASK));
    }
    if (e->marked_bytes > delta * e->mss)
        return safe;
    return e->marked_bytes < safe * e->mss / 2 ? delta : safe;
}

uint32_t ace_increase(unsigned ace, uint32_t counted, const struct ace_evidence *e)
{
    uint32_t delta = (ace - ACE_INITIAL - counted) & ACE_MASK;
    if (e->segments <= ACE_MASK)
        return delta;
    uint32_t safe = e->segments - ((e->segments - delta) & ACE_MASK);
    if (e->counted)
        return weigh(delta, safe, e);
    return e->stretched ? delta : safe;
}
