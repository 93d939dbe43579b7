/* <rill/threads.h>: a request carries a call from a thread to the owner of a stack, and its result
 * back.
 *
 * Life of a request, which lies in its thread's attachment and is reused:
 *
 *     thread: pushed onto `arrived` --> owner: begun --> done at once --> answered
 *                                                    --> parked, on `open` --> completed
 *                                                                          --> answered
 *     answered: the thread wakes
 *
 * Threads push onto the stack `arrived` with one compare-and-swap, and the owner takes all of it at
 * once; a thread that finds it empty rings. Only the owner uses everything else, except the count
 * of references to the mailbox. */
#include "mailbox.h"

#include "cancellation.h"
#include "descriptor.h"
#include "shared_memory.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <rill/threads.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

struct request {
    struct request *below; /* in `arrived` */
    TAILQ_ENTRY(request) open;
    struct rill_call *call;
    atomic_bool stops; /* end the call when it would wait */
    bool in_slot;      /* it lies in shared memory */
    sem_t answered;
};

struct rill_mailbox { /* shared with children of fork(2), and with what they execute */
    struct shared_memory memory;
    struct rill *stack;
    pthread_t owner;
    _Atomic(struct request *) arrived;
    atomic_uint holders;   /* the owner, and each attached thread */
    atomic_bool some_stop; /* set in an open request */
    int bell;              /* eventfd(2) */
    struct rill_completion_queue completions;
    TAILQ_HEAD(, request) open; /* begun and not answered */
    struct request closed;      /* stands in `arrived` when it accepts no more */
};

struct attachment {
    struct rill_mailbox *mailbox;
    struct request request;
    bool cancels; /* pthread_cancel(3) may end the thread in its call */
    /* Only in a child's slot: */
    atomic_bool sent; /* the request was sent and is not answered */
    int owner;        /* hangs up when the owner's process ends */
    void *room;       /* holds a copy of the call */
    size_t bytes;
    void (*leave)(void *slot);
};

static void mailbox_release(struct rill_mailbox *m)
{
    if (atomic_fetch_sub(&m->holders, 1) != 1)
        return;
    close(m->bell);
    struct shared_memory memory = m->memory;
    shared_memory_end(&memory);
}

/* ---- The thread's side ---- */

static pthread_key_t attached; /* a thread's attachment; its destructor runs when the thread ends */
static pthread_once_t attached_once = PTHREAD_ONCE_INIT;

/* For signal handlers, which must not call pthread_getspecific(3). */
static _Thread_local struct attachment *volatile here;

static void attachment_end(void *of_thread)
{
    struct attachment *a = of_thread;
    here = NULL;
    rill_use(NULL); /* destructors of other keys may still call rill: ENETDOWN */
    sem_destroy(&a->request.answered);
    if (a->leave) {
        a->leave(a);
        return;
    }
    mailbox_release(a->mailbox);
    free(a);
}

static void attached_make(void)
{
    pthread_key_create(&attached, attachment_end);
}

static bool push(struct rill_mailbox *m, struct request *r)
{
    struct request *top = atomic_load(&m->arrived);
    do {
        if (top == &m->closed)
            return false;
        r->below = top;
    } while (!atomic_compare_exchange_weak(&m->arrived, &top, r));
    if (!top && eventfd_write(m->bell, 1) != 0)
        abort(); /* it cannot be full, because the owner reads it */
    return true;
}

bool mailbox_interrupt(void)
{
    struct attachment *a = here;
    int error = errno;
    if (!a)
        return false;
    atomic_store(&a->request.stops, true);
    atomic_store(&a->mailbox->some_stop, true);
    eventfd_write(a->mailbox->bell, 1);
    errno = error;
    return true;
}

void mailbox_uninterrupt(void)
{
    if (here)
        atomic_store(&here->request.stops, false);
}

void mailbox_cancels(bool cancels)
{
    if (here)
        here->cancels = cancels;
}

/* The owner's process has ended, even if nobody has waited for it yet. */
static bool has_hung_up(int owner)
{
    struct pollfd line = {.fd = owner};
    return poll(&line, 1, 0) > 0;
}

static struct timespec seconds_from_now(int seconds)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += seconds;
    return t;
}

bool mailbox_await(sem_t *answered, int owner)
{
    for (;;) {
        struct timespec until = seconds_from_now(1);
        if (sem_timedwait(answered, &until) == 0)
            return true;
        if (errno == ETIMEDOUT && has_hung_up(owner))
            return false;
    }
}

