#include "sim/build.h"

#include "base/hash.h"

#include <assert.h>

/* ---- Hosts ---- */

/* Any valid configuration. */
static void draw_tcp(struct trial *t, struct rill_tcp_config *c)
{
    c->receive_buffer = (uint32_t)trial_draw_scale(t, 4096, 1 << 18);
    c->receive_buffer_max = 1u << trial_draw(t, 18, 30);
    c->send_buffer = (uint32_t)trial_draw_scale(t, 4096, 1 << 18);
    c->send_buffer_max = 1u << trial_draw(t, 18, 30);
    c->sack = !trial_once_in(t, 4);
    c->timestamps = !trial_once_in(t, 3);
    c->window_scaling = !trial_once_in(t, 5);
    c->ecn = (enum rill_ecn)trial_draw(t, RILL_ECN_OFF, RILL_ECN_REQUEST);
    c->initial_window = (unsigned)trial_draw(t, 1, 20);
    c->burst_segments = (unsigned)trial_draw(t, 1, 10);
    c->quick_acks = (unsigned)trial_draw(t, 0, 31);
    c->delay_fin_ack = trial_once_in(t, 2);
    c->slow_start_after_idle = trial_once_in(t, 2);
    c->loss_probes = !trial_once_in(t, 4);
    c->frto = !trial_once_in(t, 4);
    c->pacing = trial_once_in(t, 4);
    c->metrics = !trial_once_in(t, 4);
    c->metrics_ssthresh = trial_once_in(t, 2);
    c->mtu_probing = trial_once_in(t, 2) ? RILL_MTU_PROBING_ALWAYS : RILL_MTU_PROBING_BLACK_HOLE;
    c->base_mss = (uint16_t)trial_draw(t, 88, 488);
    c->mtu_probe_floor = (uint16_t)trial_draw(t, 48, 88);
    c->minimum_rto = RILL_MILLISECONDS(trial_draw_scale(t, 10, 1000));
    c->maximum_rto = RILL_SECONDS(trial_draw_scale(t, 4, 60));
    c->delayed_ack = RILL_MILLISECONDS(trial_draw_scale(t, 1, 400));
    c->time_wait = RILL_SECONDS(trial_draw_scale(t, 1, 60));
    c->fin_wait_2 = RILL_SECONDS(trial_draw_scale(t, 30, 120));
    c->syn_cookies = (enum rill_syn_cookies)trial_draw(t, 0, 2);
    if (c->syn_cookies != RILL_SYN_COOKIES_OFF) /* else a flood displaces honest records */
        c->syn_records_max = (unsigned)trial_draw_scale(t, 4, 4096);
    c->time_waits_max = (unsigned)trial_draw_scale(t, 4, 65536);
    c->fast_open = trial_once_in(t, 3) ? RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_SERVER |
                                             RILL_FAST_OPEN_ALL_LISTENERS
                                       : RILL_FAST_OPEN_CLIENT;
}

static void draw_rare_tcp(struct trial *t, struct rill_tcp_config *c)
{
    c->rto_restart = trial_once_in(t, 2);
    c->statistics = trial_once_in(t, 2);
    if (trial_once_in(t, 4))
        c->fast_open = RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_CLIENT_NO_COOKIE |
                       RILL_FAST_OPEN_SERVER | RILL_FAST_OPEN_SERVER_NO_COOKIE |
                       RILL_FAST_OPEN_ALL_LISTENERS;
}

/* Accurate ECN, with some of the hosts. From a separate stream of the seed, so that the others stay
 * as they were. */
static void draw_accurate_ecn(const struct trial *t, struct rill_tcp_config *c)
{
    struct random r;
    random_seed(&r, t->seed + 1000 + t->hosts);
    if (random_below(&r, 3))
        return;
    c->ecn = (enum rill_ecn)(RILL_ECN_ACCEPT_ACCURATE + random_below(&r, 3));
    c->accurate_ecn_option = (enum rill_ecn_option)random_below(&r, RILL_ECN_OPTION_PERSISTENT + 1);
    c->accurate_ecn_beacon = (unsigned)random_below(&r, 10);
}

