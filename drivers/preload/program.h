/* A program that is executed: in the place of this one (exec.c), or as a child (spawn.c). */
#ifndef DRIVERS_PRELOAD_PROGRAM_H
#define DRIVERS_PRELOAD_PROGRAM_H

#include "posix/exec.h"
#include "preload/environment.h"

#include <stdbool.h>

/* Of its file's descriptor, which is closed; negative, with errno: it could not be opened. */
enum program_kind {
    PROGRAM_NONE,    /* to execute it will fail */
    PROGRAM_LOADS,   /* it loads us */
    PROGRAM_BYPASSES /* it uses the kernel's sockets; says so */
};
enum program_kind program_judge(int fd, const char *name);

struct program_start {
    struct exec exec;
    struct environment environment;
};

/* Before and after it is executed. False with errno: the second is to be called, too. */
bool program_begin(struct program_start *, enum program_kind, char *const *environment,
                   enum image_names);
void program_end(struct program_start *);

#endif
