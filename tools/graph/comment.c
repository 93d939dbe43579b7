#include "graph/comment.h"

#include <stdlib.h>
#include <string.h>

/* The number after a keyword. False: the keyword is missing. */
static bool number_behind(const char *text, const char *word, double *value)
{
    const char *at = strstr(text, word);
    if (!at)
        return false;
    at += strlen(word);
    char *end;
    *value = strtod(at, &end);
    return end != at && *value >= 0 && *value < UINT32_MAX;
}

static rill_time of_milliseconds(double value)
{
    return (rill_time)(value * (double)RILL_MILLISECONDS(1) + 0.5);
}

struct comment comment_parse(const char *text)
{
    struct comment c = {.retransmits = strstr(text, "sent for: retransmission") != NULL,
                        .ssthresh = UINT32_MAX};
    double cwnd, ssthresh, in_flight, srtt, rto;
    if (!strstr(text, "; cwnd ") || !number_behind(text, ", in flight ", &in_flight) ||
        !number_behind(text, ", RTO ", &rto))
        return c;
    c.known = true;
    if (number_behind(text, "; cwnd ", &cwnd))
        c.cwnd = (uint32_t)cwnd;
    c.in_flight = (uint32_t)in_flight;
    c.rto = of_milliseconds(rto);
    if (number_behind(text, ", ssthresh ", &ssthresh))
        c.ssthresh = (uint32_t)ssthresh;
    if (number_behind(text, ", srtt ", &srtt))
        c.srtt = of_milliseconds(srtt);
    return c;
}
