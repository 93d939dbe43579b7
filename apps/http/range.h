/* The Range field: a request for part of a file (RFC 9110 14.1.2, 14.2). */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H

#include "http/text.h"
#include <stdint.h>

enum range {
    RANGE_WHOLE, /* malformed, another unit, or several ranges: a server may ignore it, and the
                    answer is 200 */
    RANGE_PART,  /* 206 with bytes first to last, both included; only now are they set */
    RANGE_UNSATISFIABLE /* 416 */
};

enum range range_parse(struct slice, uint64_t length, uint64_t *first, uint64_t *last);

#endif
