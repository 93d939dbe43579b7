#include "script/parser.h"

#include <string.h>

struct token parser_take(struct parser *p)
{
    struct token t = p->token;
    p->last_end = t.end;
    p->last_line = t.line;
    p->last_column = t.column + (int)(t.end - t.begin);
    for (const char *c = t.begin; c < t.end; c++)
        if (*c == '\n') {
            p->last_line++;
            p->last_column = (int)(t.end - c);
        }
    p->token = lexer_next(p->lexer);
    return t;
}

bool parser_skip(struct parser *p, char c)
{
    bool there = token_is(&p->token, c);
    if (there)
        parser_take(p);
    return there;
}

bool parser_is_word(const struct parser *p, const char *word)
{
    return p->token.kind == TOKEN_WORD && !strcmp(p->token.text, word);
}

bool parser_skip_word(struct parser *p, const char *word)
{
    bool there = parser_is_word(p, word);
    if (there)
        parser_take(p);
    return there;
}

/* The rest of the script is not parsed. */
static void parser_stop(struct parser *p)
{
    p->lexer->at = p->lexer->end;
    p->token = lexer_next(p->lexer);
}

void parser_fail_at(struct parser *p, const struct token *t, const char *text)
{
    if (t->kind == TOKEN_END)
        script_error_set(p->lexer->error, t->line, t->column, "%s at the end of the script", text);
    else
        script_error_set(p->lexer->error, t->line, t->column, "%s, at `%.*s`", text,
                         (int)(t->length < 40 ? t->length : 40), t->text);
    parser_stop(p);
}

/* The event is incomplete: its line has ended, and the next event follows, or nothing. */
static bool breaks_off(const struct parser *p)
{
    const struct token *t = &p->token;
    bool next = token_is(t, '+') || token_is(t, '*') || t->kind == TOKEN_INTEGER ||
                t->kind == TOKEN_FLOAT || t->kind == TOKEN_SHELL || t->kind == TOKEN_END;
    return next && p->last_line && t->line > p->last_line && t->begin != p->event_begin;
}

void parser_fail(struct parser *p, const char *text)
{
    struct token t = p->token;
    if (!breaks_off(p)) {
        parser_fail_at(p, &t, text);
        return;
    }
    script_error_set(p->lexer->error, p->last_line, p->last_column, "%s at the end of the %s", text,
                     t.kind == TOKEN_END ? "script" : "line");
    parser_stop(p);
}

void parser_refuse(struct parser *p, const char *what)
{
    struct script_error *e = p->lexer->error;
    bool first = !e->set;
    script_error_set(e, p->token.line, p->token.column, "%s", what);
    e->unsupported |= first;
    parser_stop(p);
}

void parser_expect(struct parser *p, char c)
{
    char text[] = "`?` expected";
    text[1] = c;
    if (!parser_skip(p, c))
        parser_fail(p, text);
}

int64_t parser_number(struct parser *p, const char *what, int64_t least, int64_t most)
{
    int64_t value;
    bool number = p->token.kind == TOKEN_INTEGER || p->token.kind == TOKEN_HEX;
    if (!number || !number_parse(p->token.text, false, &value) || value < least || value > most) {
        parser_fail(p, what);
        return least;
    }
    parser_take(p);
    return value;
}
