/* The conversations of a recording that are not TCP: for each two hosts, what they say to each
 * other in ARP, ICMP and UDP, fragments included, and rill in the place of one of them. Its
 * application sends the datagrams that the recorded host sent, when it did, from ports that are
 * open where the recorded host did not say otherwise. Its answers are its own: each ARP reply, echo
 * reply and ICMP error of the recorded host must come from rill too, and no other. */
#ifndef REPLAY_EXCHANGE_H
#define REPLAY_EXCHANGE_H

#include "recording/recording.h"
#include "replay/message.h"
#include "replay/player.h"

struct exchange_packet {
    const struct recorded *recorded;
    unsigned from; /* 0 or 1 */
    int message;   /* the one that it completes; -1: none */
};

struct exchange {
    uint32_t address[2]; /* [0] sent first */
    struct exchange_packet *packet;
    unsigned packets, packets_room;
    struct messages messages; /* of both, in order */
    bool spoke[2]; /* for each: it has sent something; from a silent host nothing is expected */
};

struct exchanges {
    struct exchange *exchange;
    unsigned count, room;
    unsigned others; /* packets of no exchange: to groups, announcements, other EtherTypes */
    unsigned cut;    /* packets that the snap length has cut too short; TCP's are not counted */
};

/* The recording must outlive them. */
void exchanges_read(struct exchanges *, const struct recording *);
void exchanges_free(struct exchanges *);

struct exchange_report {
    struct differences differences;
    unsigned sent, delivered; /* datagrams of the application */
};

/* Plays the host address[side]. True: all differences are allowed. The caller frees them. */
bool exchange_run(const struct exchange *, unsigned side, const struct player_options *,
                  struct exchange_report *);

/* Reports how the messages that rill has `said` differ from those of address[side]. */
void exchange_compare(const struct exchange *, unsigned side, const struct messages *said,
                      struct differences *);

#endif
