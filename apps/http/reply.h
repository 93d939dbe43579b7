/* A response as a client reads it: bytes in, the body out to a file, the head kept for whoever
 * asks. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "http/text.h"
#include <http_parser.h>
#include <stdint.h>
#include <stdio.h>

#define REPLY_HEAD_MAX 65536

enum reply_state {
    REPLY_HEAD,     /* the head is awaited, or coming */
    REPLY_BODY,     /* the body is coming */
    REPLY_WHOLE,    /* all is here */
    REPLY_BAD,      /* it is no HTTP, or more of it than anybody can mean */
    REPLY_PARTIAL,  /* the connection ended before it */
    REPLY_UNWRITTEN /* the output could not take it */
};

/* What the reader may set between reply_start and the first bytes is marked so. */
struct reply {
    FILE *out;      /* set: for the body; NULL throws it away */
    bool show_head; /* set: status line and fields go out too */
    bool to_head;   /* set: the request was HEAD, no body comes */
    bool no_errors; /* set: the body of a status of 400 or more is thrown away */
    bool follows;   /* set: that of a redirection, too */

    enum reply_state state;
    int status;
    struct text reason;
    struct text fields; /* "Name: value" CR LF, as they came */
    bool in_value;      /* the last piece was of a value */
    bool muted;         /* this body goes nowhere */
    uint64_t length;    /* as promised by Content-Length; UINT64_MAX: nothing is promised */
    uint64_t bytes;     /* of the body, so far */
    http_parser parser;
};

void reply_start(struct reply *);
void reply_free(struct reply *);

/* n bytes have come; the state says where that leaves us. */
void reply_take(struct reply *, const char *bytes, size_t n);
/* The connection has ended. */
void reply_end(struct reply *);

/* The value of a field, from REPLY_BODY on; false if it is not there. */
bool reply_field(const struct reply *, const char *name, struct slice *value);

/* 301, 302, 303, 307 or 308 with a Location (RFC 9110 15.4). */
bool reply_redirects(const struct reply *, struct slice *location);

#endif
