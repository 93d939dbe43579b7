#include "graph/stroke.h"

#include "base/bytes.h"

/* Colours that people with red-green blindness can distinguish (Okabe and Ito). */
#define BLUE "#0072b2"
#define GREEN "#009e73"
#define PALE "#b5e2d3" /* green for areas */
#define ORANGE "#e69f00"
#define PURPLE "#aa4499"
#define LILAC "#d9a9cf"
#define RED "#d0342c"
#define SKY "#3ca0dc"
#define GREY "#8a8a8a"

enum { LABELS_MAX = 400 }; /* letters at bars: more would overlap */

static const struct stroke time_sequence[] = {
    {FLOW_WINDOW, STYLE_STEPS, "lw 1.5 lc rgb '" ORANGE "'", "edge of the window"},
    {FLOW_ACK, STYLE_STEPS, "lw 1.5 lc rgb '" GREEN "'", "acknowledged"},
    {FLOW_DUPLICATE_ACK, STYLE_POINTS, "pt 1 ps 0.6 lc rgb '" GREEN "'", "duplicate ACK"},
    {FLOW_SACK, STYLE_BAR, "lw 0.7 lc rgb '" LILAC "'", "SACK"},
    {FLOW_DSACK, STYLE_BAR, "lw 2 lc rgb '" ORANGE "'", "D-SACK"},
    {FLOW_DATA, STYLE_BAR, "lw 1.5 lc rgb '" BLUE "'", "segment"},
    {FLOW_PSH, STYLE_POINTS, "pt 12 ps 0.5 lc rgb '" BLUE "'", "PSH"},
    {FLOW_REORDERED, STYLE_BAR, "lw 2 lc rgb '" SKY "'", "out of order (O)"},
    {FLOW_REORDERED, STYLE_LETTER, "tc rgb '" SKY "'", "O"},
    {FLOW_PROBE, STYLE_BAR, "lw 2 lc rgb '" GREY "'", "keep-alive (K)"},
    {FLOW_PROBE, STYLE_LETTER, "tc rgb '" GREY "'", "K"},
    {FLOW_RETRANSMITTED, STYLE_BAR, "lw 2.5 lc rgb '" RED "'", "sent again (R)"},
    {FLOW_RETRANSMITTED, STYLE_LETTER, "tc rgb '" RED "'", "R"},
    {FLOW_SYN, STYLE_LETTER, "tc rgb 'black'", "SYN"},
    {FLOW_FIN, STYLE_LETTER, "tc rgb 'black'", "FIN"},
    {FLOW_RST, STYLE_LETTER, "tc rgb '" RED "'", "RST"},
    {0}};

static const struct stroke own_window[] = {
    {FLOW_FLIGHT, STYLE_AREA, "fs solid 1 border rgb '" PALE "' lc rgb '" PALE "'", "in flight"},
    {FLOW_OFFERED, STYLE_STEPS, "lw 1.5 lc rgb '" GREY "'", "offered window"},
    {FLOW_SSTHRESH, STYLE_STEPS, "lw 1.5 dt 2 lc rgb '" RED "'", "ssthresh"},
    {FLOW_CWND, STYLE_STEPS, "lw 2 lc rgb '" BLUE "'", "cwnd"},
    {FLOW_RETRANSMITTED, STYLE_FLOOR, "pt 9 ps 0.9 lc rgb '" RED "'", "sent again"},
    {0}};

static const struct stroke foreign_window[] = {
    {FLOW_OUTSTANDING, STYLE_AREA, "fs solid 1 border rgb '" PALE "' lc rgb '" PALE "'",
     "sent, not acknowledged"},
    {FLOW_OFFERED, STYLE_STEPS, "lw 1.5 lc rgb '" GREY "'", "offered window"},
    {FLOW_RETRANSMITTED, STYLE_FLOOR, "pt 9 ps 0.9 lc rgb '" RED "'", "sent again"},
    {0}};

static const struct stroke own_round_trip[] = {
    {FLOW_RTT, STYLE_POINTS, "pt 7 ps 0.4 lc rgb '" SKY "'", "a segment sent once"},
    {FLOW_RTT_TIMESTAMP, STYLE_POINTS, "pt 5 ps 0.6 lc rgb '" PURPLE "'",
     "sent again, by timestamp"},
    {FLOW_SRTT, STYLE_STEPS, "lw 2 lc rgb '" BLUE "'", "SRTT"},
    {FLOW_RTO, STYLE_STEPS, "lw 1.5 dt 2 lc rgb '" RED "'", "RTO"},
    {0}};

static const struct stroke throughput[] = {
    {FLOW_ACKNOWLEDGED_RATE, STYLE_AREA, "fs solid 1 border rgb '" PALE "' lc rgb '" PALE "'",
     "acknowledged"},
    {FLOW_SENT_RATE, STYLE_STEPS, "lw 1.5 lc rgb '" BLUE "'", "sent, repetitions included"},
    {0}};

const struct stroke *strokes_of(const struct plot *p, enum plot_kind kind)
{
    switch (kind) {
    case PLOT_TIME_SEQUENCE:
        return time_sequence;
    case PLOT_CWND:
        return p->flow->commented ? own_window : foreign_window;
    case PLOT_RTT:
        return own_round_trip;
    default:
        return throughput;
    }
}

const struct series *series_of(const struct plot *p, enum flow_series which)
{
    return &p->flow->series[which];
}

int64_t highest(const struct plot *p, const struct stroke *s)
{
    int64_t most = 0;
    for (; s->look; s++)
        for (unsigned i = 0; i < series_of(p, s->series)->count; i++)
            if (s->series != FLOW_WINDOW && s->series != FLOW_OFFERED && s->style != STYLE_FLOOR)
                most = max_of(most, series_of(p, s->series)->at[i].high);
    return most;
}

int64_t lowest(const struct series *s)
{
    int64_t least = INT64_MAX;
    for (unsigned i = 0; i < s->count; i++)
        least = min_of(least, s->at[i].low);
    return least;
}

bool stroke_is_drawn(const struct plot *p, const struct stroke *s)
{
    unsigned count = series_of(p, s->series)->count;
    return count > (s->series == FLOW_SSTHRESH) && (s->style != STYLE_LETTER || count < LABELS_MAX);
}
