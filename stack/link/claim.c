#include "link/claim.h"

void claim_start(struct claim *c, uint32_t address, bool probe, struct random *random,
                 rill_time now)
{
    *c = (struct claim){.address = address, .next = now, .defended = -1};
    c->state = probe ? CLAIM_PROBING : CLAIM_ANNOUNCING;
    if (probe)
        c->next += (rill_time)random_below(random, CLAIM_PROBE_WAIT);
}

bool claim_usable(const struct claim *c)
{
    return c->state == CLAIM_ANNOUNCING || c->state == CLAIM_READY;
}

rill_time claim_deadline(const struct claim *c)
{
    return c->defend ? c->defended : c->next;
}

/* RFC 5227 2.1.1: the sender of a probe is 0.0.0.0, so that no cache learns from it. 2.3: sender
 * and target of an announcement are the address. */
static void claim_write(const struct claim *c, uint32_t sender, struct mac own, struct arp *out)
{
    *out = (struct arp){
        .operation = ARP_REQUEST, .sender_mac = own, .sender = sender, .target = c->address};
}

/* When to send the next probe, or the first announcement after the last probe. */
static rill_time claim_after_probe(const struct claim *c, struct random *random)
{
    if (c->sent == CLAIM_PROBE_NUM)
        return CLAIM_ANNOUNCE_WAIT;
    return CLAIM_PROBE_MIN + (rill_time)random_below(random, CLAIM_PROBE_MAX - CLAIM_PROBE_MIN);
}

bool claim_next(struct claim *c, struct mac own, struct random *random, rill_time now,
                struct arp *out)
{
    if (now < claim_deadline(c))
        return false;
    if (c->defend) {
        c->defend = false;
        claim_write(c, c->address, own, out);
        return true;
    }
    if (c->state == CLAIM_PROBING && c->sent < CLAIM_PROBE_NUM) {
        c->sent++;
        c->next = now + claim_after_probe(c, random);
        claim_write(c, 0, own, out);
        return true;
    }
    if (c->state == CLAIM_PROBING) { /* no host has objected */
        c->state = CLAIM_ANNOUNCING;
        c->sent = 0;
    }
    c->sent++;
    c->next = now + CLAIM_ANNOUNCE_INTERVAL;
    if (c->sent == CLAIM_ANNOUNCE_NUM) {
        c->state = CLAIM_READY;
        c->next = RILL_NEVER;
    }
    claim_write(c, c->address, own, out);
    return true;
}

static enum claim_result claim_lose(struct claim *c)
{
    c->state = CLAIM_CONFLICT;
    c->next = RILL_NEVER;
    return CLAIM_LOST;
}

/* RFC 5227 2.4 (c): defends once, and then not again for DEFEND_INTERVAL. Otherwise two hosts that
 * both defend would flood the link. */
static enum claim_result claim_dispute(struct claim *c, rill_time now)
{
    if (c->defended < 0 || now - c->defended >= CLAIM_DEFEND_INTERVAL) {
        c->defend = true;
        c->defended = now;
    }
    return CLAIM_DISPUTED;
}

enum claim_result claim_receive(struct claim *c, const struct arp *arp, struct mac own,
                                rill_time now)
{
    bool has_it = arp->sender == c->address;
    bool probes_it = arp->operation == ARP_REQUEST && arp->sender == 0 && arp->target == c->address;
    if (mac_equal(arp->sender_mac, own)) /* our own packet has returned */
        return CLAIM_UNAFFECTED;
    if (c->state == CLAIM_PROBING && (has_it || probes_it)) /* RFC 5227 2.1.1 */
        return claim_lose(c);
    if (claim_usable(c) && has_it)
        return claim_dispute(c, now);
    return CLAIM_UNAFFECTED;
}
