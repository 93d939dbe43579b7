/* The environment of a program that is executed. rill-run is meant for all that a program starts:
 * so LD_PRELOAD and RILL_OPTIONS go on, also to one that is started with an empty environment. */
#ifndef DRIVERS_PRELOAD_ENVIRONMENT_H
#define DRIVERS_PRELOAD_ENVIRONMENT_H

#include <stdbool.h>

enum environment_own {
    ENVIRONMENT_PRELOAD,
    ENVIRONMENT_OPTIONS,
    ENVIRONMENT_IMAGE,
    ENVIRONMENT_OWN
};

struct environment {
    char **all;                 /* environ(7) */
    char *own[ENVIRONMENT_OWN]; /* NULL: not in it */
};

/* `given`, with those two and, unless it is NULL, the text of the image (posix/image.h). False with
 * errno: ENOMEM. It is to be freed in any case. */
bool environment_make(struct environment *, char *const *given, const char *image);
void environment_free(struct environment *);

/* At the start: notes the two, and takes the image's text out of the environment; NULL: there is
 * none. It stays valid. */
const char *environment_begin(void);

#endif
