/* The TAP, in a network namespace of the test's own: nothing outside is touched. Frames pass
 * between rill's end (the device) and the host's end (a packet socket on the interface). */
#include "few.h"
#include "interface.h"
#include "unit.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <rill/tap.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOST rill_address_ip4(0xc0000201)
#define RILL rill_address_ip4(0xc0000202)

unsigned if_nametoindex(const char *); /* <net/if.h> and <linux/if.h> do not go together */

static struct rill_tap_config config_of(const char *name)
{
    return (struct rill_tap_config){
        .name = name, .mtu = 1400, .address = RILL, .host_address = HOST, .host_prefix = 24};
}

static struct rill_device *open_tap(const char *name)
{
    struct rill_tap_config config = config_of(name);
    struct rill_diagnostic why = {""};
    struct rill_device *d = rill_tap_open(&config, &why);
    if (!d)
        fprintf(stderr, "%s\n", why.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    return d;
}

static void close_tap(struct rill_device *d)
{
    d->ops->close(d);
}

/* Whether opening fails with this errno and one sentence that holds the word. */
static bool is_refused(const struct rill_tap_config *config, int error, const char *word)
{
    struct rill_diagnostic why = {""};
    errno = 0;
    struct rill_device *d = rill_tap_open(config, &why);
    bool good = !d && errno == error && strstr(why.text, word) && !strchr(why.text, '\n');
    if (!good)
        fprintf(stderr, "errno %d, said \"%s\"\n", errno, why.text);
    if (d)
        close_tap(d);
    return good;
}

/* Makes or unmakes a persistent TAP, as `ip tuntap` does. Returns its descriptor. */
static int persist(const char *name, bool persistent)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    memcpy(request.ifr_name, name, strlen(name));
    CU_ASSERT_EQUAL_FATAL(ioctl(fd, TUNSETIFF, &request), 0);
    CU_ASSERT_EQUAL(ioctl(fd, TUNSETPERSIST, persistent), 0);
    return fd;
}

static bool has_address(const char *name)
{
    struct interface_holder holder;
    return interface_find(HOST, &holder) == 0 && strcmp(holder.name, name) == 0 &&
           holder.prefix == 24;
}

static bool is_up(const char *name)
{
    bool up = false;
    return interface_is_up(name, &up) == 0 && up;
}

static int queue_of(const char *name)
{
    int frames = -1;
    interface_queue(name, &frames);
    return frames;
}

static int mtu_of(const char *name)
{
    int mtu = -1;
    interface_mtu(name, &mtu);
    return mtu;
}

static void a_created_tap_is_configured_and_goes_when_it_is_closed(void)
{
    struct rill_device *d = open_tap("t0");
    CU_ASSERT_STRING_EQUAL(rill_tap_name(d), "t0");
    CU_ASSERT_EQUAL(mtu_of("t0"), 1400);
    CU_ASSERT(has_address("t0"));
    CU_ASSERT(is_up("t0"));
    CU_ASSERT_EQUAL(d->facts.mtu, 1400);
    CU_ASSERT_TRUE(d->facts.can_gather);
    CU_ASSERT_TRUE(d->facts.can_checksum);
    CU_ASSERT_EQUAL(d->facts.gso_max, 65535);
    CU_ASSERT_EQUAL(d->facts.index, if_nametoindex("t0"));
    CU_ASSERT_EQUAL(queue_of("t0"), 30000);
    close_tap(d);
    CU_ASSERT_EQUAL(if_nametoindex("t0"), 0);
}

