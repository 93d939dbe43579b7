/* Waits for the next packet of the connection under test and compares it (language page, section
 * 8). */
#ifndef SCRIPT_OUTBOUND_H
#define SCRIPT_OUTBOUND_H

#include "script/run.h"

void outbound_handle(struct run *, const struct script_packet *);

#endif
