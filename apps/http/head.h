/* Finds the end of a message head in bytes that arrive in pieces, and refuses what RFC 9112 calls
 * malformed.
 *
 * libhttp_parser, which takes the head apart afterwards, forgives much: line feeds alone, folded
 * lines, blanks in field names, any byte in a request target. Two parsers that forgive differently
 * are how requests are smuggled (RFC 9112 11.2), so nothing of the kind gets past this door. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_LINE_MAX 8192 /* RFC 9112 3: at least 8,000 */
#define FIELDS_MAX 16384
#define HEAD_MAX (REQUEST_LINE_MAX + FIELDS_MAX)

/* All zero at the start of a message. */
struct head_scan {
    size_t at;     /* bytes examined so far */
    size_t line;   /* start of the line that contains `at` */
    size_t start;  /* of the request line: after empty lines (RFC 9112 2.2) */
    size_t fields; /* start of the field lines; 0: not reached yet */
    size_t length; /* of the whole head with its empty lines; 0: not complete yet */
};

/* Examines the bytes since the last call. Returns 0 or the status that refuses the request: 400,
 * 414, 431, 505. */
int head_scan(struct head_scan *, const char *in, size_t have);

/* RFC 9110 5.6.2: may be part of a token. */
bool head_is_token(char);

#endif
