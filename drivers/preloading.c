/* <rill/preload.h>: reads the program's headers (elf(5)). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <rill/preload.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int rill_preload_open(const char *program)
{
    const char *given = getenv("PATH"), *path = given ? given : "/bin:/usr/bin";
    char file[PATH_MAX];
    if (strchr(program, '/'))
        return open(program, O_RDONLY | O_CLOEXEC);
    for (size_t n; *path; path += n + (path[n] == ':')) {
        n = strcspn(path, ":");
        snprintf(file, sizeof file, "%.*s%s%s", (int)n, path, n ? "/" : "", program);
        if (access(file, X_OK) == 0)
            return open(file, O_RDONLY | O_CLOEXEC);
    }
    errno = ENOENT;
    return -1;
}

/* One for another machine, or a script, is not for us to judge. */
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

/* Then the loader ignores LD_PRELOAD (ld.so(8)). */
static bool changes_user(int fd)
{
    struct stat about;
    return fstat(fd, &about) == 0 &&
           ((about.st_mode & S_ISUID && about.st_uid != getuid()) ||
            (about.st_mode & S_ISGID && about.st_mode & S_IXGRP && about.st_gid != getgid()));
}

const char *rill_preload_excuse(int fd)
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
    if (changes_user(fd))
        return "it runs as another user";
    return loads ? NULL : "it is linked statically";
}
