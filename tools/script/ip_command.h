/* iproute2's ip, and ifconfig, in a shell line: they change the link and the route to the only peer
 * in the stack's configuration (language page, sections 14, 23.7), or only print. */
#ifndef SCRIPT_IP_COMMAND_H
#define SCRIPT_IP_COMMAND_H

#include "script/run.h"

/* An unsupported command makes the script unsupported. */
void ip_handle(struct run *, char *const *word, unsigned words);
void ifconfig_handle(struct run *, char *const *word, unsigned words);

#endif
