/* Every frame of a recording, whatever is in it, thrown at a stack: first as it is, then made one
 * that is addressed to the stack, its checksums put right. Nothing is expected but survival: a
 * well-formed answer or none, silence where silence is due, and not a byte of memory more after the
 * third time than after the second.
 *
 * The stack has an application that accepts, and sends back what it reads, on the TCP ports that
 * were open in the recording and on the UDP ports that somebody sent from (and on 80 and 7). */
#ifndef REPLAY_HOSTILE_H
#define REPLAY_HOSTILE_H

#include "recording/recording.h"
#include "replay/difference.h"

#include <rill/capture.h>
#include <rill/counters.h>

#define HOSTILE_ROUNDS 3

struct hostile_options {
    bool addressed; /* to the stack */
    bool offload;   /* on a port that takes superframes, and sums that nobody has finished */
    struct rill_capture *pcap;
};

struct hostile_report {
    struct differences wrong;  /* what the stack did that it must not do */
    unsigned frames, too_long; /* that were thrown; that no link brings */
    unsigned sent;             /* of the first round, like the drops */
    uint64_t drop[RILL_DROP_COUNT];
};

/* True: nothing was wrong. The caller frees report->wrong. */
bool hostile_run(const struct recording *, const struct hostile_options *, struct hostile_report *);
void hostile_print(FILE *, const struct hostile_options *, struct hostile_report *);

#endif
