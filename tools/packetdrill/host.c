#include "packetdrill/host.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct descriptor_pair *find(const struct host_descriptors *d, int host)
{
    for (unsigned i = 0; i < d->count; i++)
        if (d->pair[i].host == host)
            return &d->pair[i];
    return NULL;
}

static ino_t inode_of(int host)
{
    struct stat s;
    return fstat(host, &s) == 0 && S_ISSOCK(s.st_mode) ? s.st_ino : 0;
}

/* The host gives a number again once packetdrill has closed it behind our back: its old meaning is
 * over then. */
static struct descriptor_pair *place_for(struct host_descriptors *d, int host)
{
    struct descriptor_pair *old = find(d, host);
    if (old)
        return old;
    if (d->count == d->room) {
        d->room = d->room ? 2 * d->room : 16;
        d->pair = realloc(d->pair, d->room * sizeof *d->pair);
        if (!d->pair)
            abort();
    }
    return &d->pair[d->count++];
}

int host_add(struct host_descriptors *d, int live)
{
    int host = live < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (host >= 0)
        *place_for(d, host) = (struct descriptor_pair){host, live, inode_of(host)};
    return host;
}

int host_find(const struct host_descriptors *d, int host)
{
    const struct descriptor_pair *p = find(d, host);
    return p ? p->live : -1;
}

void host_remove(struct host_descriptors *d, int host)
{
    struct descriptor_pair *p = find(d, host);
    if (!p)
        return;
    close(host);
    *p = d->pair[--d->count];
}

void host_end(struct host_descriptors *d)
{
    for (unsigned i = 0; i < d->count; i++)
        if (inode_of(d->pair[i].host) == d->pair[i].inode)
            close(d->pair[i].host);
    free(d->pair);
    *d = (struct host_descriptors){0};
}
