/* Arguments of system calls as values. */
#include "script/invocation.h"
#include "script/symbols.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct expression *argument(const struct invocation *i, unsigned index)
{
    const struct expression *e = i->line->arguments->first;
    while (e && index--)
        e = e->next;
    return e;
}

bool argument_is_ellipsis(const struct invocation *i, unsigned index)
{
    const struct expression *e = argument(i, index);
    return e && e->kind == EXPRESSION_ELLIPSIS;
}

static int64_t word_value(struct run *r, const struct expression *e)
{
    int64_t value = 0;
    if (!symbol_find(e->text, &value))
        run_unsupported(r, "symbol %s", e->text);
    return value;
}

/* htons(N) is N, because the runner's addresses use host order. */
static int64_t call_value(struct run *r, const struct expression *e)
{
    if (!strcmp(e->text, "htons") && e->children == 1 && e->first->kind == EXPRESSION_NUMBER)
        return e->first->number;
    run_unsupported(r, "%s() in an expression", e->text);
    return 0;
}

static int64_t simple_value(struct run *r, const struct expression *e)
{
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        return e->number;
    case EXPRESSION_WORD:
        return word_value(r, e);
    case EXPRESSION_CALL:
        return call_value(r, e);
    default:
        run_fail(r, "a number was expected as a value of the call");
        return 0;
    }
}

int64_t expression_value(struct run *r, const struct expression *e)
{
    int64_t value = 0;
    if (e->kind != EXPRESSION_OR)
        return simple_value(r, e);
    for (const struct expression *part = e->first; part; part = part->next)
        value |= simple_value(r, part);
    return value;
}

int64_t argument_number(const struct invocation *i, unsigned index)
{
    const struct expression *e = argument(i, index);
    return e ? expression_value(i->run, e) : 0;
}

const struct expression *member(const struct expression *structure, const char *name)
{
    for (const struct expression *e = structure->first; e; e = e->next)
        if (e->name && !strcmp(e->name, name))
            return e;
    return NULL;
}

void invocation_done(struct invocation *i, int64_t result)
{
    i->result = result;
    i->error = result < 0 ? errno : 0;
}

void invocation_wrong(struct invocation *i, const char *what)
{
    run_fail(i->run, "%s(): %s", i->line->name, what);
}

void invocation_name(struct invocation *i, int64_t name, int live, struct zeros *zeros)
{
    if (name < 0 || name > INT32_MAX || run_descriptor(i->run, (int)name))
        invocation_wrong(i, "the new descriptor's name is in use, or is none");
    else
        run_descriptor_add(i->run, (int)name, live, NULL)->zeros = zeros;
}

uint8_t *invocation_buffer(struct invocation *i, int64_t size)
{
    if (size < 0 || size > BUFFER_MAX) {
        invocation_wrong(i, "more bytes than one call may move");
        return NULL;
    }
    i->buffer = calloc(1, (size_t)size + 1);
    if (!i->buffer)
        abort();
    return i->buffer;
}
