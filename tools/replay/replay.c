#include "replay/replay.h"

#include "replay/hostile.h"
#include "replay/notation.h"

struct sums {
    unsigned played, exact, unsupported;
    unsigned long allowed, forbidden;
};

static struct notation end_of(const struct conversation *c, enum conversation_side side)
{
    return notation_end(c->host[side].address, c->host[side].port);
}

static void print_report(FILE *out, struct player_report *r, struct sums *sums)
{
    unsigned forbidden = r->differences.forbidden, allowed = r->differences.count - forbidden;
    fprintf(out, "%s, %zu bytes sent, %zu delivered, %s; differences: %u allowed, %u NOT ALLOWED\n",
            forbidden ? "DIFFERENT" : "exact", r->sent, r->delivered, rill_tcp_state_name(r->state),
            allowed, forbidden);
    differences_print(out, &r->differences);
    sums->played++;
    sums->exact += !forbidden;
    sums->allowed += allowed;
    sums->forbidden += forbidden;
}

static void play_conversation(const struct conversation *c, const struct replay_options *o,
                              FILE *out, struct sums *sums)
{
    const char *lacks = conversation_lacks(c);
    struct player_report report;
    struct notation client = end_of(c, CONVERSATION_CLIENT),
                    server = end_of(c, CONVERSATION_SERVER);
    if (lacks) {
        fprintf(out, "%s > %s: unsupported: %s\n", client.text, server.text, lacks);
        sums->unsupported++;
        return;
    }
    for (int side = 0; side < 2; side++) {
        if (!o->side[side])
            continue;
        player_run(c, side, &o->player, &report);
        fprintf(out, "%s > %s, as the %s: ", client.text, server.text,
                side == CONVERSATION_CLIENT ? "client" : "server");
        print_report(out, &report, sums);
        differences_free(&report.differences);
    }
}

static void play_all(const struct conversations *cs, const struct replay_options *o, FILE *out,
                     struct sums *sums)
{
    for (unsigned i = 0; i < cs->count; i++)
        play_conversation(&cs->conversation[i], o, out, sums);
    if (cs->ip6) {
        fprintf(out, "unsupported: IPv6 (%u packets)\n", cs->ip6);
        sums->unsupported++;
    }
    if (!sums->played && !sums->unsupported) {
        fputs("unsupported: no conversation over IPv4 is in it\n", out);
        sums->unsupported++;
    }
}

static void throw_all(const struct recording *r, const struct replay_options *o, FILE *out,
                      struct sums *sums)
{
    struct hostile_report report;
    for (int addressed = 0; addressed < 2; addressed++) {
        struct hostile_options options = {.addressed = addressed, .pcap = o->player.pcap};
        sums->played++;
        sums->exact += hostile_run(r, &options, &report);
        sums->forbidden += report.wrong.forbidden;
        hostile_print(out, &options, &report);
        differences_free(&report.wrong);
    }
}

static enum replay_status status_of(const struct sums *sums, enum recording_status read)
{
    if (sums->forbidden)
        return REPLAY_DIFFERENT;
    if (read == RECORDING_DAMAGED || read == RECORDING_UNREADABLE)
        return REPLAY_UNREADABLE;
    return sums->unsupported || read == RECORDING_FOREIGN ? REPLAY_UNSUPPORTED : REPLAY_EXACT;
}

enum replay_status replay_file(const char *file, const struct replay_options *o, FILE *out)
{
    struct recording recording;
    struct conversations cs;
    struct rill_complaint why;
    struct sums sums = {0};
    enum recording_status read = recording_read(&recording, file, o->filter, &why);
    if (o->hostile) {
        throw_all(&recording, o, out, &sums);
    } else if (read == RECORDING_GOOD || read == RECORDING_DAMAGED) {
        conversations_read(&cs, &recording);
        play_all(&cs, o, out, &sums);
        conversations_free(&cs);
    }
    recording_free(&recording);
    if (read != RECORDING_GOOD)
        fprintf(out, "%s: %s%s\n", file, read == RECORDING_FOREIGN ? "unsupported: " : "",
                why.text);
    fprintf(out,
            "%s: %u played, %u exact, %u unsupported; differences: %lu allowed, "
            "%lu NOT ALLOWED\n",
            file, sums.played, sums.exact, sums.unsupported, sums.allowed, sums.forbidden);
    return status_of(&sums, read);
}
