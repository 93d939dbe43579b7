/* The TCP header and its options (RFC 9293 3.1, 3.2): see tcp_header.h.
 *
 *     0       2            4    8    12             13     14      16        18      20
 *     | source| destination| seq| ack| offset, 0, AE| flags| window| checksum| urgent| options
 */
#include "wire/tcp_header.h"

#include "wire/ip4.h"
#include "wire/wire.h"

enum option_kind {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,              /* RFC 9293 3.2 */
    OPTION_WINDOW_SCALE = 3,     /* RFC 7323 2.2 */
    OPTION_SACK_PERMITTED = 4,   /* RFC 2018 2 */
    OPTION_SACK = 5,             /* RFC 2018 3 */
    OPTION_TIMESTAMPS = 8,       /* RFC 7323 3.2 */
    OPTION_FAST_OPEN = 34,       /* RFC 7413 4.1.1 */
    OPTION_ECN_ECT0_FIRST = 172, /* RFC 9768 3.2.3: ECT(0), CE, ECT(1) */
    OPTION_ECN_ECT1_FIRST = 174, /* ECT(1), CE, ECT(0) */
    OPTION_EXPERIMENT = 254      /* RFC 6994, told apart by a magic number */
};

/* Lengths count kind and length byte. */
enum option_length {
    MSS_LENGTH = 4,
    WINDOW_SCALE_LENGTH = 3,
    SACK_PERMITTED_LENGTH = 2,
    TIMESTAMPS_LENGTH = 10,
    SACK_BLOCK_LENGTH = 8,
    FAST_OPEN_HEAD = 2, /* the cookie follows */
    ECN_HEAD = 2,       /* the counters follow */
    ECN_COUNTER_LENGTH = 3,
    EXPERIMENT_HEAD = 4
};

#define FAST_OPEN_MAGIC 0xf989 /* Fast Open's among the experiments */

/* NOP NOP timestamps: the usual begin of the options of a segment without SYN (RFC 7323 appendix
 * A). */
#define TIMESTAMPS_ALIGNED 12
#define TIMESTAMPS_ALIGNED_START \
    (OPTION_NOP << 24 | OPTION_NOP << 16 | OPTION_TIMESTAMPS << 8 | TIMESTAMPS_LENGTH)

/* ---- reading ---- */

/* Each take_ function below gets one whole option, and ignores it if its length is wrong. */

static void take_mss(struct tcp_options *out, struct rill_span option)
{
    if (option.length != MSS_LENGTH)
        return;
    out->has_mss = true;
    out->mss = wire_get16(option.at + 2);
}

static void take_window_scale(struct tcp_options *out, struct rill_span option)
{
    if (option.length != WINDOW_SCALE_LENGTH)
        return;
    out->has_window_scale = true;
    out->window_scale = option.at[2];
}

static void take_sack_permitted(struct tcp_options *out, struct rill_span option)
{
    if (option.length == SACK_PERMITTED_LENGTH)
        out->has_sack_permitted = true;
}

static void take_timestamps(struct tcp_options *out, struct rill_span option)
{
    if (option.length != TIMESTAMPS_LENGTH)
        return;
    out->has_timestamps = true;
    out->timestamp_value = wire_get32(option.at + 2);
    out->timestamp_echo = wire_get32(option.at + 6);
}

static void take_sack(struct tcp_options *out, struct rill_span option)
{
    size_t count = (option.length - 2) / SACK_BLOCK_LENGTH;
    if ((option.length - 2) % SACK_BLOCK_LENGTH != 0 || count < 1 || count > TCP_SACK_MAX)
        return;
    out->sack_count = (uint8_t)count;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *block = option.at + 2 + i * SACK_BLOCK_LENGTH;
        out->sack[i].left.n = wire_get32(block);
        out->sack[i].right.n = wire_get32(block + 4);
    }
}

/* No cookie: a request for one. */
static bool fast_open_length_good(size_t cookie)
{
    return cookie == 0 || (cookie >= 4 && cookie <= 16 && cookie % 2 == 0);
}

static void take_fast_open(struct tcp_options *out, struct rill_span cookie, bool experimental)
{
    if (!fast_open_length_good(cookie.length))
        return;
    out->has_fast_open = true;
    out->fast_open =
        (struct tcp_fast_open){.length = (uint8_t)cookie.length, .experimental = experimental};
    memcpy(out->fast_open.cookie, cookie.at, cookie.length);
}

