/* A thread for each connection. The stack belongs to the main thread; the other threads' calls go
 * into its mailbox (<rill/threads.h>), so each call costs two thread switches. */
#include "httpd/blocking.h"
#include "httpd/server.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#define STACK_SIZE 65536
#define BREATH_US 10000 /* pause if there is no place for another connection */

static void *serve(void *handed)
{
    struct client *c = handed;
    if (rill_thread_attach(c->server->mailbox) == 0)
        serve_blocking(&c->connection, c->fd, &rill_calls);
    client_end(c);
    return NULL;
}

static int begin(pthread_t *thread, void *(*run)(void *), void *handed)
{
    pthread_attr_t how;
    pthread_attr_init(&how);
    pthread_attr_setstacksize(&how, STACK_SIZE);
    int error = pthread_create(thread, &how, run, handed);
    pthread_attr_destroy(&how);
    return error;
}

static void begin_client(struct client *c)
{
    pthread_t thread;
    if (begin(&thread, serve, c) == 0) {
        pthread_detach(thread);
        return;
    }
    server_is_full(c, "thread", "threads", monotonic_now());
    serve_blocking(&c->connection, c->fd, &rill_calls);
    client_end(c);
}

/* Stays attached until all others have ended: this keeps the mailbox for threads that have not
 * attached themselves yet. */
static void *accept_clients(void *handed)
{
    struct server *s = handed;
    if (rill_thread_attach(s->mailbox) != 0)
        return NULL;
    for (;;) {
        struct client *c = server_accepts(s, monotonic_now()) ? server_accept(s, 0) : NULL;
        if (c)
            begin_client(c);
        else if (errno == ESHUTDOWN)
            break;
        else
            usleep(BREATH_US);
    }
    while (s->count > 0)
        usleep(1000);
    return NULL;
}

void model_thread(struct server *s)
{
    sigset_t all, before;
    pthread_t acceptor;
    s->mailbox = rill_host_mailbox(s->host);
    if (!s->mailbox)
        err(1, "cannot make a mailbox");
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* only the main thread handles signals */
    if (begin(&acceptor, accept_clients, s) != 0)
        errx(1, "cannot make a thread");
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (rill_host_run(s->host) != 0)
        server_stopped();
    rill_host_close(s->host); /* waiting calls of the threads fail with ESHUTDOWN */
    s->host = NULL;
    pthread_join(acceptor, NULL);
}
