/* The progress of a write, for applications that have asked for it: when its last byte was sent and
 * acknowledged (socket(7) SO_TIMESTAMPING), and when the buffer of a MSG_ZEROCOPY call is free
 * again. The reports wait in the connection's error queue.
 *
 * Life of a mark, which stands behind the last byte of a write:
 *
 *     progress_reserve --> spare -- progress_mark --> unsent -- SND.NXT passes it --> sent
 *                                                                    -- SND.UNA passes it --> gone
 *
 * Invariants: both lists are ordered by position, unsent behind sent. A mark in `sent` still has
 * something to report. A mark of a MSG_ZEROCOPY call already holds its report, so that a lack of
 * memory cannot prevent the completion (the program would wait for ever to reuse its buffer). At
 * most PROGRESS_MARKS_MAX marks exist.
 *
 * These functions wake nobody: the caller does, if something was reported. */
#ifndef TCP_PROGRESS_H
#define TCP_PROGRESS_H

#include "base/error_queue.h"
#include "tcp/core.h"

#define PROGRESS_MARKS_MAX 1024 /* writes that are watched at a time */

enum progress_wish {
    PROGRESS_SCHED = 1 << 0,       /* when the last byte was handed to the port, */
    PROGRESS_SENT = 1 << 1,        /* when it left (which is the same moment here), */
    PROGRESS_ACKED = 1 << 2,       /* and when it was acknowledged */
    PROGRESS_NUMBERS = 1 << 3,     /* each with the offset of the byte, from SND.UNA on, */
    PROGRESS_NUMBERS_END = 1 << 4, /* or from what is written next */
    PROGRESS_ZEROCOPY = 1 << 5
};
#define PROGRESS_STAMPS (PROGRESS_SCHED | PROGRESS_SENT | PROGRESS_ACKED)

/* The event of a time stamp: the numbers of SCM_TSTAMP_*. */
enum progress_moment { MOMENT_SENT = 0, MOMENT_SCHED = 1, MOMENT_ACKED = 2 };

/* Sets the wishes, perhaps none. -ENOBUFS: nothing has changed. */
int progress_want(struct tcp *, struct tcp_conn *, uint8_t wishes);

/* Makes sure that the write which begins can be marked. False: not requested, no memory, or too
 * many marks. */
bool progress_reserve(struct tcp *, struct tcp_conn *, bool zerocopy);

/* The write has ended at SND.END, and some of it was taken. Without a reserve it is not watched. */
void progress_mark(struct tcp *, struct tcp_conn *, bool zerocopy);

/* SND.NXT or SND.UNA has moved. True: something was reported. */
bool progress_sent(struct tcp *, struct tcp_conn *);
bool progress_acked(struct tcp *, struct tcp_conn *);

/* The connection is dead: nothing is sent any more, so all buffers are free. */
void progress_over(struct tcp *, struct tcp_conn *);
void progress_free(struct tcp *, struct tcp_conn *);

/* The oldest report; NULL: none. */
const struct error_report *progress_report(const struct tcp_conn *);
void progress_drop_report(struct tcp *, struct tcp_conn *);

#endif