static void take_experiment(struct tcp_options *out, struct rill_span option)
{
    if (option.length >= EXPERIMENT_HEAD && wire_get16(option.at + 2) == FAST_OPEN_MAGIC)
        take_fast_open(out, span_skip(option, EXPERIMENT_HEAD), true);
}

/* RFC 9768 3.2.3: further bytes behind the counters are ignored. */
static void take_accurate_ecn(struct tcp_options *out, struct rill_span option)
{
    size_t fields = min_of((option.length - ECN_HEAD) / ECN_COUNTER_LENGTH, TCP_ECN_FIELDS);
    out->has_accurate_ecn = true;
    out->accurate_ecn = (struct tcp_accurate_ecn){
        .fields = (uint8_t)fields, .ect0_first = option.at[0] == OPTION_ECN_ECT0_FIRST};
    for (size_t i = 0; i < fields; i++)
        out->accurate_ecn.count[i] = wire_get24(option.at + ECN_HEAD + i * ECN_COUNTER_LENGTH);
}

static void take_syn_option(struct tcp_options *out, struct rill_span option)
{
    switch (option.at[0]) {
    case OPTION_MSS:
        take_mss(out, option);
        break;
    case OPTION_WINDOW_SCALE:
        take_window_scale(out, option);
        break;
    case OPTION_SACK_PERMITTED:
        take_sack_permitted(out, option);
        break;
    case OPTION_TIMESTAMPS:
        take_timestamps(out, option);
        break;
    case OPTION_FAST_OPEN:
        take_fast_open(out, span_skip(option, FAST_OPEN_HEAD), false);
        break;
    case OPTION_EXPERIMENT:
        take_experiment(out, option);
        break;
    case OPTION_ECN_ECT0_FIRST:
    case OPTION_ECN_ECT1_FIRST:
        take_accurate_ecn(out, option);
        break;
    }
}

static void take_option(struct tcp_options *out, struct rill_span option)
{
    switch (option.at[0]) {
    case OPTION_TIMESTAMPS:
        take_timestamps(out, option);
        break;
    case OPTION_SACK:
        take_sack(out, option);
        break;
    case OPTION_ECN_ECT0_FIRST:
    case OPTION_ECN_ECT1_FIRST:
        take_accurate_ecn(out, option);
        break;
    }
}

/* RFC 9293 3.1: the list of options. Each round consumes at least one of at most 40 bytes. */
static void options_parse(struct tcp_options *out, struct rill_span in, bool syn)
{
    while (in.length > 0 && in.at[0] != OPTION_END) {
        if (in.at[0] == OPTION_NOP) {
            in = span_skip(in, 1);
            continue;
        }
        if (in.length < 2)
            return;
        size_t length = in.at[1];
        if (length < 2 || length > in.length)
            return; /* MUST-7: the next option cannot be found */
        if (syn)
            take_syn_option(out, span_first(in, length));
        else
            take_option(out, span_first(in, length));
        in = span_skip(in, length);
    }
}

static bool only_timestamps(struct rill_span options)
{
    return options.length == TIMESTAMPS_ALIGNED &&
           wire_get32(options.at) == TIMESTAMPS_ALIGNED_START;
}

static void header_load(struct tcp_header *out, const uint8_t *at)
{
    out->source = wire_get16(at);
    out->destination = wire_get16(at + 2);
    out->seq.n = wire_get32(at + 4);
    out->ack.n = wire_get32(at + 8);
    out->flags =
        (uint16_t)((at[12] & 1) << 8 | at[13]); /* the AE flag is beside the offset (RFC 9768) */
    out->window = wire_get16(at + 14);
    out->urgent = wire_get16(at + 18);
}

enum rill_drop tcp_header_parse(struct tcp_header *out, struct rill_span in, struct rill_span *text)
{
    if (in.length < TCP_HEADER)
        return RILL_DROP_TCP_SHORT;
    size_t length = (in.at[12] >> 4) * 4u;
    if (length < TCP_HEADER || length > in.length)
        return RILL_DROP_TCP_DATA_OFFSET;

    struct rill_span options = span_skip(span_first(in, length), TCP_HEADER);
    header_load(out, in.at);
    out->options = (struct tcp_options){0};
    if (only_timestamps(options))
        take_timestamps(&out->options, span_skip(options, 2));
    else
        options_parse(&out->options, options, out->flags & TCP_SYN);
    *text = span_skip(in, length);
    return RILL_DROP_NONE;
}

bool tcp_checksum_good(struct rill_address source, struct rill_address destination,
                       struct rill_span segment)
{
    uint64_t sum = checksum_pseudo(source, destination, IP_PROTOCOL_TCP, (uint32_t)segment.length);
    return checksum_finish(checksum_add(sum, segment)) == 0;
}

