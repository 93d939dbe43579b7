/* The names of ICMP types and codes (language page, sections 12, 18 and 23.14). */
#ifndef SCRIPT_ICMP_NAMES_H
#define SCRIPT_ICMP_NAMES_H

#include <stdbool.h>

/* -1: unknown name. */
int icmp_type_number(bool ip6, const char *name);
int icmp_code_number(bool ip6, int type, const char *name);

/* NULL: it has no name. */
const char *icmp_type_name(bool ip6, int type);
const char *icmp_code_name(bool ip6, int type, int code);

#endif
