/* The user calls of RFC 9293 3.10.1 to 3.10.6. None blocks: each does what can be done now. Functions return 0 or a
 * count, or the negative of an errno value. */
#ifndef TCP_CALL_H
#define TCP_CALL_H

#include "tcp/tcp.h"

/* A local port that somebody holds: bound, listening, or an unconnected socket's. Owned by the caller. */
struct tcp_binding {
    struct list_node node; /* linked: it is in force */
    struct rill_address local; /* all zero: any */
    uint16_t port;
    bool reuse;     /* SO_REUSEADDR */
    bool reuse_port; /* SO_REUSEPORT */
    bool listening;
};

/* Puts the binding in force; port 0: one is chosen (RFC 6056). EADDRINUSE, EADDRNOTAVAIL is the caller's to check. */
int tcp_bind(struct tcp *, struct tcp_binding *);
void tcp_unbind(struct tcp_binding *);

/* The options a connection is born with. */
struct tcp_settings {
    uint32_t send_buffer, receive_buffer; /* 0: the configuration's */
    uint16_t max_segment; /* TCP_MAXSEG; 0: none */
    uint8_t tos, ttl;
    bool nodelay, cork, keepalive;
    rill_time keepalive_idle, keepalive_interval, user_timeout; /* 0: the default */
    uint32_t keepalive_count;
};

/* Passive OPEN. */
struct tcp_listener {
    struct head head; /* LISTEN */
    struct tcp_owner *owner;
    struct tcp_settings settings; /* of what it accepts */
    head_ref first, last;         /* the accept queue */
    uint32_t queued, backlog;     /* connections that wait to be accepted; the most that may */
    uint32_t syns;                /* SYN records of this listener */
    head_ref ref;
};

int tcp_listen(struct tcp *, struct tcp_binding *, uint32_t backlog, const struct tcp_settings *, struct tcp_owner *,
               struct tcp_listener **);
void tcp_listen_backlog(struct tcp *, struct tcp_listener *, uint32_t backlog);
/* Refuses what is under way, resets what nobody accepted, and frees it. */
void tcp_listen_close(struct tcp *, struct tcp_listener *);

/* The next connection that has come in; NULL: none waits. It has an owner from then on. */
struct tcp_conn *tcp_accept(struct tcp *, struct tcp_listener *, struct tcp_owner *);

/* Active OPEN: flow.local_port 0 lets one be chosen. EADDRNOTAVAIL: no port is left; EADDRINUSE: the flow exists; ENOMEM. */
int tcp_connect(struct tcp *, const struct flow *, int port, uint16_t path, const struct tcp_settings *, struct tcp_owner *,
                struct tcp_conn **);

/* SEND: takes what fits into the send buffer and returns how much. EPIPE, ENOTCONN, EAGAIN: no room, ENOBUFS: no memory. `more`: MSG_MORE. */
int64_t tcp_send(struct tcp *, struct tcp_conn *, struct rill_span, bool more);

/* RECEIVE: copies what is readable, at most `length`; 0: the peer has closed and all is read. EAGAIN, ENOTCONN and the connection's own error.
 * `peek` leaves it there. `to` NULL discards. */
int64_t tcp_receive(struct tcp *, struct tcp_conn *, void *to, size_t length, bool peek);
/* Shows readable text where it lies (1 or 2 spans, 0: none); tcp_consume then takes it. */
unsigned tcp_peek(const struct tcp_conn *, struct rill_span out[2]);
void tcp_consume(struct tcp *, struct tcp_conn *, size_t length);

/* The app sends no more (a FIN follows what is queued), reads no more, or both. ENOTCONN. */
int tcp_shutdown_send(struct tcp *, struct tcp_conn *);
void tcp_shutdown_receive(struct tcp *, struct tcp_conn *);

/* CLOSE: the app lets go. Unread text makes it a reset (RFC 2525 2.17). The connection must not be used any more. */
void tcp_close(struct tcp *, struct tcp_conn *);

/* ABORT: a RST, at once; the app lets go. */
void tcp_abort(struct tcp *, struct tcp_conn *);

/* STATUS. */
size_t tcp_readable(const struct tcp_conn *); /* bytes */
bool tcp_at_end(const struct tcp_conn *);     /* the peer has closed, or the connection is over: reading returns at once */
size_t tcp_writable(const struct tcp *, const struct tcp_conn *); /* bytes of free send buffer; 0 also when closed for sending */
size_t tcp_unsent(const struct tcp_conn *);   /* SIOCOUTQ: bytes not acknowledged */
int tcp_take_error(struct tcp_conn *);        /* errno, cleared: SO_ERROR */
bool tcp_send_closed(const struct tcp_conn *); /* own side closed or connection over: sending gives EPIPE */

/* Changes what may change while the connection lives: all but max_segment. ENOMEM. */
int tcp_apply(struct tcp *, struct tcp_conn *, const struct tcp_settings *);
uint32_t tcp_send_buffer(const struct tcp *, const struct tcp_conn *);
uint32_t tcp_receive_buffer(const struct tcp *, const struct tcp_conn *);

#endif
