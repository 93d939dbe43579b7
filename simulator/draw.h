/* Random choices in integers, without floating point, so that every compiler draws the same. */
#ifndef SIMULATOR_DRAW_H
#define SIMULATOR_DRAW_H

#include <stdbool.h>
#include <stdint.h>

/* splitmix64 (Steele, Lea, Flood 2014): every seed is a good one. */
static inline uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* A fraction of 2^64 as a number in [0, n). */
static inline uint64_t draw_below(uint64_t fraction, uint64_t n)
{
    return (uint64_t)((unsigned __int128)fraction * n >> 64);
}

static inline bool draw_chance(uint64_t *state, uint32_t ppm)
{
    return draw_below(draw(state), 1000000) < ppm;
}

/* factor * a / b without overflow on the way. */
static inline uint64_t scale(uint64_t factor, uint64_t a, uint64_t b)
{
    return (uint64_t)((unsigned __int128)factor * a / b);
}

#endif
