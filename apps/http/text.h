/* Text: a borrowed slice of it, and a builder that grows up to a bound.
 *
 * A builder that runs out of memory or past TEXT_MAX sets `failed` and takes no more, so one check
 * at the end is enough. An all-zero struct text is an empty one; text_free makes it so again. */
#ifndef HTTP_TEXT_H
#define HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT_MAX (4u << 20)

/* Borrowed characters, without a NUL. */
struct slice {
    const char *at;
    size_t length;
};

struct slice slice_of(const char *);
bool slice_equal(struct slice, const char *);               /* byte for byte */
bool slice_equal_ignoring_case(struct slice, const char *); /* ASCII */
struct slice slice_trim(struct slice); /* without spaces and tabs at both ends */

/* Cuts the next element off a comma-separated list (RFC 9110 5.6.1): trimmed, commas within double
 * quotes kept. Empty elements are skipped; false at the end. */
bool slice_next(struct slice *list, struct slice *element);

/* The value of a hexadecimal digit; -1 for any other character. */
int text_hex_value(char);

struct text {
    char *at;
    size_t length;
    size_t room;
    bool failed;
};

void text_add(struct text *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *, const void *, size_t);
void text_add_html(struct text *, const char *); /* & < > " ' as entities */
void text_add_url(struct text *,
                  const char *); /* all but unreserved characters and '/' as %XX (RFC 3986 2.1) */
void text_clear(struct text *);  /* empty, memory kept */
void text_free(struct text *);

#endif
