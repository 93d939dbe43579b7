/* The state diagram as rill-states draws it, and the file of counts that it reads. */
#include "states/dot.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static struct taken taken;

/* What a file with this text leads to: the number of the line that is wrong. */
static unsigned read_text(const char *lines)
{
    FILE *in = fmemopen((void *)(uintptr_t)lines, strlen(lines), "r");
    taken = (struct taken){{{0}}};
    unsigned wrong = taken_read(&taken, in);
    fclose(in);
    return wrong;
}

static char *text; /* of the picture */
static size_t length;

static char *drawn(const struct taken *t)
{
    FILE *out = open_memstream(&text, &length);
    dot_draw(out, t);
    fclose(out);
    return text;
}

/* The one line of the picture that begins so. */
static const char *line_of(const char *picture, const char *begin)
{
    static char line[1024];
    const char *at = strstr(picture, begin);
    if (!at)
        return "";
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
    return line;
}

static void the_counts_of_several_runs_add_up(void)
{
    CU_ASSERT_EQUAL(read_text("LISTEN SYN_RECEIVED 2\nCLOSED LISTEN 1\nLISTEN SYN_RECEIVED 3\n"),
                    0);
    CU_ASSERT_EQUAL(taken.count[RILL_TCP_LISTEN][RILL_TCP_SYN_RECEIVED], 5);
    CU_ASSERT_EQUAL(taken.count[RILL_TCP_CLOSED][RILL_TCP_LISTEN], 1);
}

static void a_line_that_names_no_transition_is_told(void)
{
    CU_ASSERT_EQUAL(read_text("CLOSED LISTEN 1\nCLOSED TIME_WAIT 1\n"), 2);
    CU_ASSERT_EQUAL(read_text("CLOSED\n"), 1);
    CU_ASSERT_EQUAL(read_text("CLOSED NOWHERE 1\n"), 1);
}

static void a_transition_that_was_taken_is_lit_and_counted(void)
{
    CU_ASSERT_EQUAL(read_text("ESTABLISHED CLOSE_WAIT 1234\n"), 0);
    char *picture = drawn(&taken);
    const char *line = line_of(picture, "ESTABLISHED -> CLOSE_WAIT");
    CU_ASSERT(strstr(line, "\\n1234\"") != NULL);
    CU_ASSERT(strstr(line, "penwidth=2") != NULL);
    line = line_of(picture, "ESTABLISHED -> FIN_WAIT_1");
    CU_ASSERT(strstr(line, "penwidth=1") != NULL);
    free(picture);
}

static void a_transition_that_is_never_taken_says_why(void)
{
    char *picture = drawn(NULL);
    const char *line = line_of(picture, "LISTEN -> SYN_SENT");
    CU_ASSERT(strstr(line, "EPIPE") != NULL);
    CU_ASSERT(strstr(line, "dotted") != NULL);
    CU_ASSERT(strstr(picture, "Grey") == NULL);
    free(picture);
}

static void what_no_run_took_is_listed(void)
{
    FILE *out = open_memstream(&text, &length);
    CU_ASSERT_EQUAL(read_text("CLOSED LISTEN 1\n"), 0);
    CU_ASSERT_EQUAL(taken_dark(&taken, out), 23); /* 26, one taken, two never are */
    fclose(out);
    CU_ASSERT(strstr(text, "ESTABLISHED -> CLOSE_WAIT (rcv FIN)") != NULL);
    CU_ASSERT(strstr(text, "CLOSED -> LISTEN") == NULL);
    CU_ASSERT(strstr(text, "LISTEN -> SYN_SENT") == NULL);
    free(text);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"the counts of several runs add up", the_counts_of_several_runs_add_up},
        {"a line that names no transition is told", a_line_that_names_no_transition_is_told},
        {"a transition that was taken is lit and counted",
         a_transition_that_was_taken_is_lit_and_counted},
        {"a transition that is never taken says why", a_transition_that_is_never_taken_says_why},
        {"what no run took is listed", what_no_run_took_is_listed},
    };
    return UNIT_MAIN("states", tests);
}
