/* Several cores: stacks that share only an address, each with its own thread, loop and queue of the
 * TAP (docs/design.md, section 10).
 *
 *     void serve(struct rill_host *host, unsigned core, void *context)
 *     {
 *         ... rill_socket, rill_bind, rill_listen, rill_accept, as a program with one stack ...
 *     }
 *
 *     rill_cores_run(&options, serve, context, &diagnostic);
 *
 * Each core binds and listens itself and gets a share of the connections; the ephemeral ports are
 * divided among the cores. A descriptor belongs to one core. With one core this is rill_host_open,
 * serve and rill_host_close, without another thread. */
#ifndef RILL_CORES_H
#define RILL_CORES_H

#include <rill/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opens options.cores hosts and calls `serve` for each in its own thread, where its stack is
 * current (core 0 uses the caller's thread). When all have returned and everything is drained, it
 * closes the hosts. A core whose serve has returned still hands over frames for the others. SIGINT
 * and SIGTERM reach every core as if it were the only one. The capture and the named control socket
 * of core k > 0 get a number: run.pcapng, run-2.pcapng ... Returns 0; or -1 and a diagnostic if
 * they could not be opened. */
int rill_cores_run(const struct rill_host_options *,
                   void (*serve)(struct rill_host *, unsigned core, void *context), void *context,
                   struct rill_diagnostic *);

#ifdef __cplusplus
}
#endif

#endif
