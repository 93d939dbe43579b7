/* iproute2's ip in a shell line: what it says of the link and of the route to the only peer, as the
 * stack's configuration (language page, sections 14, 23.7). */
#ifndef SCRIPT_IP_COMMAND_H
#define SCRIPT_IP_COMMAND_H

#include "script/run.h"

/* What cannot be had makes the script unsupported. */
void ip_handle(struct run *, char *const *word, unsigned words);

#endif
