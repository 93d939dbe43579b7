/* rill-httpd - serves a folder by HTTP
 *
 *     rill-httpd [--port N] [--access-log] [--max-connections N] [--timeout S]
 *                [shared options] [FOLDER]
 *
 * HTTP/1.0 and 1.1 (RFC 9110, 9112), GET and HEAD, with keep-alive, pipelining, ranges and
 * conditions. What a request means is decided in apps/http, where no socket is known: connection.h
 * takes bytes in and gives bytes out. Here is the one event loop that carries them.
 *
 * Ctrl-C ends it. Exit status: 0, 1 if something failed, 2 for a bad option. */
#include "http/connection.h"
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <rill/host.h>
#include <stdlib.h>
#include <unistd.h>

#define REFUSED_MAX \
    16 /* connections beyond the limit that are told so (503); more wait in the backlog */
#define SEND_SIZE 65536
#define SENDS_A_TURN 8 /* then the others have their turn */

struct client {
    int fd;
    bool shut; /* our side is */
    struct connection connection;
};

struct server {
    struct rill_host *host;
    struct site site;
    int listener;
    unsigned limit;
    unsigned count;
    struct client **client; /* limit + REFUSED_MAX of them, and so many and one more in `set` */
    struct pollfd *set;
};

static int listen_on(uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        err(1, "cannot make a socket");
    if (rill_bind(fd, (struct sockaddr *)&any, sizeof any) != 0)
        err(1, "cannot bind to port %u", port);
    if (rill_listen(fd, SOMAXCONN) != 0)
        err(1, "cannot listen on port %u", port);
    return fd;
}

static bool server_is_full(const struct server *s)
{
    return s->count == s->limit + REFUSED_MAX;
}

static void server_accept(struct server *s, rill_time now)
{
    char text[INET_ADDRSTRLEN];
    while (!server_is_full(s)) {
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        int fd = rill_accept4(s->listener, (struct sockaddr *)&from, &length, SOCK_NONBLOCK);
        if (fd < 0)
            return;
        struct client *c = malloc(sizeof *c);
        if (!c) {
            rill_close(fd);
            return;
        }
        c->fd = fd;
        c->shut = false;
        /* answers are written whole: nothing is gained by holding a short one back */
        rill_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        inet_ntop(AF_INET, &from.sin_addr, text, sizeof text);
        connection_open(&c->connection, &s->site, text, now);
        if (s->count >= s->limit)
            connection_refuse(&c->connection, 503, now);
        s->client[s->count++] = c;
    }
}

