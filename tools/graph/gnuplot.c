#include "graph/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static bool describe_error(struct rill_diagnostic *why, int error)
{
    if (error == ENOENT)
        snprintf(why->text, sizeof why->text,
                 "gnuplot is not installed: apt-get install gnuplot-nox; --data keeps what it "
                 "would draw");
    else
        snprintf(why->text, sizeof why->text, "gnuplot does not start: %s", strerror(error));
    return false;
}

bool gnuplot_run(const char *script, struct rill_diagnostic *why)
{
    char *argument[] = {"gnuplot", (char *)script, NULL};
    pid_t pid;
    int status, error = posix_spawnp(&pid, *argument, NULL, NULL, argument, environ);
    if (error)
        return describe_error(why, error);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return describe_error(why, errno);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    snprintf(why->text, sizeof why->text, "gnuplot has failed");
    return false;
}
