/* All knowledge of the file formats is libpcap's; this file only moves frames and times. */
#include "complaint.h"
#include "segment.h"

#include <assert.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <rill/capture.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 14 + 65535 }; /* a superframe too is one IP packet */
enum { SNAP_LENGTH = 262144 };   /* what tcpdump writes; readers size their buffers by it */

struct rill_capture {
    pcap_t *handle;
    pcap_dumper_t *file;
    uint8_t frame[FRAME_MAX];
};

struct rill_capture_reader {
    pcap_t *handle;
    unsigned long count; /* frames so far */
    char name[128];
};

struct rill_capture *rill_capture_create(const char *file, struct rill_complaint *complaint)
{
    struct rill_capture *c = calloc(1, sizeof *c);
    if (!c) {
        complain(complaint, ENOMEM, "no memory for a capture");
        return NULL;
    }
    c->handle =
        pcap_open_dead_with_tstamp_precision(DLT_EN10MB, SNAP_LENGTH, PCAP_TSTAMP_PRECISION_NANO);
    if (!c->handle) {
        complain(complaint, ENOMEM, "no memory for a capture");
        goto fail;
    }
    errno = 0;
    c->file = pcap_dump_open(c->handle, file);
    if (!c->file) { /* libpcap names the file and the reason */
        complain(complaint, errno ? errno : EINVAL, "cannot write a capture: %s",
                 pcap_geterr(c->handle));
        goto fail;
    }
    return c;
fail:
    rill_capture_close(c);
    return NULL;
}

int rill_capture_write(struct rill_capture *c, const struct rill_frame *frame, rill_time when)
{
    assert(rill_frame_length(frame) <= sizeof c->frame);
    size_t length = segment_copy_whole(frame, c->frame);
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)length, .len = (bpf_u_int32)length};
    header.ts.tv_sec = (time_t)(when / RILL_SECONDS(1));
    header.ts.tv_usec = (suseconds_t)(when % RILL_SECONDS(1)); /* nanoseconds, as the handle says */
    errno = 0;
    pcap_dump((u_char *)c->file, &header, c->frame);
    if (pcap_dump_flush(c->file) == 0 && !ferror(pcap_dump_file(c->file)))
        return 0;
    errno = errno ? errno : EIO;
    return -1;
}

void rill_capture_close(struct rill_capture *c)
{
    if (!c)
        return;
    int error = errno;
    if (c->file)
        pcap_dump_close(c->file);
    if (c->handle)
        pcap_close(c->handle);
    free(c);
    errno = error;
}

struct rill_capture_reader *rill_capture_open(const char *file, struct rill_complaint *complaint)
{
    struct rill_capture_reader *r = calloc(1, sizeof *r);
    if (!r) {
        complain(complaint, ENOMEM, "no memory for a capture");
        return NULL;
    }
    snprintf(r->name, sizeof r->name, "%s", file);
    char reason[PCAP_ERRBUF_SIZE] = "";
    errno = 0;
    r->handle = pcap_open_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!r->handle) { /* libpcap names the file only where it cannot be opened */
        complain(complaint, errno ? errno : EINVAL, "cannot read the capture %s: %s", r->name,
                 reason);
        goto fail;
    }
    int type = pcap_datalink(r->handle);
    if (type != DLT_EN10MB) {
        const char *name = pcap_datalink_val_to_name(type);
        complain(complaint, EPROTONOSUPPORT,
                 "%s holds frames of link type %s (%d); rill reads Ethernet (EN10MB) only", r->name,
                 name ? name : "unknown", type);
        goto fail;
    }
    return r;
fail:
    rill_capture_reader_close(r);
    return NULL;
}

int rill_capture_next(struct rill_capture_reader *r, struct rill_span *frame, size_t *wire_length,
                      rill_time *when, struct rill_complaint *complaint)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    int got = pcap_next_ex(r->handle, &header, &bytes);
    if (got == PCAP_ERROR_BREAK)
        return 0;
    if (got != 1) {
        complain(complaint, EINVAL, "%s is damaged behind frame %lu: %s", r->name, r->count,
                 pcap_geterr(r->handle));
        return -1;
    }
    r->count++;
    *frame = (struct rill_span){bytes, header->caplen};
    *wire_length = header->len;
    *when = RILL_SECONDS(header->ts.tv_sec) + header->ts.tv_usec; /* nanoseconds, as asked for */
    return 1;
}

void rill_capture_reader_close(struct rill_capture_reader *r)
{
    if (!r)
        return;
    int error = errno;
    if (r->handle)
        pcap_close(r->handle);
    free(r);
    errno = error;
}
