#include "pcapng.h"

#include <stdlib.h>
#include <string.h>

enum block { BLOCK_INTERFACE = 1, BLOCK_PACKET = 6, BLOCK_SECTION = 0x0a0d0d0a };
enum option {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_FLAGS = 2,       /* for a packet */
    OPTION_APPLICATION = 4, /* for a section */
    OPTION_RESOLUTION = 9   /* for an interface */
};
enum { BYTE_ORDER_MAGIC = 0x1a2b3c4d, LINK_ETHERNET = 1, NANOSECONDS = 9 };
enum { SNAP_LENGTH = 262144 }; /* as tcpdump writes it; readers size their buffers by it */
enum { COMMENT_MAX = 65532 };  /* an option's length has 16 bits */

static uint8_t *grow(struct pcapng *p, size_t length)
{
    if (p->length + length > p->room) {
        size_t room = 2 * (p->length + length);
        uint8_t *at = realloc(p->at, room);
        if (!at) {
            p->failed = true;
            return NULL;
        }
        p->at = at;
        p->room = room;
    }
    uint8_t *place = p->at + p->length;
    p->length += length;
    return place;
}

static void put(struct pcapng *p, const void *bytes, size_t length)
{
    uint8_t *at = grow(p, length);
    if (at && length)
        memcpy(at, bytes, length);
}

static void put16(struct pcapng *p, uint16_t value)
{
    put(p, &value, sizeof value);
}

static void put32(struct pcapng *p, uint32_t value)
{
    put(p, &value, sizeof value);
}

/* Bytes, padded with zeros to a multiple of four. */
static void put_padded(struct pcapng *p, const void *bytes, size_t length)
{
    static const uint8_t zeros[3];
    put(p, bytes, length);
    put(p, zeros, -length & 3);
}

static void put_option(struct pcapng *p, enum option option, const void *value, size_t length)
{
    put16(p, (uint16_t)option);
    put16(p, (uint16_t)length);
    put_padded(p, value, length);
}

/* A block's length stands before and after its body. Returns the block's position. */
static size_t begin(struct pcapng *p, enum block block)
{
    size_t at = p->length;
    put32(p, (uint32_t)block);
    put32(p, 0);
    return at;
}

static void end(struct pcapng *p, size_t at)
{
    put_option(p, OPTION_END, NULL, 0);
    uint32_t length = (uint32_t)(p->length - at + sizeof length);
    put32(p, length);
    if (!p->failed)
        memcpy(p->at + at + 4, &length, sizeof length);
}

void pcapng_begin(struct pcapng *p, const char *application)
{
    static const uint8_t resolution = NANOSECONDS;
    size_t at = begin(p, BLOCK_SECTION);
    put32(p, BYTE_ORDER_MAGIC);
    put16(p, 1); /* version 1.0 */
    put16(p, 0);
    put32(p, UINT32_MAX); /* the section's length is not given */
    put32(p, UINT32_MAX);
    put_option(p, OPTION_APPLICATION, application, strlen(application));
    end(p, at);
    at = begin(p, BLOCK_INTERFACE);
    put16(p, LINK_ETHERNET);
    put16(p, 0);
    put32(p, SNAP_LENGTH);
    put_option(p, OPTION_RESOLUTION, &resolution, sizeof resolution);
    end(p, at);
}

void pcapng_packet(struct pcapng *p, struct rill_span frame, rill_time when,
                   enum rill_capture_direction direction, const char *comment)
{
    size_t at = begin(p, BLOCK_PACKET);
    put32(p, 0); /* the first interface */
    put32(p, (uint32_t)((uint64_t)when >> 32));
    put32(p, (uint32_t)when);
    size_t kept = p->snap && p->snap < frame.length ? p->snap : frame.length;
    put32(p, (uint32_t)kept);
    put32(p, (uint32_t)frame.length);
    put_padded(p, frame.at, kept);
    if (direction != RILL_CAPTURE_UNKNOWN) {
        uint32_t flags = direction == RILL_CAPTURE_IN ? 1 : 2;
        put_option(p, OPTION_FLAGS, &flags, sizeof flags);
    }
    if (comment) {
        size_t length = strlen(comment);
        put_option(p, OPTION_COMMENT, comment, length < COMMENT_MAX ? length : COMMENT_MAX);
    }
    end(p, at);
}
