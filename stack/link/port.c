#include "link/port.h"

#include "link/gso.h"
#include "wire/checksum.h"
#include "wire/udp_header.h"

/* A superframe may be as large as IP allows, whatever the MTU. */
#define PORT_SUPERFRAME_MAX 65535
#define PORT_SUPERFRAME_MIN 1024

bool port_config_good(const struct rill_port_config *config)
{
    struct mac mac;
    memcpy(mac.byte, config->mac, sizeof mac.byte);
    bool superframes_good = config->gso_max == 0 || (config->gso_max >= config->mtu &&
                                                     config->gso_max <= PORT_SUPERFRAME_MAX &&
                                                     config->gso_max >= PORT_SUPERFRAME_MIN);
    return !mac_is_group(mac) && !mac_is_zero(mac) && config->mtu >= PORT_MTU_MINIMUM &&
           superframes_good;
}

void port_init(struct port *p, const struct rill_port_config *config)
{
    *p = (struct port){.mtu = config->mtu,
                       .can_gather = config->can_gather,
                       .can_checksum = config->can_checksum,
                       .gso_max = config->gso_max,
                       .cuts_udp = config->cuts_udp && config->gso_max};
    memcpy(p->name, config->name, sizeof p->name - 1);
    memcpy(p->mac.byte, config->mac, sizeof p->mac.byte);
}

/* RFC 1122 2.3.3: a host receives frames to itself and to groups, nothing else. */
enum rill_drop port_accept(const struct port *p, struct rill_span frame, struct eth *eth,
                           struct rill_span *payload)
{
    size_t largest = p->gso_max ? PORT_SUPERFRAME_MAX : p->mtu;
    if (!eth_parse(eth, frame, payload))
        return RILL_DROP_ETH_SHORT;
    if (payload->length > largest)
        return RILL_DROP_ETH_LONG;
    if (p->loopback)
        return RILL_DROP_NONE;
    if (mac_is_group(eth->source) || mac_is_zero(eth->source) || mac_equal(eth->source, p->mac))
        return RILL_DROP_ETH_SOURCE;
    if (!mac_is_group(eth->destination) && !mac_equal(eth->destination, p->mac))
        return RILL_DROP_ETH_DESTINATION;
    return RILL_DROP_NONE;
}

void port_wrap(const struct port *p, struct rill_frame *f, struct mac destination, uint16_t type)
{
    assert(f->start >= ETH_HEADER);
    struct eth eth = {.destination = destination, .source = p->mac, .type = type};
    f->start -= ETH_HEADER;
    f->length += ETH_HEADER;
    eth_write(f->buffer + f->start, &eth);
    if (f->checksum_partial)
        f->checksum_start = (uint16_t)(f->checksum_start + ETH_HEADER);
    if (f->header_length)
        f->header_length = (uint16_t)(f->header_length + ETH_HEADER);
}

/* ----------------------------------------------------------- lowering */

/* The end of the frame in its buffer, with room for `more` bytes. */
static uint8_t *frame_end(const struct rill_frame *f, size_t more)
{
    assert(f->start + f->length + more <= f->room);
    return f->buffer + f->start + f->length;
}

/* Copies one span to the end of the frame, and sums it in the same pass. */
static uint64_t frame_append(struct rill_frame *f, struct rill_span text, uint64_t sum)
{
    bool odd = (f->length - f->checksum_start) % 2;
    uint8_t *to = frame_end(f, text.length);
    f->length += (uint32_t)text.length;
    if (!odd)
        return checksum_copy(sum, to, text);
    return checksum_swap(checksum_copy(checksum_swap(sum), to, text));
}

/* Copies the gather spans into the buffer and returns their sum. */
static uint64_t frame_gather(struct rill_frame *f)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < f->gather_count; i++)
        sum = frame_append(f, f->gather[i], sum);
    f->gather_count = 0;
    return sum;
}

/* `sum` covers the bytes gathered so far, if any; adds the bytes before them and the spans that are
 * not gathered. */
static uint64_t frame_sum(const struct rill_frame *f, struct rill_span front, uint64_t sum)
{
    struct rill_span part[1 + RILL_GATHER_MAX] = {front};
    if (f->gather_count == 0)
        return checksum_add(sum, front);
    for (unsigned i = 0; i < f->gather_count; i++)
        part[1 + i] = f->gather[i];
    return checksum_add_spans(sum, part, 1u + f->gather_count);
}

/* Finishes the checksum: `sum` covers what was gathered after the first `head` bytes; the rest is
 * summed here. The field contains the pseudo-header's sum, so it is simply included. */
static void frame_finish_checksum(struct rill_frame *f, size_t head, uint64_t sum)
{
    uint8_t *first = f->buffer + f->start + f->checksum_start;
    sum = frame_sum(f, span_of(first, head - f->checksum_start), sum);
    wire_put16(first + f->checksum_offset, checksum_finish_at(sum, f->checksum_offset));
    f->checksum_partial = false;
}

static void frame_pad(struct rill_frame *f)
{
    size_t missing = ETH_MINIMUM - f->length;
    memset(frame_end(f, missing), 0, missing);
    f->length = ETH_MINIMUM;
}

static void port_check_frame(const struct port *p, const struct rill_frame *f)
{
    size_t largest = f->gso_size ? p->gso_max : p->mtu;
    assert(rill_frame_length(f) <= largest + ETH_HEADER);
    assert(f->gather_count <= RILL_GATHER_MAX);
    assert(!f->checksum_partial || f->checksum_start + f->checksum_offset + 2u <= f->length);
}

static void lower_frame(const struct port *p, struct rill_frame *f)
{
    port_check_frame(p, f);
    bool is_short = rill_frame_length(f) < ETH_MINIMUM;
    size_t head = f->length;
    uint64_t sum = is_short || !p->can_gather ? frame_gather(f) : 0;
    if (f->checksum_partial && !p->can_checksum)
        frame_finish_checksum(f, head, sum);
    if (is_short)
        frame_pad(f);
}

unsigned port_lower(const struct port *p, struct rill_frame *f)
{
    unsigned count = f->gso_size && !p->gso_max ? gso_segment(f) : 1;
    for (unsigned i = 0; i < count; i++)
        lower_frame(p, &f[i]);
    return count;
}