static void draw_host(struct trial *t)
{
    static const uint16_t mtu[] = {576, 1280, 1500, 1500, 1500, 4000, 9000};
    struct rill_sim_host_config c;
    rill_sim_host_config_init(&c);
    draw_tcp(t, &c.stack.tcp);
    if (t->rare)
        draw_rare_tcp(t, &c.stack.tcp);
    draw_accurate_ecn(t, &c.stack.tcp);
    c.stack.seed = t->seed;
    c.mtu = mtu[trial_draw(t, 0, sizeof mtu / sizeof *mtu - 1)];
    c.gso_max = trial_once_in(t, 2) ? 0 : 65535;
    if (trial_once_in(t, 8))
        c.stack.memory_budget = (size_t)trial_draw_scale(t, 1 << 20, 8 << 20);
    t->superframes[t->hosts] = c.gso_max != 0;
    trial_host(t, &c);
    trial_print(t, "%s: MTU %u, %s, %zu bytes of memory", rill_sim_name(t->host[t->hosts - 1]),
                c.mtu, c.gso_max ? "superframes" : "no superframes", c.stack.memory_budget);
}

/* ---- Links ---- */

static struct rill_cable_config draw_calm(struct trial *t)
{
    struct rill_cable_config c = {.delay = RILL_MICROSECONDS(trial_draw_scale(t, 10, 150000))};
    if (trial_once_in(t, 2))
        c.jitter = (rill_time)trial_draw(t, 0, (uint64_t)c.delay);
    if (!trial_once_in(t, 3))
        c.rate = trial_draw_scale(t, 256000, 1000000000);
    c.queue = (uint32_t)trial_draw_scale(t, 8000, 1 << 20);
    if (t->corners) /* a packet of 9000 bytes without DF may be cut: there is room for its pieces */
        c.queue = c.queue > 20000 ? c.queue : 20000;
    c.discipline = (enum rill_cable_discipline)trial_draw(t, 0, 3);
    if (trial_once_in(t, 6)) {
        c.mtu = (uint16_t)trial_draw(t, 560, 1500);
        c.reports_mtu = trial_once_in(t, 2);
    }
    return c;
}

/* Zero, or anything up to `most`. */
static uint32_t draw_ppm(struct trial *t, uint32_t most)
{
    return trial_once_in(t, 2) ? 0 : (uint32_t)trial_draw_scale(t, most / 64, most);
}

/* A frame is damaged at most once, on the link of its sender: an Internet checksum would not detect
 * two flipped bits at the same place of two words. */
static void draw_storm(struct trial *t, struct rill_cable_config *c, bool from_host)
{
    uint32_t corrupt = draw_ppm(t, 20000);
    c->loss_ppm = draw_ppm(t, 100000);
    c->duplicate_ppm = draw_ppm(t, 50000);
    c->reorder_ppm = draw_ppm(t, 100000);
    c->corrupt_ppm = from_host ? corrupt : 0;
    if (trial_once_in(t, 4)) {
        c->burst_begin_ppm = (uint32_t)trial_draw_scale(t, 1000, 20000);
        c->burst_end_ppm = (uint32_t)trial_draw_scale(t, 100000, 500000);
    }
    if (t->forged)
        c->forge_ppm = draw_ppm(t, 20000);
}

/* Three requests for a neighbour, or all SYN-ACKs of a handshake, may be lost. */
static bool is_rough(const struct rill_cable_config *c)
{
    return c->loss_ppm + c->corrupt_ppm > 20000 || c->burst_begin_ppm;
}

/* The link between two switches is the first one. */
static bool is_trunk(const struct trial *t, unsigned link)
{
    return t->hosts > 3 && link == 0;
}

