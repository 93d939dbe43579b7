/* What a pcapng file says beside its packets: the comment and the direction of each. libpcap reads
 * such files but gives neither away, so this looks at the options of the packet blocks and at
 * nothing else (draft-ietf-opsawg-pcapng 3.5 and 4.3); the packets themselves are recording.h's.
 * Packets are counted as there. */
#ifndef RECORDING_NOTES_H
#define RECORDING_NOTES_H

#include <rill/capture.h>
#include <stdio.h>

struct note {
    const char *comment; /* "" where there is none; borrowed until the next call */
    enum rill_capture_direction direction;
};

struct notes {
    FILE *file;      /* NULL: no pcapng, or its end */
    bool swapped;    /* the section was written in the other byte order */
    unsigned number; /* of the last packet block */
    uint8_t *block;  /* its body, or so much of it as fits */
    size_t room;
};

/* A file of another format is one without notes. notes_close in any case. */
void notes_open(struct notes *, const char *file);
/* The note of a packet, by its number; numbers only grow. */
struct note notes_of(struct notes *, unsigned number);
void notes_close(struct notes *);

#endif
