/* What is no socket and has bytes: files that `dd if=/dev/zero` has made, and pipes. Only how many
 * bytes there are is kept, since all of them are zero: no script reads or writes files of the host
 * by its calls. */
#ifndef SCRIPT_ZEROS_H
#define SCRIPT_ZEROS_H

#include "script/run.h"

#define PIPE_ROOM 65536 /* pipe(7) */

enum zeros_kind { ZEROS_FILE, ZEROS_PIPE };

struct zeros {
    struct zeros *next;
    enum zeros_kind kind;
    const char *path;
    int64_t size; /* of a file; what lies in a pipe */
    int64_t at;   /* in a file: where it is read next */
};

/* A file is there from now on, in place of one of that name. */
void zeros_make(struct run *, const char *path, int64_t size);
void zeros_remove(struct run *, const char *path);

/* NULL: there is none. */
struct zeros *zeros_find(const struct run *, const char *path);

#endif
