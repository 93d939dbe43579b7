/* An echo server of THREADS threads on one stack, which the main thread owns: each of them accepts
 * from the same listener, and serves one client after the other. The owner stops when SERVED
 * clients have been served; the threads that still wait then hear so.
 *
 *     threads SERVED [shared options] */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <rill/host.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 8

static struct rill_host *host;
static struct rill_mailbox *mailbox;
static int listener;
static int wanted;
static atomic_int served, ended;

static void echo(int fd)
{
    char text[16384];
    for (ssize_t n; (n = rill_recv(fd, text, sizeof text, 0)) > 0;)
        if (rill_send(fd, text, (size_t)n, 0) != n)
            break;
    rill_close(fd);
}

static void *serve(void *unused)
{
    if (rill_thread_attach(mailbox) != 0)
        err(1, "cannot attach a thread");
    for (int fd; (fd = rill_accept(listener, NULL, NULL)) >= 0;) {
        echo(fd);
        if (++served == wanted)
            rill_host_stop(host);
    }
    ended += errno == ESHUTDOWN;
    return unused;
}

static int listen_at(uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || rill_bind(fd, (struct sockaddr *)&any, sizeof any) != 0 ||
        rill_listen(fd, SOMAXCONN) != 0)
        err(1, "cannot listen");
    return fd;
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    pthread_t thread[THREADS];
    rill_host_options_parse(&options, &argc, argv, "threads", "threads SERVED\n");
    wanted = argc > 1 ? atoi(argv[1]) : 1;
    host = rill_host_open(&options, &diagnostic);
    if (!host)
        errx(1, "%s", diagnostic.text);
    mailbox = rill_host_mailbox(host);
    if (!mailbox)
        err(1, "cannot make a mailbox");
    listener = listen_at(7);
    for (int i = 0; i < THREADS; i++)
        if ((errno = pthread_create(&thread[i], NULL, serve, NULL)) != 0)
            err(1, "cannot make a thread");
    if (rill_host_run(host) != 0 && errno != EINTR)
        err(1, "cannot wait");
    rill_host_close(host);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    printf("%d served, %d threads told\n", served, ended);
    return 0;
}
