#include "ip/fragment.h"

#include "base/bytes.h"

void fragments_start(struct fragments *f, size_t total, size_t header, size_t mtu)
{
    assert(mtu >= header + 8);
    size_t room = mtu - header;
    *f = (struct fragments){.total = total, .piece = total <= room ? total : room / 8 * 8};
}

bool fragments_next(struct fragments *f, struct fragment *out)
{
    if (f->done)
        return false;
    size_t left = f->total - f->next;
    *out = (struct fragment){f->next, min_of(left, f->piece), left > f->piece};
    f->next += out->length;
    f->done = !out->more;
    return true;
}
