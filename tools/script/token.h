/* The lexer: a script's text cut into tokens (language page, sections 2, 18 and 23.18).
 *
 * White space, comments and what an #ifdef leaves out disappear here, and words that were defined
 * (-D NAME=VALUE) are replaced. Addresses are no tokens: where one can stand it is quoted, or part
 * of an option's value, which token_option reads as it is written. */
#ifndef SCRIPT_TOKEN_H
#define SCRIPT_TOKEN_H

#include "script/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum token_kind {
    TOKEN_END,
    TOKEN_INTEGER, /* decimal, perhaps with a minus */
    TOKEN_HEX,
    TOKEN_FLOAT,
    TOKEN_WORD,
    TOKEN_STRING,   /* text: its bytes, escapes resolved */
    TOKEN_SHELL,    /* text: between the back quotes */
    TOKEN_PYTHON,   /* text: between %{ and }% */
    TOKEN_ELLIPSIS, /* ... */
    TOKEN_CHARACTER /* any other character: text[0] */
};

struct token {
    enum token_kind kind;
    int line, column;  /* of its first byte, from 1 */
    const char *begin; /* its place in the source */
    const char *end;
    const char *text; /* terminated with a NUL, in the arena */
    size_t length;    /* of the text, which may contain NULs */
};

/* What cannot be parsed, and where. */
struct script_error {
    bool set;
    bool unsupported; /* valid in the language, but this runner does not support it */
    int line, column;
    char text[200];
};

/* -D NAME=VALUE; the newest first. */
struct definition {
    struct definition *next;
    const char *name;
    const char *value;
};

struct lexer {
    const char *at, *end;
    const char *line_begin;
    int line;
    int ifdefs; /* open #ifdef lines whose condition is true: no nesting, so 0 or 1 */
    struct arena *arena;
    const struct definition *definitions;
    struct script_error *error;
};

void lexer_init(struct lexer *, struct arena *, const char *text, size_t length,
                struct script_error *);

/* The next token; TOKEN_END at the end and after an error, permanently. */
struct token lexer_next(struct lexer *);

/* An option line `--name` or `--name=value` at this place; false if there is none. The value is
 * NULL without a `=`; quotes around it, or around the part after WORD=, are kept. */
bool lexer_option(struct lexer *, const char **name, const char **value, int *line);

/* Sets an error; the first one is kept. */
void script_error_set(struct script_error *, int line, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The value of a NUL-terminated INTEGER or HEX text (with C's base rules if `c_bases`). False: not
 * a number, or beyond 64 bits. */
bool number_parse(const char *text, bool c_bases, int64_t *value);

/* Seconds as microseconds, truncated (section 3.1). False: not a number, negative, or beyond 1e9
 * s. */
bool seconds_parse(const char *text, int64_t *microseconds);

static inline bool token_is(const struct token *t, char c)
{
    return t->kind == TOKEN_CHARACTER && t->text[0] == c;
}

/* There is no blank between them: `P.` and `P .` differ. */
static inline bool token_touches(const struct token *before, const struct token *t)
{
    return before->end == t->begin;
}

#endif
