/* Capture files (libpcap): writing frames to a file, reading frames from a file, and a device that
 * records the traffic of another device. "-" is standard input or output. */
#ifndef RILL_CAPTURE_H
#define RILL_CAPTURE_H

#include <rill/device.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_capture;

enum rill_capture_direction { RILL_CAPTURE_UNKNOWN, RILL_CAPTURE_IN, RILL_CAPTURE_OUT };

/* Creates a pcapng file, which can hold a comment on each packet. If the name ends in .pcap, and on
 * standard output, the format is classic pcap with nanoseconds. */
struct rill_capture *rill_capture_create(const char *file, struct rill_diagnostic *);

/* Limits the size: a file that has grown to `bytes` becomes FILE.1 (the number stands before the
 * name's last suffix), FILE.1 becomes FILE.2, and so on; at most `files` files are kept, and the
 * oldest is removed. 0 bytes: no limit. EINVAL: 0 files, or standard output. */
int rill_capture_limit(struct rill_capture *, unsigned files, uint64_t bytes);

/* Writes one frame as it is on the wire: with its gather spans and a finished checksum. A
 * superframe is written as one packet. The file is flushed at once, so that it is readable after a
 * crash. Only pcapng stores the comment (UTF-8; NULL: none) and the direction. */
int rill_capture_write(struct rill_capture *, const struct rill_frame *, rill_time when,
                       enum rill_capture_direction, const char *comment);
void rill_capture_close(struct rill_capture *);

/* Opens a capture (pcap or pcapng, any byte order, micro- or nanoseconds). Link types other than
 * Ethernet fail with EPROTONOSUPPORT. */
struct rill_capture_reader;
struct rill_capture_reader *rill_capture_open(const char *file, struct rill_diagnostic *);
/* 1: a frame, valid until the next call; *wire_length is its length before truncation by a snap
 * length. 0: end of file. -1: the file is damaged here (errno EINVAL, diagnostic filled in). */
int rill_capture_next(struct rill_capture_reader *, struct rill_span *frame, size_t *wire_length,
                      rill_time *when, struct rill_diagnostic *);
void rill_capture_reader_close(struct rill_capture_reader *);

/* A device that passes all frames to and from `inner` and records them. It owns `inner` and the
 * capture. `clock` gives the time of each packet. If the file can no longer be written, one message
 * goes to standard error, and traffic continues. NULL: ENOMEM; the caller keeps both. */
struct rill_device *rill_capture_device(struct rill_device *inner, struct rill_capture *,
                                        rill_time (*clock)(void));

/* From now on each packet recorded by such a device gets a comment from the stack's trace: the TCP
 * state before and after, the sentence of RFC 9293 for the change, relative sequence numbers, cwnd,
 * ssthresh, RTO, and why the packet was sent or dropped. The device must be a port of this stack,
 * and the stack must keep a trace (trace_records, at least RILL_CAPTURE_TRACE). The stack must stay
 * until the device's last read and write, or until the next call sets another one (NULL: none). */
#define RILL_CAPTURE_TRACE 4096
void rill_capture_explain(struct rill_device *, struct rill *);

#ifdef __cplusplus
}
#endif

#endif
