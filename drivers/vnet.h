/* The header before each frame of a TAP with IFF_VNET_HDR, in both directions: struct
 * virtio_net_hdr (Virtual I/O Device 1.2, 5.1.6). It holds the offload information of a network
 * card: which checksum is unfinished, and how to cut a superframe into segments. */
#ifndef DRIVERS_VNET_H
#define DRIVERS_VNET_H

#include <rill/frame.h>
#include <stdint.h>

/* Bytes before a frame: the original header of 10 bytes, which every kernel supports. */
#define VNET_HEADER 10

/* Requests that the kernel leaves checksums and segmentation to us, as far as it supports it: tries
 * the most first (UDP segmentation came with Linux 6.2). If it leaves nothing to us, the header
 * still works in the other direction. The descriptor is attached with IFF_VNET_HDR. True: UDP
 * segmentation too. */
bool vnet_enable(int fd);

/* Requests that the kernel does all of that itself again: a persistent interface keeps the setting,
 * and the next reader may not expect it. */
void vnet_disable(int fd);

/* Writes the header that describes the frame's unfinished parts. */
void vnet_write(uint8_t header[VNET_HEADER], const struct rill_frame *);

/* Fills in the frame's fields from the header before it; start and length are set already. False:
 * header and frame contradict each other, and the frame must be dropped. */
bool vnet_read(const uint8_t header[VNET_HEADER], struct rill_frame *);

#endif
