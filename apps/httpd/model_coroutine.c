/* A coroutine for each connection: written like the thread model, but with one thread. A call that
 * has to wait lets the others run. */
#include "httpd/blocking.h"
#include "httpd/server.h"

#include <err.h>
#include <errno.h>
#include <rill/coroutine.h>

#define BREATH RILL_MILLISECONDS(10) /* pause if there is no place for another connection */

/* With its guard a stack takes two mappings, of which vm.max_map_count allows 65,530. */
#define GUARDED_MAX 30000

static void *serve(void *handed)
{
    struct client *c = handed;
    serve_blocking(&c->connection, c->fd, &rill_calls);
    client_end(c);
    return NULL;
}

static void begin_client(struct client *c)
{
    struct rill_coroutine *one = rill_go(serve, c);
    if (one) {
        rill_detach(one);
        return;
    }
    server_is_full(c, "coroutine", "stacks", monotonic_now());
    serve(c);
}

static void *accept_clients(void *handed)
{
    struct server *s = handed;
    for (;;) {
        struct client *c = server_accepts(s, monotonic_now()) ? server_accept(s, 0) : NULL;
        if (c)
            begin_client(c);
        else if (rill_sleep(BREATH) != 0)
            return NULL;
    }
}

void model_coroutine(struct server *s)
{
    struct rill_scheduler_options options;
    rill_scheduler_options_init(&options);
    if (s->limit > GUARDED_MAX)
        options.guard_size = 0;
    struct rill_scheduler *scheduler = rill_scheduler_new(rill_host_stack(s->host), &options);
    if (!scheduler || !rill_go(accept_clients, s))
        err(1, "cannot make coroutines");
    if (rill_scheduler_run(scheduler) != 0)
        server_stopped();
    rill_scheduler_free(scheduler); /* cancelled coroutines get ECANCELED, and end */
}
