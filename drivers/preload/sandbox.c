/* prctl(2): a child that is about to forbid itself system calls (seccomp(2)) attaches itself to the
 * stack before. After that its calls need no others than futex, write and poll. */
#include "posix/owner.h"
#include "preload/real.h"

#include <stdarg.h>
#include <sys/prctl.h>

enum { ARGUMENTS = 4 };

int prctl(int option, ...)
{
    unsigned long a[ARGUMENTS];
    va_list list;
    va_start(list, option);
    for (int i = 0; i < ARGUMENTS; i++)
        a[i] = va_arg(list, unsigned long);
    va_end(list);
    if (option == PR_SET_SECCOMP && owner_is_child() && owner_enter())
        owner_leave();
    return rill_real_prctl(option, a[0], a[1], a[2], a[3]);
}
