/* The packs of crafted frames (tests/replay/captures/sx-crafted-*): labelled cases, each a run of
 * frames to 192.0.2.1, whose index tells what a good stack does with it. */
#ifndef TESTS_CRAFTED_H
#define TESTS_CRAFTED_H

#include "lone.h"

#define CRAFTED_TCP 80 /* a listener of the application */
#define CRAFTED_ECHO 7 /* a UDP service that sends everything back */

/* What was sent, by kind. */
struct answers {
    unsigned arp;     /* replies */
    unsigned request; /* ARP requests and announcements */
    unsigned echo;    /* ICMP echo replies */
    unsigned error;   /* ICMP errors */
    unsigned syn_ack;
    unsigned reset;
    unsigned udp;
    unsigned other;
};

struct crafted_case {
    char id[40];
    unsigned first, last; /* frames, counted from 1 */
};

/* Reads the index of a layer ("eth-arp"); returns the number of cases. */
unsigned crafted_index(const char *layer, struct crafted_case *, unsigned max);

/* Feeds frames first to last at their recorded distances; the echo service answers. */
void crafted_feed(struct lone *, const char *layer, const struct crafted_case *, int echo);

/* What stands in lone_sent since lone_forget. */
struct answers crafted_answers(const struct lone *);

#endif
