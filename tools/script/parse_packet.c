/* Packets without their TCP options and ICMP (language page, sections 3.2, 3.3, 7 and 18). */
#include "script/parse_packet.h"

#include "script/parse_icmp.h"
#include "script/parse_option.h"
#include "script/parse_sequence.h"

#include "wire/tcp_header.h"

#include <ctype.h>
#include <string.h>

/* ----------------------------------------------------------- IP information */

static bool parse_ecn(struct parser *p, struct script_packet *packet)
{
    static const char *const names[] = {"noecn", "ect1", "ect0", "ce", "ect01"};
    for (int i = ECN_NONE; i <= ECN_ECT01; i++)
        if (parser_skip_word(p, names[i])) {
            packet->ip.ecn = (enum script_ecn)i;
            if (i == ECN_ECT01 && p->inbound)
                parser_fail(p, "ect01 is for outbound packets");
            return true;
        }
    return false;
}

/* Some numbers must be written with 0x (section 23.18). */
static int64_t parse_hex(struct parser *p, const char *what, int64_t most)
{
    if (p->token.kind != TOKEN_HEX)
        parser_fail(p, what);
    return parser_number(p, what, 0, most);
}

static void parse_ip_word(struct parser *p, struct script_packet *packet)
{
    if (parse_ecn(p, packet))
        return;
    if (parser_skip_word(p, "tos") || parser_skip_word(p, "class")) {
        packet->ip.tos_bits = SCRIPT_TOS;
        packet->ip.tos = (uint8_t)parse_hex(p, "tos in the form 0xNN expected", 255);
    } else if (parser_skip_word(p, "dscp")) {
        packet->ip.tos_bits = SCRIPT_DSCP;
        packet->ip.tos = (uint8_t)(parse_hex(p, "dscp in the form 0xNN expected", 63) << 2);
    } else if (parser_skip_word(p, "ttl") || parser_skip_word(p, "hlim")) {
        packet->ip.has_ttl = true;
        packet->ip.ttl = (uint8_t)parser_number(p, "ttl of 0 to 255 expected", 0, 255);
    } else if (parser_skip_word(p, "flowlabel")) {
        packet->ip.has_label = true;
        packet->ip.label =
            (uint32_t)parse_hex(p, "flow label in the form 0xNNNNN expected", 0xfffff);
    } else {
        parser_fail(p, "ECN word, tos, dscp, ttl or flowlabel expected");
    }
}

static void parse_ip_info(struct parser *p, struct script_packet *packet)
{
    char close = token_is(&p->token, '(') ? ')' : token_is(&p->token, '[') ? ']' : 0;
    packet->ip.ecn = ECN_UNSAID;
    if (!close)
        return;
    parser_take(p);
    do
        parse_ip_word(p, packet);
    while (parser_skip(p, ','));
    parser_expect(p, close);
}

/* -------------------------------------------------------------------- flags */

static uint16_t ace_bits(unsigned number)
{
    return (uint16_t)((number & 4 ? TCP_AE : 0) | (number & 2 ? TCP_CWR : 0) |
                      (number & 1 ? TCP_ECE : 0));
}

static uint16_t flag_bit(char c)
{
    static const char names[] = "FSRPUEWA";
    static const uint16_t bits[] = {TCP_FIN, TCP_SYN, TCP_RST, TCP_PSH,
                                    TCP_URG, TCP_ECE, TCP_CWR, TCP_AE};
    const char *found = strchr(names, c);
    return found ? bits[found - names] : 0;
}

/* E, W and A name the bits whose number is the digit: not both are allowed (section 3.3). */
static void parse_flag_word(struct parser *p, struct script_packet *packet,
                            const struct token *word)
{
    const uint16_t ecn = TCP_ECE | TCP_CWR | TCP_AE;
    bool digit = false;
    for (size_t i = 0; i < word->length; i++) {
        char c = word->text[i];
        uint16_t bit = flag_bit(c);
        bool number = c >= '0' && c <= '7';
        if ((!bit && !number) || (packet->flags & bit) || (number && digit) ||
            (number && packet->flags & ecn) || (bit & ecn && digit)) {
            parser_fail_at(p, word, "TCP flags expected");
            return;
        }
        digit |= number;
        packet->flags |= number ? ace_bits((unsigned)(c - '0')) : bit;
        packet->ace |= number && c != '0';
    }
}

