/* Positions in a TCP byte stream: the SYN is 0, the first byte 1. 64 bits never wrap, so plain <
 * and + are correct. seq32 is the number on the wire, a struct so that it cannot be compared or
 * added by accident. */
#ifndef BASE_POSITION_H
#define BASE_POSITION_H

#include <stdint.h>

typedef int64_t position;

typedef struct {
    uint32_t n;
} seq32;

#endif
