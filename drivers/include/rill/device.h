/* A device moves frames between a stack's port and the outside. A driver fills in the operations; a
 * decorator (capture, fault injection) holds another device and passes the calls on.
 *
 * Functions that return int or a pointer say why they failed in errno; those that open something
 * also write one sentence, with what to do, into the caller's struct rill_complaint. */
#ifndef RILL_DEVICE_H
#define RILL_DEVICE_H

#include <rill/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_complaint {
    char text[240];
};

struct rill_device;

struct rill_device_ops {
    /* Reads up to max frames into the given buffers, which may change places, and returns how many,
     * not always all that are there; 0: nothing there now; -1: errno (ENODEV: the device has gone).
     */
    int (*read)(struct rill_device *, struct rill_frame *, unsigned max);
    /* Writes n frames in order and returns how many the device took (the rest stay the caller's);
     * -1: errno. A device without link takes frames and drops them, as a pulled cable does. */
    int (*write)(struct rill_device *, const struct rill_frame *, unsigned n);
    /* The host descriptor to poll for readability, -1 where there is none (simulated devices). */
    int (*descriptor)(const struct rill_device *);
    /* Undoes what opening did and frees the device. */
    void (*close)(struct rill_device *);
};

/* The first member of each driver's own structure. */
struct rill_device {
    const struct rill_device_ops *ops;
    struct rill_port_config facts; /* what rill_port_add is to be told */
};

#ifdef __cplusplus
}
#endif

#endif
