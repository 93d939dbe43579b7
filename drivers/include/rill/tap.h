/* TAP: an Ethernet segment between this process and the host kernel
 * (Documentation/networking/tuntap.rst). */
#ifndef RILL_TAP_H
#define RILL_TAP_H

#include <rill/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An address of all zeros means none. */
struct rill_tap_config {
    const char *name;            /* "rill0"; the kernel replaces %d by a number; NULL: "rill%d" */
    uint8_t mac[6];              /* rill's; all zeros: derived from the name and rill's address */
    uint16_t mtu;                /* 0: 1500 */
    struct rill_address address; /* rill's; refused if the host itself has it */
    struct rill_address host_address; /* assigned to the host's side */
    unsigned host_prefix;
    bool no_offload; /* both sides finish checksums and cut segments before they send, as for a
                        real cable: slower, for comparison */
    bool queues;     /* it gets several queues: rill_tap_queue opens the others */
};

/* Attaches to the TAP of that name, or creates it; sets its MTU and the host's address, and brings
 * it up. With superframes it also sets the length of the kernel's queue to 30,000 frames
 * (txqueuelen), if permitted. Settings that are already right are not changed. Closing undoes what
 * opening did: a created interface disappears, a persistent one gets its former settings back.
 *
 * If the kernel supports it, frames carry a struct virtio_net_hdr: superframes of up to 64 KB and
 * unfinished checksums then pass in both directions. A received frame may be that long, so buffers
 * need room for facts.gso_max + 24 bytes. gso_size of a superframe is the size of its segments. The
 * checksum of a frame with checksum_partial must be finished before any program other than a rill
 * stack gets the frame. If the kernel permits io_uring, one system call moves several frames.
 *
 * Needs CAP_NET_ADMIN in the network namespace, unless the user owns a persistent interface that is
 * already configured. */
struct rill_device *rill_tap_open(const struct rill_tap_config *, struct rill_diagnostic *);

/* Opens one more queue of an open interface, for another thread. The kernel delivers each frame to
 * one queue: the frames of a flow go to the queue that last sent for it. `facts` are the same; each
 * queue is read and written separately. If the interface has only one queue (it was created without
 * `multi_queue`, or the kernel is old), all share it. Close it before the device that was opened
 * first. */
struct rill_device *rill_tap_queue(struct rill_device *, struct rill_diagnostic *);

/* The interface's name, as assigned by the kernel. */
const char *rill_tap_name(const struct rill_device *);

#ifdef __cplusplus
}
#endif

#endif
