/* Builds inbound packets as bytes, from the IP header on (language page, sections 7, 10 and 12). */
#ifndef SCRIPT_BUILD_H
#define SCRIPT_BUILD_H

#include "script/options.h"
#include "script/subject.h"

#define PACKET_MAX 65535

/* A packet from the subject's remote end to the stack. Returns the length; 0: *wrong gives the
 * reason. Payload bytes are zero: the caller fills them, then calls build_checksums. `out` has room
 * for PACKET_MAX bytes. */
size_t build_packet(uint8_t *out, const struct subject *, const struct script_packet *,
                    const struct script_options *, const char **wrong);

/* Computes the checksums after the payload was filled in. */
void build_checksums(uint8_t *packet, size_t length);

#endif
