/* What a program that is executed needs, so that it has the sockets of its process, or of the one
 * that spawns it: its part in the stack (sharing.h), and which of its descriptors are sockets of
 * rill's. The old program notes this in the shared memory's file; the new one, which has that
 * descriptor, reads it when it starts. */
#ifndef DRIVERS_POSIX_IMAGE_H
#define DRIVERS_POSIX_IMAGE_H

#include "posix/sharing.h"

#include <stdbool.h>

enum image_names {
    IMAGE_INHERITS, /* those without FD_CLOEXEC */
    IMAGE_MAY_DUP   /* all: dup2(2) may come between (posix_spawn(3)) */
};

struct image {
    struct sharing_part part;
    char text[32]; /* of an environment variable */
};

/* With the locks of fork(2) held. The descriptors stay open in the new program from now on, until
 * the second. False with errno: it cannot be, and nothing has changed. */
bool image_prepare(struct image *, enum image_names);
void image_end(const struct image *);

/* In the new program, whose only thread it is. It says so if the sockets cannot be used. */
void image_resume(const char *text);

#endif
