/* SipHash-c-d ("SipHash: a fast short-input PRF", Aumasson and Bernstein, 2012, section 2) and
 * xoshiro256++. */
#include "base/hash.h"

#include "base/bytes.h"

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline uint64_t load_little_endian(const uint8_t *at)
{
    uint64_t x;
    memcpy(&x, at, sizeof x);
    return le64toh(x);
}

static inline void sip_rounds(uint64_t v[4], unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        v[0] += v[1], v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0], v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1], v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2], v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static inline void sip_compress(uint64_t v[4], uint64_t word, unsigned rounds)
{
    v[3] ^= word;
    sip_rounds(v, rounds);
    v[0] ^= word;
}

/* The last bytes, which do not fill a word, with the length (modulo 256) in the highest byte. */
static inline uint64_t sip_last_word(const uint8_t *at, size_t length)
{
    uint64_t word = (uint64_t)length << 56;
    unsigned i = length & 4; /* four of them at once */
    if (i) {
        uint32_t low;
        memcpy(&low, at, sizeof low);
        word |= le32toh(low);
    }
    for (; i < length % 8; i++)
        word |= (uint64_t)at[i] << 8 * i;
    return word;
}

/* c rounds for each word, d at the end; inlined, so that both are constants in the code. */
static inline uint64_t siphash(const struct hash_key *key, struct rill_span s, unsigned c,
                               unsigned d)
{
    uint64_t v[4] = {
        key->k0 ^ 0x736f6d6570736575, /* "somepseudorandomlygeneratedbytes" */
        key->k1 ^ 0x646f72616e646f6d,
        key->k0 ^ 0x6c7967656e657261,
        key->k1 ^ 0x7465646279746573,
    };
    const uint8_t *tail = s.at + s.length / 8 * 8;
    for (const uint8_t *at = s.at; at < tail; at += 8)
        sip_compress(v, load_little_endian(at), c);
    sip_compress(v, sip_last_word(tail, s.length), c);
    v[2] ^= 0xff;
    sip_rounds(v, d);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t siphash_1_3(const struct hash_key *key, const void *bytes, size_t length)
{
    return siphash(key, span_of(bytes, length), 1, 3);
}

uint64_t siphash_2_4(const struct hash_key *key, const void *bytes, size_t length)
{
    return siphash(key, span_of(bytes, length), 2, 4);
}

/* ------------------------------------------------------------- randomness */

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* splitmix64 never yields four zeros in a row, the one state that xoshiro cannot leave. */
void random_seed(struct random *r, uint64_t seed)
{
    for (unsigned i = 0; i < 4; i++)
        r->s[i] = splitmix64(&seed);
}

uint64_t random_next(struct random *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotate(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

/* Values below 2^64 mod bound are drawn again, because the rest is a whole multiple of bound. Less
 * than two draws on average. */
uint64_t random_below(struct random *r, uint64_t bound)
{
    assert(bound > 0);
    uint64_t surplus = -bound % bound;
    uint64_t x;
    do
        x = random_next(r);
    while (x < surplus);
    return x % bound;
}

struct hash_key random_key(struct random *r)
{
    uint64_t k0 = random_next(r);
    uint64_t k1 = random_next(r);
    return (struct hash_key){k0, k1};
}
