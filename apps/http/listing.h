/* The page for a folder without index.html. */
#ifndef HTTP_LISTING_H
#define HTTP_LISTING_H

#include "http/text.h"

#define LISTING_MAX 10000 /* names; more are left out, and the page says so */

/* Writes the page for the folder `file` (an open descriptor, not closed) with its path as the
 * title. Hidden files are left out, as they are not served. Returns 0 or a status: 403,
 * 500. */
int listing_write(struct text *, int file, const char *path);

#endif
