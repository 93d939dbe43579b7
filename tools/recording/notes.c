#include "recording/notes.h"

#include "recording/grow.h"

#include <string.h>

enum block { BLOCK_OLD_PACKET = 2, BLOCK_SIMPLE = 3, BLOCK_PACKET = 6, BLOCK_SECTION = 0x0a0d0d0a };
enum option { OPTION_END = 0, OPTION_COMMENT = 1, OPTION_FLAGS = 2 };
enum { BYTE_ORDER_MAGIC = 0x1a2b3c4d, SWAPPED_MAGIC = 0x4d3c2b1a };
enum { FRAME = 12 };          /* a block without its body: type, length, and length again */
enum { FIXED = 20 };          /* of a packet's block, in front of its bytes */
enum { BLOCK_MAX = 1 << 20 }; /* libpcap reads no longer packets than a quarter of it */

static uint32_t get32(const struct notes *n, const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return n->swapped ? __builtin_bswap32(value) : value;
}

static uint16_t get16(const struct notes *n, const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return n->swapped ? __builtin_bswap16(value) : value;
}

static bool take(struct notes *n, void *to, size_t length)
{
    return fread(to, 1, length, n->file) == length;
}

/* A section says in which order its numbers are, behind a length that is written so already. */
static bool begin_section(struct notes *n, const uint8_t head[8])
{
    uint32_t magic, length;
    if (!take(n, &magic, sizeof magic) || (magic != BYTE_ORDER_MAGIC && magic != SWAPPED_MAGIC))
        return false;
    n->swapped = magic == SWAPPED_MAGIC;
    length = get32(n, head + 4);
    return length >= FRAME + sizeof magic &&
           fseek(n->file, (long)(length - 8 - sizeof magic), SEEK_CUR) == 0;
}

static bool is_packet(uint32_t type)
{
    return type == BLOCK_PACKET || type == BLOCK_SIMPLE || type == BLOCK_OLD_PACKET;
}

/* The body of a block; what is no packet is passed over. */
static bool take_body(struct notes *n, uint32_t type, uint32_t length)
{
    uint8_t behind[4];
    if (length < FRAME || length > BLOCK_MAX)
        return false;
    length -= FRAME;
    if (!is_packet(type))
        return fseek(n->file, (long)length + 4, SEEK_CUR) == 0;
    n->number++;
    if (length + 4 > n->room)
        n->block = grow(n->block, n->room = length + 4);
    return take(n, n->block, length) && take(n, behind, sizeof behind);
}

/* The next packet block's kind, and the length of its body; 0: there is none. */
static uint32_t next_packet(struct notes *n, uint32_t *length)
{
    uint8_t head[8];
    while (take(n, head, sizeof head)) {
        uint32_t type = get32(n, head);
        *length = get32(n, head + 4);
        if (type == BLOCK_SECTION ? !begin_section(n, head) : !take_body(n, type, *length))
            return 0;
        if (type != BLOCK_SECTION && is_packet(type))
            return *length -= FRAME, type;
    }
    return 0;
}

/* The options lie behind the packet's bytes, each filled up to a multiple of four. */
static struct note read_options(const struct notes *n, uint32_t length)
{
    struct note note = {.comment = ""};
    uint64_t at = length < FIXED ? length : FIXED + ((get32(n, n->block + 12) + 3ull) & ~3ull);
    while (at + 4 <= length) {
        uint16_t kind = get16(n, n->block + at), size = get16(n, n->block + at + 2);
        uint8_t *value = n->block + at + 4;
        at += 4 + ((size + 3u) & ~3u);
        if (kind == OPTION_END || at > length)
            break;
        if (kind == OPTION_FLAGS && size == 4)
            note.direction = get32(n, value) & 3;
        if (kind == OPTION_COMMENT) {
            memmove(value - 1, value, size); /* room for the NUL: nobody needs the size again */
            value[size - 1] = 0;
            note.comment = (const char *)value - 1;
        }
    }
    if (note.direction > RILL_CAPTURE_OUT)
        note.direction = RILL_CAPTURE_UNKNOWN;
    return note;
}

static void end(struct notes *n)
{
    if (n->file)
        fclose(n->file);
    n->file = NULL;
}

void notes_open(struct notes *n, const char *file)
{
    uint8_t head[4];
    *n = (struct notes){.file = fopen(file, "rbe")};
    if (!n->file)
        return;
    if (!take(n, head, sizeof head) || get32(n, head) != BLOCK_SECTION)
        end(n);
    else
        rewind(n->file);
}

struct note notes_of(struct notes *n, unsigned number)
{
    uint32_t type = 0, length = 0;
    while (n->file && n->number < number) {
        type = next_packet(n, &length);
        if (!type)
            end(n);
    }
    if (type == BLOCK_PACKET && n->number == number)
        return read_options(n, length);
    return (struct note){.comment = ""};
}

void notes_close(struct notes *n)
{
    end(n);
    free(n->block);
    *n = (struct notes){0};
}
