/* An attacker that sends what must do no harm: RFC 5961 (resets, SYNs and data in the window), RFC
 * 5927 (ICMP), RFC 4987 (SYNs), and noise. To hit the most sensitive places it knows more than a
 * real attacker could: it reads the victim's connections. */
#ifndef SIM_ATTACK_H
#define SIM_ATTACK_H

#include "sim/trial.h"

/* So many frames arrive at the host, one after another. */
void attack(struct trial *, struct rill_sim_node *, unsigned frames);

/* So many SYNs for one of its ports, from as many hosts that do not exist. */
void attack_flood(struct trial *, struct rill_sim_node *, unsigned frames);

/* So many fragments of datagrams that are never complete, overlap, or are too long. */
void attack_fragments(struct trial *, struct rill_sim_node *, unsigned frames);

#endif
