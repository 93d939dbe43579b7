/* Which host descriptor stands for which of rill's. packetdrill wants descriptors of the host: it
 * ends by closing all that a script has left open with the host's own close. So each of rill's has
 * a socket of the host's beside it, which is used for nothing else. */
#ifndef PACKETDRILL_HOST_H
#define PACKETDRILL_HOST_H

#include <sys/types.h>

struct descriptor_pair {
    int host, live;
    ino_t inode; /* of the host's socket: tells whether the number still means it */
};

struct host_descriptors {
    struct descriptor_pair *pair;
    unsigned count, room;
};

/* A host descriptor for `live` (-1: a call has failed; so does this). -1 with errno: there is none,
 * and `live` is still the caller's. */
int host_add(struct host_descriptors *, int live);

/* rill's descriptor; -1: the number stands for none. */
int host_find(const struct host_descriptors *, int host);

/* Closes the host's descriptor too. */
void host_remove(struct host_descriptors *, int host);

/* Closes those that packetdrill has not closed itself. */
void host_end(struct host_descriptors *);

#endif
