/* The TAP, in a network namespace of the test's own: nothing outside is touched. Frames pass
 * between rill's end (the device) and the host's end (a packet socket on the interface). */
#include "interface.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <rill/tap.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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
    struct rill_complaint why = {""};
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
    struct rill_complaint why = {""};
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
    CU_ASSERT_FALSE(d->facts.can_checksum);
    CU_ASSERT_EQUAL(d->facts.gso_max, 0);
    close_tap(d);
    CU_ASSERT_EQUAL(if_nametoindex("t0"), 0);
}

static void the_kernel_numbers_a_name_that_asks_for_it(void)
{
    struct rill_tap_config bare = {0};
    struct rill_complaint why;
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
    struct rill_device *d = open_tap("t1");
    CU_ASSERT_EQUAL(mtu_of("t1"), 1400);
    CU_ASSERT(has_address("t1"));
    CU_ASSERT(is_up("t1"));
    close_tap(d);
    CU_ASSERT_EQUAL(mtu_of("t1"), 1500);
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
    CU_ASSERT_EQUAL(interface_set_up("t2", true), 0);
    close_tap(open_tap("t2"));
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
    struct rill_complaint why;
    config.address = rill_address_ip4(0xc0000207);
    d = rill_tap_open(&config, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT(memcmp(first, d->facts.mac, 6) != 0);
    close_tap(d);
}

/* A packet socket at the host's end, for an EtherType of its own. */
static int open_host_end(const char *name)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(0x88b5));
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(0x88b5)};
    at.sll_ifindex = (int)if_nametoindex(name);
    CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
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
    int n = d->ops->read(d, in, 8), seen = 0;
    for (int i = 0; i < n; i++)
        seen += in[i].start == 0 && in[i].length == 60 && memcmp(bytes[i], from_host, 60) == 0;
    CU_ASSERT_EQUAL(seen, 1);
    close(host);
    close_tap(d);
}

static void a_tap_without_link_takes_frames_and_loses_them(void)
{
    uint8_t bytes[14] = {0};
    struct rill_frame out = {.buffer = bytes, .room = 14, .length = 14};
    struct rill_device *d = open_tap("t11");
    interface_set_up("t11", false);
    CU_ASSERT_EQUAL(d->ops->write(d, &out, 1), 1);
    CU_ASSERT_EQUAL(d->ops->read(d, &out, 1), 0);
    close_tap(d);
}

static void a_tap_that_was_deleted_has_gone(void)
{
    uint8_t bytes[64] = {0};
    struct rill_frame f = {.buffer = bytes, .room = 64, .length = 14};
    struct rill_device *d = open_tap("t12");
    CU_ASSERT_EQUAL(system("ip link delete t12"), 0);
    errno = 0;
    CU_ASSERT_EQUAL(d->ops->read(d, &f, 1), -1);
    CU_ASSERT_EQUAL(errno, ENODEV);
    f.length = 14;
    errno = 0;
    CU_ASSERT_EQUAL(d->ops->write(d, &f, 1), -1);
    CU_ASSERT_EQUAL(errno, ENODEV);
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
    {"names that cannot be are refused", names_that_cannot_be_are_refused},
    {"addresses that collide are refused", addresses_that_collide_are_refused},
    {"an MTU that no TAP takes is refused", an_mtu_that_no_tap_takes_is_refused},
    {"the derived MAC is local, unicast and stable", the_derived_mac_is_local_unicast_and_stable},
    {"frames pass in both directions", frames_pass_in_both_directions},
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
