#include "ss/words.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const state_names[RILL_TCP_STATE_COUNT] = {
    [RILL_TCP_CLOSED] = "UNCONN",         [RILL_TCP_LISTEN] = "LISTEN",
    [RILL_TCP_SYN_SENT] = "SYN-SENT",     [RILL_TCP_SYN_RECEIVED] = "SYN-RECV",
    [RILL_TCP_ESTABLISHED] = "ESTAB",     [RILL_TCP_FIN_WAIT_1] = "FIN-WAIT-1",
    [RILL_TCP_FIN_WAIT_2] = "FIN-WAIT-2", [RILL_TCP_CLOSE_WAIT] = "CLOSE-WAIT",
    [RILL_TCP_CLOSING] = "CLOSING",       [RILL_TCP_LAST_ACK] = "LAST-ACK",
    [RILL_TCP_TIME_WAIT] = "TIME-WAIT",
};

const char *words_state(const struct rill_status *s)
{
    return s->state < RILL_TCP_STATE_COUNT ? state_names[s->state] : "?";
}

enum rill_tcp_state words_state_named(const char *name)
{
    static const struct {
        const char *name;
        enum rill_tcp_state state;
    } also[] = {{"established", RILL_TCP_ESTABLISHED},
                {"listening", RILL_TCP_LISTEN},
                {"syn-received", RILL_TCP_SYN_RECEIVED},
                {"unconnected", RILL_TCP_CLOSED},
                {"closed", RILL_TCP_CLOSED}};
    for (unsigned i = 0; i < RILL_TCP_STATE_COUNT; i++)
        if (!strcasecmp(name, state_names[i]) ||
            !strcasecmp(name, rill_tcp_state_name((enum rill_tcp_state)i)))
            return (enum rill_tcp_state)i;
    for (size_t i = 0; i < sizeof also / sizeof *also; i++)
        if (!strcasecmp(name, also[i].name))
            return also[i].state;
    return RILL_TCP_STATE_COUNT;
}

const char *words_netid(const struct rill_status *s)
{
    return s->kind == RILL_STATUS_DATAGRAM ? "udp" : "tcp";
}

static const char *say_end(char out[WORDS_END], struct rill_address a, uint16_t port)
{
    char number[8] = "*", address[RILL_ADDRESS_TEXT] = "*";
    if (port)
        snprintf(number, sizeof number, "%u", port);
    if (!rill_address_is_any(a))
        inet_ntop(AF_INET, a.byte + 12, address, sizeof address);
    snprintf(out, WORDS_END, "%s:%s", address, number);
    return out;
}

const char *words_local(char out[WORDS_END], const struct rill_status *s)
{
    return say_end(out, s->local, s->local_port);
}

const char *words_remote(char out[WORDS_END], const struct rill_status *s)
{
    return say_end(out, s->remote, s->remote_port);
}

const char *words_time(char out[WORDS_TIME], rill_time t)
{
    long long ms = t / RILL_MILLISECONDS(1), seconds = ms / 1000;
    if (ms < 1000)
        snprintf(out, WORDS_TIME, "%lldms", ms);
    else if (seconds < 60)
        snprintf(out, WORDS_TIME, "%lld.%llds", seconds, ms / 100 % 10);
    else if (seconds < 3600)
        snprintf(out, WORDS_TIME, "%lldmin%llds", seconds / 60, seconds % 60);
    else
        snprintf(out, WORDS_TIME, "%lldh%lldmin", seconds / 3600, seconds / 60 % 60);
    return out;
}

/* ---------------------------------------------------------------- whose turn */

struct turn {
    const char *whose, *clause;
};

static struct turn listener_turn(const struct rill_status *s)
{
    if (s->receive_queue > s->send_queue)
        return (struct turn){"application", "the application has to accept: its queue is full"};
    if (s->receive_queue)
        return (struct turn){"application", "the application has to accept who waits"};
    return (struct turn){"nobody", "waits for peers"};
}

static struct turn sending_turn(const struct rill_status *s)
{
    switch (s->limit) {
    case RILL_LIMIT_WINDOW:
        return (struct turn){"peer", "the peer has to open its window: its application to read"};
    case RILL_LIMIT_CWND:
        return (struct turn){"peer", "the peer has to acknowledge before more may leave"};
    case RILL_LIMIT_BUFFER:
        return (struct turn){"peer", "the peer has to acknowledge: the send buffer is full"};
    case RILL_LIMIT_PACING:
        return (struct turn){"nobody", "the next segment's time will come"};
    case RILL_LIMIT_SMALL:
        return (struct turn){"peer", "the peer has to acknowledge, or the application to write on"};
    default:
        return (struct turn){"peer", "the peer has to acknowledge"};
    }
}

static struct turn open_turn(const struct rill_status *s)
{
    if (s->unaccepted)
        return (struct turn){"application", "the application has to accept it"};
    if (s->receive_queue)
        return (struct turn){"application", "the application has to read"};
    if (s->send_queue)
        return sending_turn(s);
    return (struct turn){"nobody", "both are silent"};
}

static struct turn close_wait_turn(const struct rill_status *s)
{
    if (s->unaccepted)
        return (struct turn){"application", "the application has to accept it, and to close"};
    if (s->receive_queue)
        return (struct turn){"application",
                             "the application has to read the rest and to close: the peer has"};
    if (s->send_queue)
        return sending_turn(s);
    return (struct turn){"application", "the application has to close: the peer has"};
}

static struct turn turn_of(const struct rill_status *s)
{
    switch (s->state) {
    case RILL_TCP_LISTEN:
        return listener_turn(s);
    case RILL_TCP_SYN_SENT:
        return (struct turn){"peer", "the peer has to answer our SYN"};
    case RILL_TCP_SYN_RECEIVED:
        return (struct turn){"peer", "the peer has to acknowledge our SYN"};
    case RILL_TCP_ESTABLISHED:
        return open_turn(s);
    case RILL_TCP_CLOSE_WAIT:
        return close_wait_turn(s);
    case RILL_TCP_FIN_WAIT_2:
        if (s->receive_queue && !s->orphan)
            return (struct turn){"peer", "the peer has to close; the application may still read"};
        return (struct turn){"peer", "the peer has to close: its application has not yet"};
    case RILL_TCP_FIN_WAIT_1:
    case RILL_TCP_CLOSING:
    case RILL_TCP_LAST_ACK:
        return (struct turn){"peer", s->send_queue ? "the peer has to acknowledge our text and FIN"
                                                   : "the peer has to acknowledge our FIN"};
    case RILL_TCP_TIME_WAIT:
        return (struct turn){"nobody", "old segments die out"};
    default:
        return (struct turn){"nobody", ""};
    }
}

static struct turn datagram_turn(const struct rill_status *s)
{
    if (s->receive_queue)
        return (struct turn){"application", "the application has to read"};
    return (struct turn){"nobody", ""};
}

const char *words_turn(const struct rill_status *s)
{
    return (s->kind == RILL_STATUS_DATAGRAM ? datagram_turn(s) : turn_of(s)).clause;
}

const char *words_whose(const struct rill_status *s)
{
    return (s->kind == RILL_STATUS_DATAGRAM ? datagram_turn(s) : turn_of(s)).whose;
}
