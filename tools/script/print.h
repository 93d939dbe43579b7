/* Packets in the script's notation. */
#ifndef SCRIPT_PRINT_H
#define SCRIPT_PRINT_H

#include "script/script.h"

#include <stdio.h>

void packet_print(FILE *, const struct script_packet *, bool inbound);

/* Microseconds as seconds: 0.200000. */
void seconds_print(FILE *, int64_t microseconds);

#endif
