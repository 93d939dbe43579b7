#include "script/pattern.h"

/* Numbers that repeat after 251 bytes: a shift by one MSS, or by any power of two, is visible. */
uint8_t pattern_byte(const struct run *r, uint32_t where)
{
    return r->options->strict ? (uint8_t)(where % 251) : 0;
}
