#include "vnet.h"

#include "segment.h"

#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/ioctl.h>

/* Newer than Debian 12's headers. */
enum { OFFLOAD_USO4 = 0x20, OFFLOAD_USO6 = 0x40 }; /* TUN_F_USO4, TUN_F_USO6 */
enum { GSO_UDP = 5 };                              /* VIRTIO_NET_HDR_GSO_UDP_L4 */

_Static_assert(sizeof(struct virtio_net_hdr) == VNET_HEADER,
               "the legacy header, without num_buffers");

bool vnet_enable(int fd)
{
    /* The two USO flags are accepted only together (tun.c). TCP over IPv6 is left out because the
     * stack has no IPv6. */
    static const unsigned wanted[] = {TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN | OFFLOAD_USO4 |
                                          OFFLOAD_USO6,
                                      TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN, TUN_F_CSUM, 0};
    int length = VNET_HEADER;
    ioctl(fd, TUNSETVNETHDRSZ, &length); /* an earlier owner may have set a longer one */
    unsigned i = 0, all = sizeof wanted / sizeof *wanted;
    while (i < all && ioctl(fd, TUNSETOFFLOAD, wanted[i]) != 0)
        i++;
    return i < all && wanted[i] & OFFLOAD_USO4;
}

void vnet_disable(int fd)
{
    ioctl(fd, TUNSETOFFLOAD, 0);
}

static uint8_t gso_type(const struct rill_frame *f)
{
    if (segment_is_udp(f))
        return GSO_UDP;
    return (uint8_t)(VIRTIO_NET_HDR_GSO_TCPV4 | (segment_has_cwr(f) ? VIRTIO_NET_HDR_GSO_ECN : 0));
}

void vnet_write(uint8_t header[VNET_HEADER], const struct rill_frame *f)
{
    struct virtio_net_hdr h = {0};
    if (f->checksum_partial) {
        h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        h.csum_start = f->checksum_start;
        h.csum_offset = f->checksum_offset;
        h.hdr_len = f->header_length;
    }
    if (f->gso_size) {
        h.gso_type = gso_type(f);
        h.gso_size = f->gso_size;
    }
    memcpy(header, &h, VNET_HEADER);
}

bool vnet_read(const uint8_t header[VNET_HEADER], struct rill_frame *f)
{
    struct virtio_net_hdr h;
    memcpy(&h, header, VNET_HEADER);
    /* hdr_len is the length of the kernel's linear part, not of the headers. */
    f->header_length = 0;
    f->gso_size = h.gso_type == VIRTIO_NET_HDR_GSO_NONE ? 0 : h.gso_size;
    f->checksum_partial = h.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    f->checksum_good = h.flags & (VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_DATA_VALID);
    f->checksum_start = f->checksum_partial ? h.csum_start : 0;
    f->checksum_offset = f->checksum_partial ? h.csum_offset : 0;
    return (size_t)f->checksum_start + f->checksum_offset + 2 <= f->length || !f->checksum_partial;
}
