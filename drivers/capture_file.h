/* An addition to <rill/capture.h> for the device: a packet can be written before its comment is
 * known, and again with its comment, so that after a crash in between the file has the packet that
 * caused it. */
#ifndef DRIVERS_CAPTURE_FILE_H
#define DRIVERS_CAPTURE_FILE_H

#include <rill/capture.h>
#include <sys/types.h>

/* Can the file store comments? */
bool capture_comments(const struct rill_capture *);

/* Has it ended, because a packet could not be written? */
bool capture_failed(const struct rill_capture *);

/* These three carry the prefix rill_ because the simulator, a separate library, calls them too. */

/* The position of the next packet, -1 if the file cannot go back there (a pipe). The file does not
 * rotate until the mark is forgotten. The data written after going back must be at least as long as
 * what it replaces. */
off_t rill_capture_mark(struct rill_capture *);
void rill_capture_go_back(struct rill_capture *, off_t mark);
void rill_capture_forget_mark(struct rill_capture *);

#endif
