/* One seed of one scenario: the network, the state of its random choices, and the results. */
#ifndef SIM_TRIAL_H
#define SIM_TRIAL_H

#include <rill/sim.h>

#define TRIAL_HOSTS 8
#define TRIAL_LINKS 8

/* A host that exchanges datagrams. */
struct datagram_socket {
    int fd;
    rill_time answered; /* when it last got an answer */
};

struct trial {
    uint64_t seed;
    bool verbose;         /* prints its events */
    const char *captures; /* prefix of the captures' names; NULL: none are written */

    struct rill_sim *sim;
    struct rill_sim_node *host[TRIAL_HOSTS];
    bool superframes[TRIAL_HOSTS]; /* the hosts whose ports accept them */
    unsigned hosts;
    struct rill_sim_link *link[TRIAL_LINKS];
    struct rill_cable_config calm[TRIAL_LINKS][2]; /* each link's state after the healing */
    unsigned links;
    unsigned crossings; /* flows that both ends open */
    struct datagram_socket socket[TRIAL_HOSTS];

    rill_time healed; /* nothing bad happens after this time */
    bool rare;        /* applications and hosts use what few use, */
    bool corners;     /* and what hardly anybody uses */

    /* What must not be expected any more. */
    bool forged;               /* text may be wrong */
    bool attacked;             /* frames with a forged source were sent */
    bool harmed[TRIAL_HOSTS];  /* restarted, or made to fail: its connections may break */
    bool refused[TRIAL_HOSTS]; /* cut off, or so lossy that a connection need not succeed */

    /* Results. */
    char failure[240]; /* empty: none */
    bool slow;         /* it ended later than it should */
    rill_time ended;
    uint64_t segments, events, hash;
};

/* The first failure is kept. */
void trial_fail(struct trial *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints what is done, and when, if `verbose` is set. */
void trial_print(struct trial *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number in [low, high]; all orders of magnitude are equally likely. */
uint64_t trial_draw_scale(struct trial *, uint64_t low, uint64_t high);
/* A number in [low, high]. */
uint64_t trial_draw(struct trial *, uint64_t low, uint64_t high);
/* True once in n. */
bool trial_once_in(struct trial *, uint64_t n);

/* Adds a host, with a capture if they are written. */
struct rill_sim_node *trial_host(struct trial *, struct rill_sim_host_config *);
/* Its index in the trial. */
unsigned trial_host_number(const struct trial *, const struct rill_sim_node *);

#endif
