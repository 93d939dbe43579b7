/* The end of what a program writes: a file that lacks something is a failure. */
#ifndef DRIVERS_FINISH_H
#define DRIVERS_FINISH_H

#include <stdbool.h>
#include <stdio.h>

/* True: all that was printed has been written. Else standard error tells the file's name and the
 * reason. */
bool finish_file(FILE *, const char *name);

/* The exit status of a program that ends with `status`: `failure` instead of 0 if its standard
 * output could not be written. */
int finish_output(int status, int failure);

#endif
