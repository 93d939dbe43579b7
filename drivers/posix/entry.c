#define RILL_POSIX_KEEP_NAMES
#include "posix/entry.h"

#include "mailbox.h"
#include "posix/names.h"
#include "posix/owner.h"
#include "posix/signals.h"

#include <errno.h>
#include <rill/posix.h>
#include <rill/socket.h>

bool posix_begin_any(void)
{
    if (!owner_enter())
        return false;
    signals_hold();
    owner_turn_at_times();
    return true;
}

int posix_begin(int fd)
{
    int rills = name_socket(fd);
    return rills >= 0 && posix_begin_any() ? rills : -1;
}

int posix_begin_wait(int fd)
{
    int rills = posix_begin(fd);
    mailbox_cancels(rills >= 0);
    return rills;
}

/* Returns whether all signals that came request that the call is restarted. */
static bool leave(void)
{
    mailbox_cancels(false);
    signals_release();
    owner_leave();
    return signals_run();
}

int posix_end(int result)
{
    int error = errno;
    leave();
    errno = error;
    return result;
}

static bool has_timeout(int rills, int option)
{
    struct timeval t = {0};
    socklen_t length = sizeof t;
    return rill_getsockopt(rills, SOL_SOCKET, option, &t, &length) != 0 || t.tv_sec || t.tv_usec;
}

bool posix_again(ptrdiff_t result, int rills, int timeout)
{
    int error = errno;
    bool interrupted = result < 0 && error == EINTR && !has_timeout(rills, timeout);
    bool again = leave() && interrupted;
    errno = error;
    if (!again || !posix_begin_any())
        return false;
    mailbox_cancels(true);
    return true;
}

/* ---- Masks ---- */

const sigset_t *posix_mask_begin(const sigset_t *mask, sigset_t *before)
{
    mailbox_cancels(true);
    if (!mask || !owner_is_attached())
        return mask;
    pthread_sigmask(SIG_SETMASK, mask, before);
    return NULL;
}

int posix_mask_end(const sigset_t *mask, const sigset_t *before, int result)
{
    mailbox_cancels(false);
    if (!mask || !owner_is_attached())
        return result;
    pthread_sigmask(SIG_SETMASK, before, NULL);
    if (result != 0 || !signals_pending())
        return result;
    errno = EINTR;
    return -1;
}
