/* A network interface of the host: netdevice(7) for the interface itself, rtnetlink(7) for its
 * addresses (the ioctl would replace an existing address, and sets a classful netmask for a
 * moment). Functions return 0, or -1 with errno. */
#ifndef DRIVERS_INTERFACE_H
#define DRIVERS_INTERFACE_H

#include <rill/address.h>

int interface_mtu(const char *name, int *mtu);
int interface_set_mtu(const char *name, int mtu);

/* Frames that may wait for the reader before more are dropped (txqueuelen). */
int interface_queue(const char *name, int *frames);
int interface_set_queue(const char *name, int frames);

int interface_is_up(const char *name, bool *up);
int interface_set_up(const char *name, bool up);

int interface_mac(const char *name, uint8_t mac[6]);
unsigned interface_index(const char *name); /* 0: there is no such interface */

/* The interface that has an IPv4 address, and the prefix. ENOENT: none has it. */
struct interface_holder {
    char name[16];
    unsigned prefix;
};
int interface_find(struct rill_address, struct interface_holder *);

int interface_add_address(const char *name, struct rill_address, unsigned prefix);
int interface_remove_address(const char *name, struct rill_address, unsigned prefix);

#endif
