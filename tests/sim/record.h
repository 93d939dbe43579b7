/* `--pcap FILE` of every test program that has stacks: what passes them is written there, with
 * their comments, one run behind the other; `--pcap-files N --pcap-size M` bound it as in the
 * apps. */
#ifndef TESTS_RECORD_H
#define TESTS_RECORD_H

#include "recorder.h"

/* NULL: nobody asked for it. */
struct rill_capture *record_capture(void);

/* A stack that is recorded keeps a trace: before rill_new. */
void record_prepare(struct rill_config *, const struct rill_capture *);

/* Does nothing without a capture. */
void record_begin(struct recorder *, const struct rill *);

#endif
