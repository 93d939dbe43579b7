/* The header before each frame of a TAP with IFF_VNET_HDR, in both directions: struct
 * virtio_net_hdr (Virtual I/O Device 1.2, 5.1.6). It holds the offload information of a network
 * card: which checksum is unfinished, and how to cut a superframe into segments. */
#ifndef DRIVERS_VNET_H
#define DRIVERS_VNET_H

#include <rill/frame.h>
#include <stdint.h>

/* Bytes in front of a frame: the header as it was at first, 10 bytes, which every kernel speaks. */
#define VNET_HEADER 10

/* Has the kernel leave checksums and cutting to us, as far as it can: the most is asked for first
 * (UDP segmentation came with Linux 6.2). Where it leaves nothing to us the header still works in
 * the other direction. The descriptor is attached with IFF_VNET_HDR. True: it cuts UDP, too. */
bool vnet_enable(int fd);

/* Has the kernel do all of that itself again: an interface that outlives its descriptor keeps what
 * it was told, and the next reader may not expect it. */
void vnet_disable(int fd);

/* The header that says what the frame lacks. */
void vnet_write(uint8_t header[VNET_HEADER], const struct rill_frame *);

/* What a header says of the frame behind it, whose start and length are set. False: the two
 * contradict each other, and the frame is of no use. */
bool vnet_read(const uint8_t header[VNET_HEADER], struct rill_frame *);

#endif
