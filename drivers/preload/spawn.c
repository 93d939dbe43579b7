/* Programs that are executed as children: posix_spawn(3), and what libc does by its own. */
#include "preload/program.h"
#include "preload/real.h"

#include <errno.h>
#include <fcntl.h>
#include <rill/preload.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

/* The errno value, as of posix_spawn. */
static int no_environment(struct program_start *start)
{
    program_end(start);
    return ENOMEM;
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const *words, char *const *environment)
{
    struct program_start start;
    enum program_kind kind = program_judge(open(path, O_RDONLY | O_CLOEXEC), path);
    if (!program_begin(&start, kind, environment, IMAGE_MAY_DUP))
        return no_environment(&start);
    int error = rill_real_posix_spawn(pid, path, actions, attributes, words, start.environment.all);
    program_end(&start);
    return error;
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const *words, char *const *environment)
{
    struct program_start start;
    enum program_kind kind = program_judge(rill_preload_open(file), file);
    if (!program_begin(&start, kind, environment, IMAGE_MAY_DUP))
        return no_environment(&start);
    int error =
        rill_real_posix_spawnp(pid, file, actions, attributes, words, start.environment.all);
    program_end(&start);
    return error;
}
