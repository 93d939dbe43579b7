/* TAP: an Ethernet segment between this process and the host kernel
 * (Documentation/networking/tuntap.rst). */
#ifndef RILL_TAP_H
#define RILL_TAP_H

#include <rill/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Addresses of all zeros are not there. */
struct rill_tap_config {
    const char *name; /* "rill0"; a %d in it is numbered by the kernel; NULL: "rill%d" */
    uint8_t mac[6];   /* rill's own; all zeros: derived from the name and rill's address */
    uint16_t mtu;     /* 0: 1500 */
    struct rill_address address;      /* rill's own, refused where the host has it itself */
    struct rill_address host_address; /* given to the host's side */
    unsigned host_prefix;
    bool no_offload; /* checksums and segments are finished on both sides before they cross, as on a
                        cable: slower, and for comparison */
    bool queues;     /* it is to have several: rill_tap_queue opens the others */
};

/* Frames carry a struct virtio_net_hdr where the kernel has one: checksums are left to whoever
 * needs them, and superframes of 64 KB cross whole, in both directions. A frame read may then be
 * as long, so buffers need room for facts.gso_max + 24 bytes; where it is a superframe, gso_size
 * says what it would be cut into, and where it is checksum_partial its sum is still to be finished
 * before anybody but a stack sees it. Several frames are moved in one system call where the kernel
 * lets us use io_uring.
 *
 * Attaches to the TAP of that name, or creates it; sets its MTU and the host's address, and brings
 * it up; with superframes its queue towards us is to hold 30,000 frames (txqueuelen), where we may
 * say so. What is right already is left alone. Closing takes back what opening did: a created
 * interface disappears, a persistent one is again as it was.
 *
 * Needs CAP_NET_ADMIN in the network namespace, unless a persistent interface belongs to the user
 * and is configured already. */
struct rill_device *rill_tap_open(const struct rill_tap_config *, struct rill_complaint *);

/* One more queue of an interface that is open, for another thread: the kernel hands each frame to
 * one of them, those of a flow to the one that has last sent for it. Facts are the same, and each
 * is read and written by itself; where the interface has one queue (it was made without
 * `multi_queue`, or the kernel is old) all share it. To be closed before the one that was opened
 * first. */
struct rill_device *rill_tap_queue(struct rill_device *, struct rill_complaint *);

/* The interface's name, as the kernel gave it. */
const char *rill_tap_name(const struct rill_device *);

#ifdef __cplusplus
}
#endif

#endif
