/* Damaged frames: of a table of good ones every prefix, and every byte inverted and every bit
 * flipped, with the checksums as the damage left them and put right again. Each is played to a
 * stack of its own: one counted reason or a legal effect, no answer to what was incomplete, a
 * connection beside it works as before, and every byte of memory comes back. */
#include "../unit/unit.h"
#include "remote.h"
#include "replay/repair.h"

#include <stdio.h>

#define LISTENER 80
#define TARGET 5000      /* the connection that the frames talk about: 0x1388 */
#define BESIDE 6000      /* the one that they must not touch: 0x1770 differs in more than one bit */
#define ASKED 0xc0000209 /* the stack has just asked for this station's MAC */

struct scene {
    struct lone *lone;
    int listener, udp;
    struct remote target, beside;
};

/* A good frame, made for this very scene; returns its length. */
struct good_frame {
    const char *name;
    size_t (*write)(const struct scene *, uint8_t *at);
};

/* ----------------------------------------------------------- the scene */

static void ask(struct scene *s)
{
    struct mac mac;
    CU_ASSERT_FALSE(lone_knows(s->lone, ASKED, &mac));
}

static struct scene scene_open(void)
{
    struct scene s = {.lone = lone_open(NULL)};
    s.listener = lone_listen(LISTENER);
    s.udp = lone_udp(7);
    lone_meet(s.lone, FORGE_PEER, forge_mac(2));
    s.target = remote_connect(s.lone, s.listener, LISTENER, TARGET);
    s.beside = remote_connect(s.lone, s.listener, LISTENER, BESIDE);
    CU_ASSERT_EQUAL_FATAL(rill_send(s.target.fd, "in flight", 9, 0), 9);
    ask(&s);
    lone_pull(s.lone);
    lone_forget(s.lone);
    return s;
}

static void scene_close(struct scene *s)
{
    remote_exchange(&s->beside);
    remote_finish(&s->beside);
    rill_close(s->target.fd);
    rill_close(s->udp);
    rill_close(s->listener);
    lone_close(s->lone);
}

/* ----------------------------------------------------------- good frames */

static struct rill_span hello(void)
{
    return span_of("hello, world", 12);
}

static size_t syn(const struct scene *s, uint8_t *at)
{
    struct forge way = forge_honest();
    struct tcp_header h = {.source = 7777,
                           .destination = LISTENER,
                           .seq = {99},
                           .flags = TCP_SYN,
                           .window = 1000,
                           .options = {.has_mss = true,
                                       .mss = 1460,
                                       .has_sack_permitted = true,
                                       .has_timestamps = true,
                                       .timestamp_value = 1,
                                       .has_window_scale = true,
                                       .window_scale = 7}};
    (void)s;
    return forge_tcp(at, &way, &h, span_of(NULL, 0));
}

static size_t text(const struct scene *s, uint8_t *at)
{
    return remote_frame(&s->target, at, TCP_ACK | TCP_PSH, hello());
}

static size_t fin(const struct scene *s, uint8_t *at)
{
    return remote_frame(&s->target, at, TCP_ACK | TCP_FIN, span_of(NULL, 0));
}

static size_t rst(const struct scene *s, uint8_t *at)
{
    return remote_frame(&s->target, at, TCP_RST, span_of(NULL, 0));
}

static size_t sack(const struct scene *s, uint8_t *at)
{
    const struct remote *r = &s->target;
    struct tcp_header h = {.source = TARGET,
                           .destination = LISTENER,
                           .seq = {r->seq},
                           .ack = {r->ack},
                           .flags = TCP_ACK,
                           .window = 1000,
                           .options = {.sack_count = 1, .sack = {{{r->ack + 2}, {r->ack + 5}}}}};
    return forge_tcp(at, &r->way, &h, hello());
}

static size_t udp(const struct scene *s, uint8_t *at)
{
    struct forge way = forge_honest();
    (void)s;
    return forge_udp(at, &way, 4000, 7, hello());
}

static size_t udp_to_nobody(const struct scene *s, uint8_t *at)
{
    struct forge way = forge_honest();
    (void)s;
    return forge_udp(at, &way, 4000, 9, hello());
}

static size_t echo(const struct scene *s, uint8_t *at)
{
    struct forge way = forge_honest();
    (void)s;
    return forge_icmp(at, &way, &(struct icmp){.type = ICMP_ECHO, .id = 1, .sequence = 2}, hello());
}

