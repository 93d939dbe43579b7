/* A packet, after its direction (language page, sections 3.2, 3.3, 7 and 18). */
#ifndef SCRIPT_PARSE_PACKET_H
#define SCRIPT_PARSE_PACKET_H

#include "script/parser.h"

struct script_packet *parse_packet(struct parser *, bool inbound);

#endif
