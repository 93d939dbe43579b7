/* The search for a path's MTU, from the packets that arrive and those that do not (RFC 4821 7).
 * This is the state of a path, without a connection. A search is active from the moment at which a
 * size is used that is expected to pass:
 *
 *          low                 next probe                high
 *           |---------------------|-----------------------|
 *     passes: no segment       in the middle        does not pass
 *     but a probe is longer                           beyond it
 *
 * Sizes are those of IP's payload: TCP header, options and data. */
#ifndef TCP_MTU_SEARCH_H
#define TCP_MTU_SEARCH_H

#include <rill/time.h>
#include <stdint.h>

#define MTU_SEARCH_CLOSE 8                 /* a smaller range is not worth a probe */
#define MTU_SEARCH_AGAIN RILL_SECONDS(600) /* 7.3: the path MTU may have grown by then */
#define MTU_SEARCH_OPEN UINT16_MAX         /* value of `high`: no failed size is known */

/* All zero: no search is active, only ICMP limits the size. */
struct mtu_search {
    uint16_t low;       /* search_low, and eff_pmtu (7.1) */
    uint16_t high;      /* search_high */
    rill_time again_at; /* no probe before */
};

/* The size of a probe that is due; 0: none. ceiling: what both ends and ICMP allow. */
uint16_t mtu_search_next(struct mtu_search *, uint16_t ceiling, rill_time now);

/* 7.6.1: a probe of this size has arrived. */
void mtu_search_passed(struct mtu_search *, uint16_t size, rill_time now);

/* 7.6.2, 7.6.3: only the probe was lost. pause: time until the next probe. */
void mtu_search_failed(struct mtu_search *, uint16_t size, rill_time pause, rill_time now);

/* 7.7: not even `low` passes any more, or a search begins. */
void mtu_search_fall(struct mtu_search *, uint16_t low, rill_time now);

#endif
