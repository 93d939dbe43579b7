/* Several reads and writes of descriptors in one system call: io_uring_enter(2), without liburing.
 * The operations are done when uring_submit returns, in the order in which they were added. None of
 * them waits: if nothing can be read the result is -EAGAIN. */
#ifndef DRIVERS_URING_H
#define DRIVERS_URING_H

#include <stdint.h>
#include <sys/uio.h>

enum { URING_MOST = 64 }; /* that one call does */

struct uring;

/* Returns NULL with errno where the kernel has no such thing (Linux 5.6 has it), or does not let
 * us. */
struct uring *uring_open(void);
void uring_close(struct uring *); /* NULL is no ring */

/* At most URING_MOST, of bytes that stay where they are until they have been submitted. */
void uring_read(struct uring *, int fd, void *to, uint32_t length);
void uring_write(struct uring *, int fd, const struct iovec *, unsigned count);

/* Does what has been added. result[i] is what read(2) or writev(2) would return, or -errno;
 * -EOPNOTSUPP where the descriptor's kind cannot be asked without waiting (a TAP can since Linux
 * 6.4). Returns 0; -1 with errno if nothing can be done by this ring any more: what was added may
 * have happened or not. */
int uring_submit(struct uring *, int32_t result[]);

#endif
