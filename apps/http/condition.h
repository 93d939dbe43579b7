/* Conditional requests (RFC 9110 13): is what the client has still what we have? */
#ifndef HTTP_CONDITION_H
#define HTTP_CONDITION_H

#include "http/request.h"
#include <time.h>

/* What names one state of a file. */
struct validators {
    const char *etag; /* strong, with its quotes */
    time_t modified;
};

/* Evaluates the preconditions in the order of 13.2.2 for GET and HEAD. Returns 0 to go on, 304 or
 * 412. */
int condition_check(const struct request *, const struct validators *, time_t now);

/* May the Range field be used (13.1.5)? Yes without If-Range, or where it names just this state. */
bool condition_allows_range(const struct request *, const struct validators *, time_t now);

#endif
