#include "replay/notation.h"

#include <stdio.h>

static void write_flags(char out[16], uint16_t flags)
{
    static const struct {
        uint16_t flag;
        char letter;
    } known[] = {{TCP_FIN, 'F'}, {TCP_SYN, 'S'}, {TCP_RST, 'R'}, {TCP_PSH, 'P'},
                 {TCP_ACK, '.'}, {TCP_URG, 'U'}, {TCP_ECE, 'E'}, {TCP_CWR, 'W'}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (flags & known[i].flag)
            *out++ = known[i].letter;
    *out = 0;
}

position spoken_end(const struct spoken *s)
{
    return s->seq + (position)s->length + !!(s->header.flags & TCP_SYN) +
           !!(s->header.flags & TCP_FIN);
}

struct notation notation_segment(const struct spoken *s)
{
    struct notation n;
    char flags[16], acks[32] = "";
    write_flags(flags, s->header.flags);
    if (s->header.flags & TCP_ACK)
        snprintf(acks, sizeof acks, " ack %lld", (long long)s->ack);
    snprintf(n.text, sizeof n.text, "[%s] %lld:%lld%s win %u length %zu", flags, (long long)s->seq,
             (long long)s->seq + (long long)s->length, acks, s->header.window, s->length);
    return n;
}

struct notation notation_address(uint32_t a)
{
    struct notation n;
    snprintf(n.text, sizeof n.text, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
    return n;
}

struct notation notation_end(uint32_t address, uint16_t port)
{
    struct notation n = notation_address(address);
    size_t length = strlen(n.text);
    snprintf(n.text + length, sizeof n.text - length, ":%u", port);
    return n;
}
