/* IGMP: see igmp.h.
 *
 *     0     1     2         4        8
 *     | type| code| checksum| group  |                                    versions 1 and 2
 *     | 0x11| code| checksum| group  | S, QRV | QQIC | count | sources    a query of version 3
 *     | 0x22| 0   | checksum| 0, count of records | records               a report of version 3
 *
 *     | type| 0   | count   | group  | sources                            a record
 */
#include "wire/igmp.h"

#include "wire/checksum.h"

#define QUERY_HEADER 12     /* of version 3 */
#define V1_RESPONSE 100     /* RFC 1112: ten seconds */
#define ROBUSTNESS_MASK 0x7 /* QRV; the bit before it is S, for routers */
#define ADDRESS_BYTES 4

/* RFC 3376 4.1.1 and 4.1.7: from 128 on a floating-point value. */
static uint32_t code_value(uint8_t code)
{
    return code < 128 ? code : ((code & 0xfu) | 0x10) << (((code >> 4) & 0x7) + 3);
}

static uint8_t code_of(uint32_t value)
{
    unsigned exponent = 0;
    if (value < 128)
        return (uint8_t)value;
    while (exponent < 7 && value >> (exponent + 3) > 0x1f)
        exponent++;
    uint32_t mantissa = value >> (exponent + 3);
    return (uint8_t)(0x80 | exponent << 4 | (mantissa > 0x1f ? 0xf : mantissa & 0xf));
}

/* RFC 3376 7.1: the version of a query is told by its length. */
static enum rill_drop parse_query(struct igmp *out, struct rill_span in)
{
    uint8_t code = in.at[1];
    if (in.length == IGMP_HEADER) {
        out->version = code ? 2 : 1;
        out->response = code ? code : V1_RESPONSE;
        return RILL_DROP_NONE;
    }
    if (in.length < QUERY_HEADER)
        return RILL_DROP_IGMP_LENGTH;
    size_t bytes = wire_get16(in.at + 10) * (size_t)ADDRESS_BYTES;
    if (bytes > in.length - QUERY_HEADER)
        return RILL_DROP_IGMP_LENGTH;
    out->version = 3;
    out->response = code_value(code);
    out->robustness = in.at[8] & ROBUSTNESS_MASK;
    out->interval = code_value(in.at[9]);
    out->sources = span_first(span_skip(in, QUERY_HEADER), bytes);
    return RILL_DROP_NONE;
}

enum rill_drop igmp_parse(struct igmp *out, struct rill_span in)
{
    if (in.length < IGMP_HEADER)
        return RILL_DROP_IGMP_LENGTH;
    if (checksum_finish(checksum_add(0, in)) != 0)
        return RILL_DROP_IGMP_CHECKSUM;
    *out = (struct igmp){.type = in.at[0]};
    if (out->type == IGMP_V3_REPORT)
        return RILL_DROP_NONE;
    out->group = wire_get32(in.at + 4);
    return out->type == IGMP_QUERY ? parse_query(out, in) : RILL_DROP_NONE;
}

static void put_checksum(uint8_t *at, size_t length)
{
    wire_put16(at + 2, 0);
    wire_put16(at + 2, checksum_finish(checksum_add(0, span_of(at, length))));
}

size_t igmp_write(uint8_t *at, const struct igmp *m)
{
    size_t length = IGMP_HEADER;
    at[0] = m->type;
    at[1] = m->type == IGMP_QUERY && m->version > 1 ? code_of(m->response) : 0;
    wire_put32(at + 4, m->group);
    if (m->type == IGMP_QUERY && m->version == 3) {
        at[8] = m->robustness & ROBUSTNESS_MASK;
        at[9] = code_of(m->interval);
        wire_put16(at + 10, (uint16_t)(m->sources.length / ADDRESS_BYTES));
        if (m->sources.length)
            memcpy(at + QUERY_HEADER, m->sources.at, m->sources.length);
        length = QUERY_HEADER + m->sources.length;
    }
    put_checksum(at, length);
    return length;
}

size_t igmp_record_write(uint8_t *at, enum igmp_record type, uint32_t group, const uint32_t *source,
                         unsigned sources)
{
    at[0] = (uint8_t)type;
    at[1] = 0;
    wire_put16(at + 2, (uint16_t)sources);
    wire_put32(at + 4, group);
    for (unsigned i = 0; i < sources; i++)
        wire_put32(at + IGMP_RECORD + i * (size_t)ADDRESS_BYTES, source[i]);
    return IGMP_RECORD + sources * (size_t)ADDRESS_BYTES;
}

void igmp_report_finish(uint8_t *at, size_t length, unsigned records)
{
    at[0] = IGMP_V3_REPORT;
    at[1] = 0;
    wire_put16(at + 4, 0);
    wire_put16(at + 6, (uint16_t)records);
    put_checksum(at, length);
}