/* ---- writing ---- */

/* Options are written in slots of whole 32-bit words. A put_ function writes one slot, or nothing,
 * and returns its end. */

static size_t fast_open_length(const struct tcp_options *o)
{
    return (o->fast_open.experimental ? EXPERIMENT_HEAD : FAST_OPEN_HEAD) + o->fast_open.length;
}

static size_t fast_open_slot(const struct tcp_options *o)
{
    return (fast_open_length(o) + 3) & ~(size_t)3;
}

unsigned tcp_option_nops(const struct tcp_options *o)
{
    if (o->sack_count || (o->has_sack_permitted && !o->has_timestamps && !o->scale_first))
        return 2;
    return o->has_window_scale && !o->scale_first;
}

size_t tcp_accurate_ecn_bytes(unsigned fields, unsigned nops)
{
    size_t length = ECN_HEAD + fields * (size_t)ECN_COUNTER_LENGTH, words = length & ~(size_t)3;
    return length - words <= nops ? words : words + (length > words) * 4u;
}

size_t tcp_header_length(const struct tcp_options *o)
{
    size_t length = TCP_HEADER;
    if (o->has_mss)
        length += MSS_LENGTH;
    if (o->has_timestamps)
        length += TIMESTAMPS_ALIGNED; /* SACK-permitted replaces the NOPs */
    else if (o->has_sack_permitted)
        length += 4;
    if (o->has_window_scale)
        length += 4;
    if (o->has_fast_open)
        length += fast_open_slot(o);
    if (o->sack_count > 0)
        length += 4 + o->sack_count * (size_t)SACK_BLOCK_LENGTH;
    if (o->has_accurate_ecn)
        length += tcp_accurate_ecn_bytes(o->accurate_ecn.fields, tcp_option_nops(o));
    return length;
}

static uint8_t *put_word(uint8_t *at, uint8_t b0, uint8_t b1, uint8_t b2, unsigned b3)
{
    at[0] = b0;
    at[1] = b1;
    at[2] = b2;
    at[3] = (uint8_t)b3;
    return at + 4;
}

static uint8_t *put_mss(uint8_t *at, const struct tcp_options *o)
{
    if (!o->has_mss)
        return at;
    at[0] = OPTION_MSS;
    at[1] = MSS_LENGTH;
    wire_put16(at + 2, o->mss);
    return at + MSS_LENGTH;
}

/* What stands in front of the next option that has room for it: NOPs, or the end of the AccECN
 * option. */
struct filling {
    uint8_t byte[2];
};

static struct filling take_filling(struct filling *f)
{
    struct filling taken = *f;
    *f = (struct filling){{OPTION_NOP, OPTION_NOP}};
    return taken;
}

static uint8_t *put_timestamps(uint8_t *at, const struct tcp_options *o)
{
    if (!o->has_timestamps)
        return at;
    if (o->has_sack_permitted)
        at = put_word(at, OPTION_SACK_PERMITTED, SACK_PERMITTED_LENGTH, OPTION_TIMESTAMPS,
                      TIMESTAMPS_LENGTH);
    else
        at = put_word(at, OPTION_NOP, OPTION_NOP, OPTION_TIMESTAMPS, TIMESTAMPS_LENGTH);
    wire_put32(at, o->timestamp_value);
    wire_put32(at + 4, o->timestamp_echo);
    return at + 8;
}

/* Where timestamps do not have it in place of their NOPs. */
static uint8_t *put_sack_permitted(uint8_t *at, const struct tcp_options *o, struct filling *f)
{
    bool follows = o->has_fast_open || o->has_accurate_ecn;
    uint8_t end = follows ? OPTION_NOP : OPTION_END; /* no option may follow an END */
    if (o->has_timestamps || !o->has_sack_permitted)
        return at;
    if (o->scale_first)
        return put_word(at, OPTION_SACK_PERMITTED, SACK_PERMITTED_LENGTH, end, end);
    struct filling fill = take_filling(f);
    return put_word(at, fill.byte[0], fill.byte[1], OPTION_SACK_PERMITTED, SACK_PERMITTED_LENGTH);
}

/* In front of it is room for one byte. */
static uint8_t *put_window_scale(uint8_t *at, const struct tcp_options *o, struct filling *f)
{
    uint8_t fill = OPTION_NOP;
    if (!o->has_window_scale)
        return at;
    if (f->byte[0] != OPTION_NOP && f->byte[1] == OPTION_NOP && !o->scale_first)
        fill = take_filling(f).byte[0];
    return put_word(at, fill, OPTION_WINDOW_SCALE, WINDOW_SCALE_LENGTH, o->window_scale);
}

