/* rill-run - runs a program of the host's, as it is, on rill
 *
 *     rill-run PROGRAM [ARGUMENT...]
 *     rill-run [shared options] -- PROGRAM [ARGUMENT...]
 *
 * The loader puts librill-preload.so in front of libc (LD_PRELOAD, ld.so(8)), so that the calls of
 * sockets(7) are rill's for IPv4's TCP and UDP; the options go into RILL_OPTIONS, where the first
 * socket finds them. docs/porting.md says what is the same then and what is not.
 *
 * A program that does not load it has the kernel's sockets, and is run with a warning.
 *
 * Exit status: the program's; 2 for a bad option; 126 if it cannot be run, 127 if there is none. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <rill/host.h>
#include <rill/preload.h>
#include <stdbool.h>
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

/* RILL_OPTIONS as it was, then our own options; the later of two contradicting options wins. The
 * program splits it at white space. */
static char *join_options(int argc, char **argv)
{
    const char *given = getenv("RILL_OPTIONS");
    char *all = strdup(given ? given : "");
    for (int i = 1; all && i < argc; i++) {
        char *before = all;
        if (argv[i][strcspn(argv[i], " \t\n")])
            errx(2, "%s: an option's value must be without white space here", argv[i]);
        if (asprintf(&all, "%s %s", before, argv[i]) < 0)
            all = NULL;
        free(before);
    }
    if (!all || setenv("RILL_OPTIONS", all, 1) != 0)
        err(126, "cannot set RILL_OPTIONS");
    return all;
}

/* Checks the options now, which the program's first socket would otherwise find wrong, and exits on
 * an error. */
static void check_options(char *all)
{
    struct rill_host_options options;
    const char *unknown = rill_host_options_parse_words(
        &options, all, "rill-run - runs a program on rill",
        "rill-run PROGRAM [ARGUMENT...]\nrill-run [OPTIONS] -- PROGRAM [ARGUMENT...]\n"
        "Exit status: the program's; 2 for a bad option; 126 if it cannot be run, 127 if it is "
        "not\n"
        "  found.\n");
    if (unknown)
        errx(2, "%s: not an option of rill (--help lists them); the program follows `--`", unknown);
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
            if (path[strcspn(path, " :")])
                errx(126,
                     "%s: the loader takes no path with a space or a colon: install it elsewhere",
                     path);
            put_first("LD_PRELOAD", path, ':');
            return;
        }
    }
    errx(126, PRELOADED " is not where it was installed, %s/../lib", self);
}

/* ---- Programs that do not load it ---- */

static void warn_of(const char *program)
{
    int fd = rill_preload_open(program);
    const char *excuse = fd >= 0 ? rill_preload_excuse(fd) : NULL;
    if (excuse)
        warnx("%s uses the kernel's sockets, not rill's: %s", program, excuse);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    int separator = argc > 1 && argv[1][0] == '-' ? find_separator(argc, argv) : 0;
    int options = separator ? separator : 1;
    char *all = join_options(options, argv);
    check_options(all);
    free(all);
    if (options == argc || separator + 1 >= argc)
        errx(2, "wanted: a program to run%s", separator ? ", behind `--`" : "");
    preload();
    char **program = argv + separator + 1;
    warn_of(program[0]);
    execvp(program[0], program);
    err(errno == ENOENT ? 127 : 126, "%s", program[0]);
}
