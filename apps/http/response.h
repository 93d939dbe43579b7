/* The head of a response, and the small pages that explain a status. */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "http/outgoing.h"

struct response {
    int status;
    bool last;           /* the connection closes after it */
    struct outgoing out; /* an interim 100 included */
};

/* "HTTP/1.1 100 Continue". */
void response_continue(struct response *);

/* Begins the head of a final response: status line, Date, Server. The caller then adds fields to
 * out.head, each with its CR LF. */
void response_start(struct response *, int status);
/* The page that explains a status, with Content-Type and Content-Length. */
void response_explain(struct response *, bool with_body);
/* Adds the empty line. Nothing may be added to the head after it. */
void response_finish(struct response *, bool last, bool http_1_0);

#endif