/* False: only a child's request gets no answer, if the owner's process has ended. */
static bool await(struct attachment *a)
{
    if (a->leave)
        return mailbox_await(&a->request.answered, a->owner);
    while (sem_wait(&a->request.answered) != 0)
        ; /* a signal: the call goes on */
    return true;
}

/* The thread is being cancelled. The owner uses the request, and the call on this thread's stack,
 * until it has answered. */
static void await_end(void *of_thread)
{
    struct attachment *a = of_thread;
    mailbox_interrupt();
    if (await(a))
        a->sent = false;
    mailbox_uninterrupt();
    mailbox_cancels(false);
}

/* Cancelling is disabled, except while the thread waits in a call that may be cancelled. `state` is
 * the program's. */
static bool await_answer(struct attachment *a, int state)
{
    int type;
    bool answered;
    if (!a->cancels)
        return await(a);
    pthread_cleanup_push(await_end, a);
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type);
    cancellation_restore(state);
    answered = await(a);
    cancellation_disable();
    pthread_setcanceltype(type, NULL);
    pthread_cleanup_pop(0);
    return answered;
}

/* What is pending acts before the call has begun: a call that is done at once would lose what it
 * takes. Returns the program's state. */
static int disable_cancelling(const struct attachment *a)
{
    if (a->cancels)
        pthread_testcancel();
    return cancellation_disable();
}

static void forward(void *of_thread, struct rill_call *call)
{
    struct attachment *a = of_thread;
    int before = disable_cancelling(a);
    a->request.call = call;
    if (push(a->mailbox, &a->request))
        await_answer(a, before);
    else
        rill_refuse(call, ESHUTDOWN);
    cancellation_restore(before);
}

static atomic_bool is_orphan; /* the owner's process has ended */

static void send_copy(struct attachment *a, struct rill_call *copy, int state)
{
    a->request.call = copy;
    a->sent = !is_orphan;
    if (!a->sent || !push(a->mailbox, &a->request)) {
        a->sent = false;
        rill_refuse(copy, ESHUTDOWN);
    } else if (await_answer(a, state)) {
        a->sent = false;
    } else {
        is_orphan = true;
        rill_refuse(copy, ESHUTDOWN);
    }
}

/* The owner can access only the slot of a child, so it gets a copy of the call. */
static void forward_copy(void *of_thread, struct rill_call *call)
{
    struct attachment *a = of_thread;
    struct rill_call *copy;
    size_t moved = 0;
    int before = disable_cancelling(a);
    do {
        copy = rill_pack(call, a->room, a->bytes, moved);
        if (copy)
            send_copy(a, copy, before);
        else
            rill_refuse(call, errno);
    } while (copy && rill_unpack(call, copy, &moved));
    cancellation_restore(before);
}

static struct attachment *attachment_make(struct rill_mailbox *m)
{
    struct attachment *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    if (pthread_setspecific(attached, a) != 0) {
        free(a);
        return NULL;
    }
    sem_init(&a->request.answered, 0, 0);
    a->mailbox = m;
    atomic_fetch_add(&m->holders, 1);
    return a;
}

/* Why this thread cannot attach itself; 0: it can. */
static int refusal(struct rill_mailbox *m)
{
    if (atomic_load(&m->arrived) == &m->closed)
        return ESHUTDOWN;
    if (pthread_equal(m->owner, pthread_self()))
        return EDEADLK; /* the owner would wait for itself */
    return pthread_getspecific(attached) ? EBUSY : 0;
}

int rill_thread_attach(struct rill_mailbox *m)
{
    pthread_once(&attached_once, attached_make);
    int refused = refusal(m);
    struct attachment *a = refused ? NULL : attachment_make(m);
    if (!a) {
        errno = refused ? refused : ENOMEM;
        return -1;
    }
    here = a;
    rill_use_forwarded(m->stack, forward, a);
    return 0;
}

int mailbox_attach_slot(struct rill_mailbox *m, void *slot, size_t bytes, int owner,
                        void (*leave)(void *))
{
    enum { ROOM_AT = 512 };
    struct attachment *a = slot;
    _Static_assert(sizeof *a <= ROOM_AT, "the attachment lies in front of the room");
    pthread_once(&attached_once, attached_make);
    if (atomic_load(&m->arrived) == &m->closed || pthread_setspecific(attached, a) != 0) {
        errno = ESHUTDOWN;
        return -1;
    }
    sem_init(&a->request.answered, 1, 0);
    a->request.stops = a->sent = a->cancels = false; /* a thread before may have been cancelled */
    a->request.in_slot = true;
    a->mailbox = m;
    a->room = (char *)slot + ROOM_AT;
    a->bytes = bytes - ROOM_AT;
    a->owner = owner;
    a->leave = leave;
    here = a;
    rill_use_forwarded(m->stack, forward_copy, a);
    return 0;
}

