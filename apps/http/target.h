/* What a request asks for: the path of a request target (RFC 9112 3.2), decoded and made safe. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "http/text.h"

#define TARGET_PATH_MAX 4096 /* as PATH_MAX: a longer path names no file */

struct target {
    char path[TARGET_PATH_MAX]; /* relative to the root, no empty segment, '/' at the end only if it
                                   was sent; "": the root */
    struct slice query;         /* with its question mark, or empty */
};

/* Parses the origin form (/a/b?c) or the absolute form (http://host/a/b?c). Returns 0 or a status:
 * 400 for a malformed one, 404 for one that cannot name a served file: a segment begins with a dot
 * (., .. and hidden files alike), contains an encoded slash or backslash, or is too long. */
int target_parse(struct target *, struct slice);

/* It ends with a slash, or is the root. */
bool target_is_folder(const struct target *);

#endif
