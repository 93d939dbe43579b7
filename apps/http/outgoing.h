/* Data to be sent: a head, then a body in memory or in a file. The sender asks for the next bytes
 * (outgoing_peek) and reports how many were sent (outgoing_sent): there is no queue besides the
 * file itself. */
#ifndef HTTP_OUTGOING_H
#define HTTP_OUTGOING_H

#include "http/text.h"
#include <stdint.h>
#include <sys/types.h>

struct outgoing {
    struct text head;
    struct text body;
    int file;      /* -1: none; owned */
    off_t file_at; /* its next byte */
    off_t file_end;
    size_t head_gone;
    size_t body_gone;
    uint64_t bytes; /* bytes of body and file that were sent */
};

void outgoing_init(struct outgoing *);
void outgoing_clear(struct outgoing *); /* nothing to send; memory is kept for the next response */
void outgoing_free(struct outgoing *);

bool outgoing_is_gone(const struct outgoing *); /* everything is sent */

/* Copies up to `room` of the next bytes out and returns how many; 0 if all are sent; -1 if the file
 * ended early or could not be read, or memory was short, so that the promised length cannot be
 * kept. */
ssize_t outgoing_peek(const struct outgoing *, void *out, size_t room);
void outgoing_sent(struct outgoing *, size_t n);

#endif
