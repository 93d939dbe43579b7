/* TCP options of scripts, encoded in wire format (language page, sections 3.2 and 18). */
#include "script/parse_option.h"

#include "wire/wire.h"

#include <ctype.h>
#include <string.h>

#define OPTION_BYTES_MAX 40

static struct script_option *option_add(struct script_packet *packet, uint8_t kind, uint8_t size)
{
    struct script_option *o = &packet->option[packet->options++];
    o->kind = kind;
    o->size = size;
    return o;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'         ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

/* A blob: a word or an integer as text. Returns its length; `room` is that of the option's data. */
static size_t parse_blob(struct parser *p, uint8_t *out, size_t room)
{
    struct token t = p->token;
    bool text = t.kind == TOKEN_WORD || t.kind == TOKEN_INTEGER || t.kind == TOKEN_HEX;
    const char *digits = t.kind == TOKEN_HEX ? t.text + 2 : t.text;
    size_t count = text ? strlen(digits) : 0;
    bool good = text && count % 2 == 0 && count / 2 <= room;
    for (size_t i = 0; good && i < count; i++) {
        int digit = hex_digit(digits[i]);
        good = digit >= 0;
        if (good)
            out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
    }
    if (!good) {
        parser_fail(p, "an even count of hex digits expected");
        return 0;
    }
    parser_take(p);
    return count / 2;
}

static uint32_t number32(struct parser *p, const char *what)
{
    return (uint32_t)parser_number(p, what, 0, UINT32_MAX);
}

static void parse_sack(struct parser *p, struct script_packet *packet)
{
    struct script_option *o = option_add(packet, OPTION_SACK, 2);
    while (p->token.kind == TOKEN_INTEGER) {
        if (o->size + 8u > OPTION_BYTES_MAX) {
            parser_fail(p, "more than 4 SACK blocks");
            return;
        }
        wire_put32(o->data + o->size - 2, number32(p, "left edge expected"));
        parser_expect(p, ':');
        wire_put32(o->data + o->size + 2, number32(p, "right edge expected"));
        o->size = (uint8_t)(o->size + 8);
    }
}

static void parse_timestamp(struct parser *p, struct script_packet *packet)
{
    struct script_option *o = option_add(packet, OPTION_TIMESTAMP, 10);
    if (!parser_skip_word(p, "val"))
        parser_fail(p, "`val` expected");
    if (p->token.kind == TOKEN_ELLIPSIS) {
        parser_take(p);
        o->value_any = true;
        if (p->inbound)
            parser_fail(p, "an inbound timestamp needs its value");
    } else {
        wire_put32(o->data, number32(p, "timestamp value expected"));
    }
    if (!parser_skip_word(p, "ecr"))
        parser_fail(p, "`ecr` expected");
    wire_put32(o->data + 4, number32(p, "timestamp echo expected"));
    o->echo_absolute = parser_skip(p, '!');
}

/* The cookie is optional: without one the option requests it. */
static void parse_fast_open(struct parser *p, struct script_packet *packet, bool experiment)
{
    struct script_option *o =
        option_add(packet, experiment ? OPTION_EXPERIMENT : OPTION_FAST_OPEN, 2);
    size_t at = 0;
    if (experiment) {
        wire_put16(o->data, 0xf989);
        at = 2;
    }
    if (!token_is(&p->token, ',') && !token_is(&p->token, '>'))
        at += parse_blob(p, o->data + at, sizeof o->data - at);
    o->size = (uint8_t)(2 + at);
}

static void parse_md5(struct parser *p, struct script_packet *packet)
{
    struct script_option *o = option_add(packet, OPTION_MD5, 18);
    o->signature_good = parser_skip_word(p, "valid");
    if (!o->signature_good && parse_blob(p, o->data, 16) != 16)
        parser_fail(p, "an MD5 digest of 16 bytes expected");
}

/* e0b, ceb, e1b in the order of the kind; later ones may be missing (AccECN). */
static void parse_accurate_ecn(struct parser *p, struct script_packet *packet, bool second)
{
    static const char *const names[2][3] = {{"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
    struct script_option *o =
        option_add(packet, second ? OPTION_ACCURATE_ECN_1 : OPTION_ACCURATE_ECN_0, 2);
    for (int i = 0; i < 3 && parser_skip_word(p, names[second][i]); i++) {
        uint32_t value = (uint32_t)parser_number(p, "24-bit counter expected", 0, 0xffffff);
        o->data[o->size - 2] = (uint8_t)(value >> 16);
        wire_put16(o->data + o->size - 1, (uint16_t)value);
        o->size = (uint8_t)(o->size + 3);
    }
}

/* gen-KIND [hex]: any kind; 0 and 1 are one byte. The lexer reads -KIND as a number. */
static void parse_generic(struct parser *p, struct script_packet *packet)
{
    int64_t kind = -parser_number(p, "gen-KIND expected", -255, 0);
    struct script_option *o = option_add(packet, (uint8_t)kind, kind < 2 ? 1 : 2);
    if (kind >= 2 && !token_is(&p->token, ',') && !token_is(&p->token, '>'))
        o->size = (uint8_t)(2 + parse_blob(p, o->data, sizeof o->data));
}

static bool parse_common(struct parser *p, struct script_packet *packet)
{
    if (parser_skip_word(p, "nop"))
        option_add(packet, OPTION_NOP, 1);
    else if (parser_skip_word(p, "eol"))
        option_add(packet, OPTION_EOL, 1);
    else if (parser_skip_word(p, "mss"))
        wire_put16(option_add(packet, OPTION_MSS, 4)->data,
                   (uint16_t)parser_number(p, "MSS of 0 to 65535 expected", 0, 65535));
    else if (parser_skip_word(p, "wscale"))
        option_add(packet, OPTION_WINDOW_SCALE, 3)->data[0] =
            (uint8_t)parser_number(p, "window scale of 0 to 255 expected", 0, 255);
    else if (parser_skip_word(p, "sackOK"))
        option_add(packet, OPTION_SACK_PERMITTED, 2);
    else if (parser_skip_word(p, "sack"))
        parse_sack(p, packet);
    else if (parser_skip_word(p, "TS"))
        parse_timestamp(p, packet);
    else
        return false;
    return true;
}

static void parse_rare(struct parser *p, struct script_packet *packet)
{
    bool ecn_1 = parser_is_word(p, "AccECN1");
    if (parser_skip_word(p, "FO"))
        parse_fast_open(p, packet, false);
    else if (parser_skip_word(p, "FOEXP"))
        parse_fast_open(p, packet, true);
    else if (parser_skip_word(p, "md5"))
        parse_md5(p, packet);
    else if (parser_skip_word(p, "ECN"))
        parse_accurate_ecn(p, packet, parser_is_word(p, "e1b"));
    else if (parser_skip_word(p, "AccECN0") || parser_skip_word(p, "AccECN1"))
        parse_accurate_ecn(p, packet, ecn_1);
    else if (parser_skip_word(p, "gen"))
        parse_generic(p, packet);
    else if (parser_skip_word(p, "exp") && parser_skip(p, '-') && parser_skip_word(p, "FO"))
        parse_fast_open(p, packet, true);
    else
        parser_fail(p, "TCP option expected");
}

/* FreeBSD's <hex>: raw bytes, well-formed or not. Inbound they are copied; outbound they are parsed
 * as options. */
static void parse_raw(struct parser *p, struct script_packet *packet)
{
    struct token blob = p->token;
    uint8_t bytes[OPTION_BYTES_MAX] = {0};
    size_t length = parse_blob(p, bytes, sizeof bytes), size;
    for (size_t at = 0; at < length; at += size) {
        bool single = p->inbound || bytes[at] < OPTION_MSS;
        size = single ? 1 : at + 1 < length ? bytes[at + 1] : 0;
        if (size > length - at || size < (single ? 1 : 2)) {
            parser_fail_at(p, &blob, "options that could be sent expected");
            return;
        }
        struct script_option *o = option_add(packet, bytes[at], (uint8_t)size);
        if (!single)
            memcpy(o->data, bytes + at + 2, size - 2);
    }
}

static bool is_raw(const struct token *t)
{
    size_t digits = strspn(t->text, "0123456789abcdefABCDEF");
    return t->kind == TOKEN_HEX || t->kind == TOKEN_INTEGER ||
           (t->kind == TOKEN_WORD && digits == t->length);
}

static unsigned options_size(const struct script_packet *packet)
{
    unsigned size = 0;
    for (unsigned i = 0; i < packet->options; i++)
        size += packet->option[i].size;
    return size;
}

static void parse_named(struct parser *p, struct script_packet *packet)
{
    do {
        if (packet->options == SCRIPT_OPTIONS_MAX) {
            parser_fail(p, "TCP options of more than 40 bytes");
            return;
        }
        if (!parse_common(p, packet))
            parse_rare(p, packet);
    } while (parser_skip(p, ','));
}

void parse_options(struct parser *p, struct script_packet *packet)
{
    struct token open = parser_take(p);
    if (p->token.kind == TOKEN_ELLIPSIS) {
        struct token any = parser_take(p);
        packet->options_any = true;
        if (p->inbound)
            parser_fail_at(p, &any, "an inbound packet needs its options");
        parser_expect(p, '>');
        return;
    }
    if (is_raw(&p->token))
        parse_raw(p, packet);
    else
        parse_named(p, packet);
    parser_expect(p, '>');
    if (options_size(packet) > OPTION_BYTES_MAX)
        parser_fail_at(p, &open, "TCP options of more than 40 bytes");
    else if (options_size(packet) % 4)
        parser_fail_at(p, &open,
                       "TCP options must add up to a multiple of 4 bytes: add nop or eol");
}
