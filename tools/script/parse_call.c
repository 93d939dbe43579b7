/* System calls and their expressions (language page, section 3.4).
 *
 * Arrays and structures nest. The tree is built with a cursor on the open one, without recursion,
 * so that no input can exhaust the C stack. */
#include "script/parse_call.h"

#include <string.h>

#define DEPTH_MAX 16

struct tree {
    struct expression *open; /* the list that is being filled; NULL: all are closed */
    unsigned depth;
    const char *name;               /* of the next member; NULL: it has none */
    const struct expression *count; /* in brackets after its name */
};

static struct expression *expression_new(struct parser *p, enum expression_kind kind)
{
    struct expression *e = arena_get(p->lexer->arena, sizeof *e);
    e->kind = kind;
    e->line = p->token.line;
    e->column = p->token.column;
    return e;
}

static void expression_append(struct expression *parent, struct expression *child)
{
    child->parent = parent;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->children++;
}

/* Adjacent strings are one; `"..."...` means that more follows, which is not compared. */
static void parse_strings(struct parser *p, struct expression *e)
{
    while (p->token.kind == TOKEN_STRING) {
        struct token t = parser_take(p);
        char *joined = arena_get(p->lexer->arena, e->length + t.length + 1);
        if (e->length)
            memcpy(joined, e->text, e->length);
        memcpy(joined + e->length, t.text, t.length);
        e->text = joined;
        e->length += t.length;
    }
    if (p->token.kind == TOKEN_ELLIPSIS)
        parser_take(p);
}

/* A number, a word, strings or `...`. */
static struct expression *parse_leaf(struct parser *p)
{
    struct expression *e = expression_new(p, EXPRESSION_NUMBER);
    switch (p->token.kind) {
    case TOKEN_INTEGER:
    case TOKEN_HEX:
        e->number = parser_number(p, "a number of 64 bits expected", INT64_MIN, INT64_MAX);
        break;
    case TOKEN_WORD:
        e->kind = EXPRESSION_WORD;
        e->text = p->token.text;
        e->length = p->token.length;
        parser_take(p);
        break;
    case TOKEN_STRING:
        e->kind = EXPRESSION_STRING;
        e->text = "";
        parse_strings(p, e);
        break;
    case TOKEN_ELLIPSIS:
        e->kind = EXPRESSION_ELLIPSIS;
        parser_take(p);
        break;
    default:
        parser_fail(p, "value expected");
    }
    return e;
}

/* ----------------------------------------------------------- nested lists */

static char closing(const struct expression *e)
{
    return e->kind == EXPRESSION_ARRAY ? ']' : e->kind == EXPRESSION_STRUCT ? '}' : ')';
}

/* Adds a value to the open list, under the name before it. */
static void tree_add(struct tree *t, struct expression *e)
{
    e->name = t->name;
    e->count = t->count;
    t->name = NULL;
    t->count = NULL;
    if (t->open)
        expression_append(t->open, e);
}

static void tree_open(struct parser *p, struct tree *t, struct expression *e)
{
    tree_add(t, e);
    t->open = e;
    if (++t->depth > DEPTH_MAX)
        parser_fail(p, "values nest too deeply");
}

static void tree_close(struct tree *t)
{
    t->open = t->open->parent;
    t->depth--;
}

/* Joins the values after the first one of `a | b | c`. */
static struct expression *parse_or(struct parser *p, struct expression *first)
{
    if (!token_is(&p->token, '|'))
        return first;
    struct expression *any = expression_new(p, EXPRESSION_OR);
    expression_append(any, first);
    while (parser_skip(p, '|'))
        expression_append(any, parse_leaf(p));
    return any;
}

/* A member's name: `name =` or `name(count) =`; or else a word that is a value, or a call such as
 * htons(80). True: a value follows. */
static bool parse_word(struct parser *p, struct tree *t)
{
    struct expression *e = parse_leaf(p);
    bool in_struct = t->open->kind == EXPRESSION_STRUCT && !t->name;
    bool bracket = parser_skip(p, '(');
    if (bracket && !in_struct) {
        e->kind = EXPRESSION_CALL;
        tree_open(p, t, e);
        return true;
    }
    if (bracket) {
        t->count = parse_leaf(p);
        parser_expect(p, ')');
    }
    if (in_struct && parser_skip(p, '=')) {
        t->name = e->text;
        return true;
    }
    if (bracket)
        parser_fail(p, "`=` expected");
    tree_add(t, parse_or(p, e));
    return false;
}

/* One value of the open list, or the end of an empty list. True: a list was opened, or only a name
 * was read, so another value follows. */
static bool parse_inner(struct parser *p, struct tree *t)
{
    bool array = token_is(&p->token, '['), structure = token_is(&p->token, '{');
    if (!t->open->children && !t->name && parser_skip(p, closing(t->open))) {
        tree_close(t);
        return false;
    }
    if (p->token.kind == TOKEN_WORD)
        return parse_word(p, t);
    if (!array && !structure) {
        tree_add(t, parse_or(p, parse_leaf(p)));
        return false;
    }
    tree_open(p, t, expression_new(p, array ? EXPRESSION_ARRAY : EXPRESSION_STRUCT));
    parser_take(p);
    return true;
}

/* The token after a value: the list's end, or a comma. True: another value follows. */
static bool parse_behind(struct parser *p, struct tree *t)
{
    if (parser_skip(p, closing(t->open))) {
        tree_close(t);
        return false;
    }
    if (parser_skip(p, ','))
        return true;
    parser_fail(p, "`,` or the end of the list expected");
    return false;
}

/* A list, from its opening to its closing bracket. */
static struct expression *parse_list(struct parser *p, enum expression_kind kind)
{
    struct tree t = {0};
    struct expression *root = expression_new(p, kind);
    parser_take(p);
    tree_open(p, &t, root);
    bool value = true;
    while (t.open && p->token.kind != TOKEN_END)
        value = value ? parse_inner(p, &t) : parse_behind(p, &t);
    if (t.open)
        parser_fail(p, "list without an end");
    return root;
}

static struct expression *parse_expression(struct parser *p)
{
    if (token_is(&p->token, '['))
        return parse_list(p, EXPRESSION_ARRAY);
    if (token_is(&p->token, '{'))
        return parse_list(p, EXPRESSION_STRUCT);
    return parse_or(p, parse_leaf(p));
}

/* -------------------------------------------------------------------- calls */

/* A note for the reader, in brackets; not stored. */
static void parse_note(struct parser *p)
{
    struct token open = parser_take(p);
    while (p->token.kind != TOKEN_END && !token_is(&p->token, ')'))
        parser_take(p);
    if (!parser_skip(p, ')'))
        parser_fail_at(p, &open, "note without an end");
}

struct call_line *parse_call(struct parser *p)
{
    struct call_line *c = arena_get(p->lexer->arena, sizeof *c);
    c->name = parser_take(p).text;
    if (!token_is(&p->token, '(')) {
        parser_fail(p, "`(` expected behind the name of a system call");
        return c;
    }
    c->arguments = parse_list(p, EXPRESSION_CALL);
    parser_expect(p, '=');
    c->result = parse_expression(p);
    if (p->token.kind == TOKEN_WORD) {
        c->error = parser_take(p).text;
        if (!token_is(&p->token, '('))
            parser_fail(p, "a note in brackets expected behind the error");
    }
    if (token_is(&p->token, '('))
        parse_note(p);
    return c;
}
