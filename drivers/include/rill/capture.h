/* Capture files (libpcap): frames from a file, frames to a file, and a decorator that records what
 * passes. "-" is standard input or output. */
#ifndef RILL_CAPTURE_H
#define RILL_CAPTURE_H

#include <rill/device.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_capture;

/* Writes classic pcap with nanoseconds. */
struct rill_capture *rill_capture_create(const char *file, struct rill_complaint *);
/* One frame as the wire would see it: gather spans included, a partial checksum finished. A
 * superframe is written in one piece. Flushed at once, so that a crash leaves a readable file. */
int rill_capture_write(struct rill_capture *, const struct rill_frame *, rill_time when);
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

#ifdef __cplusplus
}
#endif

#endif
