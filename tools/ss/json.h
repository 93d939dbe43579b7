/* A printer for JSON (RFC 8259): places commas and escapes strings. */
#ifndef SS_JSON_H
#define SS_JSON_H

#include <rill/control.h>
#include <stdbool.h>
#include <stdio.h>

/* Start with all zeros except `out`. */
struct json {
    FILE *out;
    bool behind; /* an element precedes the next one */
};

/* key NULL: inside an array, or outermost. */
void json_open(struct json *, const char *key, char bracket);
void json_close(struct json *, char bracket);
void json_string(struct json *, const char *key, const char *value);
void json_number(struct json *, const char *key, uint64_t value);
void json_bool(struct json *, const char *key, bool value);
void json_null(struct json *, const char *key);

/* In milliseconds, with three decimals. */
void json_time(struct json *, const char *key, rill_time);

/* docs/ss.md describes the members. */
void json_socket(struct json *, const struct rill_status *);
void json_stack(struct json *, const char *path, const struct rill_control_greeting *);

#endif
