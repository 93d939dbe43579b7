/* What a request asks for: the path of a request target (RFC 9112 3.2), decoded and made safe. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "http/text.h"

#define TARGET_PATH_MAX 4096 /* as PATH_MAX: what is longer names no file */

struct target {
    char path[TARGET_PATH_MAX]; /* relative to the root, no empty segment, '/' at the end only if it
                                   came so; "": the root */
    struct slice query;         /* with its question mark, or empty */
};

/* Takes the origin form (/a/b?c) or the absolute form (http://host/a/b?c) apart. Returns 0 or a
 * status: 400 for what is malformed, 404 for what cannot be the name of anything served here: a
 * segment that begins with a dot (., .. and hidden files alike), that holds a slash or a backslash
 * in disguise, or that is too long. */
int target_parse(struct target *, struct slice);

/* It ends with a slash, or is the root. */
bool target_is_folder(const struct target *);

#endif
