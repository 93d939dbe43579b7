/* Socket options in FreeBSD's scripts that rill has under another name, for all sockets, or always
 * (language page, sections 18 and 23.18). */
#ifndef SCRIPT_FREEBSD_H
#define SCRIPT_FREEBSD_H

#include "script/invocation.h"

/* Makes the setsockopt() call if it sets such an option. False: it does not. */
bool freebsd_setsockopt(struct invocation *);

#endif
