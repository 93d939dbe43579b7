/* Is what the stack has sent what the script expects? (Language page, sections 8, 9, 10, 23.13.) */
#ifndef SCRIPT_MATCH_H
#define SCRIPT_MATCH_H

#include "script/options.h"
#include "script/script.h"

/* `got` in the script's numbers. NULL: yes; else the name of the first field that differs.
 * Timestamps may be off by ticks of `tolerance` microseconds where the script has a tick. */
const char *packet_difference(const struct script_packet *wanted, const struct script_packet *got,
                              const struct script_options *, int64_t tolerance);

/* SYN, FIN and RST clear, no payload. */
bool packet_is_pure_ack(const struct script_packet *);

#endif
