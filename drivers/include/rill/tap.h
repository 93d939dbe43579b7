/* TAP: an Ethernet segment between this process and the host kernel (Documentation/networking/tuntap.rst). */
#ifndef RILL_TAP_H
#define RILL_TAP_H

#include <rill/device.h>

struct rill_tap_config {
    const char *name; /* "rill0"; may hold a %d for the kernel to number; NULL: "rill%d". An interface that exists is attached to */
    uint8_t mac[6];   /* rill's own; all zero: derived from name and rill's address */
    uint16_t mtu;     /* 0: 1500 */
    struct rill_address host_address; /* given to the host's side; all zero: none is set */
    unsigned host_prefix;
};

/* Opens or creates the TAP, sets its MTU and the host's address, and brings it up (ioctl netdevice(7), rtnetlink). What it created or added
 * is removed on close; a persistent interface that was there before stays as it was. Needs CAP_NET_ADMIN in the
 * network namespace unless the interface exists and belongs to the user. */
struct rill_device *rill_tap_open(const struct rill_tap_config *, struct rill_complaint *);

/* The interface's name, as the kernel gave it. */
const char *rill_tap_name(const struct rill_device *);

#endif
