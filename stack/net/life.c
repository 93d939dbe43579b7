#include "net/life.h"

#include "net/config.h"

#define SEED_NET 0x6e6574 /* gives each part its own random stream */
#define RESERVE 16        /* a sixteenth of the memory is for data of existing connections */
#define FRAGMENTS 8       /* at most an eighth is for fragments, which anybody can forge */

static bool add_loopback(struct net *net)
{
    struct rill_port_config config = {
        .name = "lo", .mac = {2}, .mtu = UINT16_MAX, .can_checksum = false};
    if (net_port_add(net, &config) < 0)
        return false;
    net->port[RILL_LOOPBACK_PORT].link.loopback = true;
    struct local_address a = {.address = ADDRESS_LOCALHOST,
                              .prefix = prefix_of_ip4(8),
                              .port = RILL_LOOPBACK_PORT,
                              .state = RILL_ADDRESS_READY};
    return address_add(&net->addresses, &a) == 0;
}

/* From now on the trace's memory does not count against the budget, so that a run is the same with
 * a trace and without. */
static bool add_trace(struct net *net)
{
    struct memory *m = &net->memory;
    assert(m->used == 0); /* before any other allocation */
    bool good = trace_init(&net->trace, m, net->config.trace_records);
    net->trace_bytes = m->used;
    m->budget -= m->used;
    m->reserve = m->budget / RESERVE;
    m->used = m->peak = 0;
    return good;
}

static size_t fragments_max(const struct rill_config *config)
{
    size_t share = max_of(config->memory_budget / FRAGMENTS, (size_t)REASSEMBLY_MIN);
    return min_of(config->reassembly_memory, share);
}

bool net_init(struct net *net, const struct rill_config *config, rill_time now)
{
    *net = (struct net){.config = *config,
                        .now = now,
                        .memory.budget = config->memory_budget,
                        .notices_at = RILL_NEVER};
    struct memory *m = &net->memory;
    steer_init(&net->steer, config);
    random_seed(&net->random, config->seed ^ SEED_NET);
    net->id_key = random_key(&net->random);
    reassembly_init(&net->reassembly, m, &net->random, fragments_max(config),
                    config->reassembly_time);
    peer_limit_init(&net->errors, &net->random, config->icmp_errors);
    groups_init(&net->groups, m, &net->random);
    limit_init(&net->resets, config->icmp_errors, config->icmp_errors);
    bool good = add_trace(net);
    good = tcp_init(&net->tcp, m, &net->config, &net->trace, &net->counters) && good;
    net_clock(net, now); /* because TCP calls may precede the first frame */
    good = udp_init(&net->udp, m, &net->config, &net->counters) && good;
    good = neighbours_init(&net->neighbours, m, &net->random, config->neighbours_max) && good;
    good = paths_init(&net->paths, m, &net->random, config->paths_max) && good;
    return good && add_loopback(net);
}

void net_end(struct net *net)
{
    tcp_end(&net->tcp);
    udp_end(&net->udp);
    groups_end(&net->groups);
    neighbours_end(&net->neighbours);
    paths_end(&net->paths);
    reassembly_end(&net->reassembly);
    for (unsigned i = 0; i < net->ports; i++)
        reply_queue_end(&net->port[i].replies);
    net->memory.used += net->trace_bytes;
    trace_end(&net->trace, &net->memory);
    assert(net->memory.used == 0); /* all memory was freed */
}
