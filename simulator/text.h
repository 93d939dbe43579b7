/* The data that applications send: byte i of a stream is a function of i, of the flow and of the
 * direction, so nothing must be stored and a byte at a wrong place is detected. The period is a
 * prime that is no multiple of any buffer. */
#ifndef SIMULATOR_TEXT_H
#define SIMULATOR_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TEXT_PERIOD 8191
#define TEXT_RUN 65536 /* contiguous bytes from any position on */

/* Fills in TEXT_PERIOD + TEXT_RUN bytes. */
void text_fill(uint8_t *);

/* The bytes from position `at` on: TEXT_RUN of them. */
const uint8_t *text_at(const uint8_t *text, uint32_t stream, uint64_t at);

/* How many of n <= TEXT_RUN bytes are wrong. */
size_t text_wrong(const uint8_t *text, uint32_t stream, uint64_t at, const uint8_t *got, size_t n);

#endif
