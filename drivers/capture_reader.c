/* libpcap reads pcap and pcapng. */
#include "diagnostic.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <rill/capture.h>
#include <stdio.h>
#include <stdlib.h>

struct rill_capture_reader {
    pcap_t *handle;
    unsigned long count; /* frames so far */
    char name[128];
};

struct rill_capture_reader *rill_capture_open(const char *file, struct rill_diagnostic *diagnostic)
{
    struct rill_capture_reader *r = calloc(1, sizeof *r);
    if (!r) {
        diagnostic_set(diagnostic, ENOMEM, "no memory for a capture");
        return NULL;
    }
    snprintf(r->name, sizeof r->name, "%s", file);
    char reason[PCAP_ERRBUF_SIZE] = "";
    errno = 0;
    r->handle = pcap_open_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!r->handle) { /* libpcap names the file only if it cannot open it */
        diagnostic_set(diagnostic, errno ? errno : EINVAL, "cannot read the capture %s: %s",
                       r->name, reason);
        goto fail;
    }
    int type = pcap_datalink(r->handle);
    if (type != DLT_EN10MB) {
        const char *name = pcap_datalink_val_to_name(type);
        diagnostic_set(diagnostic, EPROTONOSUPPORT,
                       "%s holds frames of link type %s (%d); rill reads Ethernet (EN10MB) only",
                       r->name, name ? name : "unknown", type);
        goto fail;
    }
    return r;
fail:
    rill_capture_reader_close(r);
    return NULL;
}

/* A file may contain any time: more than 32 bits of seconds is invalid. */
static rill_time time_of(const struct pcap_pkthdr *h)
{
    int64_t seconds = h->ts.tv_sec, part = h->ts.tv_usec; /* nanoseconds, as requested */
    if (seconds < 0 || seconds > UINT32_MAX || part < 0 || part >= RILL_SECONDS(1))
        return 0;
    return RILL_SECONDS(seconds) + part;
}

int rill_capture_next(struct rill_capture_reader *r, struct rill_span *frame, size_t *wire_length,
                      rill_time *when, struct rill_diagnostic *diagnostic)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    int got = pcap_next_ex(r->handle, &header, &bytes);
    if (got == PCAP_ERROR_BREAK)
        return 0;
    if (got != 1) {
        diagnostic_set(diagnostic, EINVAL, "%s is damaged behind frame %lu: %s", r->name, r->count,
                       pcap_geterr(r->handle));
        return -1;
    }
    r->count++;
    *frame = (struct rill_span){bytes, header->caplen};
    *wire_length = header->len;
    *when = time_of(header);
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
