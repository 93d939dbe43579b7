#include "ss/table.h"

#include "ss/words.h"

#include <inttypes.h>

void table_head(FILE *out)
{
    fprintf(out, "%-5s %-10s %6s %6s  %21s  %-21s %9s %-7s %s\n", "Netid", "State", "Recv-Q",
            "Send-Q", "Local Address:Port", "Peer Address:Port", "For", "Limit",
            "Whose turn, and timers");
}

/* The application does not use a socket that it has closed, or not accepted yet. */
static bool is_used(const struct rill_status *s)
{
    bool open = s->kind == RILL_STATUS_CONNECTION && !s->orphan && !s->unaccepted;
    return open || s->kind == RILL_STATUS_LISTENER || s->kind == RILL_STATUS_DATAGRAM;
}

static void put_timers(FILE *out, const struct rill_status *s)
{
    char time[WORDS_TIME];
    for (unsigned i = 0; i < s->timers && i < RILL_STATUS_TIMERS; i++) {
        const struct rill_status_timer *t = &s->timer[i];
        fprintf(out, " timer:(%s,%s,%u)", rill_timer_name(t->which), words_time(time, t->left),
                t->tries);
    }
}

static double milliseconds(rill_time t)
{
    return (double)t / 1e6;
}

static void put_details(FILE *out, const struct rill_status_detail *d)
{
    fprintf(out, "\t%s%s%s %.16s", d->timestamps ? " ts" : "", d->sack ? " sack" : "",
            d->accurate_ecn ? " accecn"
            : d->ecn        ? " ecn"
                            : "",
            d->congestion);
    if (d->window_scaling)
        fprintf(out, " wscale:%u,%u", d->snd_scale, d->rcv_scale);
    fprintf(out, " rto:%.0f", milliseconds(d->rto));
    if (d->srtt)
        fprintf(out, " rtt:%.3f/%.3f", milliseconds(d->srtt), milliseconds(d->rttvar));
    fprintf(out, " mss:%" PRIu32 " rcvmss:%" PRIu32 " cwnd:%" PRIu32, d->mss, d->rcv_mss, d->cwnd);
    if (d->ssthresh < INT32_MAX)
        fprintf(out, " ssthresh:%" PRIu32, d->ssthresh);
    fprintf(out, " in_flight:%" PRIu32 " rwnd:%" PRIu32 " window:%" PRIu32, d->in_flight,
            d->peer_window, d->window);
    fprintf(out, " bytes_acked:%" PRIu64 " bytes_received:%" PRIu64, d->bytes_acked,
            d->bytes_received);
    fprintf(out, " segs_out:%" PRIu32 " segs_in:%" PRIu32, d->segs_out, d->segs_in);
    if (d->retransmits)
        fprintf(out, " retrans:%" PRIu32 " bytes_retrans:%" PRIu64, d->retransmits,
                d->bytes_retransmitted);
    if (d->unacked)
        fprintf(out, " unacked:%" PRIu32 " lost:%" PRIu32 " sacked:%" PRIu32, d->unacked, d->lost,
                d->sacked);
    if (d->pacing_rate)
        fprintf(out, " pacing_rate:%" PRIu64 "Bps", d->pacing_rate);
    if (d->unsent)
        fprintf(out, " notsent:%" PRIu64, d->unsent);
    if (d->busy)
        fprintf(out, " busy:%.0fms rwnd_limited:%.0fms sndbuf_limited:%.0fms",
                milliseconds(d->busy), milliseconds(d->rwnd_limited),
                milliseconds(d->sndbuf_limited));
    fputc('\n', out);
}

static void put_memory(FILE *out, const struct rill_status *s)
{
    const struct rill_status_detail *d = &s->detail;
    fprintf(out,
            "\t skmem:(r%" PRIu32 ",rb%" PRIu32 ",t%" PRIu32 ",tb%" PRIu32 ") rings:(in%" PRIu32
            ",out%" PRIu32 ") connection:%" PRIu32 "\n",
            s->receive_queue, d->receive_buffer, s->send_queue, d->send_buffer, d->receive_memory,
            d->send_memory, d->connection_memory);
}

void table_row(FILE *out, const struct rill_status *s, const struct table_style *style,
               const struct rill_control_greeting *process)
{
    char local[WORDS_END], remote[WORDS_END], age[WORDS_TIME] = "-";
    const char *limit = rill_limit_name(s->limit);
    bool connection = s->kind == RILL_STATUS_CONNECTION;
    if (s->age >= 0)
        words_time(age, s->age);
    fprintf(out, "%-5s %-10s %6" PRIu32 " %6" PRIu32 "  %21s  %-21s %9s %-7s %s", words_netid(s),
            words_state(s), s->receive_queue, s->send_queue, words_local(local, s),
            words_remote(remote, s), age, *limit ? limit : "-", words_turn(s));
    if (process && is_used(s))
        fprintf(out, " users:((\"%s\",pid=%d))", process->program, (int)process->pid);
    put_timers(out, s);
    fputc('\n', out);
    if (style->details && connection)
        put_details(out, &s->detail);
    if (style->memory && connection)
        put_memory(out, s);
}
