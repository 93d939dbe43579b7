/* Where the cores that share an address hand each other the frames that are not their own: between
 * each two of them a ring for each direction, and for each core a bell.
 *
 *       queue 0                 queue 1                 the kernel chooses one for each flow
 *          |                       |
 *       core 0's device <-----> core 1's device         each keeps what rill_core_of says is its
 *          |                       |                    own, and hands the rest over
 *       stack 0                 stack 1
 *
 * The kernel's choice saves work, and nothing depends on it. */
#ifndef DRIVERS_EXCHANGE_H
#define DRIVERS_EXCHANGE_H

#include <rill/device.h>
#include <rill/host.h>

struct exchange;

/* NULL with errno. It must outlive its devices. */
struct exchange *exchange_new(unsigned cores);
void exchange_free(struct exchange *);

/* Readable while something may have been handed to the core; a read of its device silences it. */
int exchange_bell(const struct exchange *, unsigned core);

/* A decorator: reads what others have handed over and what the inner device has of the core's own,
 * and hands on what is another's. Used by the core's thread alone. NULL: no memory. */
struct rill_device *exchange_device(struct exchange *, unsigned core, struct rill_device *inner);

/* Whose rule it asks; before the first read. */
void exchange_ask(struct rill_device *, const struct rill *);

#endif
