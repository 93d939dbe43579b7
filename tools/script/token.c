#include "script/token.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void script_error_set(struct script_error *e, int line, int column, const char *format, ...)
{
    if (e->set)
        return;
    *e = (struct script_error){.set = true, .line = line, .column = column};
    va_list list;
    va_start(list, format);
    vsnprintf(e->text, sizeof e->text, format, list);
    va_end(list);
}

void lexer_init(struct lexer *l, struct arena *a, const char *text, size_t length,
                struct script_error *error)
{
    size_t mark = length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0; /* of UTF-8 */
    *l = (struct lexer){.at = text + mark,
                        .end = text + length,
                        .line_begin = text + mark,
                        .line = 1,
                        .arena = a,
                        .error = error};
}

/* The byte `ahead` of the current one, 0 after the end. */
static unsigned char look(const struct lexer *l, size_t ahead)
{
    return ahead < (size_t)(l->end - l->at) ? (unsigned char)l->at[ahead] : 0;
}

static bool looks(const struct lexer *l, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(l->end - l->at) >= length && memcmp(l->at, text, length) == 0;
}

static void step(struct lexer *l)
{
    if (*l->at++ == '\n') {
        l->line++;
        l->line_begin = l->at;
    }
}

static int column(const struct lexer *l)
{
    return (int)(l->at - l->line_begin) + 1;
}

static void fail(struct lexer *l, int line, int at, const char *text)
{
    script_error_set(l->error, line, at, "%s", text);
    l->at = l->end;
}

/* ------------------------------------------------------------ between tokens */

static void skip_line(struct lexer *l)
{
    while (l->at < l->end && *l->at != '\n')
        step(l);
}

static void skip_comment(struct lexer *l)
{
    int line = l->line, at = column(l);
    while (l->at < l->end && !looks(l, "*/"))
        step(l);
    if (l->at == l->end) {
        fail(l, line, at, "comment without an end");
        return;
    }
    l->at += 2;
}

static bool is_word(unsigned char c)
{
    return isalnum(c) || c == '_';
}

static const struct definition *defined(const struct lexer *l, const char *name, size_t length)
{
    for (const struct definition *d = l->definitions; d; d = d->next)
        if (strlen(d->name) == length && memcmp(d->name, name, length) == 0)
            return d;
    return NULL;
}

/* Skips to the line after #endif. */
static void skip_to_endif(struct lexer *l, int line)
{
    while (l->at < l->end && !looks(l, "#endif"))
        step(l);
    if (l->at == l->end)
        fail(l, line, 1, "#ifdef without #endif");
    else
        skip_line(l);
}

/* #ifdef NAME ... #endif, each on a line of its own (section 18). False: this # is neither. */
static bool skip_directive(struct lexer *l)
{
    if (looks(l, "#endif") && l->ifdefs) {
        l->ifdefs = 0;
        skip_line(l);
        return true;
    }
    if (!looks(l, "#ifdef") || l->ifdefs)
        return false;
    int line = l->line;
    l->at += strlen("#ifdef");
    while (look(l, 0) == ' ' || look(l, 0) == '\t')
        step(l);
    const char *name = l->at;
    while (is_word(look(l, 0)))
        step(l);
    bool holds = defined(l, name, (size_t)(l->at - name));
    skip_line(l);
    l->ifdefs = holds;
    if (!holds)
        skip_to_endif(l, line);
    return true;
}

static void skip_blank(struct lexer *l)
{
    while (l->at < l->end) {
        if (isspace(look(l, 0)))
            step(l);
        else if (looks(l, "//"))
            skip_line(l);
        else if (looks(l, "/*"))
            skip_comment(l);
        else if (look(l, 0) != '#' || !skip_directive(l))
            return;
    }
}

/* ------------------------------------------------------------------- tokens */

static struct token token_begin(const struct lexer *l, enum token_kind kind)
{
    return (struct token){.kind = kind,
                          .line = l->line,
                          .column = column(l),
                          .begin = l->at,
                          .end = l->at,
                          .text = ""};
}

static void token_end(struct lexer *l, struct token *t)
{
    t->end = l->at;
    t->text = arena_copy(l->arena, t->begin, (size_t)(t->end - t->begin));
    t->length = (size_t)(t->end - t->begin);
}

