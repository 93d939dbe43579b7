/* Fuzz target: a capture, whatever is in it, thrown at a stack and played. An input that is a
 * capture file is read as one (tests/fuzz/corpus holds some, and libFuzzer changes them); any other
 * one changes a good recording: each four bytes of it flip a byte of one of its frames. */
#include "../replay/written.h"
#include "recording/grow.h"
#include "replay/exchange.h"
#include "replay/hostile.h"
#include "replay/opening.h"
#include "replay/player.h"
#include "replay/repair.h"

#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_capture(const uint8_t *data, size_t size)
{
    static const uint32_t magic[] = {0xa1b2c3d4, 0xa1b23c4d, 0xd4c3b2a1, 0x4d3cb2a1, 0x0a0d0d0a};
    for (size_t i = 0; size >= 4 && i < sizeof magic / sizeof *magic; i++)
        if (wire_get32(data) == magic[i])
            return true;
    return false;
}

/* libpcap reads files: this one has a name as long as it is open. */
static void read_capture(struct recording *r, const uint8_t *data, size_t size)
{
    char name[64];
    struct rill_diagnostic why;
    FILE *file = tmpfile();
    assert(file);
    fwrite(data, 1, size, file);
    fflush(file);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fileno(file));
    recording_read(r, name, "", &why);
    fclose(file);
}

static void write_good(struct recording *r)
{
    static const struct written rest[] = {
        {CONVERSATION_CLIENT, TCP_ACK | TCP_PSH, 1, 1, "hello", 0},
        {CONVERSATION_SERVER, TCP_ACK | TCP_PSH, 1, 6, "hello, too", 0},
        {CONVERSATION_CLIENT, TCP_ACK | TCP_FIN, 6, 11, NULL, 0},
        {CONVERSATION_SERVER, TCP_ACK | TCP_FIN, 11, 7, NULL, 0},
        {CONVERSATION_CLIENT, TCP_ACK, 7, 12, NULL, 0}};
    *r = (struct recording){0};
    write_handshake(r);
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        write_segment(r, &rest[i]);
}

/* Which frame, where in it, with what; and in the highest bit of the first byte: a sum put right.
 */
static void change(struct recording *r, const uint8_t *data, size_t size)
{
    for (; size >= 4; data += 4, size -= 4) {
        struct recorded *p = &r->packet[data[0] % r->count];
        uint8_t *frame = (uint8_t *)p->frame.at;
        frame[wire_get16(data + 1) % p->frame.length] ^= data[3];
        if (data[0] & 0x80)
            repair_checksums(frame, p->frame.length);
    }
}

static void play(const struct recording *r, bool offload)
{
    const struct player_options quiet = {.offload = offload};
    struct conversations cs;
    struct player_report report;
    conversations_read(&cs, r);
    for (unsigned i = 0; i < cs.count; i++)
        for (int side = 0; side < 2; side++) {
            if (conversation_lacks(&cs.conversation[i], side))
                continue;
            player_run(&cs.conversation[i], side, &quiet, &report);
            differences_free(&report.differences);
        }
    conversations_free(&cs);
}

static void exchange(const struct recording *r, bool offload)
{
    const struct player_options quiet = {.offload = offload};
    struct exchanges xs;
    struct exchange_report report;
    exchanges_read(&xs, r);
    for (unsigned i = 0; i < xs.count; i++)
        for (unsigned side = 0; side < 2; side++) {
            exchange_run(&xs.exchange[i], side, &quiet, &report);
            differences_free(&report.differences);
        }
    exchanges_free(&xs);
}

static void throw(const struct recording *r, bool addressed, bool offload)
{
    struct hostile_report report;
    struct hostile_options options = {.addressed = addressed, .offload = offload};
    bool good = hostile_run(r, &options, &report);
    if (!good)
        hostile_print(stderr, &options, &report);
    assert(good);
    differences_free(&report.wrong);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct recording r;
    if (is_capture(data, size)) {
        read_capture(&r, data, size);
    } else {
        write_good(&r);
        change(&r, data, size);
    }
    throw(&r, false, false);
    throw(&r, true, false);
    throw(&r, true, true);
    repair_cut(&r);
    for (unsigned i = 0; i < r.count; i++)
        repair_superframe(&r.packet[i]);
    openings_insert(&r);
    play(&r, false);
    play(&r, true);
    exchange(&r, false);
    exchange(&r, true);
    recording_free(&r);
    return 0;
}
