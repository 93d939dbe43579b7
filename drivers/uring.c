/* The two rings lie in memory shared with the kernel: entries that we fill in (sq) and completions
 * (cq). Both are empty between two calls, so their heads always equal their tails: only accesses
 * that the kernel also makes need barriers. */
#include "uring.h"

#include "descriptor.h"

#include <assert.h>
#include <errno.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct uring {
    int fd;
    unsigned added;
    unsigned entries; /* a power of two, URING_MAX or more */
    uint8_t *rings;   /* both rings, in one mapping */
    size_t rings_size;
    struct io_uring_sqe *entry;
    size_t entry_size;
    _Atomic uint32_t *entries_tail, *done_head, *done_tail;
    const struct io_uring_cqe *done;
    uint32_t done_mask;
};

/* IORING_FEAT_RW_CUR_POS came with the same kernel as reads without iovec, which are needed too. */
enum { NEEDED = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_RW_CUR_POS };

static void *map(const struct uring *u, size_t size, off_t what)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, u->fd, what);
    return at == MAP_FAILED ? NULL : at;
}

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The submission ring holds indices: entry i always has index i. */
static void place(struct uring *u, const struct io_uring_params *p)
{
    uint32_t *index = (uint32_t *)(u->rings + p->sq_off.array);
    for (uint32_t i = 0; i < p->sq_entries; i++)
        index[i] = i;
    u->entries = p->sq_entries;
    u->entries_tail = (_Atomic uint32_t *)(u->rings + p->sq_off.tail);
    u->done_head = (_Atomic uint32_t *)(u->rings + p->cq_off.head);
    u->done_tail = (_Atomic uint32_t *)(u->rings + p->cq_off.tail);
    u->done = (const struct io_uring_cqe *)(u->rings + p->cq_off.cqes);
    u->done_mask = p->cq_entries - 1;
}

static int set_up(struct uring *u)
{
    struct io_uring_params p = {0};
    u->fd = descriptor_raise((int)syscall(SYS_io_uring_setup, URING_MAX, &p));
    if (u->fd < 0)
        return -1;
    errno = ENOSYS;
    if ((p.features & NEEDED) != NEEDED)
        return -1;
    u->rings_size = max_size(p.sq_off.array + p.sq_entries * sizeof(uint32_t),
                             p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe));
    u->entry_size = p.sq_entries * sizeof(struct io_uring_sqe);
    u->rings = map(u, u->rings_size, IORING_OFF_SQ_RING);
    u->entry = map(u, u->entry_size, IORING_OFF_SQES);
    if (!u->rings || !u->entry)
        return -1;
    place(u, &p);
    return 0;
}

struct uring *uring_open(void)
{
    struct uring *u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    u->fd = -1;
    if (set_up(u) == 0)
        return u;
    uring_close(u);
    return NULL;
}

void uring_close(struct uring *u)
{
    int error = errno;
    if (!u)
        return;
    if (u->entry)
        munmap(u->entry, u->entry_size);
    if (u->rings)
        munmap(u->rings, u->rings_size);
    if (u->fd >= 0)
        close(u->fd);
    free(u);
    errno = error;
}

/* The entry's index comes back with its result. */
static void add(struct uring *u, const struct io_uring_sqe *e)
{
    assert(u->added < URING_MAX);
    uint32_t tail = atomic_load_explicit(u->entries_tail, memory_order_relaxed) + u->added;
    struct io_uring_sqe *to = &u->entry[tail & (u->entries - 1)];
    *to = *e;
    to->user_data = u->added++;
}

void uring_read(struct uring *u, int fd, void *to, uint32_t length)
{
    add(u, &(struct io_uring_sqe){.opcode = IORING_OP_READ,
                                  .fd = fd,
                                  .addr = (uintptr_t)to,
                                  .len = length,
                                  .rw_flags = RWF_NOWAIT});
}

void uring_write(struct uring *u, int fd, const struct iovec *parts, unsigned count)
{
    add(u, &(struct io_uring_sqe){.opcode = IORING_OP_WRITEV,
                                  .fd = fd,
                                  .addr = (uintptr_t)parts,
                                  .len = count,
                                  .rw_flags = RWF_NOWAIT});
}

/* Returns how many completions there were. */
static unsigned collect(struct uring *u, int32_t result[])
{
    uint32_t head = atomic_load_explicit(u->done_head, memory_order_relaxed), first = head;
    uint32_t tail = atomic_load_explicit(u->done_tail, memory_order_acquire);
    for (; head != tail; head++) {
        const struct io_uring_cqe *c = &u->done[head & u->done_mask];
        result[c->user_data] = c->res;
    }
    atomic_store_explicit(u->done_head, head, memory_order_release);
    return head - first;
}

/* The kernel stops at an invalid entry: the rest is submitted again. */
int uring_submit(struct uring *u, int32_t result[])
{
    unsigned wanted = u->added, left = wanted, done = 0;
    uint32_t tail = atomic_load_explicit(u->entries_tail, memory_order_relaxed);
    atomic_store_explicit(u->entries_tail, tail + wanted, memory_order_release);
    u->added = 0;
    while (done < wanted) {
        long n = syscall(SYS_io_uring_enter, u->fd, left, wanted - done, IORING_ENTER_GETEVENTS,
                         NULL, 0);
        if (n < 0 && errno != EINTR)
            return -1;
        left -= n > 0 ? (unsigned)n : 0;
        done += collect(u, result);
    }
    return 0;
}
