/* The host binding, for programs that want sockets and no more: a stack, its TAP and the loop that drives them. The
 * loop holds the only clock and the only sleep of the whole project.
 *
 *     struct rill_host_options o;
 *     rill_host_options_parse(&o, &argc, argv, "rill-echo - sends back what comes", "[--port N]");   exits on --help and bad options
 *     struct rill_host *host = rill_host_open(&o, &complaint);
 *     ... rill_socket, rill_accept, rill_recv, as anywhere ...
 *     rill_host_close(host);
 */
#ifndef RILL_HOST_H
#define RILL_HOST_H

#include <rill/device.h>
#include <rill/rill.h>

/* What every app can be told on its command line; defaults in brackets. */
struct rill_host_options {
    char tap[16];                     /* --tap NAME [rill0] */
    struct rill_address address;      /* --address A/LEN [192.0.2.2/24]: rill's */
    unsigned prefix;
    struct rill_address host_address; /* --host-address A/LEN [192.0.2.1/24]: the host's side */
    unsigned host_prefix;
    struct rill_address gateway;      /* --gateway A [the host's address] */
    uint8_t mac[6];                   /* --mac M [derived from the address] */
    uint16_t mtu;                     /* --mtu N [1500], 68 to 65535 */
    uint16_t port;                    /* --port N [the app's own] */
    uint64_t seed;                    /* --seed N [drawn with getrandom(2)] */
    const char *pcap;                 /* --pcap FILE [none] */
    bool debug_clock;                 /* --debug-clock [on under a debugger]: time stands still while the process is stopped */
};

void rill_host_options_init(struct rill_host_options *);

/* Takes the shared options (and their values) out of argv, so that an app parses what is left, its own, with getopt_long.
 * --help prints `about`, the app's own `usage` lines and the shared options, and exits with 0; --version likewise; a
 * bad value prints one sentence that names the option to standard error and exits with status 2. */
void rill_host_options_parse(struct rill_host_options *, int *argc, char **argv, const char *about, const char *usage);

struct rill_host;

/* Opens the TAP, makes a stack with the address, the default route and the wait hook, and makes it current (rill_use). */
struct rill_host *rill_host_open(const struct rill_host_options *, struct rill_complaint *);
struct rill *rill_host_stack(const struct rill_host *);
const char *rill_host_tap_name(const struct rill_host *);

/* One turn of the loop: reads until nothing is there (bounded), transmits, and if nothing happened sleeps until a frame
 * arrives, the stack's deadline or `until`. Returns 0, or -1 with errno (EINTR: a signal; ENODEV: the TAP has gone). */
int rill_host_turn(struct rill_host *, rill_time until);

/* CLOCK_MONOTONIC, less the time during which a debugger held the process where debug_clock is set. */
rill_time rill_host_now(const struct rill_host *);

/* Drains (what was sent and closed is acknowledged, or 5 s pass), then frees the stack and closes the TAP. Also runs at exit(3). */
void rill_host_close(struct rill_host *);

#endif
