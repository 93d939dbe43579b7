/* Each of three cores connects to the host COUNT times, and asks it by UDP from a port that it has
 * not chosen: all answers must reach the core that has asked. */
#include <arpa/inet.h>
#include <err.h>
#include <rill/cores.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static int count;
static atomic_int good;

static struct sockaddr_in host_at(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = inet_addr("192.0.2.1");
    return a;
}

static bool is_answered(int fd, const char *question)
{
    char answer[64];
    struct timeval timeout = {5, 0};
    rill_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    ssize_t n = rill_recv(fd, answer, sizeof answer, 0);
    return n == (ssize_t)strlen(question) && memcmp(answer, question, (size_t)n) == 0;
}

static bool ask_by_tcp(const char *question)
{
    struct sockaddr_in to = host_at(7000);
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    bool answered = rill_connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
                    rill_send(fd, question, strlen(question), 0) > 0 && is_answered(fd, question);
    rill_close(fd);
    return answered;
}

static bool ask_by_udp(const char *question)
{
    struct sockaddr_in to = host_at(7000);
    int fd = rill_socket(AF_INET, SOCK_DGRAM, 0);
    bool answered =
        rill_sendto(fd, question, strlen(question), 0, (struct sockaddr *)&to, sizeof to) > 0 &&
        is_answered(fd, question);
    rill_close(fd);
    return answered;
}

static void serve(struct rill_host *host, unsigned core, void *context)
{
    (void)host;
    (void)context;
    char question[] = "core 0";
    question[5] = (char)('0' + core);
    for (int i = 0; i < count; i++)
        good += ask_by_tcp(question) + ask_by_udp(question);
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(&options, &argc, argv, "cores", "cores COUNT");
    count = atoi(argv[1]);
    if (rill_cores_run(&options, serve, NULL, &diagnostic) != 0)
        errx(1, "%s", diagnostic.text);
    return good == 2 * count * (int)options.cores ? 0 : 1;
}
