#include "preload/program.h"

#include <errno.h>
#include <fcntl.h>
#include <rill/posix.h>
#include <rill/preload.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum program_kind program_judge(int fd, const char *name)
{
    if (fd < 0) /* one that may be executed need not be readable; nor may there be a descriptor */
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? PROGRAM_NONE : PROGRAM_LOADS;
    struct stat about;
    bool executable = fstat(fd, &about) == 0 && about.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
    const char *excuse = executable ? rill_preload_excuse(fd) : NULL;
    close(fd);
    if (!executable)
        return PROGRAM_NONE;
    if (excuse)
        fprintf(stderr, "rill: %s uses the kernel's sockets, not rill's: %s\n", name, excuse);
    return excuse ? PROGRAM_BYPASSES : PROGRAM_LOADS;
}

bool program_begin(struct program_start *p, enum program_kind kind, char *const *environment,
                   enum image_names names)
{
    p->exec = (struct exec){0};
    if (kind != PROGRAM_NONE)
        exec_begin(&p->exec, kind == PROGRAM_LOADS, names);
    return environment_make(&p->environment, environment,
                            p->exec.has_image ? p->exec.image.text : NULL);
}

void program_end(struct program_start *p)
{
    exec_end(&p->exec);
    environment_free(&p->environment);
}
