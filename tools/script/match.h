/* Compares a packet of the stack with the script's (language page, sections 8, 9, 10, 23.13). */
#ifndef SCRIPT_MATCH_H
#define SCRIPT_MATCH_H

#include "script/options.h"
#include "script/script.h"

/* `got` has the script's numbers. NULL: they match; else the name of the first different field. If
 * the script has a tick, timestamps may differ by ticks of `tolerance` microseconds. */
const char *packet_difference(const struct script_packet *wanted, const struct script_packet *got,
                              const struct script_options *, int64_t tolerance);

/* SYN, FIN and RST are clear, and there is no payload. */
bool packet_is_pure_ack(const struct script_packet *);

#endif
