/* Loads and stores in network order: the only place where byte order exists. Bytes are loaded one
 * by one, so any alignment is allowed; compilers merge them into one load and a byte swap. */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include "base/bytes.h"

static inline uint16_t wire_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t wire_get24(const uint8_t *at)
{
    return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

static inline uint32_t wire_get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void wire_put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void wire_put24(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 16);
    wire_put16(at + 1, (uint16_t)value);
}

static inline void wire_put32(uint8_t *at, uint32_t value)
{
    wire_put16(at, (uint16_t)(value >> 16));
    wire_put16(at + 2, (uint16_t)value);
}

#endif
