#define RILL_POSIX_KEEP_NAMES
#include "posix/sharing.h"

#include "descriptor.h"
#include "mailbox.h"
#include "posix/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <rill/posix.h>
#include <rill/socket.h>
#include <rill/threads.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>

enum { SLOTS = 256, BITS = 32, OWNER = 0 /* the process that has the stack */ };
enum { SLOT_BYTES = 76 << 10 }; /* enough for any datagram */

struct process {
    atomic_bool taken;
    _Atomic(ino_t) ticket; /* no process, but a descriptor on its way (sharing_pass); 0: none */
    atomic_int passed;     /* what it stands for */
    _Atomic(uint32_t) held[DESCRIPTORS_MAX / BITS];
};

struct slot {
    _Alignas(4096) char memory[SLOT_BYTES]; /* for mailbox_attach_slot */
    atomic_int of;                          /* a process, + 1; 0: free */
    int lent;                               /* number of the descriptor that its thread has lent */
    sem_t taken;                            /* the descriptor has been received */
};

/* 55 MB of address space; some programs limit themselves to 200 MB (RLIMIT_AS). Unused pages take
 * no memory. */
struct shared {
    atomic_int users[DESCRIPTORS_MAX];
    atomic_int end; /* above all of rill's descriptors that were ever held */
    struct process process[PROCESSES_MAX];
    struct slot slot[SLOTS];
};

static struct {
    struct shared *shared; /* NULL: only this process uses the stack */
    struct shared_memory memory;
    int me; /* a process */
    bool is_child;
    int exit_pipe; /* a child's: the end that nobody writes; closed with its process */
    int child;     /* during fork: a process; -1: it has no part */
    int child_exit_pipe;
} sharing = {.exit_pipe = -1, .child = -1, .child_exit_pipe = -1};

static _Thread_local struct slot *my_slot;

bool sharing_is_child(void)
{
    return sharing.is_child;
}

int sharing_kept(int from)
{
    int kept = least_from(from, sharing.exit_pipe, INT_MAX);
    kept = least_from(from, sharing.shared ? sharing.memory.fd : -1, kept);
    kept = least_from(from, channel_receiver(), kept);
    return least_from(from, channel_sender(), kept);
}

/* ---- Holding descriptors ---- */

static _Atomic(uint32_t) *word_of(int process, int rills)
{
    return &sharing.shared->process[process].held[rills / BITS];
}

static uint32_t bit_of(int rills)
{
    return (uint32_t)1 << rills % BITS;
}

static void hold(int process, int rills)
{
    if (atomic_fetch_or(word_of(process, rills), bit_of(rills)) & bit_of(rills))
        return;
    sharing.shared->users[rills]++;
    int end = sharing.shared->end;
    while (end <= rills && !atomic_compare_exchange_weak(&sharing.shared->end, &end, rills + 1))
        ;
}

static bool leave(int process, int rills)
{
    bool held = atomic_fetch_and(word_of(process, rills), ~bit_of(rills)) & bit_of(rills);
    return held && --sharing.shared->users[rills] == 0;
}

void sharing_hold(int rills)
{
    if (sharing.shared)
        hold(sharing.me, rills);
}

bool sharing_leave(int rills)
{
    return !sharing.shared || leave(sharing.me, rills);
}

/* The child has names for all that the forking process has names for. */
static void hold_likewise(int child)
{
    for (int rills = 0; rills < sharing.shared->end; rills++)
        if (*word_of(sharing.me, rills) & bit_of(rills))
            hold(child, rills);
}

/* ---- For the monitor ---- */

/* What it names comes from another process. */
static bool names_something(struct message m)
{
    int end = m.what == MESSAGE_FORKED ? PROCESSES_MAX : m.what == MESSAGE_LENDS ? SLOTS : INT_MAX;
    return m.number >= 0 && m.number < end;
}

bool sharing_receive(struct message *m, int *fd)
{
    if (!channel_receive(m, fd))
        return false;
    if (names_something(*m))
        return true;
    if (*fd >= 0)
        close(*fd);
    return false;
}

void sharing_lent(int slot, int fd)
{
    sharing.shared->slot[slot].lent = fd;
    sem_post(&sharing.shared->slot[slot].taken);
}

void sharing_free_slots(int ended)
{
    struct shared *s = sharing.shared;
    for (int i = 0; i < SLOTS; i++)
        if (s->slot[i].of == ended + 1 && mailbox_reap_slot(s->slot[i].memory))
            s->slot[i].of = 0;
}

int sharing_reclaim(int ended, int from)
{
    for (int rills = from; rills < sharing.shared->end; rills++)
        if (*word_of(ended, rills) & bit_of(rills) && leave(ended, rills))
            return rills;
    sharing.shared->process[ended].ticket = 0;
    sharing.shared->process[ended].taken = ended == OWNER;
    return -1;
}

int sharing_reclaim_from_owner(int from)
{
    return sharing_reclaim(OWNER, from);
}

bool sharing_has_children(void)
{
    for (int i = OWNER + 1; i < PROCESSES_MAX; i++)
        if (sharing.shared->process[i].taken)
            return true;
    return false;
}

/* ---- fork(2) ---- */

static void close_exit_pipe(void)
{
    if (sharing.exit_pipe >= 0)
        close(sharing.exit_pipe);
    sharing.exit_pipe = -1;
}

bool sharing_begun(void)
{
    return sharing.shared;
}

bool sharing_begin(void)
{
    if (!shared_memory_make(&sharing.memory, sizeof(struct shared)))
        return false;
    if (!channel_open()) {
        shared_memory_end(&sharing.memory);
        return false;
    }
    sharing.shared = sharing.memory.at;
    sharing.me = OWNER;
    sharing.shared->process[OWNER].taken = true;
    return true;
}

