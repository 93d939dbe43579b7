#include "base/source_filter.h"

/* The index of the source; `count` if it is not listed. */
static unsigned source_at(const struct source_filter *f, uint32_t source)
{
    unsigned i = 0;
    while (i < f->count && f->source[i] != source)
        i++;
    return i;
}

bool source_listed(const struct source_filter *f, uint32_t source)
{
    return source_at(f, source) < f->count;
}

bool source_wanted(const struct source_filter *f, uint32_t source)
{
    return source_listed(f, source) != f->exclude;
}

bool source_add(struct source_filter *f, uint32_t source)
{
    if (source_listed(f, source) || f->count == SOURCES_MAX)
        return false;
    f->source[f->count++] = source;
    return true;
}

bool source_remove(struct source_filter *f, uint32_t source)
{
    unsigned i = source_at(f, source);
    if (i == f->count)
        return false;
    f->source[i] = f->source[--f->count];
    return true;
}

/* EXCLUDE with those sources of `excluded` that `other` does not want. */
static struct source_filter exclude_rest(const struct source_filter *excluded,
                                         const struct source_filter *other)
{
    struct source_filter rest = {.exclude = true};
    for (unsigned i = 0; i < excluded->count; i++)
        if (!source_wanted(other, excluded->source[i]))
            rest.source[rest.count++] = excluded->source[i];
    return rest;
}

void filter_merge(struct source_filter *into, const struct source_filter *f)
{
    if (into->exclude) {
        *into = exclude_rest(into, f);
        return;
    }
    if (f->exclude) {
        *into = exclude_rest(f, into);
        return;
    }
    for (unsigned i = 0; i < f->count; i++)
        if (!source_add(into, f->source[i]) && !source_listed(into, f->source[i])) {
            *into = (struct source_filter){.exclude = true};
            return;
        }
}
