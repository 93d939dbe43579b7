/* Around exec(2) and posix_spawn(3), which are the host's. */
#ifndef DRIVERS_POSIX_EXEC_H
#define DRIVERS_POSIX_EXEC_H

#include "posix/image.h"

/* `has_image`: the new program is told by `image` which sockets it has. */
struct exec {
    bool begun, has_image, ends_owner, paused, keeps;
    struct image image;
};

/* Between the two no handler runs in the calling thread, and it is not cancelled. `loads`: the new
 * program loads us, too. The names say whether it takes the place of this one, or is a child. */
void exec_begin(struct exec *, bool loads, enum image_names);

/* It is a child, or could not be executed: then nothing has changed. */
void exec_end(struct exec *);

#endif
