#include "ladder/svg.h"

#include "ladder/words.h"

/* The page in pixels; x grows to the right, y down. */
#define WIDTH 1080
#define MARGIN 24
#define ROW 26     /* from rung to rung */
#define SLANT 8    /* an arrow arrives later than it left */
#define TIME_X 120 /* right edge of the times */
#define STATE_A_X 136
#define LINE_A_X 256
#define LINE_B_X 556
#define STATE_B_X 568
#define NOTE_X 688

#define INK "#24292f"
#define GREEN "#1a7f37"
#define ORANGE "#bc4c00"
#define RED "#cf222e"

static const char style[] =
    "<style>text{font:12px 'DejaVu Sans',Verdana,sans-serif;fill:" INK "}"
    ".title{font-size:15px;font-weight:bold}.time{text-anchor:end;fill:#57606a}"
    ".label{text-anchor:middle;font-size:11px}.new{fill:" GREEN ";font-weight:bold}"
    ".life{stroke:#8c959f}.note{fill:#57606a}</style>\n";

/* One arrow head for each colour, because in SVG 1.1 a head cannot take its line's colour. */
static void svg_heads(FILE *out)
{
    static const char *const colours[] = {INK, ORANGE, RED};
    fputs("<defs>", out);
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        fprintf(out,
                "<marker id=\"head%s\" markerWidth=\"9\" markerHeight=\"8\" refX=\"8\" refY=\"4\" "
                "orient=\"auto\"><path d=\"M0,0 L9,4 L0,8 z\" fill=\"%s\"/></marker>",
                colours[i] + 1, colours[i]);
    fputs("</defs>\n", out);
}

static void svg_text(FILE *out, const char *class, int x, int y)
{
    fprintf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
}

static void svg_state(FILE *out, const struct step *s, unsigned end, int y)
{
    svg_text(out, s->before[end] != s->after[end] ? "new" : "old", end ? STATE_B_X : STATE_A_X, y);
    fprintf(out, "%s</text>\n", rill_tcp_state_name(s->after[end]));
}

static const char *svg_colour(const struct step *s)
{
    if (s->packet->kind != PACKET_TCP)
        return INK;
    return s->packet->tcp.flags & TCP_RST ? RED : s->again ? ORANGE : INK;
}

static bool is_missing(const struct step *s)
{
    return s->packet->kind == PACKET_TCP && !s->received;
}

static void svg_arrow(FILE *out, const struct step *s, int y)
{
    char label[WORDS_LABEL];
    const char *colour = svg_colour(s);
    int begin = s->from ? LINE_B_X : LINE_A_X, way = s->from ? LINE_A_X - begin : LINE_B_X - begin;
    if (is_missing(s))
        way = way * 3 / 4;
    words_label(label, s->packet);
    fprintf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\"%s ", begin, y,
            begin + way, y + SLANT, colour, is_missing(s) ? " stroke-dasharray=\"5 3\"" : "");
    fprintf(out, "marker-end=\"url(#head%s)\"/>\n", colour + 1);
    svg_text(out, "label", (LINE_A_X + LINE_B_X) / 2, y - 1);
    fprintf(out, "%s</text>\n", label);
}

static void svg_step(FILE *out, const struct step *s, rill_time begin, int y)
{
    svg_text(out, "time", TIME_X, y + SLANT / 2);
    fprintf(out, "%.3f ms</text>\n", (double)(s->packet->when - begin) / 1e6);
    svg_arrow(out, s, y);
    for (unsigned end = 0; end < 2 && s->packet->kind == PACKET_TCP; end++)
        svg_state(out, s, end, y + SLANT / 2);
    svg_text(out, "note", NOTE_X, y + SLANT / 2);
    words_note(out, s);
    fputs("</text>\n", out);
}

/* The title, the names and initial states of the ends, and lifelines for so many rungs. */
static void svg_head(FILE *out, const struct conversation *c, int y, size_t rungs)
{
    int end = y + (int)(rungs + 2) * ROW;
    svg_text(out, "title", MARGIN, y);
    words_title(out, c);
    fputs("</text>\n", out);
    for (unsigned i = 0; i < 2; i++) {
        int x = i ? LINE_B_X : LINE_A_X;
        svg_text(out, "label", x, y + ROW);
        fprintf(out, "%c</text>\n", "AB"[i]);
        fprintf(out, "<line class=\"life\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x,
                y + ROW + SLANT, x, end);
        if (!c->tcp || !c->from_start)
            continue;
        svg_text(out, "old", i ? STATE_B_X : STATE_A_X, y + ROW);
        fprintf(out, "%s</text>\n", rill_tcp_state_name(c->first->before[i]));
    }
}

/* The page shows the beginning of the capture. */
struct page {
    const struct ladder *ladder;
    size_t steps, conversations;
};

static struct page page_of(const struct ladder *l)
{
    struct page p = {.ladder = l};
    p.steps = l->steps < SVG_RUNGS_MAX ? l->steps : SVG_RUNGS_MAX;
    for (size_t i = 0; i < p.steps; i++)
        if (l->step[i].conversation >= p.conversations)
            p.conversations = l->step[i].conversation + 1;
    return p;
}

#define HEAD_ROWS 2 /* of each conversation */
#define TAIL_ROWS 2

static int page_height(const struct page *p)
{
    size_t rows = p->steps + p->conversations * (HEAD_ROWS + TAIL_ROWS);
    return 2 * MARGIN + (int)(rows + 1) * ROW; /* one more for the last sentence */
}

/* Draws one conversation from y on; returns the y of the next one. */
static int svg_conversation(FILE *out, const struct page *p, const struct conversation *c, int y)
{
    const struct step *end = p->ladder->step + p->steps;
    size_t rungs = 0;
    for (const struct step *s = c->first; s && s < end; s = s->next)
        rungs++;
    svg_head(out, c, y, rungs);
    y += HEAD_ROWS * ROW;
    for (const struct step *s = c->first; s && s < end; s = s->next) {
        svg_step(out, s, p->ladder->step[0].packet->when, y);
        y += ROW;
    }
    return y + TAIL_ROWS * ROW;
}

void ladder_svg(FILE *out, const struct ladder *l)
{
    struct page p = page_of(l);
    int y = MARGIN, height = page_height(&p);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\">\n",
            WIDTH, height, WIDTH, height);
    fputs(style, out);
    svg_heads(out);
    fputs("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n", out);
    for (size_t c = 0; c < p.conversations; c++)
        y = svg_conversation(out, &p, &l->conversation[c], y);
    svg_text(out, "note", MARGIN, y);
    if (l->steps > p.steps)
        fprintf(out, "The first %zu of %zu packets: a filter leaves fewer.", p.steps, l->steps);
    fputs("</text>\n</svg>\n", out);
}
