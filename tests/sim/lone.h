/* One stack alone on its wire, 192.0.2.1/24 with the MAC 02:00:00:00:00:01, on the virtual clock,
 * whole-object checks on. The test plays everybody else: it hands frames in (each in a heap block
 * of its exact size) and looks at what is sent. Transmit buffers are poisoned, and every frame sent
 * has to obey rules: well formed, from our addresses, to no group and no martian, zero padding.
 */
#ifndef TESTS_LONE_H
#define TESTS_LONE_H

#include "forge.h"
#include "record.h"
#include "replay/dissect.h"

#include <netinet/in.h>
#include <rill/rill.h>

#define LONE_GATEWAY 0xc00002fe /* 192.0.2.254: the default route */
#define LONE_SENT_MAX 256
#define LONE_MTU 1500

struct lone_frame {
    size_t length;
    uint8_t bytes[LONE_MTU + ETH_HEADER];
};

struct lone {
    struct rill *rill;
    int port;
    rill_time now;
    struct recorder recorder;
    unsigned sent; /* frames since lone_forget; the first LONE_SENT_MAX of them are kept */
    struct lone_frame frame[LONE_SENT_MAX];
};

/* The defaults, with checks on: change what the test is about. */
struct rill_config lone_config(void);

/* Makes the stack the current one, its first announcements over. NULL: lone_config. */
struct lone *lone_open(const struct rill_config *);
/* Ends the stack; rill_free asserts that every byte has come back. */
void lone_close(struct lone *);

/* A frame arrives, and all that is to be sent at this instant is sent. */
void lone_hear(struct lone *, const void *frame, size_t length);
/* Sends what there is to send at this instant. */
void lone_pull(struct lone *);
/* Time passes, with everything that becomes due in it. */
void lone_pass(struct lone *, rill_time);

void lone_forget(struct lone *);
/* The i-th frame sent since lone_forget, taken apart. */
struct dissected lone_sent(const struct lone *, unsigned i);
/* Of the frames that are kept: how many are of this kind; *last (may be NULL) is the last one. */
unsigned lone_count(const struct lone *, enum dissected_kind, struct dissected *last);

/* All drops counted, but of replies withheld and of fragments that grew old. */
uint64_t lone_drops(const struct lone *);
uint64_t lone_dropped(const struct lone *, enum rill_drop);

/* Non-blocking sockets of the application in the stack. */
struct sockaddr_in lone_address(uint32_t ip4, uint16_t port);
int lone_listen(uint16_t port);
int lone_udp(uint16_t port);
/* Sends every datagram that waits back where it came from; returns how many. */
unsigned lone_echo(struct lone *, int udp);

/* The station says who it is and is believed: the stack has asked it. */
void lone_meet(struct lone *, uint32_t address, struct mac);

/* Where a datagram of the application to this address goes; false: the stack has to ask first. */
bool lone_knows(struct lone *, uint32_t address, struct mac *);

#endif