static void the_kernel_numbers_a_name_that_asks_for_it(void)
{
    struct rill_tap_config bare = {0};
    struct rill_diagnostic why;
    struct rill_device *d = rill_tap_open(&bare, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_STRING_EQUAL(rill_tap_name(d), "rill0");
    CU_ASSERT_EQUAL(d->facts.mtu, 1500);
    CU_ASSERT(is_up("rill0"));
    close_tap(d);
}

static void a_persistent_tap_is_again_as_it_was(void)
{
    close(persist("t1", true));
    int queue = queue_of("t1");
    struct rill_device *d = open_tap("t1");
    CU_ASSERT_EQUAL(mtu_of("t1"), 1400);
    CU_ASSERT_NOT_EQUAL(queue_of("t1"), queue);
    CU_ASSERT(has_address("t1"));
    CU_ASSERT(is_up("t1"));
    close_tap(d);
    CU_ASSERT_EQUAL(mtu_of("t1"), 1500);
    CU_ASSERT_EQUAL(queue_of("t1"), queue);
    CU_ASSERT_FALSE(has_address("t1"));
    CU_ASSERT_FALSE(is_up("t1"));
    close(persist("t1", false));
    CU_ASSERT_EQUAL(if_nametoindex("t1"), 0);
}

static void what_is_right_already_is_left_alone(void)
{
    close(persist("t2", true));
    CU_ASSERT_EQUAL(interface_set_mtu("t2", 1400), 0);
    CU_ASSERT_EQUAL(interface_add_address("t2", HOST, 24), 0);
    CU_ASSERT_EQUAL(interface_set_queue("t2", 20000), 0);
    CU_ASSERT_EQUAL(interface_set_up("t2", true), 0);
    close_tap(open_tap("t2"));
    CU_ASSERT_EQUAL(queue_of("t2"), 20000);
    CU_ASSERT_EQUAL(mtu_of("t2"), 1400);
    CU_ASSERT(has_address("t2"));
    CU_ASSERT(is_up("t2"));
    close(persist("t2", false));
}

static void another_address_of_a_persistent_tap_stays(void)
{
    struct interface_holder holder;
    close(persist("t3", true));
    CU_ASSERT_EQUAL(interface_add_address("t3", rill_address_ip4(0x0a000001), 8), 0);
    struct rill_device *d = open_tap("t3");
    CU_ASSERT_EQUAL(interface_find(rill_address_ip4(0x0a000001), &holder), 0);
    close_tap(d);
    CU_ASSERT_EQUAL(interface_find(rill_address_ip4(0x0a000001), &holder), 0);
    CU_ASSERT_EQUAL(holder.prefix, 8);
    close(persist("t3", false));
}

static void a_failure_half_way_takes_back_what_was_done(void)
{
    struct rill_device *other = open_tap("t4");
    close(persist("t5", true));
    struct rill_tap_config config = config_of("t5");
    CU_ASSERT(is_refused(&config, EADDRINUSE, "192.0.2.1/24 on t4"));
    CU_ASSERT_EQUAL(mtu_of("t5"), 1500);
    close(persist("t5", false));
    close_tap(other);
}

static void a_name_in_use_is_refused(void)
{
    struct rill_device *d = open_tap("t6");
    struct rill_tap_config config = config_of("t6");
    CU_ASSERT(is_refused(&config, EBUSY, "t6 is in use by another process"));
    close_tap(d);
    config.name = "lo";
    CU_ASSERT(is_refused(&config, EINVAL, "lo exists already and is no TAP"));
}

/* Nor is it in use where there is no descriptor left to say so with. */
static void the_last_descriptor_is_no_name_in_use(void)
{
    struct rill_tap_config config = config_of("t6");
    config.queues = true;
    few_begin(1);
    bool refused = is_refused(&config, EMFILE, "Too many open files");
    few_end();
    CU_ASSERT(refused);
}

static void a_shared_queue_without_a_descriptor_is_refused_with_a_sentence(void)
{
    struct rill_device *d = open_tap("t6");
    struct rill_diagnostic diagnostic = {.text = ""};
    few_begin(0);
    struct rill_device *queue = rill_tap_queue(d, &diagnostic);
    few_end();
    CU_ASSERT_PTR_NULL(queue);
    CU_ASSERT_PTR_NOT_NULL(strstr(diagnostic.text, "Too many open files"));
    close_tap(d);
}

static void names_that_cannot_be_are_refused(void)
{
    static const char *const bad[] = {"", "sixteen-letters-", "a/b", "a b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rill_tap_config config = config_of(bad[i]);
        CU_ASSERT(is_refused(&config, EINVAL, "no name for a TAP"));
    }
}

static void addresses_that_collide_are_refused(void)
{
    struct rill_tap_config config = config_of("t7");
    config.host_address = RILL;
    CU_ASSERT(is_refused(&config, EINVAL, "same address"));
    struct rill_device *d = open_tap("t8");
    config.address = HOST;
    config.host_address = rill_address_ip4(0xc0000203);
    CU_ASSERT(is_refused(&config, EADDRINUSE, "192.0.2.1 belongs to the host already (on t8)"));
    close_tap(d);
}

static void an_mtu_that_no_tap_takes_is_refused(void)
{
    struct rill_tap_config config = config_of("t7");
    config.mtu = 65535;
    CU_ASSERT(is_refused(&config, EINVAL, "MTU of 65535"));
}

static void the_derived_mac_is_local_unicast_and_stable(void)
{
    uint8_t first[6], host[6];
    struct rill_device *d = open_tap("t9");
    memcpy(first, d->facts.mac, 6);
    CU_ASSERT_EQUAL(first[0] & 3, 2);
    CU_ASSERT_EQUAL(interface_mac("t9", host), 0);
    CU_ASSERT(memcmp(first, host, 6) != 0);
    close_tap(d);
    d = open_tap("t9");
    CU_ASSERT(memcmp(first, d->facts.mac, 6) == 0);
    close_tap(d);
    struct rill_tap_config config = config_of("t9");
    struct rill_diagnostic why;
    config.address = rill_address_ip4(0xc0000207);
    d = rill_tap_open(&config, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT(memcmp(first, d->facts.mac, 6) != 0);
    close_tap(d);
}

/* A packet socket at the host's end, for one EtherType. */
static int open_host_end_for(const char *name, uint16_t type)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(type));
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(type)};
    at.sll_ifindex = (int)if_nametoindex(name);
    CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static int open_host_end(const char *name)
{
    return open_host_end_for(name, 0x88b5);
}