/* Its whole words; the rest is left to the NOPs of the options behind it, or is filled up here. */
static uint8_t *put_accurate_ecn(uint8_t *at, const struct tcp_options *o, struct filling *f)
{
    const struct tcp_accurate_ecn *a = &o->accurate_ecn;
    uint8_t whole[ECN_HEAD + TCP_ECN_FIELDS * ECN_COUNTER_LENGTH + 1];
    if (!o->has_accurate_ecn)
        return at;
    assert(a->fields <= TCP_ECN_FIELDS);
    size_t slot = tcp_accurate_ecn_bytes(a->fields, tcp_option_nops(o));
    memset(whole, OPTION_NOP, sizeof whole);
    whole[0] = a->ect0_first ? OPTION_ECN_ECT0_FIRST : OPTION_ECN_ECT1_FIRST;
    whole[1] = (uint8_t)(ECN_HEAD + a->fields * ECN_COUNTER_LENGTH);
    for (unsigned i = 0; i < a->fields; i++)
        wire_put24(whole + ECN_HEAD + i * ECN_COUNTER_LENGTH, a->count[i]);
    memcpy(at, whole, slot);
    if (slot < whole[1])
        memcpy(f->byte, whole + slot, sizeof f->byte);
    return at + slot;
}

static uint8_t *put_fast_open(uint8_t *at, const struct tcp_options *o)
{
    if (!o->has_fast_open)
        return at;
    const struct tcp_fast_open *f = &o->fast_open;
    size_t length = fast_open_length(o), slot = fast_open_slot(o);
    assert(fast_open_length_good(f->length));
    memset(at, OPTION_NOP, slot);
    at[0] = f->experimental ? OPTION_EXPERIMENT : OPTION_FAST_OPEN;
    at[1] = (uint8_t)length;
    if (f->experimental)
        wire_put16(at + 2, FAST_OPEN_MAGIC);
    memcpy(at + length - f->length, f->cookie, f->length);
    return at + slot;
}

static uint8_t *put_sack(uint8_t *at, const struct tcp_options *o, struct filling *f)
{
    if (o->sack_count == 0)
        return at;
    assert(o->sack_count <= TCP_SACK_MAX);
    struct filling fill = take_filling(f);
    at = put_word(at, fill.byte[0], fill.byte[1], OPTION_SACK,
                  2 + o->sack_count * SACK_BLOCK_LENGTH);
    for (unsigned i = 0; i < o->sack_count; i++, at += SACK_BLOCK_LENGTH) {
        wire_put32(at, o->sack[i].left.n);
        wire_put32(at + 4, o->sack[i].right.n);
    }
    return at;
}

static uint8_t *put_options(uint8_t *at, const struct tcp_options *o)
{
    struct filling fill = {{OPTION_NOP, OPTION_NOP}};
    at = put_mss(at, o);
    if (o->scale_first) {
        at = put_window_scale(at, o, &fill);
        at = put_timestamps(at, o);
        at = put_sack_permitted(at, o, &fill);
        at = put_accurate_ecn(at, o, &fill);
    } else {
        at = put_timestamps(at, o);
        at = put_accurate_ecn(at, o, &fill);
        at = put_sack_permitted(at, o, &fill);
        at = put_window_scale(at, o, &fill);
    }
    at = put_sack(at, o, &fill);
    return put_fast_open(at, o);
}

size_t tcp_header_write(uint8_t *at, const struct tcp_header *header)
{
    size_t length = tcp_header_length(&header->options);
    assert(length <= TCP_HEADER_MAX);

    wire_put16(at, header->source);
    wire_put16(at + 2, header->destination);
    wire_put32(at + 4, header->seq.n);
    wire_put32(at + 8, header->ack.n);
    at[12] = (uint8_t)(length / 4 << 4 | (header->flags & TCP_AE ? 1 : 0));
    at[13] = (uint8_t)header->flags;
    wire_put16(at + 14, header->window);
    wire_put16(at + 16, 0);
    wire_put16(at + 18, header->urgent);
    const uint8_t *end = put_options(at + TCP_HEADER, &header->options);
    assert(end == at + length);
    return length;
}

void tcp_checksum_put(uint8_t *header, uint16_t value)
{
    wire_put16(header + TCP_CHECKSUM_OFFSET, value);
}
