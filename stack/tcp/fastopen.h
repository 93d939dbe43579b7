/* TCP Fast Open (RFC 7413): cookies, the keys that make them, and a listener's count of pending
 * connections. fastopen_passive.c gives and checks cookies; fastopen_active.c uses them.
 *
 * A cookie is SipHash-2-4 over the client's and the server's address, in network order, as in
 * Linux: the server stores nothing, and several servers behind one address may share a key. For key
 * rotation there are two keys: the first makes cookies, both accept them. */
#ifndef TCP_FASTOPEN_H
#define TCP_FASTOPEN_H

#include "base/hash.h"
#include "wire/tcp_header.h"

#include <rill/address.h>
#include <rill/time.h>

struct tcp;
struct tcp_conn;
struct tcp_listener;

/* The role of Fast Open in a connection. */
enum fast_open {
    FAST_OPEN_NONE,
    FAST_OPEN_ASKS,    /* active: the SYN carries a cookie and text, or a cookie request */
    FAST_OPEN_BARE,    /* active: the SYN carries text without a cookie */
    FAST_OPEN_PENDING, /* passive: data may be exchanged, the third ACK has not arrived */
    FAST_OPEN_RENEWS,  /* the same, and the first SYN-ACK carries a new cookie */
    FAST_OPEN_RENEWS_EXPERIMENTAL,
    FAST_OPEN_CHILD /* passive: not pending any more */
};

#define FAST_OPEN_KEY_BYTES 16

struct fast_open_keys {
    struct hash_key key[2];
    uint8_t count; /* 0: none have been set */
};

/* One key or two, of FAST_OPEN_KEY_BYTES each: as little-endian words, like Linux. */
struct fast_open_keys fast_open_keys_load(const uint8_t *bytes, unsigned count);
void fast_open_keys_store(const struct fast_open_keys *, uint8_t *bytes);

struct tcp_fast_open fast_open_cookie(const struct hash_key *, struct rill_address client,
                                      struct rill_address server);

/* The number of the key that made the cookie, 1 or 2; 0: neither. */
unsigned fast_open_key_of(const struct fast_open_keys *, const struct tcp_fast_open *,
                          struct rill_address client, struct rill_address server);

/* RFC 7413 5.1: a pending connection that is reset keeps its place for a while. Otherwise the
 * resets that a flood of spoofed SYNs causes would free places for the flood. Counted by the
 * second. */
#define FAST_OPEN_HOLD_SECONDS 60

struct fast_open_queue {
    uint32_t limit;   /* 0: Fast Open is off */
    uint32_t pending; /* PendingFastOpenRequests, those that were reset included */
    uint32_t held;    /* of these, reset ones */
    int64_t second;   /* places have been freed up to this second */
    uint16_t held_in[FAST_OPEN_HOLD_SECONDS]; /* by the second of the reset, modulo 60 */
    bool without_cookie;                      /* TCP_FASTOPEN_NO_COOKIE */
    struct fast_open_keys keys;               /* TCP_FASTOPEN_KEY; count 0: the stack's */
};

#define FAST_OPEN_LIMIT_MAX UINT16_MAX

bool fast_open_queue_has_room(struct fast_open_queue *, rill_time now);
/* A pending connection was reset: its place is freed later. */
void fast_open_queue_hold(struct fast_open_queue *, rill_time now);

/* The valid keys for a listener: its own, or the configured ones, or a random one. */
struct fast_open_keys fast_open_keys_of(const struct tcp *, const struct tcp_listener *);

/* Passive, and the third ACK has not arrived. */
bool fast_open_is_pending(const struct tcp_conn *);

/* The listener of a pending connection, accepted or not; NULL: it is closed. */
struct tcp_listener *fast_open_listener(const struct tcp *, const struct tcp_conn *);

/* It is no longer pending: the third ACK has arrived, or the connection has ended. */
void fast_open_settle(struct tcp *, struct tcp_conn *, bool reset);

/* The listener closes; its pending connections continue without it. */
void fast_open_forget_listener(struct tcp *, const struct tcp_listener *);

#endif
