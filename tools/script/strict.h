/* --strict: the checks for each packet of the connection, and at its end (language page, section
 * 20). */
#ifndef SCRIPT_STRICT_H
#define SCRIPT_STRICT_H

#include "script/run.h"

void strict_outbound(struct run *, const struct live *);
void strict_inbound(struct run *, const struct script_packet *);
void strict_end(struct run *);

#endif
