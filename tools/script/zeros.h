/* Objects with bytes that are not sockets: files created by `dd if=/dev/zero`, and pipes. Only the
 * number of bytes is stored, because all are zero: the calls of a script read or write no file of
 * the host. */
#ifndef SCRIPT_ZEROS_H
#define SCRIPT_ZEROS_H

#include "script/run.h"

#define PIPE_ROOM 65536 /* pipe(7) */

enum zeros_kind { ZEROS_FILE, ZEROS_PIPE };

struct zeros {
    struct zeros *next;
    enum zeros_kind kind;
    const char *path;
    int64_t size; /* of a file; or bytes in a pipe */
    int64_t at;   /* in a file: the next read position */
};

/* Creates a file; replaces one with the same name. */
void zeros_make(struct run *, const char *path, int64_t size);
void zeros_remove(struct run *, const char *path);

/* NULL: there is none. */
struct zeros *zeros_find(const struct run *, const char *path);

#endif
