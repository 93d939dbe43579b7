/* rill-nc - connects standard input and output with the network
 *
 *     rill-nc [-Nuz] [-w S] [shared options] ADDRESS PORT    connects
 *     rill-nc -l [-kNu] [-w S] [shared options] PORT         waits; -k: again and again
 *
 * What comes on standard input is sent, what comes from the network goes to standard output; -N
 * tells the peer when our input ends. It ends when the peer has sent all, on Ctrl-C, or after S
 * idle seconds with -w.
 *
 * Exit status: 0; 1 if no connection came about or it was lost; 2 for a bad option; 130 after
 * Ctrl-C. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <rill/host.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_SIZE 16384

enum { EXIT_INTERRUPTED = 130 }; /* as a shell counts SIGINT */

struct settings {
    bool listens;            /* -l */
    bool again;              /* -k */
    bool shuts;              /* -N */
    bool udp;                /* -u */
    bool scans;              /* -z */
    rill_time idle;          /* -w; 0: no limit */
    struct sockaddr_in peer; /* or, with -l, where to listen */
};

/* One connection, or one UDP peer. */
struct talk {
    int fd;
    bool input_ended;
    bool peer_ended;
    bool has_peer;  /* true, except for UDP with -l before the first datagram */
    rill_time last; /* when something last moved */
    size_t length;  /* bytes read and not sent yet */
    char input[BUFFER_SIZE];
};

/* Ends the program, also on Ctrl-C. rill_host_close runs at exit(3). */
static void fail(const char *what)
{
    if (errno == EINTR)
        exit(EXIT_INTERRUPTED);
    err(1, "%s", what);
}

/* Called for a terminal or a pipe only when rill_poll reports input. */
static void read_input(struct talk *t, rill_time now)
{
    ssize_t n = read(STDIN_FILENO, t->input, sizeof t->input);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0)
        err(1, "cannot read standard input");
    t->input_ended = n <= 0;
    t->length = n > 0 ? (size_t)n : 0;
    t->last = now;
}

/* Sends the input; false if the connection is lost. */
static bool send_input(struct talk *t, const struct settings *s, rill_time now)
{
    if (t->length == 0)
        return true;
    ssize_t n = rill_send(t->fd, t->input, t->length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN;
    t->length = s->udp ? 0 : t->length - (size_t)n;
    memmove(t->input, t->input + n, t->length);
    t->last = now;
    return true;
}

static void write_output(const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            err(1, "cannot write to standard output");
        bytes += written;
        n -= (size_t)written;
    }
}

/* The first datagram determines the peer of a UDP listener. */
static void meet_peer(struct talk *t)
{
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    char byte;
    if (t->has_peer)
        return;
    if (rill_recvfrom(t->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, (struct sockaddr *)&from,
                      &length) >= 0)
        t->has_peer = rill_connect(t->fd, (struct sockaddr *)&from, length) == 0;
}

