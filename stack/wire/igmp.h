/* IGMP, the host's side: queries of versions 1 to 3, reports and leaves (RFC 1112 appendix I, RFC
 * 2236, RFC 3376 4). The checksum covers the whole message. */
#ifndef WIRE_IGMP_H
#define WIRE_IGMP_H

#include "wire/ip4.h"

#define IGMP_HEADER 8
#define IGMP_RECORD 8 /* bytes of a record without its sources */

#define IGMP_ALL_SYSTEMS UINT32_C(0xe0000001) /* 224.0.0.1 */
#define IGMP_ALL_ROUTERS UINT32_C(0xe0000002) /* 224.0.0.2: leaves */
#define IGMP_V3_ROUTERS UINT32_C(0xe0000016)  /* 224.0.0.22: reports of version 3 */

enum igmp_type {
    IGMP_QUERY = 0x11,
    IGMP_V1_REPORT = 0x12,
    IGMP_V2_REPORT = 0x16,
    IGMP_LEAVE = 0x17,
    IGMP_V3_REPORT = 0x22
};

/* A query, or a report or leave of version 1 or 2. */
struct igmp {
    uint8_t type;
    uint8_t version;          /* of a query: 1 to 3 */
    uint8_t robustness;       /* of a query of version 3: the querier's, 0 to 7 */
    uint32_t group;           /* host order; 0: a general query */
    uint32_t response;        /* of a query: tenths of a second within which to answer */
    uint32_t interval;        /* of a query of version 3: seconds between queries */
    struct rill_span sources; /* of a query of version 3: 4 bytes each; borrowed */
};

/* IGMP_LENGTH: cut short, or lengths that contradict one another. IGMP_CHECKSUM. Of a report of
 * version 3, which only routers read, nothing but the type is filled in. */
enum rill_drop igmp_parse(struct igmp *, struct rill_span in);

/* A query, or a report or leave of version 1 or 2. Returns its length. Only tests write queries;
 * times that the code cannot express are rounded down. */
size_t igmp_write(uint8_t *at, const struct igmp *);

/* RFC 3376 4.2.12 */
enum igmp_record {
    IGMP_IS_INCLUDE = 1,
    IGMP_IS_EXCLUDE = 2,
    IGMP_TO_INCLUDE = 3,
    IGMP_TO_EXCLUDE = 4,
    IGMP_ALLOW = 5,
    IGMP_BLOCK = 6
};

/* A report of version 3: records are put behind its header, which is written last. */
size_t igmp_record_write(uint8_t *at, enum igmp_record, uint32_t group, const uint32_t *source,
                         unsigned sources);
void igmp_report_finish(uint8_t *at, size_t length, unsigned records);

#endif
