#include "states/dot.h"

#include <inttypes.h>
#include <string.h>

#define LIT "#1a7f37"
#define DARK "#8c959f"
#define INK "#24292f"

/* Figure 5 has CLOSED twice: where connections begin, and where they have been. */
static const char *target_name(const struct rill_tcp_transition *a)
{
    bool begun = a->from != RILL_TCP_LISTEN && a->from != RILL_TCP_SYN_SENT;
    return a->to == RILL_TCP_CLOSED && begun ? "GONE" : rill_tcp_state_name(a->to);
}

static void draw_label(FILE *out, const struct rill_tcp_transition *a, uint64_t count)
{
    fprintf(out, "label=\" %s", a->event);
    if (strcmp(a->action, "x"))
        fprintf(out, "\\n%s", a->action);
    if (a->never)
        fprintf(out, "\\n%s", a->never);
    if (count)
        fprintf(out, "\\n%" PRIu64, count);
    fputc('"', out);
}

static void draw_transition(FILE *out, const struct rill_tcp_transition *a,
                            const struct taken *taken)
{
    uint64_t count = taken ? taken->count[a->from][a->to] : 0;
    const char *colour = count ? LIT : taken || a->never ? DARK : INK;
    const char *style = a->never ? "dotted" : a->drawn ? "solid" : "dashed";
    fprintf(out, "  %s -> %s [", rill_tcp_state_name(a->from), target_name(a));
    draw_label(out, a, count);
    fprintf(out, " style=%s color=\"%s\" fontcolor=\"%s\" penwidth=%s", style, colour, colour,
            count ? "2" : "1");
    fprintf(out, " tooltip=\"RFC 9293 ");
    for (const char *c = a->sentence; *c; c++)
        fprintf(out, *c == '"' ? "\\%c" : "%c", *c);
    fputs("\"]\n", out);
}

static void draw_legend(FILE *out, bool counted)
{
    fprintf(out,
            "  label=\"RFC 9293, figure 5. Dashed: only the text has it. Dotted: rill "
            "never takes it.%s\"\n",
            counted ? "\\nGreen: taken by the runs, with how often. Grey: not taken." : "");
}

void dot_draw(FILE *out, const struct taken *taken)
{
    unsigned transitions;
    const struct rill_tcp_transition *a = rill_tcp_transitions(&transitions);
    fputs("digraph tcp {\n"
          "  graph [fontname=\"Helvetica\" fontsize=12 nodesep=0.5 ranksep=0.7]\n"
          "  node [shape=box style=rounded fontname=\"Helvetica\" fontsize=13]\n"
          "  edge [fontname=\"Helvetica\" fontsize=10]\n",
          out);
    draw_legend(out, taken != NULL);
    for (int s = 0; s < RILL_TCP_STATE_COUNT; s++)
        fprintf(out, "  %s\n", rill_tcp_state_name((enum rill_tcp_state)s));
    fputs("  GONE [label=\"CLOSED\"]\n", out);
    for (unsigned i = 0; i < transitions; i++)
        draw_transition(out, &a[i], taken);
    fputs("}\n", out);
}
