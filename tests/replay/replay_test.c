/* Recorded conversations, played with rill once as the client and once as the server: both streams
 * come out byte for byte, the connection ends as it did, and no segment of rill is wrong. Where
 * the captures come from, and under which licence: captures/MANIFEST.tsv. */
#include "../unit/unit.h"
#include "replay/player.h"

#include <stdio.h>

enum { CLIENT = 1, SERVER = 2, BOTH = 3 };

struct recording_case {
    const char *file;
    unsigned conversations; /* complete ones */
    unsigned sides;
};

static void play(const char *file, unsigned number, const struct conversation *c,
                 enum conversation_side side)
{
    static const struct player_options quiet = {0};
    struct player_report report;
    if (!player_run(c, side, &quiet, &report)) {
        printf("%s, conversation %u, as the %s:\n", file, number,
               side == CONVERSATION_CLIENT ? "client" : "server");
        differences_print(stdout, &report.differences);
        CU_FAIL("not as recorded");
    }
    differences_free(&report.differences);
}

static void play_recording(const struct recording_case *r)
{
    char name[160];
    struct recording recording;
    struct conversations cs;
    struct rill_complaint why;
    unsigned complete = 0;
    snprintf(name, sizeof name, "tests/replay/captures/%s.pcap", r->file);
    CU_ASSERT_EQUAL_FATAL(recording_read(&recording, name, "", &why), RECORDING_GOOD);
    conversations_read(&cs, &recording);
    for (unsigned i = 0; i < cs.count; i++) {
        if (conversation_lacks(&cs.conversation[i]))
            continue;
        complete++;
        for (int side = 0; side < 2; side++)
            if (r->sides & (CLIENT << side))
                play(r->file, i, &cs.conversation[i], side);
    }
    if (complete != r->conversations)
        printf("%s: %u conversations\n", r->file, complete);
    CU_ASSERT_EQUAL(complete, r->conversations);
    conversations_free(&cs);
    recording_free(&recording);
}

#define PLAY(...) \
    static const struct recording_case recordings[] = {__VA_ARGS__}; \
    for (size_t i = 0; i < sizeof recordings / sizeof *recordings; i++) \
    play_recording(&recordings[i])

static void clean_transfers(void)
{
    PLAY({"gen--s01-clean-reqresp_c", 1, BOTH}, {"gen--s15-no-options_c", 1, BOTH},
         {"gen--s19-window-over-64k_c", 1, BOTH}, {"gen--s13-ecn-ce_c", 1, BOTH},
         {"conv--trex-core--tcp2_http_simple_c", 1, BOTH},
         {"conv--trex-core--tcp2_http_simple_mss_c", 1, BOTH});
}

/* In the TLS capture the client's second FIN is all that acknowledges the server's: old text, whose
 * ACK is not looked at (RFC 9293 3.10.7.4), so that the server ends in LAST_ACK. */
static void real_sessions(void)
{
    PLAY({"conv--zeek--auth", 13, BOTH}, {"icmp--zeek--smtp", 3, BOTH},
         {"conv--zeek--tls-1.2-stream-keylog", 1, BOTH},
         {"keep--suricata-verify--bug-8333-geoip", 1, BOTH},
         {"urg--suricata-verify--telnet", 1, BOTH});
}

static void losses(void)
{
    PLAY({"gen--s02-upload-sack-loss_c", 1, BOTH}, {"gen--s02-upload-sack-loss_s", 1, BOTH},
         {"gen--s03-download-sack-loss_c", 1, BOTH}, {"gen--s04-reorder-dup_c", 1, BOTH},
         {"gen--s14-pmtu-fragneeded_s", 1, BOTH},
         {"loss--suricata-verify--suricata-update-pdf", 1, BOTH},
         {"loss--trex-core--tcp2_http_drop_c", 1, BOTH},
         {"loss--trex-core--tcp2_http_drop_s", 1, BOTH});
}

static void windows_keepalives_and_urgent_data(void)
{
    PLAY({"gen--s05-zero-window_c", 1, BOTH}, {"gen--s05-zero-window_s", 1, BOTH},
         {"gen--s06-keepalive_c", 1, BOTH}, {"gen--s10-urgent_c", 1, BOTH});
}

/* In one the SYN-ACK was recorded before its SYN. The last of the synthetic ones acknowledges a
 * byte that the server never sent: it is not taken. */
static void unusual_openings_and_endings(void)
{
    PLAY({"gen--s07-simultaneous-open_c", 1, BOTH}, {"state--zeek--handshake-reorder", 1, BOTH},
         {"gen--s08-simultaneous-close_c", 1, BOTH},
         {"gen--s09-half-close-server-first_c", 1, BOTH}, {"gen--s11-abort-linger0_c", 1, BOTH},
         {"gen--s17-halfopen-challenge-ack_s", 2, BOTH}, {"gen--s18-timewait-reuse_s", 3, BOTH},
         {"state--arkime--tcp-reassembly-synthetic", 10, BOTH});
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"clean transfers are repeated byte for byte", clean_transfers},
        {"sessions from the Internet are repeated byte for byte", real_sessions},
        {"losses and reordering are repaired as recorded", losses},
        {"closed windows, keep-alives and urgent data do no harm",
         windows_keepalives_and_urgent_data},
        {"connections open and end in the states that the captures imply",
         unusual_openings_and_endings},
    };
    return UNIT_MAIN("replay", tests);
}
