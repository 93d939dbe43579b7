/* Exchange of frames between cores that share an address: a ring for each pair of cores and
 * direction, and for each core an eventfd as a bell.
 *
 *       queue 0                 queue 1                 the kernel chooses one for each flow
 *          |                       |
 *       core 0's device <-----> core 1's device         each keeps the frames that rill_core_of
 *          |                       |                    assigns to it, and hands over the rest
 *       stack 0                 stack 1
 *
 * A good choice of the kernel saves work, but correctness does not depend on it. */
#ifndef DRIVERS_EXCHANGE_H
#define DRIVERS_EXCHANGE_H

#include <rill/device.h>
#include <rill/host.h>

struct exchange;

/* NULL with errno. It must outlive its devices. */
struct exchange *exchange_new(unsigned cores);
void exchange_free(struct exchange *);

/* Readable while another core may have handed over a frame; reading the device clears it. */
int exchange_bell(const struct exchange *, unsigned core);

/* A decorator: reads the frames that others handed over and the core's own frames of the inner
 * device, and hands over the rest. Only the core's thread uses it. NULL: no memory. */
struct rill_device *exchange_device(struct exchange *, unsigned core, struct rill_device *inner);

/* The stack that decides by rill_core_of; call before the first read. */
void exchange_ask(struct rill_device *, const struct rill *);

#endif
