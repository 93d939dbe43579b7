/* The socket under test: which packets are its, and the mapping between its numbers and live ones
 * (language page, sections 5, 6, 10 and 23.1 to 23.4).
 *
 *     NEW -- connect --> CONNECTING -- first `> S` --> SYN_SENT
 *     NEW -- listen --> LISTENING           a child is made by the packet that comes to a listener,
 *     PASSIVE: such a child                 or to nobody */
#ifndef SCRIPT_SUBJECT_H
#define SCRIPT_SUBJECT_H

#include "script/live.h"
#include "script/options.h"

#include <netinet/in.h>

enum subject_phase {
    SUBJECT_NEW,
    SUBJECT_LISTENING,
    SUBJECT_CONNECTING,
    SUBJECT_SYN_SENT,
    SUBJECT_PASSIVE
};

/* A timestamp of the stack, and its value in the script. */
struct timestamp_pair {
    struct timestamp_pair *next;
    uint32_t script, live;
};

struct subject {
    struct subject *older;
    enum subject_phase phase;
    enum script_protocol protocol;
    int script_fd, live_fd; /* -1: none */
    bool accepted;
    bool answered; /* a `> S.` event was processed */

    uint32_t local, remote; /* IPv4, host order */
    uint16_t local_port, remote_port;

    bool remote_isn_known, local_isn_known;
    bool synack_seen; /* of an active open: no other SYN is accepted any more */
    uint32_t remote_isn, local_isn_script, local_isn_live;

    bool timestamps_known; /* the stack's first one is known: */
    uint32_t timestamp_script, timestamp_live;
    struct timestamp_pair *timestamps;

    bool label_known; /* of IPv6: the last pair */
    uint32_t label_script, label_live;

    bool urgent;             /* received: reads may lack bytes (RFC 6093) */
    uint32_t sent, received; /* bytes by system calls: the positions of the next ones (--strict) */
};

/* A call starts an active open (23.3), or gives a datagram's destination. */
void subject_connect(struct subject *, const struct sockaddr_in *to);

/* Translates a live packet of the subject into the script's numbers. */
void subject_translate(const struct subject *, const struct live *, struct script_packet *);

/* Does the packet have the subject's 4-tuple, seen from the stack? */
bool subject_owns(const struct subject *, const struct live *);

/* An inbound packet's numbers as live ones. */
uint32_t subject_inbound_seq(const struct subject *, const struct script_packet *);
uint32_t subject_inbound_ack(const struct subject *, const struct script_packet *, uint32_t);

/* Learns from an outbound packet of an event, before the comparison (23.1, 23.3). */
void subject_learn(struct subject *, const struct script_packet *script, const struct live *);

/* Remembers the script's value of its timestamp (10, 23.10). */
void subject_learn_timestamp(struct subject *, struct arena *, const struct script_packet *script,
                             const struct live *);

/* An echo's live value. False: the stack has never sent the timestamp with this value in the
 * script. */
bool subject_find_timestamp(const struct subject *, uint32_t script, bool scaled, uint32_t *live);

#endif
