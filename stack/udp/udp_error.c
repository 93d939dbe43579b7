#include "udp/udp_error.h"

/* Reports share the receive buffer with received datagrams, as in Linux (sock_queue_err_skb). */
static void report_keep(struct udp *u, struct udp_socket *s, const struct error_report *report,
                        struct rill_span data)
{
    uint32_t room = s->receive_buffer - min_of(s->received_bytes, s->receive_buffer);
    if (s->recverr)
        errors_add(&s->errors, u->memory, report, data, room);
    udp_wake(u, s, EVENT_STATE);
}

/* The errno is pending even if there was no room or memory for the report. */
bool udp_report(struct udp *u, struct udp_socket *s, const struct error_report *report,
                struct rill_span data, bool fatal)
{
    if (!s->recverr && !(fatal && udp_connected(s)))
        return false;
    report_keep(u, s, report, data);
    s->error = report->error;
    return true;
}

void udp_refused(struct udp *u, struct udp_socket *s, const struct error_report *report)
{
    report_keep(u, s, report, span_of(NULL, 0));
}

int udp_take_error(struct udp_socket *s)
{
    int error = s->error;
    s->error = 0;
    return error;
}

/* Only errors from the network are pending: a local error was returned by its call. */
void udp_drop_error(struct udp *u, struct udp_socket *s)
{
    bool from_network = errors_first(&s->errors)->origin == ERROR_ICMP;
    errors_drop_first(&s->errors, u->memory);
    const struct error_report *next = errors_first(&s->errors);
    if (next && next->origin == ERROR_ICMP)
        s->error = next->error;
    else if (from_network)
        s->error = 0;
}

void udp_want_errors(struct udp *u, struct udp_socket *s, bool on)
{
    s->recverr = on;
    if (!on)
        errors_clear(&s->errors, u->memory);
}
