#include "tcp/metrics.h"

_Static_assert(offsetof(struct metrics, entry) == 0, "the book hands out entries");

struct metrics *metrics_find(struct book *b, struct rill_address remote)
{
    struct book_entry *e = book_find(b, remote);
    if (e)
        book_touch(b, e);
    return (struct metrics *)e;
}

struct metrics *metrics_for(struct book *b, struct rill_address remote)
{
    return (struct metrics *)book_for(b, remote);
}
