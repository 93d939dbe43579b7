/* The text at a rung, for all output formats. It has only names of this file, numbers and
 * addresses, so no markup must be escaped. */
#ifndef LADDER_WORDS_H
#define LADDER_WORDS_H

#include "ladder/ladder.h"

#include <stdio.h>

#define WORDS_LABEL 64 /* with its NUL */

/* On the arrow: "SYN,ACK". */
void words_label(char label[WORDS_LABEL], const struct packet *);

/* Beside it: "seq 0 ack 1 len 5, again". */
void words_note(FILE *, const struct step *);

/* "TCP: A is 192.0.2.1:40366, B is 192.0.2.2:80" */
void words_title(FILE *, const struct conversation *);

#endif
