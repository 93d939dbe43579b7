/* Random choices in integers, without floating point, so that every compiler draws the same. */
#ifndef SIMULATOR_DRAW_H
#define SIMULATOR_DRAW_H

#include <stdbool.h>
#include <stdint.h>

/* splitmix64 (Steele, Lea, Flood 2014): every seed is good. */
static inline uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* The upper half of a product, from the halves of its factors: not every compiler has 128 bits. */
static inline uint64_t product_high(uint64_t a, uint64_t b)
{
    uint64_t a_low = a & UINT32_MAX, b_low = b & UINT32_MAX, a_high = a >> 32, b_high = b >> 32;
    uint64_t middle = a_high * b_low + (a_low * b_low >> 32); /* (2^32-1)^2 + 2^32-1 < 2^64 */
    return a_high * b_high + (middle >> 32) + ((a_low * b_high + (middle & UINT32_MAX)) >> 32);
}

/* A fraction of 2^64 as a number in [0, n). */
static inline uint64_t draw_below(uint64_t fraction, uint64_t n)
{
    return product_high(fraction, n);
}

static inline bool draw_chance(uint64_t *state, uint32_t ppm)
{
    return draw_below(draw(state), 1000000) < ppm;
}

/* factor * a / b without intermediate overflow: by long division if the product is too long. */
static inline uint64_t scale(uint64_t factor, uint64_t a, uint64_t b)
{
    uint64_t rest = product_high(factor, a) % b, low = factor * a;
    if (rest == 0)
        return low / b;
    for (int bit = 0; bit < 64; bit++) {
        bool carry = rest >> 63;
        rest = rest << 1 | low >> 63;
        low <<= 1;
        if (carry || rest >= b) {
            rest -= b;
            low |= 1;
        }
    }
    return low;
}

#endif
