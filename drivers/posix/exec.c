#define RILL_POSIX_KEEP_NAMES
#include "posix/exec.h"

#include "posix/fork.h"
#include "posix/keeper.h"
#include "posix/monitor.h"
#include "posix/owner.h"
#include "posix/signals.h"

#include <errno.h>
#include <rill/posix.h>
#include <string.h>

static void prepare(struct exec *e, enum image_names names)
{
    e->has_image = image_prepare(&e->image, names);
    if (!e->has_image)
        fprintf(stderr, "rill: a program that process %d executes cannot use its sockets: %s\n",
                (int)getpid(), strerror(errno));
}

/* Without a keeper the stack ends with this program, and its peers are not told. */
static void keep_stack(struct exec *e)
{
    e->paused = owner_pause();
    e->keeps = e->paused && keeper_begin(e->has_image ? e->image.part.exit_pipe : -1);
    if (e->keeps)
        return;
    fprintf(stderr, "rill: process %d executes a program, and its stack ends: %s\n", (int)getpid(),
            e->paused ? strerror(errno) : "a call is in progress");
    if (e->has_image)
        image_end(&e->image);
    e->has_image = false;
}

void exec_begin(struct exec *e, bool loads, enum image_names names)
{
    *e = (struct exec){.begun = owner_has_stack()};
    if (!e->begun)
        return;
    e->ends_owner = names == IMAGE_INHERITS && !owner_is_child();
    signals_hold();
    if (e->ends_owner)
        monitor_lock(); /* else what it learns now would end with it */
    bool shared = fork_lock();
    if (loads && shared)
        prepare(e, names);
    if (e->ends_owner && shared)
        keep_stack(e);
}

void exec_end(struct exec *e)
{
    int error = errno;
    if (!e->begun)
        return;
    if (e->has_image)
        image_end(&e->image);
    if (e->keeps)
        keeper_cancel();
    if (e->paused)
        owner_continue();
    fork_unlock();
    if (e->ends_owner)
        monitor_unlock();
    signals_release();
    signals_run();
    errno = error;
}
