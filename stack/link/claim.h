/* Our claim on an IPv4 address (RFC 5227): three probes to see that no host has it, two
 * announcements, and at most one defence in ten seconds when another host claims it later. An
 * address in use is never given up (2.4 (c)), because a forged packet could then end all
 * connections.
 *
 *     claim_start(probe) --> PROBING ----> ANNOUNCING ----> READY
 *                               |              ^
 *     another host has it       v              +---- claim_start(no probe)
 *                            CONFLICT
 *
 * The struct lies in the address's owner; nothing needs to be freed. CONFLICT is permanent: the
 * address must not be used. */
#ifndef LINK_CLAIM_H
#define LINK_CLAIM_H

#include "base/hash.h"
#include "wire/arp.h"

#include <rill/time.h>

/* RFC 5227 1.1 */
#define CLAIM_PROBE_WAIT RILL_SECONDS(1)
#define CLAIM_PROBE_NUM 3
#define CLAIM_PROBE_MIN RILL_SECONDS(1)
#define CLAIM_PROBE_MAX RILL_SECONDS(2)
#define CLAIM_ANNOUNCE_WAIT RILL_SECONDS(2)
#define CLAIM_ANNOUNCE_NUM 2
#define CLAIM_ANNOUNCE_INTERVAL RILL_SECONDS(2)
#define CLAIM_DEFEND_INTERVAL RILL_SECONDS(10)

enum claim_state { CLAIM_PROBING, CLAIM_ANNOUNCING, CLAIM_READY, CLAIM_CONFLICT };

struct claim {
    uint32_t address; /* IPv4, host order */
    enum claim_state state;
    unsigned sent;  /* probes or announcements since the state began */
    rill_time next; /* when to send the next one or to change state, RILL_NEVER: nothing to do */
    rill_time defended; /* the last defence; -1: never */
    bool defend;        /* a defence is pending */
};

/* Starts with probes, or (probe false) with an announcement at once. */
void claim_start(struct claim *, uint32_t address, bool probe, struct random *, rill_time now);

/* The address may be used: from the first announcement on. */
bool claim_usable(const struct claim *);

/* When claim_next has something to do. */
rill_time claim_deadline(const struct claim *);

/* The packet to broadcast at `now`. True: a complete ARP packet of ours, considered sent; false:
 * nothing now. The state may change here (PROBING becomes ANNOUNCING with the first
 * announcement). */
bool claim_next(struct claim *, struct mac own, struct random *, rill_time now, struct arp *out);

enum claim_result {
    CLAIM_UNAFFECTED,
    CLAIM_LOST,    /* another host has it, or probes for it too: the state is CONFLICT now */
    CLAIM_DISPUTED /* another host claims our address; a defence is pending if 10 s have passed */
};

/* Processes an ARP packet that arrived on the claim's port. */
enum claim_result claim_receive(struct claim *, const struct arp *, struct mac own, rill_time now);

#endif
