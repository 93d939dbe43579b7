/* Conditional requests (RFC 9110 13): is the client's copy still current? */
#ifndef HTTP_CONDITION_H
#define HTTP_CONDITION_H

#include "http/request.h"
#include <time.h>

/* Identifies one state of a file. */
struct validators {
    const char *etag; /* strong, with its quotes */
    time_t modified;
};

/* Evaluates the preconditions in the order of 13.2.2 for GET and HEAD. Returns 0 to continue, 304
 * or 412. */
int condition_check(const struct request *, const struct validators *, time_t now);

/* May the Range field be used (13.1.5)? Yes without If-Range, or if it names exactly this state. */
bool condition_allows_range(const struct request *, const struct validators *, time_t now);

#endif
