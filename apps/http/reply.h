/* A response as a client reads it: bytes go in, the body goes to a file, and the head can be
 * queried. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "http/text.h"
#include <http_parser.h>
#include <stdint.h>
#include <stdio.h>

#define REPLY_HEAD_MAX 65536

enum reply_state {
    REPLY_HEAD,     /* the head is expected, or arriving */
    REPLY_BODY,     /* the body is arriving */
    REPLY_WHOLE,    /* complete */
    REPLY_BAD,      /* not HTTP, or too long to be meant */
    REPLY_PARTIAL,  /* the connection ended before the response */
    REPLY_UNWRITTEN /* the output failed */
};

/* Fields marked `set` may be set by the caller between reply_start and the first bytes. */
struct reply {
    FILE *out;      /* set: for the body; NULL discards it */
    bool show_head; /* set: status line and fields are written too */
    bool to_head;   /* set: the request was HEAD, so no body follows */
    bool no_errors; /* set: discards the body of a status of 400 or more */
    bool follows;   /* set: discards that of a redirection, too */

    enum reply_state state;
    int status;
    struct text reason;
    struct text fields; /* "Name: value" CR LF, as received */
    bool in_value;      /* the last piece was of a value */
    bool muted;         /* this body is discarded */
    uint64_t length;    /* from Content-Length; UINT64_MAX: no length given */
    uint64_t bytes;     /* of the body, so far */
    http_parser parser;
};

void reply_start(struct reply *);
void reply_free(struct reply *);

/* n bytes have arrived; the state tells the result. */
void reply_take(struct reply *, const char *bytes, size_t n);
/* The connection has ended. */
void reply_end(struct reply *);

/* The value of a field, from REPLY_BODY on; false if it is not there. */
bool reply_field(const struct reply *, const char *name, struct slice *value);

/* 301, 302, 303, 307 or 308 with a Location (RFC 9110 15.4). */
bool reply_redirects(const struct reply *, struct slice *location);

#endif
