#include "base/steer.h"

void steer_init(struct steer *s, const struct rill_config *config)
{
    *s = (struct steer){
        .core = config->core.number,
        .cores = config->core.count,
        .first = config->tcp.ephemeral_first,
        .last = config->tcp.ephemeral_last,
        .key = {config->core.key, ~config->core.key},
    };
}

unsigned steer_core(const struct steer *s, struct rill_address remote, uint16_t remote_port,
                    uint16_t local_port)
{
    struct {
        struct rill_address remote;
        uint16_t remote_port, local_port;
    } end = {remote, htole16(remote_port), htole16(local_port)};
    _Static_assert(sizeof end == 20, "no padding is hashed");
    if (s->cores == 1)
        return 0;
    if (local_port >= s->first && local_port <= s->last)
        return local_port % s->cores;
    return (unsigned)(siphash_1_3(&s->key, &end, sizeof end) % s->cores);
}

/* The lowest ephemeral port of our core. */
static uint32_t first_port(const struct steer *s)
{
    return s->first + (s->core + s->cores - s->first % s->cores) % s->cores;
}

uint32_t steer_ports(const struct steer *s)
{
    return (s->last - first_port(s)) / s->cores + 1;
}

uint16_t steer_port(const struct steer *s, uint32_t offset)
{
    return (uint16_t)(first_port(s) + offset % steer_ports(s) * s->cores);
}
