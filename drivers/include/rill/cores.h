/* Several cores: stacks that share an address and nothing else, each with a thread, a loop and a
 * queue of the TAP of its own (docs/design.md, section 10).
 *
 *     void serve(struct rill_host *host, unsigned core, void *context)
 *     {
 *         ... rill_socket, rill_bind, rill_listen, rill_accept, as a program with one stack ...
 *     }
 *
 *     rill_cores_run(&options, serve, context, &complaint);
 *
 * Each core binds and listens for itself and is given a share of the connections; ephemeral ports
 * are dealt out among them. Descriptors are the core's own. With one core this is rill_host_open,
 * serve and rill_host_close, and no thread. */
#ifndef RILL_CORES_H
#define RILL_CORES_H

#include <rill/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opens options.cores hosts, calls `serve` in each one's thread with its stack current there (core
 * 0's is the caller's), and when the last has returned and all is drained closes them. A core whose
 * serve has returned goes on carrying the others' frames. SIGINT and SIGTERM reach every core, as
 * if it were alone. Core k > 0 has its capture and its control socket (where one is named) beside
 * core 0's: run.pcapng, run-2.pcapng ... Returns 0; or -1 and a complaint where they could not be
 * opened. */
int rill_cores_run(const struct rill_host_options *,
                   void (*serve)(struct rill_host *, unsigned core, void *context), void *context,
                   struct rill_complaint *);

#ifdef __cplusplus
}
#endif

#endif
