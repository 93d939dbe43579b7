/* The blocks of a pcapng file (draft-ietf-opsawg-pcapng), in this machine's byte order, as the
 * format allows. libpcap reads pcapng but does not write it.
 *
 *     section header, interface description, enhanced packet, enhanced packet, ...
 *
 * A block is built in memory; the owner of the file writes it. */
#ifndef DRIVERS_PCAPNG_H
#define DRIVERS_PCAPNG_H

#include <rill/capture.h>

/* A growing buffer; all zeros is an empty one. Its owner frees `at`. */
struct pcapng {
    uint8_t *at;
    size_t length, room;
    size_t snap; /* bytes kept of each packet; 0: all */
    bool failed; /* no memory: the content is incomplete */
};

/* The start of a file: one section, one Ethernet interface, times in nanoseconds. */
void pcapng_begin(struct pcapng *, const char *application);

/* A packet of that interface. comment: UTF-8; NULL: none. */
void pcapng_packet(struct pcapng *, struct rill_span frame, rill_time when,
                   enum rill_capture_direction, const char *comment);

#endif
