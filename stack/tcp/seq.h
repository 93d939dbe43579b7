/* Sequence numbers to positions and back (RFC 9293 3.4). A position is a 64-bit offset from the
 * initial sequence number, so the RFC's modular comparison is done only once, on input:
 *
 *      near - 2^31          near          near + 2^31
 *     ------|----------------|----------------|------
 *
 * The result is the one position in this interval with the same low 32 bits.
 */
#ifndef TCP_SEQ_H
#define TCP_SEQ_H

#include "base/position.h"

#include <stdbool.h>

static inline position seq_unwrap(seq32 s, seq32 initial, position near)
{
    uint32_t offset = s.n - initial.n;
    return near + (int32_t)(offset - (uint32_t)near);
}

static inline seq32 seq_wrap(position p, seq32 initial)
{
    return (seq32){initial.n + (uint32_t)p};
}

/* RFC 7323 and RFC 6191 compare raw numbers where no position exists: a after b, modulo 2^32. */
static inline bool seq_after(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

#endif