static int hex_digit(unsigned char c)
{
    return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* The character after a backslash: as in C, but without octal (section 23.18). -1: unknown
 * escape. */
static int escape(struct lexer *l)
{
    static const char names[] = "nrtfv\"\\", values[] = "\n\r\t\f\v\"\\";
    unsigned char c = look(l, 0);
    const char *found = c ? strchr(names, c) : NULL;
    if (found) {
        step(l);
        return (unsigned char)values[found - names];
    }
    int high = c == 'x' ? hex_digit(look(l, 1)) : -1, low = c == 'x' ? hex_digit(look(l, 2)) : -1;
    if (high < 0 || low < 0)
        return -1;
    l->at += 3;
    return high * 16 + low;
}

static struct token lex_string(struct lexer *l)
{
    struct token t = token_begin(l, TOKEN_STRING);
    step(l);
    const char *rest = l->at;
    while (rest < l->end && *rest != '"')
        rest += *rest == '\\' && rest + 1 < l->end ? 2 : 1;
    char *out = arena_get(l->arena, (size_t)(rest - l->at) + 1);
    t.text = out;
    while (look(l, 0) && look(l, 0) != '"') {
        int c = look(l, 0);
        step(l);
        c = c == '\\' ? escape(l) : c;
        if (c < 0) {
            fail(l, l->line, column(l), "no such escape in a string");
            return token_begin(l, TOKEN_END);
        }
        out[t.length++] = (char)c;
    }
    if (look(l, 0) != '"') {
        fail(l, t.line, t.column, "string without an end");
        return token_begin(l, TOKEN_END);
    }
    step(l);
    t.end = l->at;
    return t;
}

/* Raw text, from after `open` to `close`; a backslash before a back quote keeps it. */
static struct token lex_quoted(struct lexer *l, enum token_kind kind, const char *open,
                               const char *close)
{
    struct token t = token_begin(l, kind);
    l->at += strlen(open);
    const char *text = l->at;
    while (l->at < l->end && !looks(l, close)) {
        if (kind == TOKEN_SHELL && look(l, 0) == '\\' && look(l, 1) == '`')
            step(l);
        step(l);
    }
    if (l->at == l->end) {
        fail(l, t.line, t.column,
             kind == TOKEN_SHELL ? "back quote without its fellow" : "%{ without }%");
        return token_begin(l, TOKEN_END);
    }
    t.length = (size_t)(l->at - text);
    t.text = arena_copy(l->arena, text, t.length);
    l->at += strlen(close);
    t.end = l->at;
    return t;
}

/* Word, integer, hex or float: decided by their first characters (section 2). */
static struct token lex_plain(struct lexer *l)
{
    struct token t = token_begin(l, TOKEN_INTEGER);
    if (look(l, 0) == '-')
        step(l);
    while (isdigit(look(l, 0)))
        step(l);
    if (look(l, 0) == '.' && isdigit(look(l, 1))) {
        t.kind = TOKEN_FLOAT;
        step(l);
        while (isdigit(look(l, 0)))
            step(l);
    } else if (is_word(look(l, 0))) {
        t.kind = TOKEN_WORD;
        bool hex = l->at - t.begin == 1 && *t.begin == '0' && look(l, 0) == 'x';
        while (is_word(look(l, 0)))
            step(l);
        for (const char *c = t.begin + 2; hex && c < l->at; c++)
            hex = isxdigit((unsigned char)*c);
        if (hex && l->at > t.begin + 2)
            t.kind = TOKEN_HEX;
    }
    token_end(l, &t);
    return t;
}

/* Replaces a defined word by its value, which decides its kind (section 2, "Symbols"). */
static void replace(const struct lexer *l, struct token *t)
{
    const struct definition *d = t->kind == TOKEN_WORD ? defined(l, t->text, t->length) : NULL;
    if (!d)
        return;
    size_t length = strlen(d->value);
    char quote = d->value[0];
    int64_t ignored;
    t->text = d->value;
    t->length = length;
    if (length >= 2 && (quote == '"' || quote == '`') && d->value[length - 1] == quote) {
        t->kind = quote == '"' ? TOKEN_STRING : TOKEN_SHELL;
        t->text = arena_copy(l->arena, d->value + 1, length - 2);
        t->length = length - 2;
    } else if (number_parse(d->value, true, &ignored)) {
        t->kind = quote == '0' && length > 1 && d->value[1] == 'x' ? TOKEN_HEX : TOKEN_INTEGER;
    }
}

struct token lexer_next(struct lexer *l)
{
    skip_blank(l);
    unsigned char c = look(l, 0);
    if (l->at == l->end)
        return token_begin(l, TOKEN_END);
    if (c == '"')
        return lex_string(l);
    if (c == '`')
        return lex_quoted(l, TOKEN_SHELL, "`", "`");
    if (looks(l, "%{"))
        return lex_quoted(l, TOKEN_PYTHON, "%{", "}%");
    bool fraction = c == '.' && isdigit(look(l, 1)), minus = c == '-';
    if (is_word(c) || fraction ||
        (minus && (isdigit(look(l, 1)) || (look(l, 1) == '.' && isdigit(look(l, 2)))))) {
        struct token t = lex_plain(l);
        replace(l, &t);
        return t;
    }
    struct token t = token_begin(l, looks(l, "...") ? TOKEN_ELLIPSIS : TOKEN_CHARACTER);
    l->at += t.kind == TOKEN_ELLIPSIS ? 3 : 1;
    token_end(l, &t);
    return t;
}

/* ------------------------------------------------------------------- options */

/* Skips to the next blank outside of quotes. */
static void skip_option_value(struct lexer *l)
{
    unsigned char quote = 0;
    while (l->at < l->end && (quote || !isspace(look(l, 0)))) {
        unsigned char c = look(l, 0);
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '`')
            quote = c;
        step(l);
    }
}

bool lexer_option(struct lexer *l, const char **name, const char **value, int *line)
{
    skip_blank(l);
    if (!looks(l, "--") || !isalpha(look(l, 2)))
        return false;
    *line = l->line;
    l->at += 2;
    const char *begin = l->at;
    while (is_word(look(l, 0)) || look(l, 0) == '-')
        step(l);
    *name = arena_copy(l->arena, begin, (size_t)(l->at - begin));
    *value = NULL;
    if (look(l, 0) != '=')
        return true;
    step(l);
    begin = l->at;
    skip_option_value(l);
    *value = arena_copy(l->arena, begin, (size_t)(l->at - begin));
    return true;
}