static unsigned read_all(struct rill_device *d, struct rill_frame *frame, unsigned max)
{
    unsigned n = 0;
    for (unsigned i = 0; i < max; i++) /* memcheck does not see what a ring reads */
        memset(frame[i].buffer, 0, frame[i].room);
    for (int more = 1; more > 0; n += (unsigned)more) {
        more = d->ops->read(d, frame + n, max - n);
        CU_ASSERT_FATAL(more >= 0);
    }
    return n;
}

static void frames_pass_in_both_directions(void)
{
    uint8_t bytes[8][1500], from_host[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, 'h'};
    struct rill_device *d = open_tap("t10");
    int host = open_host_end("t10");

    /* out, the second with two gather spans */
    uint8_t head[14] = {[0] = 0xff, [6] = 2, [12] = 0x88, [13] = 0xb5};
    struct rill_frame out[2];
    for (int i = 0; i < 2; i++)
        out[i] = (struct rill_frame){.buffer = head, .room = sizeof head, .length = sizeof head};
    out[1].gather[0] = (struct rill_span){(const uint8_t *)"abc", 3};
    out[1].gather[1] = (struct rill_span){(const uint8_t *)"defg", 4};
    out[1].gather_count = 2;
    CU_ASSERT_EQUAL(d->ops->write(d, out, 2), 2);
    CU_ASSERT_EQUAL(recv(host, bytes[0], 1500, 0), 14);
    CU_ASSERT_EQUAL(recv(host, bytes[0], 1500, 0), 21);
    CU_ASSERT(memcmp(bytes[0] + 14, "abcdefg", 7) == 0);

    /* in, among what the host's own IPv6 has to say */
    CU_ASSERT_EQUAL(send(host, from_host, sizeof from_host, 0), sizeof from_host);
    struct pollfd p = {d->ops->descriptor(d), POLLIN, 0};
    CU_ASSERT_EQUAL(poll(&p, 1, 1000), 1);
    struct rill_frame in[8];
    for (int i = 0; i < 8; i++)
        in[i] = (struct rill_frame){.buffer = bytes[i], .room = 1500, .start = 9};
    unsigned n = read_all(d, in, 8), seen = 0;
    for (unsigned i = 0; i < n; i++)
        seen += in[i].length == 60 && memcmp(bytes[i] + in[i].start, from_host, 60) == 0;
    CU_ASSERT_EQUAL(seen, 1);
    close(host);
    close_tap(d);
}

