/* The ladder follows any segments in any order, and both ends are always in a state that has a
 * name. Each eight bytes of input are one segment between the same two ends; what is left over is
 * parsed as a frame. */
#include "ladder/draw.h"
#include "ladder/svg.h"

#include <assert.h>
#include <stdlib.h>

#define SEGMENT 8
#define SEGMENTS_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct packet segment(const uint8_t *in)
{
    unsigned from = in[0] & 1;
    struct packet p = {.kind = PACKET_TCP, .source = from, .destination = !from, .length = in[7]};
    p.tcp = (struct tcp_header){.source = 1, .destination = 1, .flags = in[1]};
    p.tcp.seq.n = wire_get16(in + 2) + (in[0] & 2 ? 0xffff0000 : 0);
    p.tcp.ack.n = wire_get16(in + 4) + (in[0] & 2 ? 0xffff0000 : 0);
    return p;
}

static void draw(const struct ladder *l)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert(out);
    ladder_draw(out, l, true);
    ladder_svg(out, l);
    fclose(out);
    assert(!l->steps || length > 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct packet packet[SEGMENTS_MAX];
    struct ladder l;
    size_t count = 0;
    for (; size >= SEGMENT && count < SEGMENTS_MAX; size -= SEGMENT, data += SEGMENT)
        packet[count++] = segment(data);
    assert(packet_parse((struct rill_span){data, size}, 0).kind <= PACKET_TCP);
    assert(ladder_make(&l, packet, count));
    for (size_t i = 0; i < l.steps; i++)
        assert(l.step[i].after[0] < RILL_TCP_STATE_COUNT &&
               l.step[i].after[1] < RILL_TCP_STATE_COUNT);
    draw(&l);
    ladder_end(&l);
    return 0;
}
