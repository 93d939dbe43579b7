/* Capture files (libpcap): frames from a file, frames to a file, and a decorator that records what
 * passes. "-" is standard input or output. */
#ifndef RILL_CAPTURE_H
#define RILL_CAPTURE_H

#include <rill/device.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_capture;

enum rill_capture_direction { RILL_CAPTURE_UNKNOWN, RILL_CAPTURE_IN, RILL_CAPTURE_OUT };

/* Writes pcapng, which has room for a comment on each packet; where the name ends in .pcap, and to
 * standard output, classic pcap with nanoseconds. */
struct rill_capture *rill_capture_create(const char *file, struct rill_complaint *);

/* Bounds what is kept: a file that has grown to `bytes` becomes FILE.1 (the number stands before
 * the name's last suffix), FILE.1 becomes FILE.2, and the last of `files` in all is removed. 0
 * bytes: no bound. EINVAL: no files, or standard output. */
int rill_capture_limit(struct rill_capture *, unsigned files, uint64_t bytes);

/* One frame as the wire would see it: gather spans included, a partial checksum finished. A
 * superframe is written in one piece. Flushed at once, so that a crash leaves a readable file. The
 * comment (UTF-8; NULL: none) and the direction are kept by pcapng only. */
int rill_capture_write(struct rill_capture *, const struct rill_frame *, rill_time when,
                       enum rill_capture_direction, const char *comment);
void rill_capture_close(struct rill_capture *);

/* Reads a capture (pcap or pcapng, any byte order, micro- or nanoseconds). Only Ethernet is taken:
 * others are refused with EPROTONOSUPPORT. */
struct rill_capture_reader;
struct rill_capture_reader *rill_capture_open(const char *file, struct rill_complaint *);
/* 1: a frame, borrowed until the next call, *wire_length its length before any snap cut; 0: end;
 * -1: the file is damaged here (errno EINVAL, complaint filled in). */
int rill_capture_next(struct rill_capture_reader *, struct rill_span *frame, size_t *wire_length,
                      rill_time *when, struct rill_complaint *);
void rill_capture_reader_close(struct rill_capture_reader *);

/* A device that passes everything on to `inner` and records it; owns both. `clock` tells the time
 * of a record. When the file can no longer be written, standard error says so once and traffic goes
 * on. NULL: ENOMEM, and both stay the caller's. */
struct rill_device *rill_capture_device(struct rill_device *inner, struct rill_capture *,
                                        rill_time (*clock)(void));

/* From now on each packet of such a device is commented with what the stack's trace says of it: the
 * TCP state before and after and the sentence of RFC 9293 for the change, relative numbers, cwnd,
 * ssthresh, RTO, and why it was sent or dropped. The stack keeps a trace (trace_records, at least
 * RILL_CAPTURE_TRACE) and is the one whose port the device is; it outlives the device's last read
 * and write, or the next call: another stack (NULL: none) in its place. */
#define RILL_CAPTURE_TRACE 4096
void rill_capture_explain(struct rill_device *, struct rill *);

#ifdef __cplusplus
}
#endif

#endif
