/* The Internet checksum (RFC 1071): see checksum.h.
 *
 * A running sum is a 64-bit one's complement sum (the carry out of the top comes back in at the
 * bottom) of words as they lie in memory. 2^16 = 1 modulo 2^16 - 1, so a word of any size may be
 * added at any even offset (RFC 1071 2 (C)), and in either byte order (2 (B)): only checksum_fold
 * brings the bytes into the order of the wire. */
#include "wire/checksum.h"

#include "wire/wire.h"

#include <stdbool.h>

/* Four 64-bit lanes; the compiler makes one AVX2 register or two SSE2 registers of them. */
typedef uint64_t lanes __attribute__((vector_size(32)));

#define ROUND (4 * sizeof(lanes)) /* bytes */
#define WORDS_MAX 256 /* bytes: shorter spans are not worth the final sum of four lanes */

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
    bool carry = __builtin_add_overflow(sum, word, &sum);
    return sum + carry; /* end-around */
}

/* Adds the four lanes. `whole` may have lost carries, `upper` has not; `whole` minus `upper` is the
 * sum of the lower halves. None of these sums overflows within 2^29 words. */
ALWAYS_INLINE uint64_t sum_lanes(const lanes *whole, const lanes *upper)
{
    lanes halves = *whole - (*upper << 32) + *upper;
    return halves[0] + halves[1] + halves[2] + halves[3];
}

/* Sums whole rounds, and copies them if `to` is not NULL. */
ALWAYS_INLINE uint64_t sum_rounds(uint8_t *to, const uint8_t *at, size_t length)
{
    lanes whole = {0}, upper = {0};
    for (size_t i = 0; i < length; i += ROUND) {
        for (size_t j = i; j < i + ROUND; j += sizeof(lanes)) {
            lanes words;
            memcpy(&words, at + j, sizeof words);
            if (to)
                memcpy(to + j, &words, sizeof words);
            whole += words;
            upper += words >> 32;
        }
    }
    return sum_lanes(&whole, &upper);
}

ALWAYS_INLINE uint64_t sum_word(uint64_t sum, const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return sum_plus(sum, word);
}

/* Sums a few bytes, word by word. An odd last byte is the first of a pair with 0. */
ALWAYS_INLINE uint64_t sum_words(uint64_t sum, const uint8_t *at, size_t length)
{
    for (; length >= 32; at += 32, length -= 32)
        for (size_t i = 0; i < 32; i += 8)
            sum = sum_word(sum, at + i);
    for (; length >= 8; at += 8, length -= 8)
        sum = sum_word(sum, at);
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

/* The only function that reads the bytes. It is inlined twice: without a copy (`to` NULL) and with
 * one. */
ALWAYS_INLINE uint64_t sum_bytes(uint64_t sum, uint8_t *to, struct rill_span in)
{
    if (in.length == 0) /* `in.at` may be NULL then */
        return sum;
    size_t rounds = in.length < WORDS_MAX ? 0 : in.length - in.length % ROUND;
    if (rounds > 0)
        sum = sum_plus(sum, sum_rounds(to, in.at, rounds));
    struct rill_span rest = span_skip(in, rounds);
    if (to)
        memcpy(to + rounds, rest.at, rest.length);
    return sum_words(sum, rest.at, rest.length);
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
    bool odd = false; /* an odd number of bytes so far: the next span has its byte pairs swapped */
    for (unsigned i = 0; i < n; i++) {
        uint64_t part = checksum_add(0, span[i]);
        if (odd)
            part = checksum_swap(part);
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

/* Adds the sum and itself with exchanged halves: the upper half is then the sum of both halves with
 * its end-around carry. */
uint16_t checksum_fold(uint64_t sum)
{
    uint32_t half = (uint32_t)((sum + (sum << 32 | sum >> 32)) >> 32);
    uint16_t folded = (uint16_t)((half + (half << 16 | half >> 16)) >> 16);

    uint8_t bytes[2]; /* memory order is wire order */
    memcpy(bytes, &folded, 2);
    return wire_get16(bytes);
}

uint16_t checksum_update(uint16_t field, uint16_t old_word, uint16_t new_word)
{
    uint32_t sum = (uint16_t)~field + (uint32_t)(uint16_t)~old_word + new_word;
    return (uint16_t)~fold_once(fold_once(sum));
}
