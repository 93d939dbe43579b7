/* The host's calls that have no other name in <rill/posix.h>: real.c. */
#ifndef DRIVERS_PRELOAD_REAL_H
#define DRIVERS_PRELOAD_REAL_H

#include <spawn.h>
#include <stdio.h>
#include <sys/types.h>

int rill_real_execve(const char *path, char *const *words, char *const *environment);
int rill_real_execvpe(const char *file, char *const *words, char *const *environment);
int rill_real_fexecve(int fd, char *const *words, char *const *environment);
int rill_real_execveat(int folder, const char *path, char *const *words, char *const *environment,
                       int flags);
int rill_real_posix_spawn(pid_t *, const char *path, const posix_spawn_file_actions_t *,
                          const posix_spawnattr_t *, char *const *words, char *const *environment);
int rill_real_posix_spawnp(pid_t *, const char *file, const posix_spawn_file_actions_t *,
                           const posix_spawnattr_t *, char *const *words, char *const *environment);
int rill_real_system(const char *command);
FILE *rill_real_popen(const char *command, const char *mode);
int rill_real_pclose(FILE *);
int rill_real_prctl(int option, unsigned long, unsigned long, unsigned long, unsigned long);

#endif
