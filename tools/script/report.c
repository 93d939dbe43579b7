#include "script/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void totals_add(struct totals *t, const struct outcome *o)
{
    unsigned *counts[] = {&t->passed, &t->failed, &t->parse_errors, &t->unsupported, &t->skipped};
    ++*counts[o->verdict];
    for (int from = 0; from < RILL_TCP_STATE_COUNT; from++)
        for (int to = 0; to < RILL_TCP_STATE_COUNT; to++)
            t->transition[from][to] += o->transition[from][to];
}

int totals_status(const struct totals *t)
{
    if (t->failed)
        return 1;
    if (t->parse_errors)
        return 2;
    return t->unsupported ? 3 : 0;
}

/* In the counts an unreadable script is a failed one. */
void report_totals(FILE *out, const struct totals *t)
{
    if (t->unsupported)
        fprintf(out, "%u of them unsupported\n", t->unsupported);
    fprintf(out, "script: %u passed, %u failed, %u skipped\n", t->passed,
            t->failed + t->parse_errors, t->unsupported + t->skipped);
}

void report_states(FILE *out, const struct totals *t)
{
    unsigned count;
    const struct rill_tcp_transition *a = rill_tcp_transitions(&count);
    for (unsigned i = 0; i < count; i++)
        if (t->transition[a[i].from][a[i].to])
            fprintf(out, "%s %s %" PRIu64 "\n", rill_tcp_state_name(a[i].from),
                    rill_tcp_state_name(a[i].to), t->transition[a[i].from][a[i].to]);
}

/* ---------------------------------------------------------------- for people */

static void place_print(FILE *out, const struct outcome *o)
{
    fputs(o->file, out);
    if (o->line)
        fprintf(out, ":%d", o->line);
    if (o->column)
        fprintf(out, ":%d", o->column);
}

/* The events that ran, numbered, then the failure. */
static void steps_print(FILE *out, const struct outcome *o, const char *indent)
{
    unsigned number = 0;
    for (const struct outcome_step *s = o->first; s; s = s->next)
        fprintf(out, "%s%3u  %10.6f  line %-4d %s\n", indent, ++number, (double)s->when / 1e6,
                s->line, s->source);
}

static void indented_print(FILE *out, const char *text, const char *indent)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        fprintf(out, "%s%.*s\n", indent, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void failure_print(FILE *out, const struct outcome *o)
{
    fputs("FAIL ", out);
    fputs(o->file, out);
    fputc('\n', out);
    steps_print(out, o, "    ");
    fputs("  ", out);
    place_print(out, o);
    fputs(": ", out);
    fprintf(out, "%.*s\n", (int)strcspn(o->text, "\n"), o->text);
    const char *rest = o->text + strcspn(o->text, "\n");
    indented_print(out, rest + (*rest == '\n'), "  ");
}

void report_outcome(FILE *out, const struct outcome *o, bool quiet)
{
    switch (o->verdict) {
    case VERDICT_PASS:
        if (!quiet)
            fprintf(out, "ok   %s%s\n", o->file, o->relaxed ? " (relaxed)" : "");
        break;
    case VERDICT_FAIL:
        failure_print(out, o);
        break;
    case VERDICT_PARSE:
        fputs("FAIL ", out);
        place_print(out, o);
        fprintf(out, ": %s\n", o->text);
        break;
    case VERDICT_UNSUPPORTED:
        fputs("SKIP ", out);
        place_print(out, o);
        fprintf(out, ": unsupported: %s\n", o->text);
        break;
    case VERDICT_SKIPPED:
        fprintf(out, "SKIP %s: %s\n", o->file, o->text);
        break;
    }
    if (o->warnings)
        indented_print(out, o->warnings, "    not fatal: ");
}

/* -------------------------------------------------------------- for programs */

void report_tap_plan(FILE *out, unsigned scripts)
{
    fprintf(out, "TAP version 13\n1..%u\n", scripts);
}

/* A # would begin a directive, and a newline a new line. */
static void tap_print(FILE *out, const char *text)
{
    for (; *text && *text != '\n'; text++) {
        if (*text == '#' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
}

void report_tap(FILE *out, const struct outcome *o, unsigned number)
{
    bool skip = o->verdict == VERDICT_UNSUPPORTED || o->verdict == VERDICT_SKIPPED;
    bool good = o->verdict == VERDICT_PASS || skip;
    fprintf(out, "%sok %u - ", good ? "" : "not ", number);
    tap_print(out, o->file);
    if (o->verdict == VERDICT_PASS && o->relaxed)
        fputs(" (relaxed)", out);
    if (skip) {
        fputs(" # SKIP ", out);
        tap_print(out, o->text);
    }
    fputc('\n', out);
    if (good)
        return;
    if (o->line) /* an unreadable file has none */
        fprintf(out, "# line %d:\n", o->line);
    indented_print(out, o->text, "# ");
}

/* A script's text may contain any character; XML 1.0 may not. */
static void xml_print(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '&')
            fputs("&amp;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if ((c < ' ' && c != '\n' && c != '\t') || c > '~')
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
}

void junit_begin(struct junit *j)
{
    *j = (struct junit){.lasted = 0};
    j->cases = open_memstream(&j->text, &j->length);
    if (!j->cases)
        abort();
}

/* The first line is the message; the element's text is all of it, after the steps that ran. */
static void junit_reason(FILE *out, const struct outcome *o)
{
    static const char *const element[] = {NULL, "failure", "error", "skipped", "skipped"};
    char *steps;
    size_t length;
    FILE *list = open_memstream(&steps, &length);
    if (!list)
        abort();
    steps_print(list, o, "");
    fclose(list);
    fprintf(out, ">\n    <%s message=\"line %d: ", element[o->verdict], o->line);
    xml_print(out, o->text, strcspn(o->text, "\n"));
    fputs("\">", out);
    xml_print(out, steps, length);
    xml_print(out, o->text, strlen(o->text));
    fprintf(out, "</%s>\n  </testcase>\n", element[o->verdict]);
    free(steps);
}

void junit_add(struct junit *j, const struct outcome *o)
{
    FILE *out = j->cases;
    totals_add(&j->totals, o);
    j->lasted += o->lasted;
    fputs("  <testcase classname=\"script\" name=\"", out);
    xml_print(out, o->file, strlen(o->file));
    fprintf(out, "\" time=\"%.6f\"", (double)o->lasted / 1e6);
    if (o->verdict != VERDICT_PASS)
        junit_reason(out, o);
    else
        fputs(o->relaxed ? ">\n    <system-out>relaxed</system-out>\n  </testcase>\n" : "/>\n",
              out);
}

void junit_end(struct junit *j, FILE *out)
{
    const struct totals *t = &j->totals;
    unsigned skipped = t->unsupported + t->skipped;
    fclose(j->cases);
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"rill-script\" tests=\"%u\" failures=\"%u\" errors=\"%u\" "
            "skipped=\"%u\" time=\"%.6f\">\n%s</testsuite>\n",
            t->passed + t->failed + t->parse_errors + skipped, t->failed, t->parse_errors, skipped,
            (double)j->lasted / 1e6, j->text);
    free(j->text);
}
