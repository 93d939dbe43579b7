/* Several reads and writes of descriptors in one system call: io_uring_enter(2), without liburing.
 * The operations are done when uring_submit returns, in the order in which they were added. None of
 * them waits: if nothing can be read the result is -EAGAIN. */
#ifndef DRIVERS_URING_H
#define DRIVERS_URING_H

#include <stdint.h>
#include <sys/uio.h>

enum { URING_MAX = 64 }; /* operations of one call */

struct uring;

/* NULL with errno: the kernel lacks io_uring (Linux 5.6 has it), or does not permit it. */
struct uring *uring_open(void);
void uring_close(struct uring *); /* NULL is harmless */

/* At most URING_MAX operations; their memory must stay valid until they have been submitted. */
void uring_read(struct uring *, int fd, void *to, uint32_t length);
void uring_write(struct uring *, int fd, const struct iovec *, unsigned count);

/* Executes the added operations. result[i] is what read(2) or writev(2) would return, or -errno;
 * -EOPNOTSUPP if this kind of descriptor has no non-blocking mode for it (a TAP has one since
 * Linux 6.4). Returns 0; -1 with errno if the ring cannot be used any more: then the operations may
 * or may not have happened. */
int uring_submit(struct uring *, int32_t result[]);

#endif
