#include "posix/fork.h"

#include "posix/keeper.h"
#include "posix/monitor.h"
#include "posix/names.h"
#include "posix/owner.h"
#include "posix/sharing.h"

#include <pthread.h>

static bool begin_sharing(void)
{
    if (sharing_begun())
        return true;
    if (!sharing_begin())
        return false;
    names_hold();
    return true;
}

bool fork_lock(void)
{
    bool may_call = owner_before_fork();
    names_lock();
    return may_call && begin_sharing() && (sharing_is_child() || monitor_start());
}

void fork_unlock(void)
{
    names_unlock();
    owner_unlock();
}

static void before_fork(void)
{
    if (!keeper_begins() && fork_lock())
        sharing_before_fork();
}

static void in_parent(void)
{
    if (keeper_begins())
        return;
    sharing_in_parent(); /* before another thread forks */
    fork_unlock();
}

/* Another thread of the parent may have held a lock, and cannot release it here. */
static void in_child(void)
{
    if (keeper_begins())
        return;
    monitor_in_child();
    sharing_in_child();
    names_in_child();
    owner_in_child();
}

void fork_register(void)
{
    pthread_atfork(before_fork, in_parent, in_child);
}
