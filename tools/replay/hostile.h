/* Sends every frame of a recording, whatever it contains, to a stack: first unchanged, then
 * addressed to the stack, with correct checksums. The stack must only survive: a well-formed answer
 * or none, silence where silence is due, and not a byte of memory more after the third time than
 * after the second.
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
    bool offload;   /* on a port that takes superframes and unfinished checksums */
    struct rill_capture *pcap;
};

struct hostile_report {
    struct differences wrong;  /* forbidden reactions of the stack */
    unsigned frames, too_long; /* frames sent to the stack; frames too long for any link */
    unsigned sent;             /* in the first round, like the drops */
    uint64_t drop[RILL_DROP_COUNT];
};

/* True: no forbidden reaction. The caller frees report->wrong. */
bool hostile_run(const struct recording *, const struct hostile_options *, struct hostile_report *);
void hostile_print(FILE *, const struct hostile_options *, struct hostile_report *);

#endif
