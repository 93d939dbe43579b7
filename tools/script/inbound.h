/* Builds a packet of the script and passes it to the stack (language page, section 7). */
#ifndef SCRIPT_INBOUND_H
#define SCRIPT_INBOUND_H

#include "script/run.h"

void inbound_handle(struct run *, const struct script_packet *);

#endif
