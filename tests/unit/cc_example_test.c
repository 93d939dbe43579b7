/* The plug-in that docs/congestion.md shows works, and is the one that it shows. */
#include "tcp/cc.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

#define MSS 1000

extern const struct cc_ops cc_westwood;

static struct cc_window w;
static struct cc_state state;

static void acked(uint64_t bandwidth, bool app_limited)
{
    struct ack_sample ack = {
        .delivered = MSS,
        .min_rtt = RILL_MILLISECONDS(100),
        .rate = {.interval = 1, .bandwidth = bandwidth, .app_limited = app_limited},
        .window_limited = true};
    cc_westwood.acked(&w, &state, &ack, MSS);
}

static void begin(void)
{
    w = (struct cc_window){100 * MSS, CC_NO_THRESHOLD};
    cc_westwood.start(&w, &state, &(struct ack_sample){0}, MSS);
}

static void loss_leaves_what_the_path_holds(void)
{
    begin();
    acked(600000, false);
    CU_ASSERT_EQUAL(w.cwnd, 101 * MSS);
    acked(100, true);
    cc_westwood.congested(&w, &state, &(struct ack_sample){.lost = MSS}, MSS);
    CU_ASSERT_EQUAL(w.ssthresh, 60 * MSS);
    for (int i = 0; i < 100; i++)
        acked(10000, false);
    cc_westwood.timed_out(&w, &state, &(struct ack_sample){0}, MSS);
    CU_ASSERT_EQUAL(w.ssthresh, 2 * MSS);
    CU_ASSERT_EQUAL(w.cwnd, MSS);
}

static void a_loss_that_no_queue_caused_costs_nothing(void)
{
    begin();
    acked(2000000, false);
    cc_westwood.congested(&w, &state, &(struct ack_sample){.lost = MSS}, MSS);
    CU_ASSERT_EQUAL(w.ssthresh, w.cwnd);
}

static size_t read_file(const char *name, char *into, size_t room)
{
    FILE *f = fopen(name, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    size_t length = fread(into, 1, room - 1, f);
    fclose(f);
    into[length] = '\0';
    return length;
}

static void the_page_shows_this_file_and_all_of_it(void)
{
    static char page[1 << 16], file[1 << 14], block[(1 << 14) + 16];
    CU_ASSERT(read_file("docs/congestion.md", page, sizeof page) < sizeof page - 1);
    CU_ASSERT(read_file("tests/unit/cc_example.c", file, sizeof file) < sizeof file - 1);
    snprintf(block, sizeof block, "```c\n%s```\n", file);
    CU_ASSERT_PTR_NOT_NULL(strstr(page, block));
}

/* Each plug-in has its line on the page. */
static void the_page_names_every_plug_in(void)
{
    static char page[1 << 16];
    read_file("docs/congestion.md", page, sizeof page);
    for (unsigned i = 0; i < cc_count(); i++) {
        char name[32];
        snprintf(name, sizeof name, "\n| %s |", cc_at(i)->name);
        CU_ASSERT_PTR_NOT_NULL(strstr(page, name));
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"loss leaves what the path holds", loss_leaves_what_the_path_holds},
        {"a loss that no queue caused costs nothing", a_loss_that_no_queue_caused_costs_nothing},
        {"the page shows this file, and all of it", the_page_shows_this_file_and_all_of_it},
        {"the page names every plug-in", the_page_names_every_plug_in},
    };
    return UNIT_MAIN("cc_example", tests);
}
