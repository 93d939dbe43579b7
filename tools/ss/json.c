#include "ss/json.h"

#include "ss/words.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

static void put_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else if (*at < 0x20 || *at >= 0x7f) /* a name may hold any bytes, JSON only UTF-8 */
            fprintf(out, "\\u%04x", *at);
        else
            fputc(*at, out);
    fputc('"', out);
}

static void begin(struct json *j, const char *key)
{
    if (j->behind)
        fputc(',', j->out);
    j->behind = true;
    if (!key)
        return;
    put_string(j->out, key);
    fputc(':', j->out);
}

void json_open(struct json *j, const char *key, char bracket)
{
    begin(j, key);
    fputc(bracket, j->out);
    j->behind = false;
}

void json_close(struct json *j, char bracket)
{
    fputc(bracket, j->out);
    j->behind = true;
}

void json_string(struct json *j, const char *key, const char *value)
{
    begin(j, key);
    put_string(j->out, value);
}

void json_number(struct json *j, const char *key, uint64_t value)
{
    begin(j, key);
    fprintf(j->out, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    begin(j, key);
    fputs(value ? "true" : "false", j->out);
}

void json_null(struct json *j, const char *key)
{
    begin(j, key);
    fputs("null", j->out);
}

void json_time(struct json *j, const char *key, rill_time t)
{
    begin(j, key);
    fprintf(j->out, "%lld.%03lld", (long long)(t / RILL_MILLISECONDS(1)),
            (long long)(t / RILL_MICROSECONDS(1) % 1000));
}

/* ----------------------------------------------------------------- sockets */

static void put_end(struct json *j, const char *key, struct rill_address a, uint16_t port)
{
    char text[RILL_ADDRESS_TEXT] = "*";
    json_open(j, key, '{');
    if (!rill_address_is_any(a))
        inet_ntop(AF_INET, a.byte + 12, text, sizeof text);
    json_string(j, "address", text);
    json_number(j, "port", port);
    json_close(j, '}');
}

static void put_timers(struct json *j, const struct rill_status *s)
{
    json_open(j, "timers", '[');
    for (unsigned i = 0; i < s->timers && i < RILL_STATUS_TIMERS; i++) {
        json_open(j, NULL, '{');
        json_string(j, "timer", rill_timer_name(s->timer[i].which));
        json_time(j, "left_ms", s->timer[i].left);
        json_number(j, "tries", s->timer[i].tries);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_path(struct json *j, const struct rill_status_detail *d)
{
    json_string(j, "congestion", d->congestion);
    json_time(j, "rto_ms", d->rto);
    if (d->srtt) {
        json_time(j, "srtt_ms", d->srtt);
        json_time(j, "rttvar_ms", d->rttvar);
    } else {
        json_null(j, "srtt_ms");
        json_null(j, "rttvar_ms");
    }
    json_number(j, "cwnd", d->cwnd);
    if (d->ssthresh < INT32_MAX)
        json_number(j, "ssthresh", d->ssthresh);
    else
        json_null(j, "ssthresh");
    json_number(j, "in_flight", d->in_flight);
    if (d->pacing_rate)
        json_number(j, "pacing_rate", d->pacing_rate);
    else
        json_null(j, "pacing_rate");
    json_time(j, "busy_ms", d->busy);
    json_time(j, "rwnd_limited_ms", d->rwnd_limited);
    json_time(j, "sndbuf_limited_ms", d->sndbuf_limited);
}

static void put_numbers(struct json *j, const struct rill_status_detail *d)
{
    const struct {
        const char *key;
        uint64_t value;
    } row[] = {
        {"mss", d->mss},
        {"rcv_mss", d->rcv_mss},
        {"peer_window", d->peer_window},
        {"window", d->window},
        {"snd_wscale", d->snd_scale},
        {"rcv_wscale", d->rcv_scale},
        {"unacked_segments", d->unacked},
        {"lost_segments", d->lost},
        {"sacked_segments", d->sacked},
        {"retransmits", d->retransmits},
        {"segments_in", d->segs_in},
        {"segments_out", d->segs_out},
        {"bytes_acked", d->bytes_acked},
        {"bytes_received", d->bytes_received},
        {"bytes_retransmitted", d->bytes_retransmitted},
        {"bytes_unsent", d->unsent},
        {"send_buffer", d->send_buffer},
        {"receive_buffer", d->receive_buffer},
        {"send_memory", d->send_memory},
        {"receive_memory", d->receive_memory},
        {"connection_memory", d->connection_memory},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        json_number(j, row[i].key, row[i].value);
}

static void put_detail(struct json *j, const struct rill_status_detail *d)
{
    put_path(j, d);
    put_numbers(j, d);
    json_bool(j, "timestamps", d->timestamps);
    json_bool(j, "sack", d->sack);
    json_bool(j, "window_scaling", d->window_scaling);
    json_bool(j, "ecn", d->ecn);
    json_bool(j, "accurate_ecn", d->accurate_ecn);
}

void json_socket(struct json *j, const struct rill_status *s)
{
    json_open(j, NULL, '{');
    json_string(j, "netid", words_netid(s));
    json_string(j, "state", words_state(s));
    json_number(j, "recv_q", s->receive_queue);
    json_number(j, "send_q", s->send_queue);
    put_end(j, "local", s->local, s->local_port);
    put_end(j, "peer", s->remote, s->remote_port);
    if (s->age >= 0)
        json_time(j, "in_state_ms", s->age);
    else
        json_null(j, "in_state_ms");
    if (*rill_limit_name(s->limit))
        json_string(j, "limit", rill_limit_name(s->limit));
    else
        json_null(j, "limit");
    json_string(j, "turn", words_whose(s));
    json_string(j, "turn_text", words_turn(s));
    put_timers(j, s);
    if (s->kind == RILL_STATUS_CONNECTION) {
        json_bool(j, "orphan", s->orphan);
        json_bool(j, "unaccepted", s->unaccepted);
        put_detail(j, &s->detail);
    }
    json_close(j, '}');
}

void json_stack(struct json *j, const char *path, const struct rill_control_greeting *g)
{
    char address[RILL_ADDRESS_TEXT] = "";
    inet_ntop(AF_INET, g->address.byte + 12, address, sizeof address);
    json_string(j, "control", path);
    json_string(j, "program", g->program);
    json_number(j, "pid", (uint64_t)g->pid);
    json_string(j, "device", g->device);
    json_string(j, "address", address);
    json_string(j, "release", g->release);
    json_time(j, "age_ms", g->age);
    json_number(j, "memory_used", g->memory_used);
    json_number(j, "memory_peak", g->memory_peak);
    json_number(j, "memory_budget", g->memory);
}
