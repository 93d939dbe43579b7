/* HTTP-date (RFC 9110 5.6.7). */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include "http/text.h"
#include <time.h>

#define DATE_TEXT 30 /* "Sun, 06 Nov 1994 08:49:37 GMT" and its NUL */

void date_format(char out[DATE_TEXT], time_t);

/* Takes all three forms: IMF-fixdate, RFC 850's and asctime's. `now` decides the century of a year
 * of two digits. */
bool date_parse(struct slice, time_t now, time_t *);

#endif
