/* A device moves frames between a stack's port and the outside. A driver implements the operations;
 * a decorator (capture, fault injection) contains another device and forwards the calls to it.
 *
 * Functions that return int or a pointer set errno on failure. Functions that open something also
 * write one sentence into the caller's struct rill_diagnostic, which says what to do. */
#ifndef RILL_DEVICE_H
#define RILL_DEVICE_H

#include <rill/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_diagnostic {
    char text[240];
};

struct rill_device;

struct rill_device_ops {
    /* Reads up to max frames and returns how many; more may be available. The function may exchange
     * the buffers of the given frames. 0: no frame now; -1: errno (ENODEV: the device is gone). */
    int (*read)(struct rill_device *, struct rill_frame *, unsigned max);
    /* Writes n frames in order and returns how many the device accepted (the caller keeps the
     * rest); -1: errno. A device without link accepts frames and drops them, like a pulled cable.
     */
    int (*write)(struct rill_device *, const struct rill_frame *, unsigned n);
    /* The host descriptor to poll for readability; -1: none (simulated devices). */
    int (*descriptor)(const struct rill_device *);
    /* Undoes the effects of opening and frees the device. */
    void (*close)(struct rill_device *);
};

/* The first member of each driver's own structure. */
struct rill_device {
    const struct rill_device_ops *ops;
    struct rill_port_config facts; /* the argument for rill_port_add */
};

#ifdef __cplusplus
}
#endif

#endif
