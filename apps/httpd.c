/* rill-httpd - serves a folder by HTTP
 *
 *     rill-httpd [--model NAME] [--port N] [--access-log] [--max-connections N] [--workers N]
 *                [--timeout S] [shared options] [FOLDER]
 *
 * HTTP/1.0 and 1.1 (RFC 9110, 9112), GET and HEAD, with keep-alive, pipelining, ranges and
 * conditions. apps/http, which knows no sockets, interprets the requests: connection.h takes bytes
 * in and gives bytes out. apps/httpd has six models of moving these bytes.
 *
 * Ctrl-C ends it. Exit status: 0, 1 if something failed, 2 for a bad option. */
#include "httpd/server.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <rill/cores.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct model {
    const char *name;
    int flags;                       /* for the listener */
    void (*before)(struct server *); /* runs before there is a stack; NULL: not needed */
    void (*run)(struct server *);
};

static const struct model models[] = {
    {"process", SOCK_NONBLOCK, model_process_fork, model_process},
    {"thread", 0, NULL, model_thread},
    {"select", SOCK_NONBLOCK, NULL, model_select},
    {"poll", SOCK_NONBLOCK, NULL, model_poll},
    {"epoll", SOCK_NONBLOCK, NULL, model_epoll},
    {"coroutine", 0, NULL, model_coroutine},
};
#define DEFAULT_MODEL "epoll"

static const struct model *find_model(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    errx(2, "--model %s: choose one of process, thread, select, poll, epoll, coroutine", name);
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

/* Reads the command line and returns the folder. */
static const char *parse_options(struct server *s, const struct model **model, int argc,
                                 char **argv)
{
    static const struct option own[] = {
        {"access-log", no_argument, NULL, 'a'},
        {"max-connections", required_argument, NULL, 'm'},
        {"model", required_argument, NULL, 'M'},
        {"timeout", required_argument, NULL, 't'},
        {"workers", required_argument, NULL, 'w'},
        {0},
    };
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", own, NULL)) != -1;) {
        switch (option) {
        case 'a':
            s->site.log = stdout;
            break;
        case 'm':
            s->limit = parse_number("max-connections", optarg, 1000000);
            break;
        case 'M':
            *model = find_model(optarg);
            break;
        case 't':
            s->site.timeout = parse_number("timeout", optarg, 86400);
            break;
        case 'w':
            s->workers = parse_number("workers", optarg, 30000);
            break;
        default:
            exit(rill_host_options_refuse(option, argv));
        }
    }
    if (argc - optind > 1)
        errx(2, "%s: rill-httpd serves one folder only", argv[optind + 1]);
    return optind < argc ? argv[optind] : ".";
}

struct service {
    const struct server *server; /* template for each core's server */
    const struct model *model;
    const char *folder;
    const struct rill_host_options *options;
};

static void greet(const struct service *s, const struct rill_host *host, uint16_t port)
{
    struct in_addr address = {htonl(rill_address_to_ip4(s->options->address))};
    printf("rill-httpd: serving %s on http://%s:%u/ (TAP %s)\n", s->folder, inet_ntoa(address),
           port, rill_host_tap_name(host));
    fflush(stdout);
}

static void run(const struct service *s, struct server *server, bool speaks)
{
    uint16_t port = s->options->port ? s->options->port : 80;
    server_listen(server, port, s->model->flags);
    if (speaks)
        greet(s, server->host, port);
    s->model->run(server);
}

/* Serves on one core. The cores share the connection limit. */
static void serve_core(struct rill_host *host, unsigned core, void *context)
{
    const struct service *s = context;
    struct server server = *s->server;
    server.host = host;
    server.limit = (server.limit + s->options->cores - 1) / s->options->cores;
    run(s, &server, core == 0);
}

static int serve(const struct service *s, struct rill_diagnostic *diagnostic)
{
    struct server server = *s->server;
    if (s->options->cores > 1)
        return rill_cores_run(s->options, serve_core, (void *)s, diagnostic);
    server.host = rill_host_open(s->options, diagnostic);
    if (!server.host)
        return -1;
    run(s, &server, true);
    if (server.host) /* a model may have closed it already */
        rill_host_close(server.host);
    return 0;
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(
        &options, &argc, argv, "rill-httpd - serves a folder over HTTP",
        "rill-httpd [OPTIONS] [FOLDER]\n"
        "The default FOLDER is ., the default port 80. Ctrl-C ends it.\n"
        "  --access-log          print one line for each request\n"
        "  --max-connections N   limit; others get status 503; the cores share N [1000]\n"
        "  --model NAME          process, thread, select, poll, epoll or coroutine "
        "[" DEFAULT_MODEL "]\n"
        "  --timeout S           seconds that a client may take for a request, between two "
        "requests,\n"
        "                        or to take 500 bytes a second of an answer [30]\n"
        "  --workers N           processes of the process model, one for each connection [64]\n"
        "Exit status: 0, 1 if something failed, 2 for a bad option.\n");
    struct server server = {.limit = 1000, .workers = 64, .site = {.timeout = 30}};
    const struct model *model = find_model(DEFAULT_MODEL);
    const char *folder = parse_options(&server, &model, argc, argv);
    server.site.root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (server.site.root < 0)
        err(1, "cannot serve %s", folder);
    if (model->before)
        model->before(&server);

    struct service service = {&server, model, folder, &options};
    if (options.cores > 1 && strcmp(model->name, DEFAULT_MODEL) != 0)
        errx(2, "--cores: with --model " DEFAULT_MODEL " only");
    if (serve(&service, &diagnostic) != 0)
        errx(1, "%s", diagnostic.text);
    close(server.site.root);
    fflush(stdout);
    if (ferror(stdout))
        errx(1, "the log is not complete: standard output could not be written");
    return 0;
}
