/* The bytes of text: zeros, or with --strict bytes that depend on their position. */
#ifndef SCRIPT_PATTERN_H
#define SCRIPT_PATTERN_H

#include "script/run.h"

/* The byte at a relative position of a stream. */
uint8_t pattern_byte(const struct run *, uint32_t where);

#endif