static size_t options(const struct scene *s, uint8_t *at)
{
    static const uint8_t record_route[] = {7, 7, 4, 0, 0, 0, 0, 1};
    struct forge way = forge_honest();
    (void)s;
    way.ip.options = span_of(record_route, sizeof record_route);
    return forge_icmp(at, &way, &(struct icmp){.type = ICMP_ECHO, .id = 1, .sequence = 2}, hello());
}

/* Fragmentation needed, about the text of the target connection that is in flight, from a router
 * that says no MTU (any that it could say is more than these few bytes need). */
static size_t narrow(const struct scene *s, uint8_t *at)
{
    uint8_t quote[IP4_HEADER + 8];
    struct forge way = forge_honest();
    struct ip4 ip = {.total_length = 49,
                     .ttl = 60,
                     .protocol = IP_PROTOCOL_TCP,
                     .source = FORGE_VICTIM,
                     .destination = FORGE_PEER};
    ip4_write(quote, &ip);
    wire_put16(quote + IP4_HEADER, LISTENER);
    wire_put16(quote + IP4_HEADER + 2, TARGET);
    wire_put32(quote + IP4_HEADER + 4, s->target.ack);
    struct icmp m = {.type = ICMP_UNREACHABLE, .code = ICMP_UNREACHABLE_FRAGMENTATION_NEEDED};
    return forge_icmp(at, &way, &m, span_of(quote, sizeof quote));
}

static size_t first_fragment(const struct scene *s, uint8_t *at)
{
    struct forge way = forge_honest();
    (void)s;
    way.ip.protocol = IP_PROTOCOL_UDP;
    way.ip.more_fragments = true;
    return forge_ip4(at, &way, span_of("\x0f\xa0\0\7\0\x20\0\0sixteen bytes...", 24));
}

static size_t last_fragment(const struct scene *s, uint8_t *at)
{
    struct forge way = forge_honest();
    (void)s;
    way.ip.protocol = IP_PROTOCOL_UDP;
    way.ip.fragment_offset = 24;
    return forge_ip4(at, &way, span_of("the tail", 8));
}

static size_t arp(uint8_t *at, uint16_t operation, uint32_t sender)
{
    struct forge way = forge_honest();
    struct arp a = {.operation = operation,
                    .sender_mac = way.from,
                    .sender = sender,
                    .target_mac = operation == ARP_REPLY ? way.to : (struct mac){{0}},
                    .target = FORGE_VICTIM};
    return forge_arp(at, &way, &a);
}

static size_t arp_request(const struct scene *s, uint8_t *at)
{
    (void)s;
    return arp(at, ARP_REQUEST, FORGE_PEER);
}

static size_t arp_reply(const struct scene *s, uint8_t *at)
{
    (void)s;
    return arp(at, ARP_REPLY, ASKED);
}

static const struct good_frame good_frames[] = {
    {"SYN", syn},
    {"text", text},
    {"FIN", fin},
    {"RST", rst},
    {"SACK", sack},
    {"UDP", udp},
    {"UDP to a closed port", udp_to_nobody},
    {"echo request", echo},
    {"echo request with record route", options},
    {"fragmentation needed", narrow},
    {"first fragment", first_fragment},
    {"last fragment", last_fragment},
    {"ARP request", arp_request},
    {"ARP reply", arp_reply},
};

/* ----------------------------------------------------------- what may follow */

/* Anything but the drops and the mere arrival was counted. */
static bool had_effect(const struct rill_counters *before, const struct rill_counters *after)
{
    for (int i = 0; i < RILL_COUNTER_COUNT; i++)
        if (i != RILL_IpInReceives && before->value[i] != after->value[i])
            return true;
    return false;
}

static bool tell(bool good, const char *what, const char *name, size_t at, unsigned change)
{
    if (!good)
        printf("%s, byte %zu, change 0x%02x: %s\n", name, at, change, what);
    return good;
}

/* Plays one frame: one reason, or none and an effect. */
static void play(struct scene *s, const uint8_t *frame, size_t length, const char *name, size_t at,
                 unsigned change)
{
    struct rill_counters before = *rill_counters(s->lone->rill);
    uint64_t drops = lone_drops(s->lone);
    lone_hear(s->lone, frame, length);
    drops = lone_drops(s->lone) - drops;
    bool good = drops == 1 || (drops == 0 && had_effect(&before, rill_counters(s->lone->rill)));
    CU_ASSERT(tell(good, "neither one reason nor an effect", name, at, change));
}

