#include "ss/follow.h"

#include <inttypes.h>
#include <time.h>

static void put_date(FILE *out, rill_time date)
{
    time_t seconds = (time_t)(date / RILL_SECONDS(1));
    struct tm tm;
    char text[16] = "";
    if (localtime_r(&seconds, &tm))
        strftime(text, sizeof text, "%H:%M:%S", &tm);
    fprintf(out, "%s.%06lld  ", text, (long long)(date % RILL_SECONDS(1) / RILL_MICROSECONDS(1)));
}

static void put_end(FILE *out, uint32_t ip4, uint16_t port)
{
    fprintf(out, "%u.%u.%u.%u:", ip4 >> 24, ip4 >> 16 & 255, ip4 >> 8 & 255, ip4 & 255);
    fprintf(out, port ? "%u" : "*", port);
}

void follow_print(FILE *out, const struct rill_trace_record *r, rill_time date)
{
    if (r->event == RILL_EVENT_COUNT) {
        fprintf(out, "%" PRId64 " events came too fast: some changes may be missing\n", r->seq);
        return;
    }
    put_date(out, date);
    put_end(out, r->local_ip4, r->local_port);
    fputs(" <-> ", out);
    put_end(out, r->remote_ip4, r->remote_port);
    fprintf(out, "  %s -> %s  ", rill_tcp_state_name(r->before), rill_tcp_state_name(r->after));
    if (*rill_reason_text(r->reason))
        fprintf(out, "%s; ", rill_reason_text(r->reason));
    fprintf(out, "RFC 9293 %s\n", rill_tcp_transition_text(r->before, r->after, r->reason));
}
