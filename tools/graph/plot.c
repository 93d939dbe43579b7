#include "graph/plot.h"

#include "base/bytes.h"
#include "graph/stroke.h"
#include "graph/unit.h"

#include <arpa/inet.h>
#include <inttypes.h>

enum { TICKS_MAX = 1500 }; /* bars: with more of them, ticks at their ends are omitted */

const char *plot_kind_name(enum plot_kind kind)
{
    static const char *const name[] = {"time-sequence", "cwnd", "rtt", "throughput"};
    return name[kind];
}

const char *plot_format_name(enum plot_format format)
{
    return format == PLOT_SVG ? "svg" : "png";
}

const char *plot_lacks(const struct plot *p, enum plot_kind kind)
{
    static const char *const why[] = {"no text was sent", "nothing was in flight",
                                      "nothing was acknowledged that was sent here",
                                      "no text was sent"};
    bool drawn = highest(p, strokes_of(p, kind)) > 0;
    return drawn && (p->flow->bytes || kind == PLOT_TIME_SEQUENCE || kind == PLOT_RTT) ? NULL
                                                                                       : why[kind];
}

/* ---- Points ---- */

/* A point between two of the same height adds nothing to a line, and breaks its dashes. */
static bool is_idle(const struct series *s, unsigned i)
{
    return s->shape == SERIES_LINE && i > 0 && i + 1 < s->count &&
           s->at[i - 1].low == s->at[i].low && s->at[i].low == s->at[i + 1].low;
}

static void write_point(FILE *out, const struct point *p)
{
    fprintf(out, "%.9f %" PRId64 " %" PRId64 "\n", (double)p->when / 1e9, p->low, p->high);
}

void plot_data(FILE *out, const struct plot *p)
{
    for (unsigned which = 0; which < FLOW_SERIES; which++) {
        const struct series *s = series_of(p, which);
        if (!s->count)
            continue;
        fprintf(out, "# %s\n", flow_series_name(which));
        for (unsigned i = 0; i < s->count; i++)
            if (!is_idle(s, i))
                write_point(out, &s->at[i]);
        fputs("\n\n", out);
    }
}

/* ---- Commands ---- */

/* In gnuplot's single quotes, where a quote is doubled. */
static void quote(FILE *out, const char *text)
{
    putc('\'', out);
    for (; *text; text++)
        fputs(*text == '\'' ? "''" : (char[]){*text, 0}, out);
    putc('\'', out);
}

void plot_begin(FILE *out, const char *data)
{
    fputs("set encoding utf8\ndata = ", out);
    quote(out, data);
    fputs("\nset border 3 lc rgb '#606060'\nset tics nomirror out scale 0.6\n"
          "set grid lc rgb '#dddddd' lt 1 lw 0.6\nset key at screen 0.5,0.015 center bottom "
          "horizontal Left reverse samplen 2 width 1\n"
          "set lmargin 11\nset rmargin 4\nset tmargin 4.2\nset bmargin 7\n",
          out);
}

static void write_terminal(FILE *out, enum plot_format format, const char *to)
{
    fputs(
        format == PLOT_SVG
            ? "set terminal svg enhanced size 1100,660 font 'sans-serif,13' background '#ffffff'\n"
            : "set terminal pngcairo enhanced size 1650,990 fontscale 1.5 linewidth 1.5 pointscale "
              "2 "
              "font 'sans,11'\n",
        out);
    fputs("set output ", out);
    quote(out, to);
    putc('\n', out);
}

static void write_end(FILE *out, const struct graph_end *e)
{
    char text[INET6_ADDRSTRLEN];
    bool ip4 = rill_address_is_ip4(e->address);
    inet_ntop(ip4 ? AF_INET : AF_INET6, e->address.byte + (ip4 ? 12 : 0), text, sizeof text);
    fprintf(out, ip4 ? "%s:%u" : "[%s]:%u", text, e->port);
}

void plot_ends(FILE *out, const struct plot *p)
{
    write_end(out, &p->connection->end[p->from]);
    fputs(" → ", out);
    write_end(out, &p->connection->end[!p->from]);
}

/* What a reader must know to interpret the picture. */
static const char *remark(const struct plot *p, enum plot_kind kind)
{
    if (kind == PLOT_CWND && !p->flow->commented)
        return "; cwnd and ssthresh are not in this file";
    if (kind == PLOT_THROUGHPUT)
        return "";
    if (kind == PLOT_RTT)
        return p->flow->commented ? "; SRTT and RTO as the sender had them"
                                  : "; measured where the capture was taken";
    return flow_window_known(p->flow) ? "" : "; no handshake: the window may be scaled";
}

static void write_title(FILE *out, const struct plot *p, enum plot_kind kind)
{
    static const char *const title[] = {"Time sequence", "Congestion window", "Round trip",
                                        "Throughput"};
    const struct flow *f = p->flow;
    rill_time length = p->connection->end_time - p->connection->begin;
    struct unit time = unit_of_time(length), bytes = unit_of_bytes((int64_t)f->bytes);
    fprintf(out, "set label 1 '{/:Bold %s}   ", title[kind]);
    plot_ends(out, p);
    fputs("' at graph 0,1 offset 0,2.2 left\n", out);
    fprintf(out, "set label 2 '%.4g %s in %.4g %s; %u segments sent again%s'",
            (double)f->bytes / bytes.of, bytes.name, (double)length / time.of, time.name,
            f->segments_again, remark(p, kind));
    fputs(" at graph 0,1 offset 0,0.9 left tc rgb '#606060'\n", out);
}

/* Unit and range of an axis. */
struct axis {
    struct unit unit;
    double from, to; /* in that unit */
};