/* Each has its number, behind the headers. */
enum { MANY = 40, NUMBER_PLACE = 14 };

static int end_of_many(const char *name, uint8_t frame[60])
{
    static const uint8_t head[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5};
    memset(frame, 0, 60);
    memcpy(frame, head, sizeof head);
    return open_host_end(name);
}

static void check_many_in(struct rill_device *d, int host)
{
    static uint8_t bytes[64][1500];
    struct rill_frame in[64];
    uint8_t frame[60], next = 0;
    close(end_of_many(rill_tap_name(d), frame));
    for (frame[NUMBER_PLACE] = 0; frame[NUMBER_PLACE] < MANY; frame[NUMBER_PLACE]++)
        CU_ASSERT_EQUAL(send(host, frame, sizeof frame, 0), sizeof frame);
    for (int i = 0; i < 64; i++)
        in[i] = (struct rill_frame){.buffer = bytes[i], .room = sizeof bytes[i]};
    unsigned n = read_all(d, in, 64);
    for (unsigned i = 0; i < n; i++) {
        const uint8_t *at = in[i].buffer + in[i].start;
        if (in[i].length == 60 && at[13] == 0xb5 && at[NUMBER_PLACE] == next)
            next++;
    }
    CU_ASSERT_EQUAL(next, MANY);
    CU_ASSERT_EQUAL(d->ops->read(d, in, 64), 0);
}

static void check_many_out(struct rill_device *d, int host)
{
    uint8_t bytes[MANY][60], got[1500];
    struct rill_frame out[MANY];
    for (uint8_t i = 0; i < MANY; i++) {
        close(end_of_many(rill_tap_name(d), bytes[i]));
        bytes[i][NUMBER_PLACE] = i;
        out[i] = (struct rill_frame){.buffer = bytes[i], .room = 60, .length = 60};
    }
    CU_ASSERT_EQUAL(d->ops->write(d, out, MANY), MANY);
    for (uint8_t i = 0; i < MANY; i++) {
        CU_ASSERT_EQUAL(recv(host, got, sizeof got, 0), 60);
        CU_ASSERT_EQUAL(got[NUMBER_PLACE], i);
    }
}

static void check_many(const char *name)
{
    uint8_t frame[60];
    struct rill_device *d = open_tap(name);
    int host = end_of_many(name, frame);
    for (int i = 0; i < 5; i++) {
        check_many_out(d, host);
        check_many_in(d, host);
    }
    close(host);
    close_tap(d);
}

static void many_frames_stay_in_their_order(void)
{
    check_many("t20");
}

/* Its answer may go before the others are read, and those then come together. */
static void the_first_frame_after_a_silence_comes_alone(void)
{
    uint8_t frame[60], bytes[8][1500];
    struct rill_frame in[8];
    struct rill_device *d = open_tap("t22");
    int host = end_of_many("t22", frame);
    for (int i = 0; i < 8; i++)
        in[i] = (struct rill_frame){.buffer = bytes[i], .room = sizeof bytes[i]};
    read_all(d, in, 8); /* what the host's own IPv6 has to say */
    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(send(host, frame, sizeof frame, 0), sizeof frame);
    CU_ASSERT_EQUAL(d->ops->read(d, in, 8), 1);
    CU_ASSERT_EQUAL(d->ops->read(d, in, 8), 4);
    CU_ASSERT_EQUAL(d->ops->read(d, in, 8), 0);
    close(host);
    close_tap(d);
}

