/* SIGINT and SIGTERM, which end the loops of a process (drivers/host/signals.h). */
#include "host/signals.h"

#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `act` in a child and returns the signal that ended it, 0 where none did. */
static int death_of(void (*act)(void))
{
    pid_t child = fork();
    if (child == 0) {
        act();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void interrupt_twice(void)
{
    host_signals_acquire();
    raise(SIGINT);
    raise(SIGINT);
}

static void interrupt_after_release(void)
{
    signal(SIGINT, SIG_DFL); /* whatever the shell that runs us has set */
    host_signals_acquire();
    host_signals_release();
    raise(SIGINT);
}

static void interrupt_where_the_shell_ignores_it(void)
{
    signal(SIGINT, SIG_IGN);
    host_signals_acquire();
    raise(SIGINT);
    if (host_signals_came())
        abort();
}

static void own_handler(int number)
{
    (void)number;
}

static void interrupt_an_app_with_a_handler(void)
{
    signal(SIGINT, own_handler);
    host_signals_acquire();
    raise(SIGINT);
    raise(SIGINT);
    if (host_signals_came())
        abort();
    host_signals_release();
    raise(SIGINT);
}

static void interrupt_a_child(void)
{
    int children_death = 0;
    struct pollfd event = {.events = POLLIN};
    host_signals_acquire();
    pid_t child = fork();
    if (child == 0) {
        raise(SIGTERM);
        _exit(0);
    }
    waitpid(child, &children_death, 0);
    event.fd = host_signals_descriptor();
    if (children_death != SIGTERM || host_signals_came() || poll(&event, 1, 0) != 0)
        abort();
}

/* It has the handlers, and the event in which they write is its parent's too. */
static void a_child_s_signal_ends_the_child_alone(void)
{
    CU_ASSERT_EQUAL(death_of(interrupt_a_child), 0);
}

static void a_second_signal_ends_the_process(void)
{
    CU_ASSERT_EQUAL(death_of(interrupt_twice), SIGINT);
    CU_ASSERT_EQUAL(death_of(interrupt_after_release), SIGINT);
}

static void a_signal_that_the_shell_ignores_counts_too(void)
{
    CU_ASSERT_EQUAL(death_of(interrupt_where_the_shell_ignores_it), SIGABRT);
}

static void an_app_s_own_handler_stays(void)
{
    CU_ASSERT_EQUAL(death_of(interrupt_an_app_with_a_handler), 0);
}

static const struct unit_test tests[] = {
    {"a child's signal ends the child alone", a_child_s_signal_ends_the_child_alone},
    {"a second signal ends the process, also after the host has closed",
     a_second_signal_ends_the_process},
    {"a signal that the shell ignores counts too", a_signal_that_the_shell_ignores_counts_too},
    {"an app's own handler stays", an_app_s_own_handler_stays},
};

int main(void)
{
    return UNIT_MAIN("signals", tests);
}
