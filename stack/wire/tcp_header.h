/* The TCP header and its options (RFC 9293 3.1, 3.2; RFC 7323, 2018, 7413, 9768), parsed into host
 * order and written. */
#ifndef WIRE_TCP_HEADER_H
#define WIRE_TCP_HEADER_H

#include "base/position.h"
#include "wire/checksum.h"

#include <rill/drop.h>
#include <stdbool.h>

#define TCP_HEADER 20
#define TCP_CHECKSUM_OFFSET 16
#define TCP_HEADER_MAX 60
#define TCP_SACK_MAX 4
#define TCP_SACK_BLOCK 8 /* bytes */

enum tcp_flag {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
    TCP_ECE = 0x40,
    TCP_CWR = 0x80,
    TCP_AE = 0x100
};

struct tcp_sack_block {
    seq32 left, right; /* [left, right) */
};

/* The Fast Open option: a cookie, or the request for one. */
struct tcp_fast_open {
    uint8_t length; /* of the cookie: 0 (request) or an even number from 4 to 16 (RFC 7413 4.1.1) */
    bool experimental; /* the experimental option, older than RFC 7413: kind 254, magic f989 */
    uint8_t cookie[16];
};

#define TCP_ECN_FIELDS 3

/* The AccECN option (RFC 9768 3.2.3): up to three counters of 24 bits, in the order of its kind,
 * which is ECT(1), CE, ECT(0) or, `ect0_first`, the reverse. */
struct tcp_accurate_ecn {
    uint8_t fields; /* 0 to 3: the first ones of the order */
    bool ect0_first;
    uint32_t count[TCP_ECN_FIELDS];
};

/* The options that are present (or are to be written), and their values. */
struct tcp_options {
    bool has_mss, has_window_scale, has_sack_permitted, has_timestamps, has_fast_open,
        has_accurate_ecn;
    bool scale_first; /* to be written as FreeBSD does: the window scale in front of SACK-permitted,
                         and what fills a word up behind it */
    uint16_t mss;
    uint8_t window_scale; /* as sent: may exceed 14 */
    uint32_t timestamp_value, timestamp_echo;
    uint8_t sack_count; /* 0 to 4 */
    struct tcp_sack_block sack[TCP_SACK_MAX];
    struct tcp_fast_open fast_open;
    struct tcp_accurate_ecn accurate_ecn;
};

struct tcp_header {
    uint16_t source, destination; /* ports */
    seq32 seq, ack;
    uint16_t flags;  /* enum tcp_flag */
    uint16_t window; /* as on the wire: not scaled */
    uint16_t urgent; /* pointer, as on the wire */
    struct tcp_options options;
};

/* MUST-4, MUST-5. Returns RILL_DROP_NONE, TCP_SHORT or TCP_DATA_OFFSET. An unknown option is
 * skipped, one of a wrong length is ignored, and an impossible length (0, 1, past the header) ends
 * the parsing of options (RFC 9293 MUST-6, MUST-7). Options may have any alignment (MUST-64). MSS,
 * window scale, SACK-permitted and Fast Open are accepted only with SYN, SACK only without. If an
 * option appears twice (or both forms of Fast Open do), the last one counts, as in Linux. */
enum rill_drop tcp_header_parse(struct tcp_header *, struct rill_span in, struct rill_span *text);

/* True if the sum over pseudo-header and segment is correct (MUST-3). */
bool tcp_checksum_good(struct rill_address source, struct rill_address destination,
                       struct rill_span segment);

/* The header's length with its options, a multiple of 4; exact, even if it exceeds 60. Order on a
 * SYN as in Linux: MSS, SACK-permitted, timestamps, NOP, window scale, Fast Open; or as in FreeBSD.
 * Otherwise NOP NOP timestamps, NOP NOP SACK. With timestamps only 3 SACK blocks fit, which the
 * caller must observe. The AccECN option stands behind MSS and timestamps; if it is short, what
 * exceeds its whole words replaces the NOPs of the option behind it, as in Linux. */
size_t tcp_header_length(const struct tcp_options *);

/* The bytes that the AccECN option adds to a header whose other options have so many NOPs that its
 * end can replace: tcp_option_nops, or 2 with SACK blocks. */
size_t tcp_accurate_ecn_bytes(unsigned fields, unsigned nops);
unsigned tcp_option_nops(const struct tcp_options *);

/* MUST-68, MUST-69. Writes the header and the options that are set, with a checksum field of 0, and
 * returns the length. The options must fit into 40 bytes. */
size_t tcp_header_write(uint8_t *at, const struct tcp_header *);

/* Puts a finished or partial checksum into a written header (MUST-2). */
void tcp_checksum_put(uint8_t *header, uint16_t value);

#endif
