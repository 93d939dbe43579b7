/* Socket options that FreeBSD's scripts set and that rill has under another name, or always
 * (language page, sections 18 and 23.18). */
#ifndef SCRIPT_FREEBSD_H
#define SCRIPT_FREEBSD_H

#include "script/invocation.h"

/* Makes the call of setsockopt() where it is such a one. False: it is none. */
bool freebsd_setsockopt(struct invocation *);

#endif
