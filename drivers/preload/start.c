/* Before `main` of a program that was executed with rill's sockets: they are its, too. */
#include "posix/image.h"
#include "preload/environment.h"

#include <stddef.h>

static __attribute__((constructor)) void start(void)
{
    const char *image = environment_begin();
    if (image)
        image_resume(image);
}
