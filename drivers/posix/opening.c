/* The host that the program opens and names (rill_posix_use), or that its first socket opens. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/opening.h"

#include "host/host.h"
#include "posix/entry.h"
#include "posix/fork.h"
#include "posix/owner.h"
#include "posix/signals.h"
#include "posix/standard.h"

#include <errno.h>
#include <rill/host.h>
#include <rill/posix.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void at_exit(void)
{
    standard_flush();
    owner_end();
}

void posix_register(void)
{
    static bool registered;
    if (registered)
        return;
    atexit(at_exit);
    fork_register();
    registered = true;
}

/* Call it with the lock held. */
static void use(struct rill_host *host)
{
    owner_use(host);
    if (host)
        posix_register();
}

void rill_posix_use(struct rill_host *host)
{
    owner_lock();
    use(host);
    owner_unlock();
}

static struct rill_host *open_by_environment(void)
{
    static char *words; /* the options point into it */
    struct rill_host_options options;
    struct rill_diagnostic diagnostic = {.text = "no memory for RILL_OPTIONS"};
    const char *given = getenv("RILL_OPTIONS"), *unknown = NULL;
    free(words);
    words = strdup(given ? given : "");
    if (words)
        unknown = rill_host_options_parse_words(
            &options, words, "RILL_OPTIONS - how this program's stack is made", "");
    if (unknown)
        snprintf(diagnostic.text, sizeof diagnostic.text,
                 "%s in RILL_OPTIONS is no option (RILL_OPTIONS=--help lists them)", unknown);
    struct rill_host *host = words && !unknown ? rill_host_open(&options, &diagnostic) : NULL;
    if (!host)
        fprintf(stderr, "rill: %s\n", diagnostic.text);
    return host;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* A capture's file is not kept: its number changes when one is full. What only fills a closed
 * standard descriptor (host.h) is the program's to open. */
static void keep(int fd)
{
    struct stat about;
    if (fd <= STDERR_FILENO)
        close(fd);
    else if (fstat(fd, &about) == 0 && !S_ISREG(about.st_mode))
        owner_keep(fd);
}

/* What is open now and was not before belongs to the host binding: if this is the only thread. */
static void open_first(void)
{
    enum { LOOKED_AT = 256 };
    bool before[LOOKED_AT], alone = owner_is_alone();
    for (int fd = 0; fd < LOOKED_AT; fd++)
        before[fd] = is_open(fd);
    uint64_t ignored = signals_ignored();
    struct rill_host *host = open_by_environment();
    if (!host)
        return;
    use(host), signals_ignore(ignored);
    host_expect_adoption(host);
    for (int fd = 0; fd < LOOKED_AT && alone; fd++)
        if (!before[fd] && is_open(fd))
            keep(fd);
}

bool posix_begin_first(void)
{
    owner_lock();
    if (!owner_has_stack()) {
        int error = errno;
        open_first();
        errno = error;
    }
    owner_unlock();
    if (posix_begin_any())
        return true;
    errno = ENETDOWN;
    return false;
}