static int take_process(void)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (!atomic_exchange(&sharing.shared->process[i].taken, true))
            return i;
    return -1;
}

/* Another process, of which the monitor learns: else it would wait for it in vain. Returns the end
 * of its exit pipe that it is to hold, -1 with errno. */
static int announce(int process)
{
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
        return -1;
    bool announced = channel_send((struct message){MESSAGE_FORKED, process}, pipe_ends[0]);
    int error = errno;
    close(pipe_ends[0]);
    if (announced)
        return descriptor_raise(pipe_ends[1]);
    close(pipe_ends[1]);
    errno = error;
    return -1;
}

static int reserve(int *exit_pipe)
{
    int process = take_process();
    if (process < 0) {
        errno = EAGAIN;
        return -1;
    }
    *exit_pipe = announce(process);
    if (*exit_pipe >= 0)
        return process;
    sharing.shared->process[process].taken = false;
    return -1;
}

void sharing_before_fork(void)
{
    sharing.child = reserve(&sharing.child_exit_pipe);
    if (sharing.child >= 0)
        hold_likewise(sharing.child);
}

void sharing_in_parent(void)
{
    if (sharing.child >= 0)
        close(sharing.child_exit_pipe);
    sharing.child = -1;
}

void sharing_in_child(void)
{
    bool has_part = sharing.child >= 0;
    mailbox_in_child();
    my_slot = NULL;
    channel_in_child();
    close_exit_pipe();
    sharing.is_child = has_part;
    sharing.me = sharing.child;
    sharing.exit_pipe = has_part ? sharing.child_exit_pipe : -1;
    sharing.child = -1;
    if (!has_part)
        sharing_end();
}

void sharing_end(void)
{
    channel_close();
    close_exit_pipe();
    if (sharing.shared)
        shared_memory_end(&sharing.memory);
    sharing.shared = NULL;
    sharing.is_child = false;
}

/* ---- SCM_RIGHTS ---- */

static ino_t inode_of_pipe(int fd)
{
    struct stat about;
    return fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode) ? about.st_ino : 0;
}

int sharing_pass(int rills)
{
    int ticket, process = reserve(&ticket);
    if (process < 0) {
        errno = errno == EAGAIN ? ETOOMANYREFS : errno;
        return -1;
    }
    hold(process, rills);
    sharing.shared->process[process].passed = rills;
    sharing.shared->process[process].ticket = inode_of_pipe(ticket);
    return ticket;
}

int sharing_passed(int fd)
{
    ino_t inode = inode_of_pipe(fd);
    for (int i = 0; i < PROCESSES_MAX && inode; i++)
        if (sharing.shared->process[i].ticket == inode)
            return sharing.shared->process[i].passed;
    return -1;
}

/* ---- exec(2) ---- */

bool sharing_reserve(struct sharing_part *p)
{
    if (sharing.memory.fd < 0) {
        errno = EMFILE;
        return false;
    }
    p->memory = sharing.memory;
    p->sender = channel_sender();
    p->process = reserve(&p->exit_pipe);
    return p->process >= 0;
}

void sharing_hold_for(const struct sharing_part *p, int rills)
{
    hold(p->process, rills);
}

off_t sharing_note_place(const struct sharing_part *p)
{
    const off_t pages = 4096, bytes = SHARING_NOTE_MAX;
    return ((off_t)sizeof(struct shared) + pages - 1) / pages * pages + p->process * bytes;
}

bool sharing_resume(const struct sharing_part *p)
{
    if (p->memory.bytes != sizeof(struct shared) || !shared_memory_map(&p->memory))
        return false;
    sharing.memory = p->memory;
    sharing.shared = p->memory.at;
    sharing.me = p->process;
    sharing.is_child = true;
    sharing.exit_pipe = p->exit_pipe;
    channel_resume(p->sender);
    return true;
}

/* ---- A child's calls ---- */

static void leave_slot(void *memory)
{
    struct slot *s = memory;
    s->of = 0;
    my_slot = NULL;
}

static struct slot *take_slot(void)
{
    for (int i = 0; i < SLOTS; i++) {
        int nobody = 0;
        if (atomic_compare_exchange_strong(&sharing.shared->slot[i].of, &nobody, sharing.me + 1))
            return &sharing.shared->slot[i];
    }
    return NULL;
}

int sharing_attach(struct rill_mailbox *m)
{
    struct slot *s = take_slot();
    if (!s) {
        errno = ENOMEM;
        return -1;
    }
    sem_init(&s->taken, 1, 0);
    if (mailbox_attach_slot(m, s->memory, SLOT_BYTES, channel_sender(), leave_slot) != 0) {
        s->of = 0;
        return -1;
    }
    my_slot = s;
    if (channel_send((struct message){MESSAGE_CALLS, 0}, -1))
        return 0;
    rill_thread_detach();
    return -1;
}

int sharing_adopt(int fd)
{
    struct slot *s = my_slot;
    if (!s) {
        errno = ENETDOWN;
        return -1;
    }
    if (!channel_send((struct message){MESSAGE_LENDS, (int)(s - sharing.shared->slot)}, fd))
        return -1;
    if (!mailbox_await(&s->taken, channel_sender())) {
        errno = ESHUTDOWN;
        return -1;
    }
    int lent = s->lent, rills = rill_adopt(lent);
    if (rills >= 0)
        sharing_hold(rills);
    else
        channel_send((struct message){MESSAGE_RETURNS, lent}, -1);
    return rills;
}

void sharing_disown(int rills)
{
    int lent = rill_adopted(rills);
    sharing_leave(rills);
    rill_close(rills);
    channel_send((struct message){MESSAGE_RETURNS, lent}, -1);
}
