#include "ladder/draw.h"

#include "ladder/words.h"

#include <string.h>

#define ARROW 22 /* columns between A and B */

#define GREEN "\033[32m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

/* The label is at the sender's end: "--SYN------>" and "<------SYN--". */
static void draw_arrow(FILE *out, const struct step *s, const char *label)
{
    static const char dashes[] = "------------------------";
    int width = ARROW - 4 - (int)strlen(label); /* minus both ends' "--" and the head */
    if (width < 1)
        width = 1;
    if (s->from == 0)
        fprintf(out, "A --%s%.*s-> B", label, width, dashes);
    else
        fprintf(out, "A <-%.*s%s-- B", width, dashes, label);
}

static void draw_state(FILE *out, const struct step *s, unsigned end, bool colours)
{
    bool changed = colours && s->before[end] != s->after[end];
    fprintf(out, "%s%-12s%s", changed ? GREEN : "", rill_tcp_state_name(s->after[end]),
            changed ? PLAIN : "");
}

void draw_step(FILE *out, const struct step *s, rill_time begin, bool colours)
{
    char label[WORDS_LABEL];
    bool tcp = s->packet->kind == PACKET_TCP;
    bool red = colours && tcp && s->packet->tcp.flags & TCP_RST;
    words_label(label, s->packet);
    fprintf(out, "%12.3f ms  ", (double)(s->packet->when - begin) / 1e6);
    if (tcp) {
        draw_state(out, s, 0, colours);
        fputs("  ", out);
    }
    fputs(red ? RED : "", out);
    draw_arrow(out, s, label);
    fprintf(out, "%s  ", red ? PLAIN : "");
    if (tcp) {
        draw_state(out, s, 1, colours);
        fputs("  ", out);
    }
    words_note(out, s);
    fputc('\n', out);
}

void draw_title(FILE *out, const struct conversation *c, const struct step *first)
{
    words_title(out, c);
    fputc('\n', out);
    if (first && c->tcp && c->from_start)
        fprintf(out, "%15s  %-12s  A %*s B  %s\n", "", rill_tcp_state_name(first->before[0]), ARROW,
                "", rill_tcp_state_name(first->before[1]));
}

void ladder_draw(FILE *out, const struct ladder *l, bool colours)
{
    for (size_t c = 0; c < l->conversations; c++) {
        const struct conversation *shown = &l->conversation[c];
        if (c)
            fputc('\n', out);
        draw_title(out, shown, shown->first);
        for (const struct step *s = shown->first; s; s = s->next)
            draw_step(out, s, l->step[0].packet->when, colours);
    }
}
