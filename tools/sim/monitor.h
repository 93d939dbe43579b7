/* Watches all frames of the hosts, and checks rules that a TCP must obey on the wire:
 *
 *     acknowledgements do not go back                                (RFC 9293 3.4)
 *     the window's right edge does not move to the left, by more than what scaling rounds away
 *                                                                    (SHLD-14, RFC 7323 2.4)
 *     no text beyond an edge that the peer has offered, but a probe's one byte
 *     ECE is answered with CWR                                       (RFC 3168 6.1.2)
 *     D-SACKs are heard                                              (RFC 2883 4)
 *     who closed first sends no RST while TIME_WAIT lasts            (RFC 9293 3.6.1)
 *
 * A connection whose server has answered with cookies is not looked at: it may rise again. */
#ifndef SIM_MONITOR_H
#define SIM_MONITOR_H

#include "sim/trial.h"

struct monitor;

/* Watches all frames from now on; a violation fails the trial. */
struct monitor *monitor_begin(struct trial *);
void monitor_end(struct monitor *);

#endif
