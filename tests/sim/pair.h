/* Two stacks on a simulated cable and the virtual clock: 10.0.0.1 (end 0) and 10.0.0.2 (end 1),
 * whole-object checks on. Everything follows from the seed. */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include <netinet/in.h>
#include <rill/cable.h>
#include <rill/rill.h>

struct pair {
    struct rill *end[2];
    struct rill_cable *cable;
    int port[2];
    rill_time now;
};

struct pair_config {
    uint64_t seed;
    uint16_t mtu; /* of both ports */
    struct rill_cable_config there, back;
    struct rill_config end[2];
    struct rill_capture
        *capture; /* of what passes at end 0, with its comments; NULL: as --pcap says */
};

/* A LAN: 1 ms each way, nothing lost. Change what the test is about, then pair_open. */
void pair_config_init(struct pair_config *, uint64_t seed);
void pair_open(struct pair *, const struct pair_config *);

/* Frees both stacks; true: neither held a byte at the end. */
void pair_close(struct pair *);

/* Runs until `until`, nothing is left to happen, or stop says true. */
void pair_run(struct pair *, rill_time until, bool (*stop)(void *), void *context);
void pair_run_for(struct pair *, rill_time length);

struct sockaddr_in pair_address(int end, uint16_t port);

/* A listener on end 1, and a connection from end 0 to it whose handshake has been run: *server is
 * accepted. */
int pair_listen(struct pair *, uint16_t port);
void pair_connect(struct pair *, int listener, uint16_t port, int *client, int *server);

#endif
