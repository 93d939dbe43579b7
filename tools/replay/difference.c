#include "replay/difference.h"

#include "recording/grow.h"

#include <stdarg.h>

void difference_add(struct differences *d, unsigned number, bool allowed, const char *format, ...)
{
    va_list arguments;
    d->at = grow_one(d->at, d->count, &d->room, sizeof *d->at);
    struct difference *one = &d->at[d->count];
    *one = (struct difference){.number = number, .order = d->count, .allowed = allowed};
    va_start(arguments, format);
    vsnprintf(one->text, sizeof one->text, format, arguments);
    va_end(arguments);
    d->count++;
    d->forbidden += !allowed;
}

static int compare(const void *a, const void *b)
{
    const struct difference *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

void differences_print(FILE *out, struct differences *d)
{
    if (d->count)
        qsort(d->at, d->count, sizeof *d->at, compare);
    for (unsigned i = 0; i < d->count; i++)
        fprintf(out, "  #%-5u %-11s  %s\n", d->at[i].number,
                d->at[i].allowed ? "allowed" : "NOT ALLOWED", d->at[i].text);
}

void differences_free(struct differences *d)
{
    free(d->at);
    *d = (struct differences){0};
}