static bool receive_output(struct talk *t, const struct settings *s, rill_time now)
{
    char bytes[65536];
    meet_peer(t);
    if (t->peer_ended || !t->has_peer)
        return true;
    ssize_t n = rill_recv(t->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN;
    t->peer_ended = n == 0 && !s->udp;
    write_output(bytes, (size_t)n);
    t->last = now;
    return true;
}

/* The rest of -w, for rill_poll: rounded up. */
static int timeout_ms(const struct settings *s, const struct talk *t, rill_time now)
{
    rill_time left = t->last + s->idle - now;
    if (!s->idle)
        return -1;
    return left > 0 ? (int)((left + RILL_MILLISECONDS(1) - 1) / RILL_MILLISECONDS(1)) : 0;
}

/* Waits for the next possible step, and reads standard input if it is ready. `input` is its
 * descriptor in rill. */
static void await(struct talk *t, const struct settings *s, int input, rill_time now)
{
    bool reads = !t->input_ended && t->length == 0 && t->has_peer;
    struct pollfd set[] = {
        {.fd = reads ? input : -1, .events = POLLIN},
        {.fd = t->fd, .events = (short)((t->peer_ended ? 0 : POLLIN) | (t->length ? POLLOUT : 0))},
    };
    if (!set[1].events)
        set[1].fd = -1;
    bool nothing = set[0].fd < 0 && set[1].fd < 0;
    bool over = t->peer_ended && t->length == 0 && !s->shuts;
    int wait = nothing || over ? 0 : timeout_ms(s, t, now);
    if (rill_poll(set, 2, wait) < 0)
        fail("cannot wait");
    if (set[0].revents)
        read_input(t, now);
}

/* Moves bytes both ways until there are no more. */
static void converse(struct rill_host *host, const struct settings *s, int fd, bool has_peer)
{
    struct talk t = {.fd = fd, .has_peer = has_peer, .last = rill_host_now(host)};
    int input = rill_adopt(STDIN_FILENO);
    bool shut = false;
    bool moved = false;
    if (input < 0)
        fail("cannot watch standard input");
    /* When the peer has ended, input that is already there is still sent; with -N, where each side
     * ends on its own, all input is. */
    while (!t.peer_ended || t.length > 0 || moved || (s->shuts && !shut)) {
        rill_time before = rill_host_now(host);
        await(&t, s, input, before);
        rill_time now = rill_host_now(host);
        bool alive = send_input(&t, s, now) && receive_output(&t, s, now);
        if (!alive && t.peer_ended)
            break;
        if (!alive)
            fail("the connection is lost");
        if (t.input_ended && t.length == 0 && s->shuts && !shut) {
            shut = true;
            if (s->udp)
                break;
            rill_shutdown(fd, SHUT_WR);
        }
        moved = t.last >= before;
        if (s->idle && now - t.last >= s->idle)
            break;
    }
    rill_close(input);
    rill_close(fd);
}

/* Waits for a pending connection, at most as long as -w allows. */
static int wait_connected(int fd, rill_time idle)
{
    struct pollfd set = {fd, POLLOUT, 0};
    int error = 0;
    socklen_t length = sizeof error;
    int ready = rill_poll(&set, 1, idle ? (int)(idle / RILL_MILLISECONDS(1)) : -1);
    if (ready < 0)
        return -1;
    if (ready > 0)
        rill_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    errno = ready > 0 ? error : ETIMEDOUT;
    return errno ? -1 : 0;
}

static void connect_and_talk(struct rill_host *host, const struct settings *s)
{
    int fd = rill_socket(AF_INET, (s->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);
    if (fd < 0)
        fail("cannot make a socket");
    int connected = rill_connect(fd, (const struct sockaddr *)&s->peer, sizeof s->peer);
    if (connected != 0 && errno == EINPROGRESS)
        connected = wait_connected(fd, s->idle);
    if (connected != 0)
        fail("cannot connect");
    if (s->scans)
        rill_close(fd);
    else
        converse(host, s, fd, true);
}

static void listen_and_talk(struct rill_host *host, const struct settings *s)
{
    int type = s->udp ? SOCK_DGRAM : SOCK_STREAM;
    do {
        int fd = rill_socket(AF_INET, type, 0), on = 1;
        if (fd < 0)
            fail("cannot make a socket");
        rill_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (rill_bind(fd, (const struct sockaddr *)&s->peer, sizeof s->peer) != 0)
            fail("cannot bind to the port");
        if (s->udp) {
            converse(host, s, fd, false);
            continue;
        }
        if (rill_listen(fd, 1) != 0)
            fail("cannot listen");
        int connection = rill_accept(fd, NULL, NULL);
        if (connection < 0)
            fail("cannot accept");
        rill_close(fd); /* like other versions of nc: one at a time */
        converse(host, s, connection, true);
    } while (s->again);
}

static unsigned parse_number(const char *what, const char *text, unsigned most)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (end == text || *end || n == 0 || n > most)
        errx(2, "%s %s: not a number from 1 to %u", what, text, most);
    return (unsigned)n;
}

static void parse_options(struct settings *s, int argc, char **argv)
{
    static const struct option own[] = {{0}};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":lkNuw:z", own, NULL)) != -1;) {
        switch (option) {
        case 'l':
            s->listens = true;
            break;
        case 'k':
            s->again = true;
            break;
        case 'N':
            s->shuts = true;
            break;
        case 'u':
            s->udp = true;
            break;
        case 'w':
            s->idle = RILL_SECONDS(parse_number("-w", optarg, 86400));
            break;
        case 'z':
            s->scans = true;
            break;
        default:
            exit(rill_host_options_refuse(option, argv));
        }
    }
    int wanted = s->listens ? 1 : 2;
    if (argc - optind != wanted)
        errx(2, s->listens ? "-l wants a port and no more" : "wanted: an address and a port");
    if (s->again && !s->listens)
        errx(2, "-k makes sense with -l only");
    if (s->scans && s->listens)
        errx(2, "-z makes sense without -l only");
    s->peer = (struct sockaddr_in){.sin_family = AF_INET};
    if (!s->listens && inet_pton(AF_INET, argv[optind], &s->peer.sin_addr) != 1)
        errx(2, "%s: not an IPv4 address in numbers (rill has no resolver)", argv[optind]);
    s->peer.sin_port = htons((uint16_t)parse_number("port", argv[argc - 1], 65535));
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    struct settings settings = {0};
    rill_host_options_parse(
        &options, &argc, argv, "rill-nc - connects standard input and output with the network",
        "rill-nc [OPTIONS] ADDRESS PORT\n"
        "rill-nc -l [OPTIONS] PORT\n"
        "  -l     listen for a connection\n"
        "  -k     with -l: listen again after each connection\n"
        "  -N     send FIN when standard input ends\n"
        "  -u     UDP\n"
        "  -w S   give up after S idle seconds, also while connecting\n"
        "  -z     connect only, send nothing\n"
        "It ends when the peer has sent all (with -N: when both have), or with Ctrl-C.\n"
        "Exit status: 0; 1 if connecting failed or the connection was lost; 2 for a bad option;\n"
        "  130 after Ctrl-C.\n");
    parse_options(&settings, argc, argv);
    struct rill_host *host = rill_host_open(&options, &diagnostic);
    if (!host)
        errx(1, "%s", diagnostic.text);
    if (settings.listens)
        listen_and_talk(host, &settings);
    else
        connect_and_talk(host, &settings);
    rill_host_close(host);
    return 0;
}
