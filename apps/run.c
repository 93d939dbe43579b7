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
#include <link.h>
#include <rill/host.h>
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

/* As execvp(3) finds it; -1: there is none. */
static int open_program(const char *name)
{
    const char *path = getenv("PATH");
    char file[PATH_MAX];
    if (strchr(name, '/') || !path)
        return open(name, O_RDONLY | O_CLOEXEC);
    for (size_t n; *path; path += n + (path[n] == ':')) {
        n = strcspn(path, ":");
        snprintf(file, sizeof file, "%.*s%s%s", (int)n, path, n ? "/" : "", name);
        if (access(file, X_OK) == 0)
            return open(file, O_RDONLY | O_CLOEXEC);
    }
    return -1;
}

/* elf(5): one for another machine, or a script, is not for us to judge. */
static bool is_elf(int fd, ElfW(Ehdr) * e)
{
    int ours = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    return pread(fd, e, sizeof *e, 0) == sizeof *e && memcmp(e->e_ident, ELFMAG, SELFMAG) == 0 &&
           e->e_ident[EI_CLASS] == ours && e->e_phentsize == sizeof(ElfW(Phdr));
}

/* The linker of Go leaves a note of its own, beside that of the C compiler if it used one. */
static bool notes_go(int fd, const ElfW(Phdr) * p)
{
    static const char go[4] = "Go";
    char notes[1024];
    ElfW(Nhdr) note;
    size_t room = p->p_filesz < sizeof notes ? p->p_filesz : sizeof notes, at = 0;
    ssize_t n = pread(fd, notes, room, (off_t)p->p_offset);
    while (n >= 0 && at + sizeof note + sizeof go <= (size_t)n) {
        memcpy(&note, notes + at, sizeof note);
        at += sizeof note;
        if (note.n_namesz == sizeof go && memcmp(notes + at, go, sizeof go) == 0)
            return true;
        at += ((size_t)note.n_namesz + 3) / 4 * 4 + ((size_t)note.n_descsz + 3) / 4 * 4;
    }
    return false;
}

/* Why its sockets will be the kernel's; NULL: they will not. */
static const char *excuse_of(int fd)
{
    bool loads = false, go = false;
    ElfW(Ehdr) e;
    ElfW(Phdr) p;
    if (!is_elf(fd, &e))
        return NULL;
    for (unsigned i = 0; i < e.e_phnum; i++) {
        if (pread(fd, &p, sizeof p, (off_t)(e.e_phoff + i * sizeof p)) != sizeof p)
            return NULL;
        loads |= p.p_type == PT_INTERP;
        go |= p.p_type == PT_NOTE && notes_go(fd, &p);
    }
    if (go)
        return "a Go program makes system calls without libc";
    return loads ? NULL : "it is linked statically";
}

static void warn_of(const char *program)
{
    int fd = open_program(program);
    const char *excuse = fd >= 0 ? excuse_of(fd) : NULL;
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
