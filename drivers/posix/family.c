#define RILL_POSIX_KEEP_NAMES
#include "posix/family.h"

#include "descriptor.h"
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <rill/posix.h>
#include <rill/socket.h>
#include <rill/threads.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { SEATS = 256, BITS = 32 };
enum { SEAT_BYTES = 76 << 10 }; /* enough for any datagram */

struct relative {
    atomic_bool taken;
    _Atomic(uint32_t) held[DESCRIPTORS_MAX / BITS];
};

struct seat {
    _Alignas(4096) char memory[SEAT_BYTES]; /* for mailbox_attach_seat */
    atomic_int of;                          /* a relative, + 1; 0: free */
    int lent;                               /* number of the descriptor that its thread has lent */
    sem_t taken;                            /* the descriptor has been received */
};

/* 55 MB of address space; some programs limit themselves to 200 MB (RLIMIT_AS). Unused pages take
 * no memory. */
struct shared {
    atomic_int users[DESCRIPTORS_MAX];
    atomic_int end; /* above all of rill's descriptors that were ever held */
    struct relative relative[FAMILY_RELATIVES];
    struct seat seat[SEATS];
};

static struct {
    struct shared *shared; /* NULL: there is no family */
    int me;                /* a relative */
    bool is_child;
    int post[2]; /* the attendant's end, and the other processes' end */
    int lifeline;
    int child; /* during fork: a relative; -1: it has no part */
    int child_lifeline;
} family = {.post = {-1, -1}, .lifeline = -1, .child = -1, .child_lifeline = -1};

static _Thread_local struct seat *my_seat;

bool family_is_child(void)
{
    return family.is_child;
}

int family_kept(int from)
{
    int kept = least_from(from, family.lifeline, INT_MAX);
    kept = least_from(from, family.post[0], kept);
    return least_from(from, family.post[1], kept);
}

/* ---- Holding descriptors ---- */

static _Atomic(uint32_t) *word_of(int relative, int rills)
{
    return &family.shared->relative[relative].held[rills / BITS];
}

static uint32_t bit_of(int rills)
{
    return (uint32_t)1 << rills % BITS;
}

static void hold(int relative, int rills)
{
    if (atomic_fetch_or(word_of(relative, rills), bit_of(rills)) & bit_of(rills))
        return;
    family.shared->users[rills]++;
    int end = family.shared->end;
    while (end <= rills && !atomic_compare_exchange_weak(&family.shared->end, &end, rills + 1))
        ;
}

static bool leave(int relative, int rills)
{
    bool held = atomic_fetch_and(word_of(relative, rills), ~bit_of(rills)) & bit_of(rills);
    return held && --family.shared->users[rills] == 0;
}

void family_hold(int rills)
{
    if (family.shared)
        hold(family.me, rills);
}

bool family_leave(int rills)
{
    return !family.shared || leave(family.me, rills);
}

/* The child has names for all that the forking process has names for. */
static void hold_likewise(int child)
{
    for (int rills = 0; rills < family.shared->end; rills++)
        if (*word_of(family.me, rills) & bit_of(rills))
            hold(child, rills);
}

/* ---- The post ---- */

/* Sends it with a copy of `fd`; -1: without. False with errno. */
static bool post(struct family_message m, int fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof fd)];
    } control = {.header = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec part = {&m, sizeof m};
    struct msghdr letter = {.msg_iov = &part, .msg_iovlen = 1};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    if (fd >= 0) {
        letter.msg_control = &control;
        letter.msg_controllen = sizeof control;
    }
    ssize_t n;
    do
        n = sendmsg(family.post[1], &letter, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) /* nobody takes it any more */
        errno = ESHUTDOWN;
    return n == sizeof m;
}

/* False: no message. *fd is -1 if it has no descriptor. */
static bool take_post(struct family_message *m, int *fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof *fd)];
    } control;
    struct iovec part = {m, sizeof *m};
    struct msghdr letter = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};
    *fd = -1;
    if (recvmsg(family.post[0], &letter, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != sizeof *m)
        return false;
    if (letter.msg_controllen >= CMSG_LEN(sizeof *fd))
        memcpy(fd, CMSG_DATA(&control.header), sizeof *fd);
    *fd = descriptor_raise(*fd);
    return true;
}

/* What it names comes from another process. */
static bool names_something(struct family_message m)
{
    int end = m.what == FAMILY_BORN ? FAMILY_RELATIVES : m.what == FAMILY_LENDS ? SEATS : INT_MAX;
    return m.number >= 0 && m.number < end;
}

/* ---- For the attendant ---- */

int family_post(void)
{
    return family.post[0];
}

bool family_take(struct family_message *m, int *fd)
{
    if (!take_post(m, fd))
        return false;
    if (names_something(*m))
        return true;
    if (*fd >= 0)
        close(*fd);
    return false;
}

