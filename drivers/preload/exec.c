/* exec(3): the program that takes the place of this one has its sockets, too (posix/exec.h). */
#include "preload/program.h"
#include "preload/real.h"

#include <fcntl.h>
#include <rill/preload.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

/* How the program is given: a path relative to a folder, a name for PATH, or a descriptor. */
struct given {
    const char *path, *file;
    int folder, fd, flags;
};

static int open_given(const struct given *g)
{
    if (g->path)
        return openat(g->folder, g->path, O_RDONLY | O_CLOEXEC);
    return g->file ? rill_preload_open(g->file) : fcntl(g->fd, F_DUPFD_CLOEXEC, 0);
}

static int run(const struct given *g, char *const *words, char *const *environment)
{
    if (g->path && (g->folder != AT_FDCWD || g->flags))
        return rill_real_execveat(g->folder, g->path, words, environment, g->flags);
    if (g->path)
        return rill_real_execve(g->path, words, environment);
    return g->file ? rill_real_execvpe(g->file, words, environment)
                   : rill_real_fexecve(g->fd, words, environment);
}

static int execute(const struct given *g, char *const *words, char *const *environment)
{
    struct program_start start;
    enum program_kind kind = program_judge(open_given(g), words && words[0] ? words[0] : "?");
    bool begun = program_begin(&start, kind, environment, IMAGE_INHERITS);
    int result = begun ? run(g, words, start.environment.all) : -1;
    program_end(&start);
    return result;
}

int execve(const char *path, char *const *words, char *const *environment)
{
    return execute(&(struct given){.path = path, .folder = AT_FDCWD}, words, environment);
}

int execv(const char *path, char *const *words)
{
    return execve(path, words, environ);
}

int execvpe(const char *file, char *const *words, char *const *environment)
{
    return execute(&(struct given){.file = file}, words, environment);
}

int execvp(const char *file, char *const *words)
{
    return execvpe(file, words, environ);
}

int fexecve(int fd, char *const *words, char *const *environment)
{
    return execute(&(struct given){.fd = fd}, words, environment);
}

int execveat(int folder, const char *path, char *const *words, char *const *environment, int flags)
{
    struct given g = {.path = path, .folder = folder, .flags = flags};
    if (flags & AT_EMPTY_PATH && !*path)
        g = (struct given){.fd = folder};
    return execute(&g, words, environment);
}

/* The words up to NULL, and then the environment, if there is one. NULL: no memory. */
static char **gather(const char *first, va_list list, char *const **environment)
{
    size_t count = 0;
    va_list again;
    va_copy(again, list);
    for (const char *word = first; word; word = va_arg(again, const char *))
        count++;
    va_end(again);
    char **words = calloc(count + 1, sizeof *words);
    if (!words)
        return NULL;
    char *word = (char *)first;
    for (size_t i = 0; i < count; i++, word = va_arg(list, char *))
        words[i] = word;
    if (environment)
        *environment = va_arg(list, char *const *);
    return words;
}

static int fail(char **words)
{
    free(words);
    return -1;
}

int execl(const char *path, const char *first, ...)
{
    va_list list;
    va_start(list, first);
    char **words = gather(first, list, NULL);
    va_end(list);
    if (words)
        execve(path, words, environ);
    return fail(words);
}

int execlp(const char *file, const char *first, ...)
{
    va_list list;
    va_start(list, first);
    char **words = gather(first, list, NULL);
    va_end(list);
    if (words)
        execvpe(file, words, environ);
    return fail(words);
}

int execle(const char *path, const char *first, ...)
{
    va_list list;
    char *const *environment = NULL;
    va_start(list, first);
    char **words = gather(first, list, &environment);
    va_end(list);
    if (words)
        execve(path, words, environment);
    return fail(words);
}