/* Sends what the socket takes, within bounds; false if the connection is lost. */
static bool client_send(struct client *c, rill_time now)
{
    char bytes[SEND_SIZE];
    for (unsigned i = 0; i < SENDS_A_TURN && connection_wants(&c->connection) & POLLOUT; i++) {
        ssize_t n = connection_peek(&c->connection, bytes, sizeof bytes);
        if (n < 0)
            return false;
        ssize_t sent = rill_send(c->fd, bytes, (size_t)n, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN;
        connection_sent(&c->connection, (size_t)sent, now);
    }
    return true;
}

static bool client_receive(struct client *c, rill_time now)
{
    size_t room;
    void *at = connection_room(&c->connection, &room);
    ssize_t n = rill_recv(c->fd, at, room, 0);
    if (n < 0)
        return errno == EAGAIN;
    connection_received(&c->connection, (size_t)n, now);
    return true;
}

/* Does what can be done for a client and returns whether it stays. */
static bool client_serve(struct client *c, short ready, rill_time now)
{
    bool alive = !(ready & POLLERR);
    if (alive && ready && connection_wants(&c->connection) & POLLIN)
        alive = client_receive(c, now);
    if (alive && connection_wants(&c->connection) & POLLOUT)
        alive = client_send(c, now);
    if (alive && connection_deadline(&c->connection) <= now)
        connection_expire(&c->connection, now);
    if (alive && connection_is_closing(&c->connection) && !c->shut) {
        c->shut = true; /* RFC 9112 9.6: a reset for what we do not read would destroy the answer
                           under way */
        rill_shutdown(c->fd, SHUT_WR);
    }
    if (alive && connection_wants(&c->connection) != 0)
        return true;
    connection_close(&c->connection);
    rill_close(c->fd);
    free(c);
    return false;
}

/* Until the first connection's deadline, as rill_poll wants it: rounded up. */
static int milliseconds_left(const struct server *s, rill_time now)
{
    rill_time first = RILL_NEVER;
    for (unsigned i = 0; i < s->count; i++) {
        rill_time deadline = connection_deadline(&s->client[i]->connection);
        first = deadline < first ? deadline : first;
    }
    if (first == RILL_NEVER)
        return -1;
    return first <= now ? 0 : (int)((first - now) / RILL_MILLISECONDS(1)) + 1;
}

/* Waits until something can be done, and does it. Returns false on Ctrl-C. */
static bool server_turn(struct server *s)
{
    unsigned polled = s->count;
    for (unsigned i = 0; i < polled; i++)
        s->set[i] =
            (struct pollfd){s->client[i]->fd, connection_wants(&s->client[i]->connection), 0};
    s->set[polled] = (struct pollfd){s->listener, server_is_full(s) ? 0 : POLLIN, 0};

    if (rill_poll(s->set, polled + 1, milliseconds_left(s, rill_host_now(s->host))) < 0) {
        if (errno == EINTR)
            return false;
        err(1, "cannot wait");
    }

    rill_time now = rill_host_now(s->host);
    s->count = 0; /* those who stay move up */
    for (unsigned i = 0; i < polled; i++) {
        struct client *c = s->client[i];
        if (client_serve(c, s->set[i].revents, now))
            s->client[s->count++] = c;
    }
    if (s->set[polled].revents)
        server_accept(s, now);
    return true;
}

static unsigned parse_number(const char *option, const char *text, unsigned most)
{
    char *end;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    if (errno || end == text || *end || n == 0 || n > most)
        errx(2, "--%s %s: not a number from 1 to %u", option, text, most);
    return (unsigned)n;
}

/* Fills in what the command line says and returns the folder. */
static const char *parse_options(struct server *s, int argc, char **argv)
{
    static const struct option own[] = {
        {"access-log", no_argument, NULL, 'a'},
        {"max-connections", required_argument, NULL, 'm'},
        {"timeout", required_argument, NULL, 't'},
        {0},
    };
    for (int option; (option = getopt_long(argc, argv, "", own, NULL)) != -1;) {
        switch (option) {
        case 'a':
            s->site.log = stdout;
            break;
        case 'm':
            s->limit = parse_number("max-connections", optarg, 100000);
            break;
        case 't':
            s->site.patience = parse_number("timeout", optarg, 86400);
            break;
        default:
            exit(2);
        }
    }
    if (argc - optind > 1)
        errx(2, "%s: rill-httpd serves one folder only", argv[optind + 1]);
    return optind < argc ? argv[optind] : ".";
}

static void server_close(struct server *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        connection_close(&s->client[i]->connection);
        rill_close(s->client[i]->fd);
        free(s->client[i]);
    }
    free(s->client);
    free(s->set);
    close(s->site.root);
    rill_host_close(s->host);
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_complaint complaint;
    rill_host_options_parse(
        &options, &argc, argv, "rill-httpd - serves a folder by HTTP",
        "rill-httpd [OPTIONS] [FOLDER]\n"
        "FOLDER is . unless named, the port 80 unless --port names another. Ctrl-C ends it.\n"
        "  --access-log          one line for each request on standard output\n"
        "  --max-connections N   more are answered with 503 [1000]\n"
        "  --timeout S           seconds that a client may take for a request, between two "
        "requests,\n"
        "                        or without taking any of an answer [30]\n"
        "Exit status: 0, 1 if something failed, 2 for a bad option.\n");
    struct server server = {.limit = 1000, .site = {.patience = 30}};
    const char *folder = parse_options(&server, argc, argv);
    server.site.root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (server.site.root < 0)
        err(1, "cannot serve %s", folder);
    server.client = calloc(server.limit + REFUSED_MAX, sizeof(struct client *));
    server.set = calloc(server.limit + REFUSED_MAX + 1, sizeof *server.set);
    if (!server.client || !server.set)
        err(1, "cannot keep %u connections", server.limit);

    server.host = rill_host_open(&options, &complaint);
    if (!server.host)
        errx(1, "%s", complaint.text);
    uint16_t port = options.port ? options.port : 80;
    server.listener = listen_on(port);
    struct in_addr address = {htonl(rill_address_to_ip4(options.address))};
    printf("rill-httpd: serving %s on http://%s:%u/ (TAP %s)\n", folder, inet_ntoa(address), port,
           rill_host_tap_name(server.host));
    fflush(stdout);
    while (server_turn(&server))
        ;
    server_close(&server);
    return 0;
}
