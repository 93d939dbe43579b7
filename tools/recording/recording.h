/* A capture file as Ethernet frames in memory: pcap or pcapng in any byte order, micro- or
 * nanoseconds, which is libpcap's knowledge, and any of the link types of link.h, which is ours. */
#ifndef RECORDING_RECORDING_H
#define RECORDING_RECORDING_H

#include "wire/eth.h"

#include <pcap/pcap.h>
#include <rill/device.h>
#include <stdio.h>

/* One packet. Both spans belong to the recording, or are a reader's until its next packet. */
struct recorded {
    unsigned number;        /* in the file, from 1, as tcpdump and Wireshark count */
    rill_time when;         /* since 1970 */
    struct rill_span frame; /* as Ethernet; a head is made up where the link has none like it */
    uint16_t type;          /* of what lies in it, behind any VLAN tags; 0: nothing whole */
    struct rill_span body;
    uint32_t cut; /* bytes that the snap length has cut off */
};

struct recording {
    struct recorded *packet;
    unsigned count, room;
};

enum recording_status {
    RECORDING_GOOD,
    RECORDING_DAMAGED,    /* what stands before the damage was read */
    RECORDING_UNREADABLE, /* no capture, or a filter that is none */
    RECORDING_FOREIGN     /* a link type that is not known here */
};

/* Reads one packet after the other, in the memory of one. */
struct recording_reader {
    pcap_t *capture;
    struct bpf_program filter;
    unsigned number; /* of the last packet, in the file */
};

/* As recording_read; recording_close in any case. */
enum recording_status recording_open(struct recording_reader *, const char *file,
                                     const char *filter, struct rill_diagnostic *);
/* The same of a stream (fdopen(3)), which recording_close closes. */
enum recording_status recording_open_stream(struct recording_reader *, FILE *, const char *filter,
                                            struct rill_diagnostic *);
/* The next packet that passes the filter, as its link has it: `frame` is not made Ethernet. False:
 * there is none; the diagnostic is not empty where the file is damaged. */
bool recording_next(struct recording_reader *, struct recorded *, struct rill_diagnostic *);
void recording_close(struct recording_reader *);

/* Reads FILE ("-": standard input) as far as libpcap's FILTER ("": all) lets packets pass. Unless
 * the status is GOOD the diagnostic holds one sentence. recording_free in any case. */
enum recording_status recording_read(struct recording *, const char *file, const char *filter,
                                     struct rill_diagnostic *);
void recording_free(struct recording *);

#endif
