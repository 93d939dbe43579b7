/* The neighbour cache: which MAC a next hop on a link has. Keyed by port and address, so that IPv6
 * neighbour discovery can share it; today ARP (RFC 826) feeds it. The states and times are those of
 * RFC 4861 7.3, which Linux also uses for ARP:
 *
 *                  answer                about 30 s          use            5 s
 *     INCOMPLETE -----------> REACHABLE -----------> STALE -------> DELAY --------> PROBE
 *       |    ^                    ^                                                 |   |
 *       |    |                    +---- answer -------------------------------------+   |
 *       |    +----------------------- 3 requests, no answer ----------------------------+
 *       +---> FAILED (for 1 s, then gone): 3 requests, no answer
 *
 * This module neither sends nor calls back: requests are pulled (neighbour_next_request), time-outs
 * are returned (neighbour_expire), and a sender that needs a MAC puts its own node on `waiting`,
 * whose contents this module does not know.
 *
 * Poisoning: RFC 826 would accept it, we do not. An unsolicited packet never replaces a MAC that is
 * in use; it makes us ask the old MAC, and only if that does not answer, the address is resolved
 * again.
 *
 * Flooding: entries that we have sent to (`kept`) never make room for entries that others cause
 * (`passing`).
 *
 * Invariants: an entry is on exactly one of `kept` and `passing`, a fixed one on neither; while it
 * asks it is on its port's `asking` list or has a timer, never both; an entry that is removed has
 * no waiters. */
#ifndef LINK_NEIGHBOUR_H
#define LINK_NEIGHBOUR_H

#include "base/hash.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/pool.h"
#include "wire/eth.h"

#include <rill/address.h>
#include <rill/drop.h>
#include <rill/stack.h>

#define NEIGHBOUR_WAITERS 2 /* kinds of nodes that may wait, each with its own list */

enum neighbour_state {
    NEIGHBOUR_INCOMPLETE, /* being resolved, MAC unknown */
    NEIGHBOUR_REACHABLE,  /* confirmed recently */
    NEIGHBOUR_STALE,      /* MAC known, not confirmed recently; not in use */
    NEIGHBOUR_DELAY,      /* as STALE, but in use: asked in 5 s, as upper layers confirm nothing */
    NEIGHBOUR_PROBE,      /* being asked at its known MAC, which stays in use */
    NEIGHBOUR_FAILED      /* did not answer; not asked again for a while */
};

#define NEIGHBOUR_REACHABLE_TIME RILL_SECONDS(30)  /* RFC 4861 10; times a random 0.5 to 1.5 */
#define NEIGHBOUR_DELAY_TIME RILL_SECONDS(5)       /* DELAY_FIRST_PROBE_TIME */
#define NEIGHBOUR_REQUEST_INTERVAL RILL_SECONDS(1) /* for each target: RFC 1122 2.3.2.1 */
#define NEIGHBOUR_REQUESTS 3                       /* MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT */
#define NEIGHBOUR_FAILED_TIME RILL_SECONDS(1)      /* until a failed entry may be asked again */
#define NEIGHBOUR_LOCK_TIME RILL_SECONDS(1)        /* others are ignored after a confirmation */
#define NEIGHBOUR_IDLE_TIME RILL_SECONDS(60) /* a kept entry unused for so long may be evicted */

struct neighbour {
    struct rill_address address;
    int port;
    struct mac mac; /* valid if neighbour_usable */
    enum neighbour_state state;
    bool fixed;          /* by configuration: does not expire, is not overwritten */
    bool disputed;       /* PROBE because of another MAC's claim: only the old MAC may answer */
    bool kept;           /* on the kept list, else on the passing list */
    uint8_t tries;       /* requests sent since the state began */
    rill_time confirmed; /* when reachability was last confirmed; -1: never */
    rill_time used;      /* when we last sent to it */
    rill_time asked;     /* when the last request was sent */