void build_storm(struct trial *t, unsigned link)
{
    for (int i = 0; i < 2; i++) {
        struct rill_cable_config c = t->calm[link][i];
        draw_storm(t, &c, t->hosts == 2 || (i == 0 && !is_trunk(t, link)));
        for (unsigned h = 0; h < t->hosts; h++)
            t->refused[h] |= is_rough(&c);
        rill_sim_link_change(t->link[link], i, &c);
        trial_print(
            t,
            "link %u.%d: %lld us, jitter %lld us, %llu bit/s, queue %u (%d), loss %u, "
            "burst %u, reordered %u, twice %u, corrupted %u, forged %u ppm, MTU %u%s, card %lld us",
            link, i, (long long)c.delay / 1000, (long long)c.jitter / 1000,
            (unsigned long long)c.rate, c.queue, c.discipline, c.loss_ppm, c.burst_begin_ppm,
            c.reorder_ppm, c.duplicate_ppm, c.corrupt_ppm, c.forge_ppm, c.mtu,
            c.reports_mtu ? ", told" : "", (long long)c.coalesce / 1000);
    }
}

void build_calm(struct trial *t, unsigned link)
{
    for (int i = 0; i < 2; i++)
        rill_sim_link_change(t->link[link], i, &t->calm[link][i]);
}

static bool takes_superframes(const struct trial *t, const struct rill_sim_node *n)
{
    for (unsigned h = 0; h < t->hosts; h++)
        if (t->host[h] == n)
            return t->superframes[h];
    return false; /* a switch */
}

/* The cards of some hosts join received segments. Drawn from a separate stream of the seed, so that
 * other choices do not depend on it. */
static rill_time draw_card(struct random *r)
{
    bool joins = random_below(r, 3) == 0;
    unsigned doublings = (unsigned)random_below(r, 10);
    return joins ? RILL_MICROSECONDS(20 << doublings) : 0;
}

static void draw_link(struct trial *t, struct rill_sim_node *a, struct rill_sim_node *b)
{
    assert(t->links < TRIAL_LINKS);
    unsigned l = t->links++;
    for (int i = 0; i < 2; i++)
        t->calm[l][i] = draw_calm(t);
    if (!trial_once_in(t, 3)) /* most links are the same in both directions */
        t->calm[l][1] = t->calm[l][0];
    struct random r;
    random_seed(&r, t->seed + l);
    for (int i = 0; i < 2; i++)
        if (takes_superframes(t, i == 0 ? b : a))
            t->calm[l][i].coalesce = draw_card(&r);
    t->link[l] = rill_sim_link_add(t->sim, a, b, &t->calm[l][0], &t->calm[l][1]);
    assert(t->link[l]);
}

/* Two hosts, some around a switch, or some on both sides of a bottleneck. */
static void draw_links(struct trial *t)
{
    if (t->hosts == 2) {
        draw_link(t, t->host[0], t->host[1]);
        return;
    }
    struct rill_sim_node *side[2];
    side[0] = side[1] = rill_sim_switch_add(t->sim, "");
    if (t->hosts > 3) {
        side[1] = rill_sim_switch_add(t->sim, "");
        draw_link(t, side[0], side[1]);
    }
    for (unsigned i = 0; i < t->hosts; i++)
        draw_link(t, t->host[i], side[i % 2]);
}

void build_world(struct trial *t)
{
    unsigned hosts = trial_once_in(t, 2) ? 2 : (unsigned)trial_draw(t, 3, 5);
    t->forged = trial_once_in(t, 16);
    for (unsigned i = 0; i < hosts; i++)
        draw_host(t);
    draw_links(t);
    for (unsigned i = 0; i < t->links; i++)
        build_storm(t, i);
}

/* ---- Parts of a time bound ---- */

rill_time build_round_trip(const struct trial *t)
{
    rill_time sum = 0; /* longer than any path */
    for (unsigned l = 0; l < t->links; l++)
        for (int i = 0; i < 2; i++)
            sum += t->calm[l][i].delay + t->calm[l][i].jitter + t->calm[l][i].coalesce;
    return sum;
}

uint64_t build_slowest(const struct trial *t)
{
    uint64_t slowest = 1000000000;
    for (unsigned l = 0; l < t->links; l++)
        for (int i = 0; i < 2; i++)
            if (t->calm[l][i].rate && t->calm[l][i].rate < slowest)
                slowest = t->calm[l][i].rate;
    return slowest;
}
