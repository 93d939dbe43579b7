#include "graph/unit.h"

/* The largest unit of which `most` has at least `few`, else the smallest. */
static struct unit choose(const struct unit *unit, unsigned count, double most, double few)
{
    while (--count > 0 && most < few * unit[count].of)
        ;
    return unit[count];
}

struct unit unit_of_bytes(int64_t most)
{
    static const struct unit unit[] = {{1, "bytes"}, {1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}};
    return choose(unit, 4, (double)most, 5);
}

struct unit unit_of_time(int64_t nanoseconds)
{
    static const struct unit unit[] = {{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}};
    return choose(unit, 4, (double)nanoseconds, 2);
}

struct unit unit_of_rate(int64_t bits)
{
    static const struct unit unit[] = {
        {1, "bit/s"}, {1e3, "kbit/s"}, {1e6, "Mbit/s"}, {1e9, "Gbit/s"}};
    return choose(unit, 4, (double)bits, 2);
}
