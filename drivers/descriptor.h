/* Descriptors that a program does not know of, such as the TAP. */
#ifndef DRIVERS_DESCRIPTOR_H
#define DRIVERS_DESCRIPTOR_H

/* Moves a new descriptor out of the program's way: the numbers that it expects next, or wants for
 * its own by dup2(2), and those of closed standard streams, are free again. Returns its number
 * from now on, which select(2) can take; `fd` if there is no other, or if it is -1. Keeps errno. */
int descriptor_raise(int fd);

#endif
