/* What the kernel says of this process: proc(5), /proc/self/status. */
#ifndef DRIVERS_PROC_STATUS_H
#define DRIVERS_PROC_STATUS_H

/* The number in the field of that name, such as "TracerPid"; 0: it cannot be read. */
long proc_status(const char *field);

#endif