static struct axis time_axis(const struct plot *p)
{
    const struct series_view *v = &p->flow->view;
    rill_time end = min_of(v->to, p->connection->end_time - p->connection->begin);
    rill_time length = max_of(end - v->from, 1);
    struct unit unit = unit_of_time(length);
    double margin = (double)length * 0.015;
    return (struct axis){unit, ((double)v->from - margin) / unit.of,
                         ((double)end + margin) / unit.of};
}

static struct unit value_unit(enum plot_kind kind, int64_t most)
{
    if (kind == PLOT_RTT)
        return unit_of_time(most);
    return kind == PLOT_THROUGHPUT ? unit_of_rate(most) : unit_of_bytes(most);
}

/* The top of the picture if a window far above everything else is shown only in part. */
static int64_t with_window(const struct plot *p, enum plot_kind kind, int64_t most)
{
    enum flow_series which = kind == PLOT_TIME_SEQUENCE ? FLOW_WINDOW : FLOW_OFFERED;
    const struct series *s = series_of(p, which);
    int64_t widest = 0;
    for (unsigned i = 0; i < s->count && kind <= PLOT_CWND; i++)
        widest = max_of(widest, s->at[i].high);
    if (lowest(s) > most + most / 2)
        return most; /* it limits nothing, and would flatten all other lines */
    return min_of(max_of(widest, most), most + most / 2);
}

/* The bottom of a zoom, else 0. */
static int64_t floor_of(const struct plot *p, enum plot_kind kind)
{
    if (kind != PLOT_TIME_SEQUENCE || !p->flow->view.from)
        return 0;
    int64_t least = min_of(lowest(series_of(p, FLOW_DATA)), lowest(series_of(p, FLOW_ACK)));
    least = min_of(least, lowest(series_of(p, FLOW_RETRANSMITTED)));
    return least == INT64_MAX ? 0 : least;
}

static struct axis value_axis(const struct plot *p, enum plot_kind kind)
{
    int64_t most = highest(p, strokes_of(p, kind)), least = floor_of(p, kind);
    struct unit unit = value_unit(kind, most);
    double top = (double)with_window(p, kind, most);
    return (struct axis){unit, (double)least / unit.of,
                         (top + (top - (double)least) * 0.06) / unit.of};
}

/* Round-trip times and the time-out derived from them differ by orders of magnitude. */
static bool is_logarithmic(const struct plot *p, enum plot_kind kind)
{
    return kind == PLOT_RTT && series_of(p, FLOW_SRTT)->count &&
           highest(p, strokes_of(p, kind)) > 20 * lowest(series_of(p, FLOW_SRTT));
}

static void write_axes(FILE *out, const struct plot *p, enum plot_kind kind, const struct axis *x,
                       const struct axis *y)
{
    static const char *const label[] = {"sequence number", "window", "round trip", "throughput"};
    fprintf(out, "set xlabel 'time (%s)'\nset xrange [%.9g:%.9g]\n", x->unit.name, x->from, x->to);
    fprintf(out, "set ylabel '%s (%s)'\n", label[kind], y->unit.name);
    if (is_logarithmic(p, kind))
        fputs("set logscale y\nset yrange [*:*]\n", out);
    else
        fprintf(out, "unset logscale\nset yrange [%.9g:%.9g]\n", y->from, y->to);
}

static void write_style(FILE *out, const struct plot *p, const struct stroke *s,
                        const struct axis *y)
{
    double unit = y->unit.of;
    bool plain = series_of(p, s->series)->count > TICKS_MAX || s->series == FLOW_SACK;
    switch (s->style) {
    case STYLE_BAR:
        fprintf(out, "($2/%g):(0):(($3-$2)/%g) with vectors %s %s", unit, unit,
                plain ? "nohead" : "heads size screen 0.002,90", s->look);
        break;
    case STYLE_STEPS:
        fprintf(out, "($2/%g) with steps %s", unit, s->look);
        break;
    case STYLE_AREA:
        fprintf(out, "($2/%g) with fillsteps %s", unit, s->look);
        break;
    case STYLE_POINTS:
        fprintf(out, "($2/%g) with points %s", unit, s->look);
        break;
    case STYLE_LETTER:
        fprintf(out, "($3/%g):('%s') with labels offset 0.9,0.35 font ',9' %s notitle", unit,
                s->legend, s->look);
        return;
    case STYLE_FLOOR:
        fprintf(out, "(%.9g) with points %s", y->from, s->look);
        break;
    }
    fprintf(out, " title '%s'", s->legend);
}

static void write_average(FILE *out, const struct plot *p, const struct axis *y)
{
    const struct flow *f = p->flow;
    double bits = 0, of = max_of(f->rate.bins, 1);
    for (unsigned i = 0; i < f->rate.bins; i++)
        bits += (double)f->rate.acknowledged[i] * 8e9 / (double)f->rate.bin;
    fprintf(out, ", %.9g with lines lw 1.2 dt 2 lc rgb '#505050' title 'average'",
            bits / of / y->unit.of);
}

void plot_picture(FILE *out, const struct plot *p, enum plot_kind kind, enum plot_format format,
                  const char *to)
{
    struct axis x = time_axis(p), y = value_axis(p, kind);
    const char *before = "plot ";
    putc('\n', out);
    write_terminal(out, format, to);
    write_title(out, p, kind);
    write_axes(out, p, kind, &x, &y);
    for (const struct stroke *s = strokes_of(p, kind); s->look; s++) {
        if (!stroke_is_drawn(p, s))
            continue;
        fprintf(out, "%sdata index '%s' using ($1*%g):", before, flow_series_name(s->series),
                1e9 / x.unit.of);
        write_style(out, p, s, &y);
        before = ", \\\n    ";
    }
    if (kind == PLOT_THROUGHPUT)
        write_average(out, p, &y);
    fputs("\nunset output\n", out);
}
