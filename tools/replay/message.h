/* Messages of two hosts other than TCP: ARP, and whole datagrams of ICMP, UDP and other protocols,
 * reassembled from their fragments. */
#ifndef REPLAY_MESSAGE_H
#define REPLAY_MESSAGE_H

#include "ip/reassembly.h"
#include "replay/notation.h"

enum message_kind {
    MESSAGE_ARP_REQUEST,
    MESSAGE_ARP_REPLY,
    MESSAGE_ECHO,
    MESSAGE_ECHO_REPLY,
    MESSAGE_ICMP, /* of any other type */
    MESSAGE_UDP,
    MESSAGE_OTHER /* a protocol that rill does not implement */
};

struct message {
    unsigned number; /* of the packet that completed it */
    enum message_kind kind;
    uint32_t source, destination;           /* host order; of ARP: sender and target */
    uint16_t source_port, destination_port; /* of UDP */
    uint8_t type, code;                     /* of ICMP; type: the protocol of OTHER */
    uint8_t *data;                          /* of ICMP: after the checksum */
    size_t length;
};

struct messages {
    struct message *at; /* they own their data */
    unsigned count, room;
};

/* Reassembles fragments, with the stack's own code. */
struct message_reader {
    struct memory memory;
    struct random random;
    struct reassembly fragments;
};

void message_reader_open(struct message_reader *);
void message_reader_close(struct message_reader *);

/* True: this packet completes a message; its data is borrowed until the next call. TCP, malformed
 * packets and datagrams with a wrong checksum are ignored. */
bool message_read(struct message_reader *, uint16_t ether_type, struct rill_span body,
                  rill_time when, struct message *);

/* Adds a copy. */
struct message *messages_add(struct messages *, const struct message *);
void messages_free(struct messages *);

/* Their order when sorted; 0: they are equal. How much of a packet an ICMP error quotes is the
 * host's choice (RFC 1122 3.2.2), and ignored. */
int message_order(const struct message *, const struct message *);

/* "UDP 53 > 4000 length 12" */
struct notation notation_message(const struct message *);

#endif