/* Bytes of the frame that mean something; the rest is padding. */
static size_t content(const uint8_t *frame)
{
    return wire_get16(frame + 12) == ETH_TYPE_ARP ? ETH_HEADER + ARP_SIZE
                                                  : ETH_HEADER + wire_get16(frame + ETH_HEADER + 2);
}

static void every_good_frame_has_its_effect(void)
{
    for (unsigned i = 0; i < sizeof good_frames / sizeof *good_frames; i++) {
        uint8_t frame[256];
        struct scene s = scene_open();
        size_t length = good_frames[i].write(&s, frame);
        uint64_t drops = lone_drops(s.lone);
        play(&s, frame, length, good_frames[i].name, 0, 0);
        CU_ASSERT_EQUAL(lone_drops(s.lone) - drops, good_frames[i].write == udp_to_nobody);
        scene_close(&s);
    }
}

static void prefixes_of(const struct good_frame *g)
{
    uint8_t frame[256];
    for (size_t length = 0;; length++) {
        struct scene s = scene_open();
        g->write(&s, frame);
        size_t whole = content(frame);
        uint64_t drops = lone_drops(s.lone);
        play(&s, frame, length, g->name, length, 0);
        if (length < whole) {
            bool silent = s.lone->sent == 0 && lone_drops(s.lone) == drops + 1;
            CU_ASSERT(tell(silent, "an incomplete frame was used", g->name, length, 0));
        }
        scene_close(&s);
        if (length >= whole)
            return;
    }
}

static void every_prefix_is_dropped_in_silence(void)
{
    for (unsigned i = 0; i < sizeof good_frames / sizeof *good_frames; i++)
        prefixes_of(&good_frames[i]);
}

static void damage(const struct good_frame *g, bool repair)
{
    static const uint8_t changes[] = {0xff, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80};
    uint8_t frame[256];
    size_t length = 1;
    for (size_t at = 0; at < length; at++)
        for (unsigned i = 0; i < sizeof changes; i++) {
            struct scene s = scene_open();
            length = g->write(&s, frame);
            frame[at] ^= changes[i];
            if (repair)
                repair_checksums(frame, length);
            play(&s, frame, length, g->name, at, changes[i]);
            scene_close(&s);
        }
}

static void every_damaged_byte_is_dropped_or_legal(void)
{
    for (unsigned i = 0; i < sizeof good_frames / sizeof *good_frames; i++)
        damage(&good_frames[i], false);
}

static void damage_behind_good_checksums_is_dropped_or_legal(void)
{
    for (unsigned i = 0; i < sizeof good_frames / sizeof *good_frames; i++)
        damage(&good_frames[i], true);
}

/* RFC 1122 3.2.1.2, 4.1.3.4, RFC 9293 MUST-3: what the checksums cover has not one bit of slack.
 * The Ethernet header and the padding they do not cover. */
static void no_checksum_lets_a_flipped_bit_pass(void)
{
    for (unsigned i = 0; i < sizeof good_frames / sizeof *good_frames; i++) {
        uint8_t frame[256];
        struct scene s = scene_open();
        good_frames[i].write(&s, frame);
        size_t whole = content(frame);
        bool covered = wire_get16(frame + 12) == ETH_TYPE_IP4 &&
                       (wire_get16(frame + ETH_HEADER + 6) & 0x3fff) == 0;
        for (size_t bit = ETH_HEADER * 8; covered && bit < whole * 8; bit++) {
            uint64_t drops = lone_drops(s.lone);
            frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
            lone_hear(s.lone, frame, max_of(whole, (size_t)ETH_MINIMUM));
            frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
            CU_ASSERT(tell(lone_drops(s.lone) == drops + 1 && s.lone->sent == 0,
                           "a flipped bit passed", good_frames[i].name, bit / 8, 1u << bit % 8));
        }
        scene_close(&s);
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"every good frame has its effect", every_good_frame_has_its_effect},
        {"every prefix is dropped in silence", every_prefix_is_dropped_in_silence},
        {"every damaged byte is dropped or legal", every_damaged_byte_is_dropped_or_legal},
        {"damage behind good checksums is dropped or legal",
         damage_behind_good_checksums_is_dropped_or_legal},
        {"no checksum lets a flipped bit pass", no_checksum_lets_a_flipped_bit_pass},
    };
    return UNIT_MAIN("hostile", tests);
}
