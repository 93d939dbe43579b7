#include "replay/replay.h"

#include "replay/defragment.h"
#include "replay/exchange.h"
#include "replay/hostile.h"
#include "replay/notation.h"
#include "replay/opening.h"
#include "replay/repair.h"

static struct notation end_of(const struct conversation *c, enum conversation_side side)
{
    return notation_end(c->host[side].address, c->host[side].port);
}

static const char *const side_name[] = {"client", "server"};

/* Prints the rest of a conversation's line, then its differences. */
static void print_differences(FILE *out, struct differences *d, struct replay_sums *sums)
{
    unsigned forbidden = d->forbidden, allowed = d->count - forbidden;
    fprintf(out, "; %u differences allowed, %u NOT ALLOWED\n", allowed, forbidden);
    differences_print(out, d);
    differences_free(d);
    sums->played++;
    sums->exact += !forbidden;
    sums->allowed += allowed;
    sums->forbidden += forbidden;
}

static void play_side(const struct conversation *c, enum conversation_side side,
                      const struct replay_options *o, FILE *out, struct replay_sums *sums)
{
    struct player_report r;
    if (o->player.verbose)
        fputs("segment by segment:\n", o->player.verbose);
    bool exact = player_run(c, side, &o->player, &r);
    fprintf(out, "%s > %s, as the %s: %s, %zu bytes sent, %zu delivered, %s",
            end_of(c, CONVERSATION_CLIENT).text, end_of(c, CONVERSATION_SERVER).text,
            side_name[side], exact ? "exact" : "DIFFERENT", r.sent, r.delivered,
            rill_tcp_state_name(r.state));
    sums->joined += r.joined;
    print_differences(out, &r.differences, sums);
}

static void play_exchange(const struct exchange *x, const struct replay_options *o, FILE *out,
                          struct replay_sums *sums)
{
    struct exchange_report r;
    for (unsigned side = 0; side < 2; side++) {
        if (!o->side[side] || !x->spoke[side])
            continue;
        if (o->player.verbose)
            fputs("message by message:\n", o->player.verbose);
        bool exact = exchange_run(x, side, &o->player, &r);
        fprintf(out, "%s, %s, ARP, ICMP and UDP, as %s: %s, %u datagrams sent, %u delivered",
                notation_address(x->address[0]).text, notation_address(x->address[1]).text,
                notation_address(x->address[side]).text, exact ? "exact" : "DIFFERENT", r.sent,
                r.delivered);
        print_differences(out, &r.differences, sums);
    }
}

/* `as`: "", or ", as the " and a side. */
static void print_lack(const struct conversation *c, const char *as, const char *side,
                       const char *lacks, FILE *out, struct replay_sums *sums)
{
    fprintf(out, "%s > %s%s%s: unsupported: %s\n", end_of(c, CONVERSATION_CLIENT).text,
            end_of(c, CONVERSATION_SERVER).text, as, side, lacks);
    sums->unsupported++;
}

static void play_conversation(const struct conversation *c, const struct replay_options *o,
                              FILE *out, struct replay_sums *sums)
{
    const char *lacks[2] = {conversation_lacks(c, CONVERSATION_CLIENT),
                            conversation_lacks(c, CONVERSATION_SERVER)};
    if (lacks[0] && lacks[1] && !strcmp(lacks[0], lacks[1])) {
        print_lack(c, "", "", lacks[0], out, sums);
        return;
    }
    for (int side = 0; side < 2; side++)
        if (o->side[side] && lacks[side])
            print_lack(c, ", as the ", side_name[side], lacks[side], out, sums);
        else if (o->side[side])
            play_side(c, side, o, out, sums);
}

/* Why there is nothing to play. libpcap's primitives do not look behind a VLAN tag by default. */
static const char *nothing(const char *filter)
{
    if (*filter)
        return "the filter lets no conversation pass (to look behind VLAN tags: vlan and ...)";
    return "no conversation is in it";
}

