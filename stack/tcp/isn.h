/* Initial sequence numbers (RFC 6528, RFC 9293 3.4.1). */
#ifndef TCP_ISN_H
#define TCP_ISN_H

#include "tcp/core.h"

/* ISN = M + F(flow, secret). */
seq32 isn_choose(const struct tcp *, const struct flow *);

#endif
