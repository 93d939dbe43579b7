/* The sockets are told by the inode of the unused descriptor that stands for each (names.h): so it
 * does not matter which of them are closed, or get other numbers, before the new program begins. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/image.h"

#include "posix/entry.h"
#include "posix/names.h"
#include "posix/opening.h"
#include "posix/owner.h"
#include "posix/standard.h"

#include <dirent.h>
#include <errno.h>
#include <rill/posix.h>
#include <rill/socket.h>
#include <rill/version.h>
#include <stdlib.h>
#include <string.h>

struct note {
    char version[16];
    struct sharing_part part;
    struct owner_part owner;
    unsigned count; /* of the sockets, which follow */
};

struct known {
    ino_t inode;
    int rills;
};

/* ---- The old program ---- */

static ino_t inode_of(int fd)
{
    struct stat about;
    return fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode) ? about.st_ino : 0;
}

static bool passes(int fd, enum image_names which)
{
    return name_socket(fd) >= 0 && !name_is_set(fd) &&
           (which == IMAGE_MAY_DUP || !(fcntl(fd, F_GETFD) & FD_CLOEXEC));
}

static bool write_at(int fd, const void *at, size_t n, off_t place)
{
    return pwrite(fd, at, n, place) == (ssize_t)n;
}

/* They are held for the new program. */
static bool note_sockets(const struct image *i, enum image_names which, unsigned *count)
{
    const struct sharing_part *p = &i->part;
    off_t place = sharing_note_place(p) + (off_t)sizeof(struct note);
    *count = 0;
    for (int fd = name_next(0); fd >= 0; fd = name_next((unsigned)fd + 1)) {
        if (!passes(fd, which))
            continue;
        struct known k = {.inode = inode_of(fd), .rills = name_socket(fd)};
        sharing_hold_for(p, k.rills);
        if (!write_at(p->memory.fd, &k, sizeof k, place))
            return false;
        place += (off_t)sizeof k;
        (*count)++;
    }
    return true;
}

static bool note_all(const struct image *i, enum image_names which)
{
    struct note n = {.version = RILL_VERSION, .part = i->part};
    owner_note(&n.owner);
    return note_sockets(i, which, &n.count) &&
           write_at(i->part.memory.fd, &n, sizeof n, sharing_note_place(&i->part));
}

static void set_inherited(const struct sharing_part *p, const struct owner_part *o, int flags)
{
    const int passed[] = {p->memory.fd, p->exit_pipe, p->sender, o->memory.fd, o->bell};
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
        fcntl(passed[i], F_SETFD, flags);
}

bool image_prepare(struct image *i, enum image_names which)
{
    struct owner_part owner;
    owner_note(&owner);
    if (owner.memory.fd < 0) {
        errno = EMFILE;
        return false;
    }
    if (!sharing_reserve(&i->part))
        return false;
    if (!note_all(i, which)) {
        close(i->part.exit_pipe);
        return false;
    }
    set_inherited(&i->part, &owner, 0);
    snprintf(i->text, sizeof i->text, "%d:%d", i->part.memory.fd, i->part.process);
    return true;
}

void image_end(const struct image *i)
{
    struct owner_part owner;
    int error = errno;
    owner_note(&owner);
    set_inherited(&i->part, &owner, FD_CLOEXEC);
    close(i->part.exit_pipe);
    errno = error;
}

/* ---- The new program ---- */

static int compare(const void *a, const void *b)
{
    ino_t x = ((const struct known *)a)->inode, y = ((const struct known *)b)->inode;
    return (x > y) - (x < y);
}

/* False: it is none of ours. */
static bool read_note(const char *text, struct note *n)
{
    struct sharing_part p = {.memory.fd = -1};
    if (sscanf(text, "%d:%d", &p.memory.fd, &p.process) != 2 || !shared_memory_is(p.memory.fd) ||
        p.process < 0 || p.process >= PROCESSES_MAX)
        return false;
    return pread(p.memory.fd, n, sizeof *n, sharing_note_place(&p)) == sizeof *n &&
           strncmp(n->version, RILL_VERSION, sizeof n->version) == 0 &&
           n->part.process == p.process && n->part.memory.fd == p.memory.fd;
}

static struct known *read_sockets(const struct note *n)
{
    struct known *k = calloc(n->count + 1, sizeof *k);
    size_t bytes = n->count * sizeof *k;
    off_t place = sharing_note_place(&n->part) + (off_t)sizeof *n;
    if (k && pread(n->part.memory.fd, k, bytes, place) == (ssize_t)bytes) {
        qsort(k, n->count, sizeof *k, compare);
        return k;
    }
    free(k);
    return NULL;
}

static void name_if_known(int fd, const struct known *all, unsigned count)
{
    struct known wanted = {.inode = inode_of(fd)};
    const struct known *k =
        wanted.inode ? bsearch(&wanted, all, count, sizeof *all, compare) : NULL;
    if (k)
        name_give(fd, k->rills);
}

static void name_found(const struct known *all, unsigned count)
{
    struct dirent *e;
    DIR *open = opendir("/proc/self/fd");
    while (open && (e = readdir(open)) != NULL)
        name_if_known(atoi(e->d_name), all, count);
    if (open)
        closedir(open);
}

/* Several of them may be one socket. */
static void leave_others(const struct known *all, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!names_have(all[i].rills) && sharing_leave(all[i].rills) && posix_begin_any())
            posix_end(rill_close(all[i].rills));
}

static void punch_out(const struct note *n)
{
    fallocate(n->part.memory.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
              sharing_note_place(&n->part), SHARING_NOTE_MAX);
}

void image_resume(const char *text)
{
    struct note n;
    if (!read_note(text, &n))
        return;
    struct known *sockets = read_sockets(&n);
    punch_out(&n);
    set_inherited(&n.part, &n.owner, FD_CLOEXEC);
    bool usable = owner_resume(&n.owner) && sharing_resume(&n.part);
    posix_register();
    if (sockets)
        name_found(sockets, n.count);
    if (sockets && usable)
        leave_others(sockets, n.count);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (name_socket(fd) >= 0)
            standard_follow(fd);
    free(sockets);
}
