/* The names of constants in scripts, with Linux's values (language, sections 13.2 and 23.18). */
#ifndef SCRIPT_SYMBOLS_H
#define SCRIPT_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

/* False: no such name. */
bool symbol_find(const char *name, int64_t *value);

/* The name of an errno value, for display; never NULL. */
const char *errno_name(int error);

#endif
