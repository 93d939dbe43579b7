/* prctl(2), by which a child may forbid itself system calls. */
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
    if (option == PR_SET_SECCOMP)
        owner_before_sandbox();
    return rill_real_prctl(option, a[0], a[1], a[2], a[3]);
}
