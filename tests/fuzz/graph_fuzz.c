/* rill-graph follows any segments in any order, reads any comment, and any file's notes. Each eight
 * bytes of input are one segment between the same two ends; the first byte says what else they
 * are. */
#include "graph/comment.h"
#include "graph/plot.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEGMENT 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct segment segment(const uint8_t *in, unsigned number)
{
    unsigned from = in[0] & 1;
    struct graph_end end[2] = {{rill_address_ip4(1), 1}, {rill_address_ip4(2), 2}};
    struct segment s = {.when = RILL_MILLISECONDS(number) * in[6],
                        .number = number,
                        .source = end[from],
                        .destination = end[!from],
                        .length = in[7],
                        .note = {.comment = ""}};
    s.tcp.flags = in[1];
    s.tcp.seq.n = wire_get16(in + 2) + (in[0] & 2 ? 0xffff0000 : 0);
    s.tcp.ack.n = wire_get16(in + 4) + (in[0] & 2 ? 0xffff0000 : 0);
    s.tcp.options.sack_count = in[0] & 4 ? 2 : 0;
    s.tcp.options.sack[0].right.n = s.tcp.ack.n + in[7];
    s.tcp.options.has_window_scale = in[0] & 8;
    s.tcp.options.window_scale = in[6];
    return s;
}

/* Everything that is asked of a direction. */
static void draw(const struct flow *f, const struct connection *c, unsigned from)
{
    char *text;
    size_t length;
    struct plot p = {.flow = f, .connection = c, .from = from};
    FILE *out = open_memstream(&text, &length);
    assert(out);
    plot_data(out, &p);
    for (unsigned kind = 0; kind < PLOT_KINDS; kind++)
        if (!plot_lacks(&p, kind))
            plot_picture(out, &p, kind, PLOT_SVG, "picture");
    fclose(out);
    free(text);
}

static void follow(const uint8_t *data, size_t size)
{
    static struct flow flow[2];
    struct survey v;
    survey_begin(&v);
    struct series_view view = {.to = RILL_NEVER, .slot = size % 3 * 1000, .grain = 100};
    for (unsigned i = 0; i < 2; i++)
        flow_begin(&flow[i], 0, &view);
    for (unsigned n = 1; n * SEGMENT <= size; n++) {
        struct segment s = segment(data + (n - 1) * SEGMENT, n);
        survey_take(&v, &s);
        flow_send(&flow[s.source.port - 1], &s);
        flow_answer(&flow[s.destination.port - 1], &s);
    }
    for (unsigned i = 0; i < 2; i++) {
        flow_end(&flow[i]);
        if (v.count)
            draw(&flow[i], &v.connection[0], i);
        flow_free(&flow[i]);
    }
    survey_end(&v);
}

/* The input as a file behind the head of a pcapng, so that its blocks are soon found. */
static void read_notes(const uint8_t *data, size_t size)
{
    static const uint32_t head[] = {0x0a0d0d0a, 28, 0x1a2b3c4d, 1, ~0u, ~0u, 28};
    char name[32];
    struct notes n;
    int fd = memfd_create("notes", MFD_CLOEXEC);
    assert(fd >= 0);
    assert(write(fd, head, sizeof head) == sizeof head);
    assert(write(fd, data, size) == (ssize_t)size);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    notes_open(&n, name);
    for (unsigned i = 1; i < 20; i++)
        comment_parse(notes_of(&n, i).comment);
    notes_close(&n);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct segment s;
    struct recorded p = {.type = size & 1 ? ETH_TYPE_IP4 : ETH_TYPE_IP6,
                         .body = span_of(data, size)};
    if (segment_of(&s, &p))
        assert(s.length < 1u << 17);
    follow(data, size);
    read_notes(data, size);
    return 0;
}
