/* What JSON (RFC 8259) needs of a printer: commas where they belong, strings that are safe. */
#ifndef SS_JSON_H
#define SS_JSON_H

#include <rill/control.h>
#include <stdbool.h>
#include <stdio.h>

/* `at` has none of the members yet: all zeros but for `out`. */
struct json {
    FILE *out;
    bool behind; /* something stands before what comes next */
};

/* key NULL: within an array, or the outermost. */
void json_open(struct json *, const char *key, char bracket);
void json_close(struct json *, char bracket);
void json_string(struct json *, const char *key, const char *value);
void json_number(struct json *, const char *key, uint64_t value);
void json_bool(struct json *, const char *key, bool value);
void json_null(struct json *, const char *key);

/* In milliseconds, with three digits behind the point. */
void json_time(struct json *, const char *key, rill_time);

/* docs/ss.md says what the members mean. */
void json_socket(struct json *, const struct rill_status *);
void json_stack(struct json *, const char *path, const struct rill_control_greeting *);

#endif