/* `.5`: ACK and ACE=5; the lexer has returned it as a fraction. */
static void parse_ack_with_ace(struct parser *p, struct script_packet *packet)
{
    struct token t = parser_take(p);
    packet->flags |= TCP_ACK;
    if (t.length != 2 || t.text[0] != '.' || t.text[1] > '7' || packet->ace)
        parser_fail_at(p, &t, "TCP flags expected");
    packet->flags |= ace_bits((unsigned)(t.text[1] - '0'));
    packet->ace = t.text[1] != '0';
}

/* The `.` was taken; it comes last. */
static void parse_ack(struct parser *p, struct script_packet *packet, const struct token *before)
{
    packet->flags |= TCP_ACK;
    if (before->kind != TOKEN_WORD && p->token.kind == TOKEN_WORD &&
        token_touches(before, &p->token))
        parser_fail(p, "TCP flags stand before the `.`, as in `P.`");
}

static void parse_flags(struct parser *p, struct script_packet *packet)
{
    struct token before = p->token;
    bool word = before.kind == TOKEN_WORD;
    if (parser_skip(p, '-'))
        return;
    if (word)
        parse_flag_word(p, packet, &before);
    if (word)
        parser_take(p);
    bool joined = !word || token_touches(&before, &p->token);
    if (joined && p->token.kind == TOKEN_FLOAT)
        parse_ack_with_ace(p, packet);
    else if (joined && parser_skip(p, '.'))
        parse_ack(p, packet, &before);
    else if (!word)
        parser_fail(p, "TCP flags expected");
}

/* ---------------------------------------------------------------------- TCP */

static void parse_tcp_numbers(struct parser *p, struct script_packet *packet)
{
    if (parser_skip_word(p, "ack")) {
        packet->ack = (uint32_t)parser_number(p, "acknowledgement number expected", 0, UINT32_MAX);
        parser_skip(p, '!');
    }
    if (parser_skip_word(p, "win")) {
        packet->has_window = true;
        packet->window = (uint16_t)parser_number(p, "window of 0 to 65535 expected", 0, 65535);
    } else if (p->inbound) {
        parser_fail(p, "an inbound TCP packet needs `win`");
    }
    if (parser_skip_word(p, "urg"))
        packet->urgent =
            (uint16_t)parser_number(p, "urgent pointer of 0 to 65535 expected", 0, 65535);
}

static void parse_tcp(struct parser *p, struct script_packet *packet)
{
    packet->protocol = SCRIPT_TCP;
    parse_flags(p, packet);
    parse_sequence(p, packet);
    parse_tcp_numbers(p, packet);
    if (token_is(&p->token, '<'))
        parse_options(p, packet);
    if (token_is(&p->token, '/'))
        parser_refuse(p, "TCP over UDP");
}

/* ------------------------------------------------------------------ packets */

static void parse_ports(struct parser *p, struct script_packet *packet)
{
    if (p->token.kind != TOKEN_INTEGER)
        return;
    packet->has_ports = true;
    packet->source = (uint16_t)parser_number(p, "port of 0 to 65535 expected", 0, 65535);
    parser_expect(p, '>');
    packet->destination = (uint16_t)parser_number(p, "port of 0 to 65535 expected", 0, 65535);
}

static void parse_udp(struct parser *p, struct script_packet *packet)
{
    packet->protocol = SCRIPT_UDP;
    parse_ports(p, packet);
    parser_expect(p, '(');
    packet->length = (uint32_t)parser_number(p, "length of the payload expected", 0, 65507);
    parser_expect(p, ')');
}

struct script_packet *parse_packet(struct parser *p, bool inbound)
{
    struct script_packet *packet = arena_get(p->lexer->arena, sizeof *packet);
    p->inbound = inbound;
    parse_ip_info(p, packet);
    if (parser_is_word(p, "ipv4") || parser_is_word(p, "ipv6") || parser_is_word(p, "gre") ||
        parser_is_word(p, "mpls")) {
        parser_refuse(p, "encapsulated packets");
    } else if (parser_skip_word(p, "icmp")) {
        parse_icmp(p, packet);
    } else if (parser_skip_word(p, "udp")) {
        parse_udp(p, packet);
    } else {
        parse_ports(p, packet);
        parse_tcp(p, packet);
    }
    return packet;
}