static void play_all(struct recording *r, const struct replay_options *o, FILE *out,
                     struct replay_sums *sums)
{
    struct conversations cs;
    struct exchanges xs;
    unsigned completed = repair_cut(r);
    for (unsigned i = 0; i < r->count; i++) {
        repair_superframe(&r->packet[i]);
        repair_unfinished(&r->packet[i]);
    }
    defragment(r);
    unsigned openings = openings_insert(r);
    conversations_read(&cs, r);
    exchanges_read(&xs, r);
    for (unsigned i = 0; i < xs.count; i++)
        play_exchange(&xs.exchange[i], o, out, sums);
    for (unsigned i = 0; i < cs.count; i++)
        play_conversation(&cs.conversation[i], o, out, sums);
    if (xs.cut) {
        fprintf(out, "unsupported: the snap length of the capture has cut %u packets beside TCP\n",
                xs.cut);
        sums->unsupported++;
    }
    if (cs.ip6 || (!sums->played && !sums->unsupported)) {
        fprintf(out, "unsupported: %s\n", cs.ip6 ? "IPv6" : nothing(o->filter));
        sums->unsupported++;
    }
    if (completed)
        fprintf(out, "completed: %u packets that the snap length has cut, with zeros\n", completed);
    if (openings)
        fprintf(out, "completed: %u conversations without a handshake, with one\n", openings);
    if (cs.wrong)
        fprintf(out, "passed over: %u segments with a wrong checksum\n", cs.wrong);
    if (cs.answers)
        fprintf(out, "passed over: %u SYN-ACKs whose ISN the client has not taken\n", cs.answers);
    if (xs.others)
        fprintf(out, "passed over: %u packets that are no part of a conversation\n", xs.others);
    exchanges_free(&xs);
    conversations_free(&cs);
}

static void throw_all(const struct recording *r, const struct replay_options *o, FILE *out,
                      struct replay_sums *sums)
{
    struct hostile_report report;
    for (int addressed = 0; addressed < 2; addressed++) {
        struct hostile_options options = {
            .addressed = addressed, .offload = o->player.offload, .pcap = o->player.pcap};
        sums->played++;
        sums->exact += hostile_run(r, &options, &report);
        sums->forbidden += report.wrong.forbidden;
        hostile_print(out, &options, &report);
        differences_free(&report.wrong);
    }
}

static enum replay_status status_of(const struct replay_sums *sums, enum recording_status read)
{
    if (sums->forbidden)
        return REPLAY_DIFFERENT;
    if (read == RECORDING_DAMAGED || read == RECORDING_UNREADABLE)
        return REPLAY_UNREADABLE;
    return sums->unsupported || read == RECORDING_FOREIGN ? REPLAY_UNSUPPORTED : REPLAY_EXACT;
}

static void print_sums(FILE *out, const char *file, const struct replay_options *o,
                       const struct replay_sums *sums)
{
    if (o->hostile)
        fprintf(out, "%s: %s\n", file, sums->forbidden ? "NOT survived" : "survived");
    else
        fprintf(out,
                "%s: %u played, %u exact, %u unsupported; %u differences allowed, %u NOT ALLOWED\n",
                file, sums->played, sums->exact, sums->unsupported, sums->allowed, sums->forbidden);
}

enum replay_status replay_file(const char *file, const struct replay_options *o, FILE *out,
                               struct replay_sums *sums)
{
    struct recording recording;
    struct rill_diagnostic why;
    enum recording_status read = recording_read(&recording, file, o->filter, &why);
    bool any = read == RECORDING_GOOD || recording.count;
    *sums = (struct replay_sums){0};
    if (any && o->hostile)
        throw_all(&recording, o, out, sums);
    else if (any)
        play_all(&recording, o, out, sums);
    recording_free(&recording);
    if (read != RECORDING_GOOD)
        fprintf(o->complaints ? o->complaints : out, "%s: %s%s\n", file,
                read == RECORDING_FOREIGN ? "unsupported: " : "", why.text);
    if (any)
        print_sums(out, file, o, sums);
    return status_of(sums, read);
}
