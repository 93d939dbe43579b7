/* The parser's own functions: one token of look-ahead. After an error every token is TOKEN_END, so
 * that callers need no checks in between. */
#ifndef SCRIPT_PARSER_H
#define SCRIPT_PARSER_H

#include "script/script.h"

struct parser {
    struct lexer *lexer;
    struct token token;   /* the next one */
    const char *last_end; /* the end of the previous one in the source */
    int last_line;        /* its line; 0: no token was taken yet */
    int last_column;
    const char *event_begin; /* of the current event */
    bool ip6;                /* selects the names of ICMP types and codes */
    bool inbound;            /* of the current packet */
};

/* Takes the next token. */
struct token parser_take(struct parser *);

/* Takes it if it is this one. */
bool parser_skip(struct parser *, char c);
bool parser_skip_word(struct parser *, const char *word);

bool parser_is_word(const struct parser *, const char *word);

/* Takes the token that must be here; else an error. */
void parser_expect(struct parser *, char c);
int64_t parser_number(struct parser *, const char *what, int64_t least, int64_t most);

/* Sets an error at the next token, or at an earlier one. */
void parser_fail(struct parser *, const char *text);
void parser_fail_at(struct parser *, const struct token *, const char *text);

/* Refuses a part of the language that this runner does not support. */
void parser_refuse(struct parser *, const char *what);

#endif