    struct list waiting[NEIGHBOUR_WAITERS]; /* nodes of senders that wait for the MAC */
    struct list_node asking;                /* in neighbours.asking[port]: a request is due */
    struct list_node age;                   /* in neighbours.kept or .passing */
    struct heap_node timer;
    uint32_t index; /* in the pool */
    uint32_t next;  /* in the hash chain: an index */
};

struct neighbours {
    struct memory *memory;
    struct random *random;
    struct hash_key key;
    struct pool pool;
    struct heap timers;
    uint32_t *bucket; /* heads of hash chains: indices */
    uint32_t bucket_count;
    struct list kept;    /* sent to with a known MAC at least once; least recently used first */
    struct list passing; /* all others, oldest first */
    struct list asking[RILL_PORTS_MAX];
    uint32_t last;     /* index of the last entry found, compared first; 0: none */
    uint64_t removals; /* ever: a pointer to an entry is valid while this is unchanged */
};

/* False: no memory. `random` is borrowed for the whole life. */
bool neighbours_init(struct neighbours *, struct memory *, struct random *, unsigned limit);
void neighbours_end(struct neighbours *); /* waiting nodes are not touched */

/* The entry as it is, or NULL. */
struct neighbour *neighbour_find(struct neighbours *, int port, struct rill_address);

/* The entry to send to, created (INCOMPLETE, request due) if needed. If it is neither usable nor
 * FAILED, the caller may wait on `waiting`. NULL: no memory, or traffic in progress uses every
 * entry. */
struct neighbour *neighbour_use(struct neighbours *, int port, struct rill_address, rill_time now);

/* The same for a known entry that has not been removed since. */
void neighbour_use_known(struct neighbours *, struct neighbour *, rill_time now);

/* The MAC is valid for sending. */
static inline bool neighbour_usable(const struct neighbour *n)
{
    return n->state != NEIGHBOUR_INCOMPLETE && n->state != NEIGHBOUR_FAILED;
}

/* The information of an ARP packet about its sender. */
struct neighbour_claim {
    int port;
    struct rill_address address; /* sender's */
    struct mac mac;              /* sender's */
    bool on_link;   /* net's decision: in a subnet of the port, neither broadcast nor our own */
    bool reply;     /* ARP reply, else request */
    bool for_us;    /* the target is our address */
    bool announces; /* the target is the sender itself (gratuitous; RFC 5227 2.3) */
};

/* Learns from the claim, if it may: NONE, ARP_SENDER (an address or MAC that must not be learned),
 * ARP_UNSOLICITED (a reply without a request). *taken is the entry if the claim was accepted (its
 * waiters may continue now), else NULL. */
enum rill_drop neighbour_learn(struct neighbours *, const struct neighbour_claim *, rill_time now,
                               struct neighbour **taken);

/* A unicast MAC that is not zero: only such MACs may be learned or answered. */
bool neighbour_mac_good(struct mac);

/* Creates or changes a fixed entry; NULL: no room. Its waiters may continue. */
struct neighbour *neighbour_add_static(struct neighbours *, int port, struct rill_address,
                                       struct mac);

struct neighbour_request {
    struct rill_address target;
    struct mac destination; /* broadcast, or the known MAC */
};

/* Whether the port has a request to send; and the next one, considered sent at `now`. */
bool neighbour_has_request(const struct neighbours *, int port);
bool neighbour_next_request(struct neighbours *, int port, rill_time now,
                            struct neighbour_request *out);

/* Runs the timers that are due. Returns an entry that has just FAILED: the caller reports
 * EHOSTUNREACH to its waiters, removes them, and calls again. The entry is removed a second later.
 * NULL: nothing more is due. */
struct neighbour *neighbour_expire(struct neighbours *, rill_time now);

/* The next timer. It does not include requests that are due already: neighbour_has_request. */
rill_time neighbours_deadline(const struct neighbours *);

/* Does a sender of this kind wait for any MAC? Walks all entries. */
bool neighbours_have_waiters(const struct neighbours *, unsigned kind);

void neighbours_check(const struct neighbours *); /* every invariant */

#endif
