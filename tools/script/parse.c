/* Events, their times and their actions (language page, sections 1, 3.1 and 4). */
#include "script/parse_call.h"
#include "script/parse_packet.h"

#include <ctype.h>

/* -------------------------------------------------------------------- times */

static int64_t parse_seconds(struct parser *p)
{
    int64_t value = 0;
    bool number = p->token.kind == TOKEN_INTEGER || p->token.kind == TOKEN_FLOAT;
    if (!number || !seconds_parse(p->token.text, &value))
        parser_fail(p, "time in seconds expected");
    else
        parser_take(p);
    return value;
}

/* The second time of a range or of a blocking call; `+` only if the first has it. */
static int64_t parse_second_time(struct parser *p, const struct event_time *first, bool plus_needed)
{
    bool plus = parser_skip(p, '+');
    if ((plus && first->kind != TIME_RELATIVE) ||
        (!plus && plus_needed && first->kind == TIME_RELATIVE))
        parser_fail(p, "both ends of a range must be absolute, or both relative");
    return parse_seconds(p);
}

static struct event_time parse_time(struct parser *p)
{
    struct event_time t = {.kind = TIME_ABSOLUTE};
    if (parser_skip(p, '*')) {
        t.kind = TIME_ANY;
        return t;
    }
    if (parser_skip(p, '+'))
        t.kind = TIME_RELATIVE;
    t.at = parse_seconds(p);
    if (parser_skip(p, '~')) {
        t.range = true;
        t.second = parse_second_time(p, &t, true);
    } else if (p->token.kind == TOKEN_ELLIPSIS) {
        parser_take(p);
        t.blocking = true;
        t.second = parse_second_time(p, &t, false);
    }
    if ((t.range || t.blocking) && t.second < t.at)
        parser_fail(p, "time range that ends before it begins");
    return t;
}

/* ------------------------------------------------------------------- events */

/* The source text with joined blanks, for reports. */
static const char *event_source(struct parser *p, const char *begin)
{
    size_t length = p->last_end > begin ? (size_t)(p->last_end - begin) : 0;
    char *text = arena_copy_printable(p->lexer->arena, begin, length), *out = text;
    for (size_t i = 0; i < length; i++) {
        char c = isspace((unsigned char)begin[i]) ? ' ' : text[i];
        if (c != ' ' || (out > text && out[-1] != ' '))
            *out++ = c;
    }
    *out = '\0';
    return text;
}

static void parse_action(struct parser *p, struct event *e)
{
    struct token t = p->token;
    if (token_is(&t, '<') || token_is(&t, '>')) {
        parser_take(p);
        e->action = token_is(&t, '<') ? ACTION_INBOUND : ACTION_OUTBOUND;
        e->packet = parse_packet(p, e->action == ACTION_INBOUND);
    } else if (t.kind == TOKEN_SHELL || t.kind == TOKEN_PYTHON) {
        parser_take(p);
        e->action = t.kind == TOKEN_SHELL ? ACTION_SHELL : ACTION_PYTHON;
        e->text = t.text;
    } else if (t.kind == TOKEN_WORD) {
        e->action = ACTION_CALL;
        e->call = parse_call(p);
    } else {
        parser_fail(p, "packet, system call, shell or python text expected");
    }
}

/* Which times are allowed for which action (section 3.1). */
static void check_time(struct parser *p, const struct event *e, const struct token *at)
{
    if (e->time.blocking && e->action != ACTION_CALL)
        parser_fail_at(p, at, "only a system call can take time");
    if ((e->time.range || e->time.kind == TIME_ANY) && e->action != ACTION_OUTBOUND)
        parser_fail_at(p, at, "only an outbound packet can come at any time or within a range");
}

static struct event *parse_event(struct parser *p)
{
    struct event *e = arena_get(p->lexer->arena, sizeof *e);
    struct token begin = p->token;
    e->line = begin.line;
    p->event_begin = begin.begin;
    e->time = parse_time(p);
    parse_action(p, e);
    check_time(p, e, &begin);
    e->source = event_source(p, begin.begin);
    return e;
}

/* A back-quoted text without a time: must be first or last (section 1). */
static const struct event *parse_command(struct parser *p)
{
    if (p->token.kind != TOKEN_SHELL)
        return NULL;
    struct event *e = arena_get(p->lexer->arena, sizeof *e);
    e->line = p->token.line;
    e->action = ACTION_SHELL;
    e->text = parser_take(p).text;
    return e;
}

bool script_parse(struct script *s, struct lexer *l, bool ip6)
{
    struct parser p = {.lexer = l, .ip6 = ip6, .last_end = l->at};
    *s = (struct script){0};
    p.token = lexer_next(l);
    s->init = parse_command(&p);
    struct event **link = &s->first;
    while (p.token.kind != TOKEN_END && p.token.kind != TOKEN_SHELL) {
        *link = parse_event(&p);
        link = &(*link)->next;
        s->events++;
    }
    s->cleanup = parse_command(&p);
    if (p.token.kind != TOKEN_END)
        parser_fail_at(&p, &p.token, "end of the script expected behind its cleanup command");
    if (!s->events && !l->error->set)
        parser_fail(&p, "a script without events");
    return !l->error->set;
}
