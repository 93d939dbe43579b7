/* ICMP messages (language page, sections 3.2, 12 and 23.14). */
#include "script/parse_icmp.h"
#include "script/icmp_names.h"

#include "script/parse_sequence.h"

#include <string.h>

/* [ SEQ ], [ udp ( N ) ] or [ raw ( N ) ] */
static void parse_echo(struct parser *p, struct script_packet *packet)
{
    struct script_echo *echo = &packet->echo;
    echo->written = true;
    if (parser_is_word(p, "udp") || parser_is_word(p, "raw")) {
        echo->raw = parser_is_word(p, "raw");
        echo->protocol = SCRIPT_UDP;
        parser_take(p);
        parser_expect(p, '(');
        echo->length = (uint32_t)parser_number(p, "length expected", 0, 65507);
        parser_expect(p, ')');
    } else {
        struct script_packet quoted = {0};
        parse_sequence(p, &quoted);
        echo->seq = quoted.seq;
        echo->length = quoted.length;
    }
    parser_expect(p, ']');
}

static bool mtu_allowed(const struct parser *p, const struct script_packet *packet)
{
    return p->ip6 ? packet->type == 2 : packet->type == 3 && packet->code == 4;
}

static void parse_type(struct parser *p, struct script_packet *packet)
{
    int type = p->token.kind == TOKEN_WORD ? icmp_type_number(p->ip6, p->token.text) : -1;
    if (type < 0) {
        parser_fail(p, "ICMP type expected");
        return;
    }
    packet->type = (uint8_t)type;
    parser_take(p);
    if (p->token.kind != TOKEN_WORD || parser_is_word(p, "mtu") || parser_is_word(p, "id"))
        return;
    int code = icmp_code_number(p->ip6, type, p->token.text);
    if (code < 0) {
        parser_fail(p, "ICMP code expected");
        return;
    }
    packet->code = (uint8_t)code;
    parser_take(p);
}

void parse_icmp(struct parser *p, struct script_packet *packet)
{
    packet->protocol = SCRIPT_ICMP;
    parse_type(p, packet);
    if (parser_skip_word(p, "mtu")) {
        if (!mtu_allowed(p, packet))
            parser_fail(p, "an MTU goes with frag_needed only");
        packet->has_mtu = true;
        packet->mtu = (uint16_t)parser_number(p, "MTU of 0 to 65535 expected", 0, 65535);
    }
    if (parser_skip_word(p, "id")) {
        packet->has_id = true;
        packet->id = (uint16_t)parser_number(p, "id of 0 to 65535 expected", 0, 65535);
    }
    if (parser_skip(p, '['))
        parse_echo(p, packet);
}
