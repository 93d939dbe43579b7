/* A script is untrusted text: whatever it holds, the runner ends, with a verdict and, where that is
 * not a pass, with a reason. Nothing of it is executed (--no_python), and the stack has so many
 * turns. */
#include "script/file.h"
#include "script/report.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void report(const struct outcome *o)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert(out);
    report_outcome(out, o, false);
    report_tap(out, o, 1);
    struct junit junit;
    junit_begin(&junit);
    junit_add(&junit, o);
    junit_end(&junit, out);
    fclose(out);
    assert(length > 0);
    free(text);
}

static void run(const uint8_t *data, size_t size, const struct command_line *line)
{
    struct arena arena = {0};
    struct outcome o;
    struct script_source source = {
        .name = "fuzz.pkt", .text = arena_copy(&arena, (const char *)data, size), .length = size};
    script_run(&o, &arena, &source, line);
    assert(o.verdict <= VERDICT_SKIPPED);
    assert(o.verdict == VERDICT_PASS || (o.text && *o.text));
    report(&o);
    arena_end(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *options[] = {"--turns=2", "--no_python", "--verbose=0", "--freebsd", "--strict"};
    static const struct command_line plain = {.option = options, .options = 3};
    static const struct command_line other = {.option = options, .options = 5};
    run(data, size, &plain);
    run(data, size, &other);
    return 0;
}
