/* rill-run - runs a program of the host's, as it is, on rill
 *
 *     rill-run PROGRAM [ARGUMENT...]
 *     rill-run [shared options] -- PROGRAM [ARGUMENT...]
 *
 * The loader puts librill-preload.so in front of libc (LD_PRELOAD, ld.so(8)), so that the calls of
 * sockets(7) are rill's for IPv4's TCP and UDP; the options go into RILL_OPTIONS, where the first
 * socket finds them. docs/porting.md says what is the same then and what is not.
 *
 * Exit status: the program's; 2 for a bad option; 126 if it cannot be run, 127 if there is none. */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <rill/host.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRELOADED "librill-preload.so"

/* The position of `--`; argc: none. */
static int find_separator(int argc, char **argv)
{
    int i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0)
        i++;
    return i;
}

/* Checks the options now, which the program's first socket would otherwise find wrong, and exits on
 * an error. */
static void check_options(int argc, char **argv)
{
    struct rill_host_options options;
    char **words = calloc((size_t)argc + 1, sizeof *words);
    if (!words)
        err(126, "cannot read the options");
    memcpy(words, argv, (size_t)argc * sizeof *words);
    rill_host_options_parse(&options, &argc, words, "rill-run - runs a program on rill",
                            "rill-run PROGRAM [ARGUMENT...]\n"
                            "rill-run [OPTIONS] -- PROGRAM [ARGUMENT...]\n");
    if (argc > 1)
        errx(2, "%s: no option of rill's (--help lists them); the program stands behind `--`",
             words[1]);
    free(words);
}

/* Prepends `before` and the separator to an environment variable. */
static void put_first(const char *name, const char *before, char separator)
{
    const char *after = getenv(name);
    char *value;
    if (asprintf(&value, after && *after ? "%s%c%s" : "%s", before, separator, after) < 0 ||
        setenv(name, value, 1) != 0)
        err(126, "cannot set %s", name);
    free(value);
}

/* RILL_OPTIONS is split at white space. The later of two contradicting options wins. */
static void hand_over(int argc, char **argv)
{
    const char *given = getenv("RILL_OPTIONS");
    char *all = strdup(given ? given : "");
    for (int i = 1; i < argc; i++) {
        char *before = all;
        if (argv[i][strcspn(argv[i], " \t\n")])
            errx(2, "%s: what an option says must be without white space here", argv[i]);
        if (asprintf(&all, "%s %s", before ? before : "", argv[i]) < 0)
            err(126, "cannot set RILL_OPTIONS");
        free(before);
    }
    if (!all || setenv("RILL_OPTIONS", all, 1) != 0)
        err(126, "cannot set RILL_OPTIONS");
    free(all);
}

/* After installation it is in ../lib relative to this program; in the source tree beside the other
 * libraries. */
static void preload(void)
{
    static const char *const folder[] = {"../lib", "../release/lib"};
    char self[PATH_MAX], path[PATH_MAX + 64];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0)
        err(126, "cannot read /proc/self/exe");
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    for (unsigned i = 0; i < sizeof folder / sizeof *folder; i++) {
        snprintf(path, sizeof path, "%s/%s/" PRELOADED, self, folder[i]);
        if (access(path, R_OK) == 0) {
            put_first("LD_PRELOAD", path, ':');
            return;
        }
    }
    errx(126, PRELOADED " is not where it was installed, %s/../lib", self);
}

int main(int argc, char **argv)
{
    int separator = argc > 1 && argv[1][0] == '-' ? find_separator(argc, argv) : 0;
    int options = separator ? separator : 1;
    check_options(options, argv);
    if (options == argc || separator + 1 >= argc)
        errx(2, "wanted: a program to run%s", separator ? ", behind `--`" : "");
    hand_over(options, argv);
    preload();
    char **program = argv + separator + 1;
    execvp(program[0], program);
    err(errno == ENOENT ? 127 : 126, "%s", program[0]);
}
