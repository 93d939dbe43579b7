/* The Internet checksum (RFC 1071): see checksum.h.
 *
 * A running sum is a 64-bit one's complement sum (the carry out of the top comes back in at the
 * bottom) of words as they lie in memory. 2^16 = 1 modulo 2^16 - 1, so a word of any size may be
 * added at any even offset (RFC 1071 2 (C)), and in either byte order (2 (B)): only checksum_fold
 * brings the bytes into the order of the wire. */
#include "wire/checksum.h"

#include "wire/wire.h"

/* Four 64-bit lanes; the compiler makes one AVX2 register or two SSE2 registers of them. */
typedef uint64_t lanes __attribute__((vector_size(32)));

#define ROUND 64 /* bytes: two of them */

/* The processor's best version is chosen when the program is loaded. (clang 14 loses the symbol of
 * such a function where a header has declared it.) */
#if defined __x86_64__ && defined __gnu_linux__ && !defined __clang__
#define FASTEST_HERE __attribute__((target_clones("avx2", "default")))
#else
#define FASTEST_HERE
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE uint64_t sum_plus(uint64_t sum, uint64_t word)
{
    sum += word;
    return sum + (sum < word); /* the end-around carry */
}

/* What the lanes have summed. `whole` may have lost carries; `upper` has not, within 2^32 words,
 * and what it leaves of `whole` is the sum of the lower halves. */
ALWAYS_INLINE uint64_t sum_lanes(const lanes *whole, const lanes *upper)
{
    lanes lower = *whole - (*upper << 32);
    uint64_t sum = 0;
    for (unsigned i = 0; i < sizeof(lanes) / sizeof(uint64_t); i++)
        sum = sum_plus(sum_plus(sum, lower[i]), (*upper)[i]);
    return sum;
}

/* Sums whole rounds, and copies them where `to` is not NULL. */
ALWAYS_INLINE uint64_t sum_rounds(uint8_t *to, const uint8_t *at, size_t length)
{
    lanes whole = {0}, upper = {0};
    for (size_t i = 0; i < length; i += ROUND) {
        lanes first, second;
        memcpy(&first, at + i, sizeof first);
        memcpy(&second, at + i + sizeof first, sizeof second);
        if (to) {
            memcpy(to + i, &first, sizeof first);
            memcpy(to + i + sizeof first, &second, sizeof second);
        }
        whole += first + second;
        upper += (first >> 32) + (second >> 32);
    }
    return sum_lanes(&whole, &upper);
}

/* Fewer than 64 bytes. A last odd one is the first of a pair whose second is 0. */
ALWAYS_INLINE uint64_t sum_rest(uint64_t sum, const uint8_t *at, size_t length)
{
    for (; length >= 8; at += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        sum = sum_plus(sum, word);
    }
    if (length & 4) {
        uint32_t word;
        memcpy(&word, at, 4);
        sum = sum_plus(sum, word);
        at += 4;
    }
    uint16_t pair;
    if (length & 2) {
        memcpy(&pair, at, 2);
        sum = sum_plus(sum, pair);
        at += 2;
    }
    if (length & 1) {
        pair = 0;
        memcpy(&pair, at, 1);
        sum = sum_plus(sum, pair);
    }
    return sum;
}

/* The one way through the bytes. It is inlined twice: without a copy (`to` NULL) and with one. */
ALWAYS_INLINE uint64_t sum_bytes(uint64_t sum, uint8_t *to, struct rill_span in)
{
    if (in.length == 0) /* and perhaps no address */
        return sum;
    size_t rounds = in.length - in.length % ROUND;
    if (rounds > 0)
        sum = sum_plus(sum, sum_rounds(to, in.at, rounds));
    struct rill_span rest = span_skip(in, rounds);
    if (to)
        memcpy(to + rounds, rest.at, rest.length);
    return sum_rest(sum, rest.at, rest.length);
}

FASTEST_HERE uint64_t checksum_add(uint64_t sum, struct rill_span in)
{
    return sum_bytes(sum, NULL, in);
}

FASTEST_HERE uint64_t checksum_copy(uint64_t sum, uint8_t *to, struct rill_span in)
{
    assert(to != NULL);
    return sum_bytes(sum, to, in);
}

uint64_t checksum_add_spans(uint64_t sum, const struct rill_span *span, unsigned n)
{
    bool odd = false; /* so far an odd number of bytes: what follows are the other halves */
    for (unsigned i = 0; i < n; i++) {
        uint64_t part = checksum_add(0, span[i]);
        if (odd)
            part = part << 8 | part >> 56; /* swaps every pair; RFC 1071 2 (B) */
        sum = sum_plus(sum, part);
        odd ^= span[i].length & 1;
    }
    return sum;
}

uint64_t checksum_pseudo(struct rill_address source, struct rill_address destination,
                         uint8_t protocol, uint32_t length)
{
    uint8_t header[40];
    memcpy(header, source.byte, 16);
    memcpy(header + 16, destination.byte, 16);
    wire_put32(header + 32, length);
    wire_put32(header + 36, protocol);

    uint64_t sum = 0, word;
    for (size_t i = 0; i < sizeof header; i += sizeof word) {
        memcpy(&word, header + i, sizeof word);
        sum = sum_plus(sum, word);
    }
    return sum;
}

static uint32_t fold_once(uint32_t sum)
{
    return (sum & 0xffff) + (sum >> 16);
}

uint16_t checksum_fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    uint16_t folded = (uint16_t)fold_once(fold_once((uint32_t)sum));

    uint8_t bytes[2]; /* as they lie in memory is as they go on the wire */
    memcpy(bytes, &folded, 2);
    return wire_get16(bytes);
}

uint16_t checksum_update(uint16_t field, uint16_t old_word, uint16_t new_word)
{
    uint32_t sum = (uint16_t)~field + (uint32_t)(uint16_t)~old_word + new_word;
    return (uint16_t)~fold_once(fold_once(sum));
}
