/* rill-graph FILE: the TCP connections of a capture as pictures. The capture is read once to find
 * the connections, and once for each that is drawn: memory holds the points of one. */
#include "finish.h"
#include "graph/output.h"
#include "graph/spool.h"

#include "recording/grow.h"

#include <rill/version.h>

enum status { ALL_DRAWN, NOT_DRAWN, UNREADABLE, UNSUPPORTED };

#define SLOTS_FROM 20000 /* packets: shorter connections are drawn with all points */

struct run {
    struct options options;
    const char *file; /* can be read more than once */
    struct survey survey;
    unsigned *chosen;  /* connections by index, those with most bytes first */
    struct flow *flow; /* of both directions */
    enum status status;
};

static void print_error(struct run *r, enum status status, const char *name, const char *why)
{
    fprintf(stderr, "rill-graph: %s%s%s\n", name, *name ? ": " : "", why);
    r->status = max_of(r->status, status);
}

/* ---- Finding the connections ---- */

static void survey_file(struct run *r)
{
    struct capture c;
    struct segment s;
    struct rill_diagnostic why;
    enum recording_status status = capture_open(&c, r->file, r->options.filter, &why);
    if (status != RECORDING_GOOD)
        print_error(r, status == RECORDING_FOREIGN ? UNSUPPORTED : UNREADABLE, r->options.file,
                    why.text);
    while (status == RECORDING_GOOD && capture_next(&c, &s, &why))
        survey_take(&r->survey, &s);
    if (status == RECORDING_GOOD && why.text[0])
        print_error(r, UNREADABLE, r->options.file, why.text);
    capture_close(&c);
    if (!r->status && !r->survey.count)
        print_error(r, NOT_DRAWN, r->options.file,
                    *r->options.filter ? "no TCP that the filter lets pass" : "no TCP in it");
    if (r->survey.left_out)
        fprintf(stderr, "rill-graph: %s: only the first %u connections: a filter leaves fewer\n",
                r->options.file, SURVEY_MAX);
}

static uint64_t weight(const struct connection *c)
{
    return c->bytes[0] + c->bytes[1];
}

static int heavier_first(const void *a, const void *b, void *context)
{
    const struct run *r = context;
    const unsigned *i = a, *j = b;
    uint64_t x = weight(&r->survey.connection[*i]), y = weight(&r->survey.connection[*j]);
    return x != y ? (x < y ? 1 : -1) : (*i > *j) - (*i < *j);
}

static void choose(struct run *r)
{
    r->chosen = grow(NULL, (r->survey.count + 1) * sizeof *r->chosen);
    for (unsigned i = 0; i < r->survey.count; i++)
        r->chosen[i] = i;
    qsort_r(r->chosen, r->survey.count, sizeof *r->chosen, heavier_first, r);
}

static void print_connection(const struct run *r, unsigned index)
{
    const struct connection *c = &r->survey.connection[index];
    struct plot p = {.connection = c};
    plot_ends(stdout, &p);
    printf("  %llu packets in %.6f s, %llu bytes to the right, %llu to the left\n",
           (unsigned long long)c->packets, (double)(c->end_time - c->begin) / 1e9,
           (unsigned long long)c->bytes[0], (unsigned long long)c->bytes[1]);
}

/* ---- Drawing one of them ---- */

static struct series_view view_of(const struct run *r, const struct connection *c, unsigned from)
{
    struct series_view v = {.from = r->options.from};
    v.to = min_of(r->options.to, c->end_time - c->begin);
    if (c->packets > SLOTS_FROM) {
        v.slot = max_of(v.to - v.from, 0) / SERIES_SLOTS + 1;
        v.grain = (int64_t)(c->bytes[from] / SERIES_SLOTS);
    }
    return v;
}

/* Damage of the file was reported before. */
static void follow(struct run *r, const struct connection *c)
{
    struct capture capture;
    struct segment s;
    struct rill_diagnostic why;
    if (capture_open(&capture, r->file, r->options.filter, &why) == RECORDING_GOOD)
        while (capture_next(&capture, &s, &why) && s.number <= c->last)
            if (connection_holds(c, &s)) {
                unsigned from = connection_sender(c, &s);
                flow_send(&r->flow[from], &s);
                flow_answer(&r->flow[!from], &s);
            }
    capture_close(&capture);
}

static void draw_direction(struct run *r, const struct connection *c, unsigned from,
                           unsigned number)
{
    char name[sizeof r->options.prefix + 32];
    struct rill_diagnostic why;
    struct plot p = {.flow = &r->flow[from], .connection = c, .from = from};
    const char *way = from ? "b2a" : "a2b";
    if (r->survey.count > 1)
        snprintf(name, sizeof name, "%s-%u-%s", r->options.prefix, number, way);
    else
        snprintf(name, sizeof name, "%s-%s", r->options.prefix, way);
    if (!output_draw(&r->options, &p, name, &why))
        print_error(r, NOT_DRAWN, "", why.text);
}

static void draw_connection(struct run *r, unsigned index, unsigned number)
{
    const struct connection *c = &r->survey.connection[index];
    print_connection(r, index);
    for (unsigned from = 0; from < 2; from++) {
        struct series_view view = view_of(r, c, from);
        flow_begin(&r->flow[from], c->begin, &view);
    }
    if (r->flow->view.from > r->flow->view.to) {
        puts("  over before --from");
        return;
    }
    follow(r, c);
    unsigned heavier = c->bytes[1] > c->bytes[0];
    for (unsigned from = 0; from < 2; from++) {
        flow_end(&r->flow[from]);
        if (r->options.both || from == heavier)
            draw_direction(r, c, from, number);
        flow_free(&r->flow[from]);
    }
}

static void draw(struct run *r)
{
    unsigned count = min_of(r->survey.count, r->options.connections);
    r->flow = grow(NULL, 2 * sizeof *r->flow);
    for (unsigned i = 0; i < count && r->status != NOT_DRAWN; i++)
        draw_connection(r, r->chosen[i], i + 1);
    if (count < r->survey.count)
        printf("%u more connections: --list tells them, a filter or --connections chooses\n",
               r->survey.count - count);
    free(r->flow);
}

static void run(struct run *r)
{
    struct spool spool;
    struct rill_diagnostic why;
    r->file = spool_begin(&spool, r->options.file, &why);
    if (!r->file)
        print_error(r, UNREADABLE, "", why.text);
    survey_begin(&r->survey);
    if (r->file)
        survey_file(r);
    choose(r);
    if (!r->options.list && r->survey.count)
        draw(r);
    for (unsigned i = 0; r->options.list && i < r->survey.count; i++)
        print_connection(r, r->chosen[i]);
    free(r->chosen);
    survey_end(&r->survey);
    spool_end(&spool);
}

int main(int argc, char **argv)
{
    static struct run r;
    if (!options_read(&r.options, argc, argv))
        return UNREADABLE;
    if (r.options.help)
        fputs(options_usage, stdout);
    else if (r.options.version)
        puts("rill-graph " RILL_VERSION);
    else
        run(&r);
    return finish_output((int)r.status, NOT_DRAWN);
}
