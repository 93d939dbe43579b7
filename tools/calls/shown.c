/* Linked around a program (ld --wrap): says on standard error when each call of its begins and what
 * it returns, for tools/calls/show. */
#include <rill/host.h>
#include <stdio.h>
#include <time.h>

/* The clock that captures are stamped with. */
static void say(const char *what)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    fprintf(stderr, "%lld.%09ld\t%s\n", (long long)t.tv_sec, t.tv_nsec, what);
}

static ssize_t told(const char *name, ssize_t result)
{
    char text[64];
    snprintf(text, sizeof text, "... %s = %zd", name, result);
    say(text);
    return result;
}

#define SHOWN(type, name, arguments, values) \
    type __real_rill_##name arguments; \
    type __wrap_rill_##name arguments; \
    type __wrap_rill_##name arguments \
    { \
        say(#name); \
        return (type)told(#name, __real_rill_##name values); \
    }

SHOWN(int, socket, (int a, int b, int c), (a, b, c))
SHOWN(int, bind, (int a, const struct sockaddr *b, socklen_t c), (a, b, c))
SHOWN(int, listen, (int a, int b), (a, b))
SHOWN(int, accept, (int a, struct sockaddr *b, socklen_t *c), (a, b, c))
SHOWN(int, connect, (int a, const struct sockaddr *b, socklen_t c), (a, b, c))
SHOWN(ssize_t, send, (int a, const void *b, size_t c, int d), (a, b, c, d))
SHOWN(ssize_t, recv, (int a, void *b, size_t c, int d), (a, b, c, d))
SHOWN(int, close, (int a), (a))
