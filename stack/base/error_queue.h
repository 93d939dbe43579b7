/* A socket's queue of reports about what it has sent: the error queue of ip(7), which recvmsg reads
 * with MSG_ERRQUEUE.
 *
 * Life of a report: errors_add copies it with its bytes to the end; errors_drop_first frees it. The
 * owner of the queue limits its bytes, including overhead, so that the number of reports is bounded
 * too. If the queue is full the new report is refused, because the oldest shows how the trouble
 * began.
 *
 * Invariant: `bytes` is the sum over the list. */
#ifndef BASE_ERROR_QUEUE_H
#define BASE_ERROR_QUEUE_H

#include "base/list.h"
#include "base/memory.h"

#include <rill/address.h>
#include <rill/time.h>

/* The numbers of SO_EE_ORIGIN_*. */
enum error_origin {
    ERROR_LOCAL = 1,
    ERROR_ICMP = 2,
    ERROR_TIMESTAMPING = 4, /* not errors, but they use the same queue */
    ERROR_ZEROCOPY = 5
};
#define ERROR_ZEROCOPY_COPIED 1 /* a code: SO_EE_CODE_ZEROCOPY_COPIED */

struct error_report {
    struct list_node node;
    rill_time when;               /* time of arrival, or of the event */
    struct rill_address offender; /* the sender of the report */
    struct rill_address remote;   /* destination of the packet that caused it */
    struct rill_address local;    /* destination of the ICMP message */
    uint32_t info, data;          /* info: the MTU with EMSGSIZE */
    uint32_t length;              /* of the payload, which follows a queued report in memory */
    uint16_t remote_port;
    uint8_t error;          /* errno */
    uint8_t origin;         /* enum error_origin */
    uint8_t type, code;     /* of ICMP */
    uint8_t port, tos, ttl; /* of the ICMP message: the stack's port, IP's fields */
};

/* The payload of the datagram that caused the report. */
static inline struct rill_span error_payload(const struct error_report *e)
{
    return span_of(e + 1, e->length);
}

struct error_queue {
    struct list list; /* struct error_report */
    uint32_t bytes;
};

void errors_init(struct error_queue *);

/* Appends a copy of the report with this payload. False: no memory, or the queue would hold `limit`
 * bytes or more; nothing has changed. */
bool errors_add(struct error_queue *, struct memory *, const struct error_report *,
                struct rill_span payload, size_t limit);

/* The same in two steps; the second step cannot fail and checks no limit. errors_new: all zero
 * except the length; NULL: no memory. errors_free: frees a report that is in no queue; NULL is
 * harmless. */
struct error_report *errors_new(struct memory *, size_t payload);
void errors_append(struct error_queue *, struct error_report *);
void errors_free(struct error_report *, struct memory *);

/* The oldest and the newest report; the queue still owns it. NULL: the queue is empty. */
const struct error_report *errors_first(const struct error_queue *);
struct error_report *errors_last(const struct error_queue *);
void errors_drop_first(struct error_queue *, struct memory *);
void errors_clear(struct error_queue *, struct memory *);

#endif
