#include "script/parse_sequence.h"

static uint32_t sequence_number(struct parser *p, const char *what)
{
    return (uint32_t)parser_number(p, what, 0, UINT32_MAX);
}

/* start:end(length); end is not taken modulo 2^32 (section 23.18). */
void parse_sequence(struct parser *p, struct script_packet *packet)
{
    if (p->token.kind == TOKEN_ELLIPSIS) {
        parser_take(p);
        packet->seq_any = true;
        if (p->inbound)
            parser_fail(p, "an inbound packet needs its sequence number");
    } else {
        packet->seq = sequence_number(p, "sequence number expected");
        packet->seq_absolute |= parser_skip(p, '!');
        parser_expect(p, ':');
    }
    struct token at = p->token;
    uint32_t end = packet->seq_any ? 0 : sequence_number(p, "end of the sequence expected");
    packet->seq_absolute |= parser_skip(p, '!');
    parser_expect(p, '(');
    packet->length = (uint32_t)parser_number(p, "length of the payload expected", 0, UINT32_MAX);
    parser_expect(p, ')');
    packet->seq_absolute |= parser_skip(p, '!');
    if (!packet->seq_any && (uint64_t)packet->seq + packet->length != end)
        parser_fail_at(p, &at, "the sequence's end must be its start plus its length");
}
