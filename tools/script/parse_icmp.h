/* An ICMP packet, after `icmp` (language page, section 12). */
#ifndef SCRIPT_PARSE_ICMP_H
#define SCRIPT_PARSE_ICMP_H

#include "script/parser.h"

void parse_icmp(struct parser *, struct script_packet *);

#endif
