/* A parsed request head: only what RFC 9110 and 9112 let a server rely on, after all checks. All
 * slices lie in the head that was parsed and are valid as long as it is. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "http/text.h"
#include <http_parser.h>
#include <stdbool.h>
#include <stdint.h>

#define REQUEST_FIELDS_MAX 100

struct field {
    struct slice name;
    struct slice value; /* trimmed */
};

struct request {
    enum http_method method;
    struct slice line; /* the request line, for the log */
    struct slice target;
    bool http_1_0;
    bool keep_alive;       /* RFC 9112 9.3: the peer keeps the connection open */
    bool expects_continue; /* RFC 9110 10.1.1 */
    bool chunked;
    uint64_t length; /* of the body: Content-Length, 0 without */
    unsigned field_count;
    struct field field[REQUEST_FIELDS_MAX];
};

/* Parses a complete head found by head_scan (from its request line on). Returns 0 or the status
 * that refuses the request: 400, 417, 431, 501; *request then holds what was understood. */
int request_parse(struct request *, const char *head, size_t length);

/* The value of the next field with that name from field *from on (start with 0); *from is then the
 * field after it. */
bool request_next(const struct request *, const char *name, unsigned *from, struct slice *value);

/* The value of the only field with that name; false if there is none or more than one. */
bool request_only(const struct request *, const char *name, struct slice *value);

#endif
