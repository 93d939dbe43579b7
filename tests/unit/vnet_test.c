/* The header in front of a TAP's frames. What the kernel makes of it is in tap_test.c. */
#include "unit.h"
#include "vnet.h"

#include <linux/virtio_net.h>
#include <string.h>

static uint8_t bytes[200];

static struct rill_frame frame_of(uint32_t length)
{
    return (struct rill_frame){.buffer = bytes, .room = sizeof bytes, .length = length};
}

static struct virtio_net_hdr written(const struct rill_frame *f)
{
    struct virtio_net_hdr h;
    uint8_t header[VNET_HEADER];
    memset(header, 0xee, sizeof header);
    vnet_write(header, f);
    memcpy(&h, header, sizeof h);
    return h;
}

static bool read_header(const struct virtio_net_hdr *h, struct rill_frame *f)
{
    uint8_t header[VNET_HEADER];
    memcpy(header, h, sizeof header);
    return vnet_read(header, f);
}

static void a_finished_frame_has_an_empty_header(void)
{
    static const uint8_t zero[VNET_HEADER];
    uint8_t header[VNET_HEADER];
    struct rill_frame f = frame_of(60);
    memset(header, 0xee, sizeof header);
    vnet_write(header, &f);
    CU_ASSERT(memcmp(header, zero, sizeof zero) == 0);
}

static struct rill_frame datagram_of(uint32_t length)
{
    struct rill_frame f = frame_of(length);
    f.checksum_partial = true;
    f.checksum_start = 34;
    f.checksum_offset = 6;
    f.header_length = 42;
    return f;
}

static void a_partial_sum_is_told_with_its_place(void)
{
    struct rill_frame f = datagram_of(60);
    struct virtio_net_hdr h = written(&f);
    CU_ASSERT_EQUAL(h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
    CU_ASSERT_EQUAL(h.csum_start, 34);
    CU_ASSERT_EQUAL(h.csum_offset, 6);
    CU_ASSERT_EQUAL(h.hdr_len, 42);
    CU_ASSERT_EQUAL(h.gso_type, VIRTIO_NET_HDR_GSO_NONE);
}

static void a_superframe_of_datagrams_is_no_tcp(void)
{
    struct rill_frame f = datagram_of(100);
    f.gso_size = 20;
    struct virtio_net_hdr h = written(&f);
    CU_ASSERT_EQUAL(h.gso_type, 5); /* VIRTIO_NET_HDR_GSO_UDP_L4 */
    CU_ASSERT_EQUAL(h.gso_size, 20);
}

static void what_the_device_has_verified_is_good_and_whole(void)
{
    struct virtio_net_hdr h = {.flags = VIRTIO_NET_HDR_F_DATA_VALID, .csum_start = 9};
    struct rill_frame f = frame_of(60);
    CU_ASSERT(read_header(&h, &f));
    CU_ASSERT_TRUE(f.checksum_good);
    CU_ASSERT_FALSE(f.checksum_partial);
    CU_ASSERT_EQUAL(f.gso_size, 0);
}

static void a_frame_of_which_nothing_is_said_is_verified(void)
{
    struct virtio_net_hdr h = {.gso_size = 77};
    struct rill_frame f = frame_of(60);
    f.checksum_good = true;
    CU_ASSERT(read_header(&h, &f));
    CU_ASSERT_FALSE(f.checksum_good);
    CU_ASSERT_EQUAL(f.gso_size, 0);
}

static void a_sum_outside_the_frame_is_refused(void)
{
    struct virtio_net_hdr h = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 42, .csum_offset = 16};
    struct rill_frame f = frame_of(60);
    CU_ASSERT(read_header(&h, &f));
    f.length = 59;
    CU_ASSERT_FALSE(read_header(&h, &f));
    h.csum_start = h.csum_offset = 65535;
    CU_ASSERT_FALSE(read_header(&h, &f));
}

static const struct unit_test tests[] = {
    {"a finished frame has an empty header", a_finished_frame_has_an_empty_header},
    {"a partial sum is told with its place", a_partial_sum_is_told_with_its_place},
    {"a superframe of datagrams is no TCP", a_superframe_of_datagrams_is_no_tcp},
    {"what the device has verified is good, and whole",
     what_the_device_has_verified_is_good_and_whole},
    {"a frame of which nothing is said is verified", a_frame_of_which_nothing_is_said_is_verified},
    {"a sum outside the frame is refused", a_sum_outside_the_frame_is_refused},
};

int main(void)
{
    return UNIT_MAIN("vnet", tests);
}
