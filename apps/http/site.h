/* A folder that is served; nothing outside of it is. */
#ifndef HTTP_SITE_H
#define HTTP_SITE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

struct site {
    int root;         /* the folder, opened; the owner closes it */
    unsigned timeout; /* seconds that a peer may take for a request, or between two, or to take a
                          part of an answer */
    FILE *log;        /* one line for each request; NULL: none */
};

/* Opens a file or folder of the site by its path relative to the root ("": the root itself).
 * Neither .. nor a symbolic link leads outside. Returns the descriptor, or -1 and in *status the
 * response: 403, 404, 500 or 503. */
int site_open(const struct site *, const char *path, struct stat *, int *status);

/* By the extension: "text/html; charset=utf-8". */
const char *site_content_type(const char *path);

#endif
