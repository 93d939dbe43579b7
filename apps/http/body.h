/* The body of a request as it arrives: which bytes belong to it, and where it ends (RFC
 * 9112 6 and 7.1).
 *
 * The chunked coding is decoded here and not by libhttp_parser, whose Debian build
 * (HTTP_PARSER_STRICT=0) takes any two bytes for the CR LF after a chunk. Everything is counted,
 * chunk headers and trailers too, against BODY_MAX. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BODY_MAX (1u << 20)

enum body_state {
    BODY_DONE,
    BODY_TEXT,      /* `left` bytes, by Content-Length */
    BODY_SIZE,      /* the hexadecimal size of a chunk */
    BODY_EXTENSION, /* ;name=value after the size, ignored */
    BODY_SIZE_LF,   /* CR has been read */
    BODY_CHUNK,     /* `left` bytes */
    BODY_CHUNK_CR,  /* the CR LF after them */
    BODY_CHUNK_LF,
    BODY_TRAILER,    /* at the start of a trailer line */
    BODY_TRAILER_IN, /* inside one, ignored */
    BODY_TRAILER_LF,
    BODY_END_LF /* CR of the empty line has been read */
};

struct body {
    enum body_state state;
    uint64_t left;
    unsigned digits; /* of the chunk size, so far */
    size_t taken;    /* bytes on the wire */
};

/* Returns 0, or 413. */
int body_start(struct body *, bool chunked, uint64_t length);

/* Takes up to n bytes and sets *taken to how many belonged to the body. Returns 0, 400 or 413. */
int body_take(struct body *, const char *in, size_t n, size_t *taken);

#endif