/* A child may have died after it set `sent` and before it pushed the request: no answer comes. */
bool mailbox_reap_slot(void *slot)
{
    struct attachment *a = slot;
    if (!a->sent)
        return true;
    atomic_store(&a->request.stops, true);
    atomic_store(&a->mailbox->some_stop, true);
    eventfd_write(a->mailbox->bell, 1);
    struct timespec until = seconds_from_now(5);
    return sem_timedwait(&a->request.answered, &until) == 0;
}

void mailbox_in_child(void)
{
    pthread_once(&attached_once, attached_make);
    pthread_setspecific(attached, NULL);
    here = NULL;
}

void mailbox_take(struct rill_mailbox *m)
{
    m->owner = pthread_self();
}

struct shared_memory mailbox_memory(const struct rill_mailbox *m)
{
    return m->memory;
}

void rill_thread_detach(void)
{
    pthread_once(&attached_once, attached_make);
    struct attachment *a = pthread_getspecific(attached);
    if (!a)
        return;
    pthread_setspecific(attached, NULL);
    attachment_end(a);
}

/* ---- The owner's side ---- */

struct rill_mailbox *rill_mailbox_new(struct rill *stack)
{
    struct shared_memory memory;
    if (!shared_memory_make(&memory, sizeof(struct rill_mailbox)))
        return NULL;
    struct rill_mailbox *m = memory.at;
    m->memory = memory;
    m->stack = stack;
    mailbox_take(m);
    m->bell = descriptor_raise(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (m->bell < 0) {
        shared_memory_end(&memory);
        return NULL;
    }
    atomic_init(&m->holders, 1);
    TAILQ_INIT(&m->open);
    return m;
}

int rill_mailbox_descriptor(const struct rill_mailbox *m)
{
    return m->bell;
}

/* Takes all requests and leaves `instead` in their place; returns the oldest first. */
static struct request *take_arrived(struct rill_mailbox *m, struct request *instead)
{
    struct request *newest = atomic_exchange(&m->arrived, instead), *oldest = NULL;
    while (newest) {
        struct request *below = newest->below;
        newest->below = oldest;
        oldest = newest;
        newest = below;
    }
    return oldest;
}

/* After the answer the thread may free the request at once. */
static void answer(struct request *r)
{
    sem_post(&r->answered);
}

static void begin(struct rill_mailbox *m, struct request *r)
{
    if (rill_begin(m->stack, r->call, &m->completions, r)) {
        answer(r);
        return;
    }
    TAILQ_INSERT_TAIL(&m->open, r, open);
    if (atomic_load(&r->stops))
        rill_stop(m->stack, r->call, EINTR);
}

static void stop_interrupted(struct rill_mailbox *m)
{
    struct request *r;
    if (!atomic_load_explicit(&m->some_stop, memory_order_relaxed) ||
        !atomic_exchange(&m->some_stop, false))
        return;
    TAILQ_FOREACH(r, &m->open, open)
        if (atomic_load(&r->stops))
            rill_stop(m->stack, r->call, EINTR);
}

static void answer_done(struct rill_mailbox *m)
{
    struct request *r;
    while ((r = rill_take_done(&m->completions)) != NULL) {
        TAILQ_REMOVE(&m->open, r, open);
        answer(r);
    }
}

void mailbox_inherit(struct rill_mailbox *m)
{
    struct request *r;
    mailbox_take(m);
    TAILQ_FOREACH(r, &m->open, open)
        if (!r->in_slot)
            rill_stop(m->stack, r->call, EINTR);
    answer_done(m);
}

bool rill_mailbox_deliver(struct rill_mailbox *m)
{
    eventfd_t rings;
    eventfd_read(m->bell, &rings); /* before taking: a later request rings again */
    struct request *r = take_arrived(m, NULL);
    bool any = r != NULL;
    for (struct request *next; r; r = next) {
        next = r->below;
        begin(m, r);
    }
    rill_try_parked(m->stack);
    stop_interrupted(m);
    answer_done(m);
    return any;
}

void rill_mailbox_close(struct rill_mailbox *m)
{
    struct request *r;
    if (!m)
        return;
    struct request *late = take_arrived(m, &m->closed);
    for (struct request *next; (r = late) != NULL; late = next) {
        next = r->below;
        rill_refuse(r->call, ESHUTDOWN);
        answer(r);
    }
    TAILQ_FOREACH(r, &m->open, open)
        rill_stop(m->stack, r->call, ESHUTDOWN);
    answer_done(m);
    mailbox_release(m);
}