/* ---- Offloads: what the host's end sees is asked of a packet socket with PACKET_VNET_HDR ---- */

enum { ETH = 14, IP = 20, TCP = 20, HEADERS = ETH + IP + TCP, TEXT = 3000, CUT = 1360 };
enum { IP_CHECKSUM_PLACE = ETH + 10, TCP_CHECKSUM_PLACE = ETH + IP + 16, PSH_ACK = 0x18 };

static uint32_t sum_of(uint32_t sum, const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static uint32_t pseudo_sum(const uint8_t *frame, size_t text)
{
    return sum_of((uint32_t)(6 + TCP + text), frame + ETH + 12, 8);
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* TCP on IPv4 to a MAC, with the pseudo-header's sum for a checksum. Returns its length. */
static size_t build_tcp(uint8_t *frame, const uint8_t *to, uint8_t flags, size_t text)
{
    static const uint8_t headers[HEADERS] = {
        [6] = 2,  [8] = 9,  [12] = 8,   [14] = 0x45, [20] = 0x40, [22] = 64, [23] = 6, [26] = 192,
        [28] = 2, [29] = 9, [30] = 192, [32] = 2,    [33] = 8,    [35] = 7,  [37] = 9, [46] = 0x50};
    memcpy(frame, headers, HEADERS);
    memcpy(frame, to, 6);
    put16(frame + ETH + 2, (uint32_t)(IP + TCP + text));
    frame[ETH + IP + 13] = flags;
    put16(frame + IP_CHECKSUM_PLACE, ~sum_of(0, frame + ETH, IP));
    put16(frame + TCP_CHECKSUM_PLACE, pseudo_sum(frame, text));
    for (size_t i = 0; i < text; i++)
        frame[HEADERS + i] = (uint8_t)(i * 7 + i / 256);
    return HEADERS + text;
}

static struct rill_frame superframe_to(const char *name, uint8_t *buffer, uint8_t flags)
{
    uint8_t mac[6];
    interface_mac(name, mac);
    size_t length = build_tcp(buffer, mac, flags, TEXT);
    return (struct rill_frame){.buffer = buffer,
                               .room = HEADERS + TEXT,
                               .length = HEADERS,
                               .gather[0] = {buffer + HEADERS, length - HEADERS},
                               .gather_count = 1,
                               .checksum_partial = true,
                               .checksum_start = ETH + IP,
                               .checksum_offset = 16,
                               .header_length = HEADERS,
                               .gso_size = CUT};
}

/* What is told of a frame that went out: the header that stands before it at the host's end. */
static struct virtio_net_hdr told_of(struct rill_device *d, struct rill_frame *f)
{
    static uint8_t got[65536];
    struct virtio_net_hdr h = {.flags = 99};
    int host = open_host_end_for(rill_tap_name(d), 0x0800), on = 1;
    CU_ASSERT_EQUAL_FATAL(setsockopt(host, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on), 0);
    CU_ASSERT_EQUAL(d->ops->write(d, f, 1), 1);
    ssize_t n = recv(host, got, sizeof got, 0);
    CU_ASSERT_EQUAL(n, (ssize_t)(sizeof h + rill_frame_length(f)));
    memcpy(&h, got, sizeof h);
    CU_ASSERT(n < (ssize_t)sizeof h || memcmp(got + sizeof h, f->buffer, HEADERS + TEXT) == 0);
    close(host);
    return h;
}

static void a_superframe_goes_out_whole(void)
{
    static uint8_t bytes[HEADERS + TEXT];
    struct rill_device *d = open_tap("t13");
    struct rill_frame f = superframe_to("t13", bytes, PSH_ACK);
    struct virtio_net_hdr h = told_of(d, &f);
    CU_ASSERT_EQUAL(h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
    CU_ASSERT_EQUAL(h.csum_start, ETH + IP);
    CU_ASSERT_EQUAL(h.csum_offset, 16);
    CU_ASSERT_EQUAL(h.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
    CU_ASSERT_EQUAL(h.gso_size, CUT);
    close_tap(d);
}

static void the_kernel_is_told_that_the_first_segment_alone_has_cwr(void)
{
    static uint8_t bytes[HEADERS + TEXT];
    struct rill_device *d = open_tap("t14");
    struct rill_frame f = superframe_to("t14", bytes, PSH_ACK | 0x80);
    CU_ASSERT_EQUAL(told_of(d, &f).gso_type, VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN);
    close_tap(d);
}

/* The host's side of the TAP sends what its own TCP would hand to a network card. */
static void host_sends_superframe(struct rill_device *d)
{
    static uint8_t out[sizeof(struct virtio_net_hdr) + HEADERS + TEXT];
    int host = open_host_end_for(rill_tap_name(d), 0x0800), on = 1;
    struct virtio_net_hdr h = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                               .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                               .hdr_len = HEADERS,
                               .gso_size = CUT,
                               .csum_start = ETH + IP,
                               .csum_offset = 16};
    CU_ASSERT_EQUAL_FATAL(setsockopt(host, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on), 0);
    memcpy(out, &h, sizeof h);
    size_t n = build_tcp(out + sizeof h, d->facts.mac, PSH_ACK, TEXT);
    CU_ASSERT_EQUAL(send(host, out, sizeof h + n, 0), (ssize_t)(sizeof h + n));
    close(host);
}

static bool is_ours(const struct rill_frame *f)
{
    const uint8_t *at = f->buffer + f->start;
    return f->length > HEADERS && at[12] == 8 && at[13] == 0 && at[ETH + 15] == 9;
}

/* Reads the frames of build_tcp, among what the host's own IPv6 has to say. Returns how many. */
static unsigned read_ours(struct rill_device *d, struct rill_frame ours[4])
{
    static uint8_t bytes[16][5000];
    struct rill_frame in[16];
    unsigned seen = 0;
    for (int i = 0; i < 16; i++)
        in[i] = (struct rill_frame){.buffer = bytes[i], .room = sizeof bytes[i]};
    unsigned n = read_all(d, in, 16);
    for (unsigned i = 0; i < n; i++)
        if (is_ours(&in[i]) && seen < 4)
            ours[seen++] = in[i];
    return seen;
}

static void a_superframe_comes_in_whole_its_sum_unfinished(void)
{
    struct rill_frame in[4];
    struct rill_device *d = open_tap("t15");
    host_sends_superframe(d);
    CU_ASSERT_EQUAL_FATAL(read_ours(d, in), 1);
    CU_ASSERT_EQUAL(in[0].length, HEADERS + TEXT);
    CU_ASSERT_EQUAL(in[0].gso_size, CUT);
    CU_ASSERT_TRUE(in[0].checksum_good);
    CU_ASSERT_TRUE(in[0].checksum_partial);
    CU_ASSERT_EQUAL(in[0].checksum_start, ETH + IP);
    CU_ASSERT_EQUAL(in[0].checksum_offset, 16);
    close_tap(d);
}

/* Each piece with a checksum that holds. */
static void check_pieces(struct rill_device *d)
{
    struct rill_frame in[4];
    size_t text = 0;
    host_sends_superframe(d);
    CU_ASSERT_EQUAL_FATAL(read_ours(d, in), 3);
    for (int i = 0; i < 3; i++) {
        const uint8_t *at = in[i].buffer + in[i].start;
        size_t length = in[i].length - HEADERS;
        CU_ASSERT_FALSE(in[i].checksum_good);
        CU_ASSERT_FALSE(in[i].checksum_partial);
        CU_ASSERT_EQUAL(in[i].gso_size, 0);
        CU_ASSERT_EQUAL(sum_of(pseudo_sum(at, length), at + ETH + IP, TCP + length), 0xffff);
        text += length;
    }
    CU_ASSERT_EQUAL(text, TEXT);
}

static void without_offloads_the_kernel_cuts_and_sums(void)
{
    struct rill_tap_config config = config_of("t16");
    struct rill_diagnostic why;
    config.no_offload = true;
    struct rill_device *d = rill_tap_open(&config, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_FALSE(d->facts.can_checksum);
    CU_ASSERT_EQUAL(d->facts.gso_max, 0);
    CU_ASSERT_NOT_EQUAL(queue_of("t16"), 30000);
    check_pieces(d);
    close_tap(d);
}

static void what_an_earlier_reader_was_given_holds_no_longer(void)
{
    close(persist("t17", true));
    close_tap(open_tap("t17"));
    struct rill_tap_config config = config_of("t17");
    struct rill_diagnostic why;
    config.no_offload = true;
    struct rill_device *d = rill_tap_open(&config, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    check_pieces(d);
    close_tap(d);
    close(persist("t17", false));
}

/* An older kernel, as far as the driver can tell: this stands before the C library's function. */
static struct {
    bool no_header;
    unsigned no_offload; /* bits of TUNSETOFFLOAD that it does not know */
    unsigned asked;      /* those that were last granted */
    bool no_ring;
    unsigned rings; /* that were made */
} old;

int ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (request == TUNSETOFFLOAD && (uintptr_t)argument & old.no_offload) {
        errno = EINVAL;
        return -1;
    }
    if (request == TUNSETOFFLOAD)
        old.asked = (unsigned)(uintptr_t)argument;
    int result = (int)syscall(SYS_ioctl, fd, request, argument);
    if (request == TUNGETFEATURES && old.no_header)
        *(unsigned *)argument &= ~(unsigned)IFF_VNET_HDR;
    return result;
}

/* So does this: of io_uring's calls there is none in the C library. */
long syscall(long number, ...)
{
    long a[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_io_uring_setup && old.no_ring) {
        errno = EPERM;
        return -1;
    }
    long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    long result = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    old.rings += number == SYS_io_uring_setup && result >= 0;
    return result;
}

static void where_rings_are_refused_frames_pass_one_by_one(void)
{
    unsigned before = old.rings;
    old.no_ring = true;
    check_many("t21");
    old.no_ring = false;
    CU_ASSERT_EQUAL(old.rings, before);
}

static void a_kernel_without_headers_is_served_as_a_cable(void)
{
    old.no_header = true;
    struct rill_device *d = open_tap("t18");
    old.no_header = false;
    CU_ASSERT_FALSE(d->facts.can_checksum);
    CU_ASSERT_EQUAL(d->facts.gso_max, 0);
    check_pieces(d);
    close_tap(d);
}

static void a_kernel_that_knows_less_is_asked_for_less(void)
{
    static const struct {
        unsigned unknown, granted;
    } row[] = {{0, 0x6b}, {0x60, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN}, {0x6a, TUN_F_CSUM}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        old.no_offload = row[i].unknown;
        struct rill_device *d = open_tap("t19");
        CU_ASSERT_EQUAL(old.asked, row[i].granted);
        CU_ASSERT_EQUAL(d->facts.gso_max, 65535);
        close_tap(d);
    }
    old.no_offload = ~0u;
    struct rill_device *d = open_tap("t19");
    check_pieces(d);
    close_tap(d);
    old.no_offload = 0;
}

static void a_tap_without_link_takes_frames_and_loses_them(void)
{
    uint8_t bytes[2048] = {0};
    struct rill_frame frame = {.buffer = bytes, .room = sizeof bytes};
    struct rill_device *d = open_tap("t11");
    interface_set_up("t11", false);
    while (d->ops->read(d, &frame, 1) > 0) /* the kernel's own, of when there was a link */
        ;
    frame.length = 14;
    CU_ASSERT_EQUAL(d->ops->write(d, &frame, 1), 1);
    CU_ASSERT_EQUAL(d->ops->read(d, &frame, 1), 0);
    close_tap(d);
}

/* Whether one frame or several are asked for. */
static void a_tap_that_was_deleted_has_gone(void)
{
    uint8_t bytes[2][64] = {0};
    struct rill_frame f[2];
    struct rill_device *d = open_tap("t12");
    CU_ASSERT_EQUAL(system("ip link delete t12"), 0);
    for (unsigned n = 1; n <= 2; n++) {
        for (unsigned i = 0; i < 2; i++)
            f[i] = (struct rill_frame){.buffer = bytes[i], .room = 64, .length = 14};
        errno = 0;
        CU_ASSERT_EQUAL(d->ops->read(d, f, n), -1);
        CU_ASSERT_EQUAL(errno, ENODEV);
        errno = 0;
        CU_ASSERT_EQUAL(d->ops->write(d, f, n), -1);
        CU_ASSERT_EQUAL(errno, ENODEV);
    }
    close_tap(d);
}

static const struct unit_test tests[] = {
    {"a created TAP is configured, and goes when it is closed",
     a_created_tap_is_configured_and_goes_when_it_is_closed},
    {"the kernel numbers a name that asks for it", the_kernel_numbers_a_name_that_asks_for_it},
    {"a persistent TAP is again as it was", a_persistent_tap_is_again_as_it_was},
    {"what is right already is left alone", what_is_right_already_is_left_alone},
    {"another address of a persistent TAP stays", another_address_of_a_persistent_tap_stays},
    {"a failure half-way takes back what was done", a_failure_half_way_takes_back_what_was_done},
    {"a name in use is refused", a_name_in_use_is_refused},
    {"the last descriptor is no name in use", the_last_descriptor_is_no_name_in_use},
    {"a shared queue without a descriptor is refused with a sentence",
     a_shared_queue_without_a_descriptor_is_refused_with_a_sentence},
    {"names that cannot be are refused", names_that_cannot_be_are_refused},
    {"addresses that collide are refused", addresses_that_collide_are_refused},
    {"an MTU that no TAP takes is refused", an_mtu_that_no_tap_takes_is_refused},
    {"the derived MAC is local, unicast and stable", the_derived_mac_is_local_unicast_and_stable},
    {"frames pass in both directions", frames_pass_in_both_directions},
    {"many frames stay in their order", many_frames_stay_in_their_order},
    {"the first frame after a silence comes alone", the_first_frame_after_a_silence_comes_alone},
    {"where rings are refused frames pass one by one",
     where_rings_are_refused_frames_pass_one_by_one},
    {"a superframe goes out whole", a_superframe_goes_out_whole},
    {"the kernel is told that the first segment alone has CWR",
     the_kernel_is_told_that_the_first_segment_alone_has_cwr},
    {"a superframe comes in whole, its sum unfinished",
     a_superframe_comes_in_whole_its_sum_unfinished},
    {"without offloads the kernel cuts and sums", without_offloads_the_kernel_cuts_and_sums},
    {"what an earlier reader was given holds no longer",
     what_an_earlier_reader_was_given_holds_no_longer},
    {"a kernel without headers is served as a cable",
     a_kernel_without_headers_is_served_as_a_cable},
    {"a kernel that knows less is asked for less", a_kernel_that_knows_less_is_asked_for_less},
    {"a TAP without link takes frames and loses them",
     a_tap_without_link_takes_frames_and_loses_them},
    {"a TAP that was deleted has gone", a_tap_that_was_deleted_has_gone},
};

/* Why this cannot run here; NULL where it can. */
static const char *obstacle(void)
{
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return "no network namespace may be made (root or user namespaces are needed)";
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return "/dev/net/tun cannot be opened";
    close(fd);
    return NULL;
}

int main(void)
{
    const char *reason = obstacle();
    if (reason) {
        printf("SKIP tap: %s\ntap: 0 passed, 0 failed, 1 skipped\n", reason);
        return 0;
    }
    return UNIT_MAIN("tap", tests);
}