void family_lend(int seat, int fd)
{
    family.shared->seat[seat].lent = fd;
    sem_post(&family.shared->seat[seat].taken);
}

void family_unseat(int dead)
{
    struct shared *s = family.shared;
    for (int i = 0; i < SEATS; i++)
        if (s->seat[i].of == dead + 1 && mailbox_bury(s->seat[i].memory))
            s->seat[i].of = 0;
}

int family_inherit(int dead, int from)
{
    for (int rills = from; rills < family.shared->end; rills++)
        if (*word_of(dead, rills) & bit_of(rills) && leave(dead, rills))
            return rills;
    family.shared->relative[dead].taken = false;
    return -1;
}

/* ---- fork(2) ---- */

static void close_all(void)
{
    int *const each[] = {&family.post[0], &family.post[1], &family.lifeline};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        if (*each[i] >= 0)
            close(*each[i]);
        *each[i] = -1;
    }
}

bool family_exists(void)
{
    return family.shared;
}

bool family_found(void)
{
    struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s == MAP_FAILED)
        return false;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, family.post) != 0) {
        munmap(s, sizeof *s);
        return false;
    }
    for (int i = 0; i < 2; i++)
        family.post[i] = descriptor_raise(family.post[i]);
    family.shared = s;
    family.me = 0;
    s->relative[0].taken = true;
    return true;
}

static int take_relative(void)
{
    for (int i = 0; i < FAMILY_RELATIVES; i++)
        if (!atomic_exchange(&family.shared->relative[i].taken, true))
            return i;
    return -1;
}

/* It has not been born after all. */
static void give_back(int child)
{
    for (int rills = 0; rills < family.shared->end; rills++)
        leave(child, rills);
    family.shared->relative[child].taken = false;
}

/* A child that the attendant does not learn of would wait for him in vain. */
void family_before_fork(void)
{
    int line[2], child = take_relative();
    family.child = -1;
    if (child < 0)
        return;
    if (pipe2(line, O_CLOEXEC) != 0) {
        give_back(child);
        return;
    }
    hold_likewise(child);
    if (post((struct family_message){FAMILY_BORN, child}, line[0])) {
        family.child = child;
        family.child_lifeline = descriptor_raise(line[1]);
    } else {
        give_back(child);
        close(line[1]);
    }
    close(line[0]);
}

void family_in_parent(void)
{
    if (family.child >= 0)
        close(family.child_lifeline);
    family.child = -1;
}

void family_in_child(void)
{
    int me = family.child, lifeline = family.child_lifeline, post = family.post[1];
    mailbox_in_child();
    my_seat = NULL;
    family.child = -1;
    family.post[1] = -1;
    close_all();
    family.post[1] = post;
    family.is_child = me >= 0;
    if (me < 0) {
        family_forget();
        return;
    }
    family.me = me;
    family.lifeline = lifeline;
}

void family_forget(void)
{
    close_all();
    if (family.shared)
        munmap(family.shared, sizeof *family.shared);
    family.shared = NULL;
    family.is_child = false;
}

/* ---- A child's calls ---- */

static void leave_seat(void *memory)
{
    struct seat *s = memory;
    s->of = 0;
    my_seat = NULL;
}

static struct seat *take_seat(void)
{
    for (int i = 0; i < SEATS; i++) {
        int nobody = 0;
        if (atomic_compare_exchange_strong(&family.shared->seat[i].of, &nobody, family.me + 1))
            return &family.shared->seat[i];
    }
    return NULL;
}

int family_attach(struct rill_mailbox *m)
{
    struct seat *s = take_seat();
    if (!s) {
        errno = ENOMEM;
        return -1;
    }
    sem_init(&s->taken, 1, 0);
    if (mailbox_attach_seat(m, s->memory, SEAT_BYTES, family.post[1], leave_seat) != 0) {
        s->of = 0;
        return -1;
    }
    my_seat = s;
    if (post((struct family_message){FAMILY_CALLS, 0}, -1))
        return 0;
    rill_thread_detach();
    return -1;
}

int family_adopt(int fd)
{
    struct seat *s = my_seat;
    if (!s) {
        errno = ENETDOWN;
        return -1;
    }
    if (!post((struct family_message){FAMILY_LENDS, (int)(s - family.shared->seat)}, fd))
        return -1;
    if (!mailbox_await(&s->taken, family.post[1])) {
        errno = ESHUTDOWN;
        return -1;
    }
    int lent = s->lent, rills = rill_adopt(lent);
    if (rills >= 0)
        family_hold(rills);
    else
        post((struct family_message){FAMILY_RETURNS, lent}, -1);
    return rills;
}

void family_disown(int rills)
{
    int lent = rill_adopted(rills);
    family_leave(rills);
    rill_close(rills);
    post((struct family_message){FAMILY_RETURNS, lent}, -1);
}
