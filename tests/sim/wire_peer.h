/* One stack on the virtual clock, and a peer that the test plays by hand: it writes each segment
 * that arrives and looks at each one that leaves, so that a test reads like the ladders of RFC
 * 9293.
 *
 *     peer_open(&w);                                      rill is 10.0.0.1, the peer 10.0.0.2
 *     app_listens(&w);
 *     peer_sends(&w, TCP_SYN, 0);                         flags, seq, ack, length of the text
 *     peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
 *     peer_sends(&w, TCP_ACK, 1, 1);
 *     peer_expects_nothing(&w);
 *     state_is(&w, ESTABLISHED);
 *     peer_close(&w);
 *
 * Sequence numbers are relative: seq of the peer's segments counts from w.iss, ack from w.irs,
 * which is learned from rill's SYN (and 0 before: absolute numbers then). Text is a function of its
 * position, in both directions, and every byte that moves is compared.
 *
 * Whatever rill sends is checked on its way: IPv4 header and TCP checksum (MUST-2), ports and
 * addresses, MSS on SYNs only (MUST-65), no text beyond what the app has sent. Whole-object checks
 * are on. A failure ends the test and says what was expected and what came. */
#ifndef TESTS_WIRE_PEER_H
#define TESTS_WIRE_PEER_H

#include "record.h"
#include "wire/tcp_header.h"

#include <CUnit/CUnit.h>
#include <rill/rill.h>

#define PEER_QUEUE 4096
#define PEER_MSS 1460
#define PEER_SUPERFRAME 15000 /* bytes of IP */

struct peer_segment {
    uint16_t flags; /* enum tcp_flag */
    int64_t seq, ack;
    uint32_t length;            /* of the text */
    struct tcp_options options; /* besides the timestamps that w.timestamps adds */
    struct rill_span raw;       /* options as bytes, in their place: a multiple of 4 */
    uint16_t window;            /* as on the wire; 0 on sending: w.window */
    uint16_t urgent;
    uint16_t joined; /* sending: a superframe, of segments with so much text (w.superframes) */
    bool corrupt;    /* sending: with a wrong checksum */
    rill_time when;  /* received: pulled then */
    uint8_t tos, ttl;
    uint16_t ip_id;
    uint16_t to_port;
};

struct peer {
    struct rill_config config; /* peer_open fills it in, peer_start uses it */
    struct rill *rill;
    int port;
    rill_time now;
    struct recorder recorder;

    uint32_t address, rill_address; /* host order */
    uint16_t peer_port, rill_port;
    uint32_t iss, irs; /* the peer's and rill's initial sequence numbers */
    uint16_t window;   /* that the peer offers from now on, as on the wire */
    bool superframes; /* before peer_start: the port takes and brings them, up to PEER_SUPERFRAME */

    /* Timestamps (RFC 7323): on each segment of the peer, value by hand, the echo is rill's last.
     */
    bool timestamps;
    uint32_t ts_value, ts_echo;

    int listener, fd;      /* the app's descriptors, -1: none */
    int64_t written, read; /* the app's: one past the last byte, in positions */

    struct peer_segment got; /* what peer_expects found last */
    struct peer_segment queue[PEER_QUEUE];
    unsigned first, count;
};

/* Defaults, and the stack; or first the configuration, then what the test changes, then the stack.
 */
void peer_open(struct peer *);
void peer_configure(struct peer *);
void peer_start(struct peer *);
void peer_close(struct peer *);

/* ---- the wire ---- */

/* peer_sends(&w, flags, seq, ack, length, .window = ..., .options = {...}) */
#define peer_sends(w, ...) peer_put(w, (struct peer_segment){.flags = __VA_ARGS__})
void peer_put(struct peer *, struct peer_segment);

/* The next segment of rill is this one; PSH is not compared, it stands in w.got.flags. */
#define peer_expects(w, ...) \
    peer_match(w, (struct peer_segment){.flags = __VA_ARGS__}, __FILE__, __LINE__)
void peer_match(struct peer *, struct peer_segment, const char *file, unsigned line);

#define peer_expects_nothing(w) peer_match_nothing(w, __FILE__, __LINE__)
void peer_match_nothing(struct peer *, const char *file, unsigned line);

/* The next segment, false where rill has none now. */
bool peer_takes(struct peer *, struct peer_segment *);
/* Takes all there is and returns how many segments it was; w.got is the last. */
unsigned peer_takes_all(struct peer *);

/* Time passes; what rill sends meanwhile is kept for peer_expects, with its time in w.got.when. */
void peer_after(struct peer *, rill_time);
/* Time passes until rill has something to say, at most so long. Returns how long it took. */
rill_time peer_waits(struct peer *, rill_time at_most);

/* Puts a frame below TCP (an ICMP error, say): a whole IPv4 datagram. */
void peer_puts_ip4(struct peer *, struct rill_span datagram);

/* ---- the application ---- */
void app_listens(struct peer *);
void app_connects(struct peer *); /* from w.rill_port to the peer; the SYN is still to be pulled */
void app_accepts(struct peer *);  /* w.fd; fails where nobody waits */
bool app_accepts_nobody(struct peer *);
void app_sends(struct peer *, size_t); /* all of it must be taken */
void app_sends_with(struct peer *, size_t, int flags);
/* SEND of RFC 9293 3.10.2 itself, before the handshake has ended: a socket's send() waits then. */
void app_sends_early(struct peer *, size_t);
void app_reads(struct peer *, size_t); /* so much is there, and it is right */
bool app_reads_end(struct peer *);     /* recv() gives 0 */
bool app_fails(struct peer *,
               int error);     /* recv() fails with this errno, EAGAIN for nothing there */
int app_error(struct peer *);  /* SO_ERROR */
void app_shuts(struct peer *); /* SHUT_WR */
void app_closes(struct peer *);
void app_aborts(struct peer *); /* SO_LINGER of 0 and close */
void app_sets(struct peer *, int level, int name, int value);

/* ---- states ---- */
struct tcp_conn *peer_conn(struct peer *); /* rill's connection, for a look inside; NULL: none */
enum rill_tcp_state peer_state(struct peer *); /* of the flow w.rill_port - w.peer_port */
#define state_is(w, name) peer_state_is(w, RILL_TCP_##name, __FILE__, __LINE__)
void peer_state_is(struct peer *, enum rill_tcp_state, const char *file, unsigned line);

/* From a fresh stack (peer_start has run) to that state, nothing left to pull; positions: rill's
 * SND.UNA = SND.NXT = 1 or, where it has sent its FIN, NXT = 2; RCV.NXT likewise. SYN_RECEIVED is
 * reached passively; peer_simultaneous does it actively. The handshake carries `options`. */
void peer_reaches(struct peer *, enum rill_tcp_state);
void peer_reaches_with(struct peer *, enum rill_tcp_state, const struct tcp_options *);
void peer_connects(struct peer *, const struct tcp_options *); /* active: rill is the client */
void peer_simultaneous(struct peer *);

/* MSS 1460 and nothing else; SACK, timestamps and a window scale of 7 besides. */
extern const struct tcp_options peer_plain, peer_full;

#endif
