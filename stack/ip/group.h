/* The multicast groups that a stack is in (RFC 1112), by port, and what of them the routers must be
 * told yet.
 *
 * Life of a group: igmp_set (igmp.h) with a filter that wants something makes it; with one that
 * wants nothing, the group stays until the routers have been told so, and is then freed. */
#ifndef IP_GROUP_H
#define IP_GROUP_H

#include "base/hash.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/source_filter.h"
#include "wire/igmp.h"

#include <rill/stack.h>
#include <rill/time.h>

#define GROUP_BUCKETS 64

#define IGMP_ROBUSTNESS 2                             /* RFC 3376 8.1 */
#define IGMP_QUERY_INTERVAL 125                       /* 8.2, seconds */
#define IGMP_UNSOLICITED_INTERVAL RILL_SECONDS(1)     /* 8.11 */
#define IGMP_V2_UNSOLICITED_INTERVAL RILL_SECONDS(10) /* RFC 2236 8.10 */
#define IGMP_OLDER_RESPONSE RILL_SECONDS(10)          /* RFC 3376 8.12, 8.3 */
#define IGMP_RESPONSE_MINIMUM RILL_MILLISECONDS(100)  /* no query makes us answer more often */

/* A source whose change has to be told so many times more. */
struct source_change {
    uint32_t source;
    uint8_t left;
};

struct group {
    struct list_node node; /* in its bucket */
    uint32_t address;      /* host order */
    uint8_t port;
    bool reporter; /* versions 1 and 2: no other host has reported since we did (RFC 2236 6) */
    uint8_t left;  /* times that membership or filter mode have to be told yet */
    uint8_t changes;
    struct source_filter filter; /* what the sockets of the port want (RFC 3376 3.2) */
    struct source_change change[SOURCES_MAX];
    rill_time change_at;        /* the next report of a change; RILL_NEVER: all was told */
    rill_time answer_at;        /* the answer to a query; RILL_NEVER: none is pending */
    struct source_filter asked; /* the sources that the answer is about; EXCLUDE {}: all */
};

struct group_port {
    rill_time answer_at;          /* the answer to a general query (version 3) */
    rill_time v1_until, v2_until; /* an older querier is believed to be present so long */
    uint32_t interval;            /* between queries, seconds */
    uint8_t robustness;
};

struct groups {
    struct memory *memory;
    struct random *random;
    struct list bucket[GROUP_BUCKETS];
    struct group_port port[RILL_PORTS_MAX];
    unsigned count;
    rill_time deadline; /* the first of all timers: kept by igmp.c */
};

void groups_init(struct groups *, struct memory *, struct random *);
void groups_end(struct groups *);

/* Is a datagram to the group from the source wanted on this port? Always for 224.0.0.1. */
bool group_wanted(const struct groups *, int port, uint32_t group, uint32_t source);
bool group_joined(const struct groups *, int port, uint32_t group); /* from any source */

static inline rill_time groups_deadline(const struct groups *gs)
{
    return gs->deadline;
}

/* Of IGMP. NULL: there is none (after it). */
struct group *group_find(const struct groups *, int port, uint32_t address);
struct group *group_new(struct groups *, int port, uint32_t address); /* NULL: no memory */
struct group *groups_next(const struct groups *, const struct group *);
void group_free(struct groups *, struct group *);

/* RFC 3376 7.2.1: the host compatibility mode, 1 to 3. */
unsigned igmp_version(const struct groups *, int port, rill_time now);

/* Nothing is told about this group (RFC 3376 5), or on this port. */
bool igmp_silent(int port, uint32_t address);

/* Below `most`, at random. */
rill_time igmp_delay(struct groups *, rill_time most);

/* A change was told: sets the time of its repetition, or frees a group that wants nothing. */
void group_told(struct groups *, struct group *, rill_time now);

#endif
