/* The program's signal handlers. They run between its calls to rill, never inside one; so they may
 * jump (siglongjmp), call exit(3), and use sockets, as with the kernel's sockets. */
#ifndef DRIVERS_POSIX_SIGNALS_H
#define DRIVERS_POSIX_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* The ignored signals: a bit for each. Opening a host does not keep SIGINT and SIGTERM ignored; the
 * second restores what the program, or the shell that started it in the background, had set. */
uint64_t signals_ignored(void);
void signals_ignore(uint64_t);

/* This thread begins one of rill's calls: from now on signals end its wait, and their handlers wait
 * for its end. */
void signals_hold(void);

/* Have signals come within the call? */
bool signals_pending(void);

/* The call has ended: handlers run at once again. The second runs the handlers of signals that came
 * within it. False: one of them must not restart interrupted calls. */
void signals_release(void);
bool signals_run(void);

#endif
