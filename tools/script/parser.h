/* The parser's own: one token of look-ahead. After an error every token is TOKEN_END, so that
 * nobody has to ask in between. */
#ifndef SCRIPT_PARSER_H
#define SCRIPT_PARSER_H

#include "script/script.h"

struct parser {
    struct lexer *lexer;
    struct token token;   /* the next one */
    const char *last_end; /* where the one before it ended in the source */
    int last_line;        /* and in which line; 0: none was taken yet */
    int last_column;
    const char *event_begin; /* of the event that is being read */
    bool ip6;                /* whose names of ICMP types and codes hold */
    bool inbound;            /* of the packet that is being read */
};

/* Takes the next token. */
struct token parser_take(struct parser *);

/* Takes it if it is this one. */
bool parser_skip(struct parser *, char c);
bool parser_skip_word(struct parser *, const char *word);

bool parser_is_word(const struct parser *, const char *word);

/* Takes what must stand here; else an error. */
void parser_expect(struct parser *, char c);
int64_t parser_number(struct parser *, const char *what, int64_t least, int64_t most);

/* An error at the next token, or at an earlier one. */
void parser_fail(struct parser *, const char *text);
void parser_fail_at(struct parser *, const struct token *, const char *text);

/* What the language has and this runner has not. */
void parser_refuse(struct parser *, const char *what);

#endif
