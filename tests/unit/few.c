#include "few.h"

#include "unit.h"

#include <errno.h>
#include <unistd.h>

static struct rlimit before;

rlim_t few_begin(unsigned left)
{
    int lowest = dup(STDIN_FILENO);
    close(lowest);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit few = {.rlim_cur = (rlim_t)lowest + left, .rlim_max = before.rlim_max};
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &few), 0);
    return few.rlim_cur;
}

void few_end(void)
{
    int error = errno;
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
    errno = error;
}
