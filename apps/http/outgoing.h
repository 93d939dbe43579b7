/* What is to be sent: a head, then a body that lies in memory or in a file. Whoever sends asks for
 * the next bytes (outgoing_peek) and says how many have gone (outgoing_sent): there is no queue
 * beside the file itself. */
#ifndef HTTP_OUTGOING_H
#define HTTP_OUTGOING_H

#include "http/text.h"
#include <stdint.h>
#include <sys/types.h>

struct outgoing {
    struct text head;
    struct text body;
    int file;      /* -1: none; owned */
    off_t file_at; /* the next byte of it */
    off_t file_end;
    size_t head_gone;
    size_t body_gone;
    uint64_t bytes; /* of body and file that have gone */
};

void outgoing_init(struct outgoing *);
void outgoing_clear(struct outgoing *); /* nothing to send; memory is kept for the next */
void outgoing_free(struct outgoing *);

bool outgoing_is_gone(const struct outgoing *); /* all of it */

/* Copies up to `room` of the next bytes out and returns how many; 0 if all has gone; -1 if the file
 * ended early or could not be read, or memory was short, so that what was promised cannot be kept.
 */
ssize_t outgoing_peek(const struct outgoing *, void *out, size_t room);
void outgoing_sent(struct outgoing *, size_t n);

#endif
