#include "sim/replay.h"

#include "ladder/draw.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAST 40 /* segments in the ladder */

/* In the child. */
static void play(const struct scenario *s, uint64_t seed, const char *captures, bool verbose)
{
    struct trial t = {.seed = seed, .captures = captures, .verbose = verbose};
    scenario_run(s, &t);
    if (*t.failure)
        printf("FAILED  %s\n", t.failure);
    else
        printf("passed: %.3f s of virtual time, %llu segments, hash %016llx\n",
               (double)t.ended / 1e9, (unsigned long long)t.segments, (unsigned long long)t.hash);
    fflush(stdout);
    _exit(*t.failure != 0);
}

/* Restarts the conversations whose last packets are among the last of all. */
static void forget_all_but_the_last(struct ladder *l)
{
    const struct step *from = l->steps > LAST ? &l->step[l->steps - LAST] : l->step;
    size_t kept = 0;
    for (size_t i = 0; i < l->conversations; i++) {
        struct conversation c = l->conversation[i];
        c.from_start = c.from_start && c.first >= from;
        while (c.first && c.first < from)
            c.first = c.first->next;
        if (c.first)
            l->conversation[kept++] = c;
    }
    l->conversations = kept;
}

static void draw(const char *capture)
{
    struct packet_list list = {0};
    struct ladder ladder;
    if (packet_list_read(&list, capture, ""))
        return;
    if (list.count && ladder_make(&ladder, list.at, list.count)) {
        printf("the last segments of %s:\n", capture);
        forget_all_but_the_last(&ladder);
        ladder_draw(stdout, &ladder, isatty(STDOUT_FILENO));
        ladder_end(&ladder);
    }
    packet_list_end(&list);
}

/* The largest file: the host that was involved most. */
static const char *choose(const glob_t *found)
{
    const char *chosen = NULL;
    off_t largest = -1;
    for (size_t i = 0; i < found->gl_pathc; i++) {
        struct stat s;
        if (stat(found->gl_pathv[i], &s) == 0 && s.st_size > largest) {
            largest = s.st_size;
            chosen = found->gl_pathv[i];
        }
    }
    return chosen;
}

static void show_captures(const char *captures)
{
    char pattern[600];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s-*.pcapng", captures);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            printf("capture: %s\n", found.gl_pathv[i]);
        draw(choose(&found));
    }
    globfree(&found);
}

bool replay_run(const struct scenario *s, uint64_t seed, const char *folder, bool verbose)
{
    char captures[500];
    int status = -1;
    snprintf(captures, sizeof captures, "%s/%s-%llu", folder, s->name, (unsigned long long)seed);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        play(s, seed, captures, verbose);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    if (WIFSIGNALED(status))
        printf("FAILED  crashed: %s\n", strsignal(WTERMSIG(status)));
    show_captures(captures);
    return status == 0;
}
