/* One seed of one scenario: what was built, what chance has in store for it, and what came of it.
 */
#ifndef SIM_TRIAL_H
#define SIM_TRIAL_H

#include <rill/sim.h>

#define TRIAL_HOSTS 8
#define TRIAL_LINKS 8

struct trial {
    uint64_t seed;
    bool tells;           /* says what it does */
    const char *captures; /* what the captures' names begin with; NULL: none are written */

    struct rill_sim *sim;
    struct rill_sim_node *host[TRIAL_HOSTS];
    bool superframes[TRIAL_HOSTS]; /* whose ports take them */
    unsigned hosts;
    struct rill_sim_link *link[TRIAL_LINKS];
    struct rill_cable_config calm[TRIAL_LINKS][2]; /* what each link is like once all is healed */
    unsigned links;

    rill_time healed; /* nothing bad happens any more from here on */

    /* What may not be expected any more. */
    bool forged;               /* text may be wrong */
    bool attacked;             /* somebody has spoken in a host's name */
    bool harmed[TRIAL_HOSTS];  /* restarted, or made to fail: its connections may break */
    bool refused[TRIAL_HOSTS]; /* cut off or so lossy that a connection need not come about */

    /* What came of it. */
    char fault[240]; /* empty: all is well */
    bool slow;       /* its end was later than it should be */
    rill_time ended;
    uint64_t segments, events, hash;
};

/* The first fault counts. */
void trial_fail(struct trial *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where it is asked to tell: what is done, and when. */
void trial_tell(struct trial *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number in [low, high], with every order of magnitude as likely as any other. */
uint64_t trial_draw_scale(struct trial *, uint64_t low, uint64_t high);
/* A number in [low, high]. */
uint64_t trial_draw(struct trial *, uint64_t low, uint64_t high);
/* True once in n. */
bool trial_once_in(struct trial *, uint64_t n);

/* Adds a host, with a capture where they are written. */
struct rill_sim_node *trial_host(struct trial *, struct rill_sim_host_config *);
/* Its number among the trial's. */
unsigned trial_host_number(const struct trial *, const struct rill_sim_node *);

#endif
