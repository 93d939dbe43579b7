#include "script/file.h"

#include "script/lacks.h"
#include "script/play.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (16 << 20) /* bytes; a longer one is refused, because a part of it might pass */

static void conclude(struct outcome *o, enum verdict verdict, int line, const char *text)
{
    o->verdict = verdict;
    o->line = line;
    o->text = text;
}

static void conclude_error(struct outcome *o, struct arena *a, const struct script_error *e)
{
    conclude(o, e->unsupported ? VERDICT_UNSUPPORTED : VERDICT_PARSE, e->line,
             arena_copy_printable(a, e->text, strlen(e->text)));
    o->column = e->column;
}

/* A name may contain terminal control characters and line ends; a report prints it on one line. */
static const char *name_told(struct arena *a, const char *name)
{
    char *printable = arena_copy_printable(a, name, strlen(name));
    for (char *at = printable; (at = strpbrk(at, "\n\t")) != NULL;)
        *at = '?';
    return printable;
}

/* Reads the options at the script's top. False: the script cannot be run. */
static bool read_options(struct outcome *o, struct script_options *options, struct lexer *l)
{
    const char *name, *value, *wrong;
    int line;
    while (lexer_option(l, &name, &value, &line)) {
        if (options_set(options, l->arena, name, value, &wrong))
            continue;
        if (*wrong) {
            conclude(o, VERDICT_PARSE, line, wrong);
            o->column = 1;
        } else {
            conclude(o, VERDICT_UNSUPPORTED, line, name);
        }
        return false;
    }
    return true;
}

static bool ends_with(const char *name, const char *end)
{
    size_t a = strlen(name), b = strlen(end);
    return a >= b && !strcmp(name + a - b, end);
}

/* Refuses what this runner, or the stack, does not support (yet). */
static bool can_run(struct outcome *o, const struct script_options *options, const struct script *s)
{
    if (options->ip6) {
        conclude(o, VERDICT_UNSUPPORTED, 0, "IPv6");
        return false;
    }
    for (const struct event *e = s->first; e; e = e->next) {
        const char *feature = stack_lacks(e);
        if (feature) {
            conclude(o, VERDICT_UNSUPPORTED, e->line, feature);
            return false;
        }
    }
    return true;
}

static bool is_relaxed(const struct relaxations *r)
{
    return r->window || r->push || r->syn_options || r->option_order || r->extra_acks ||
           r->receive_buffer;
}

void script_run(struct outcome *o, struct arena *a, const struct script_source *source,
                const struct command_line *c)
{
    struct script_options options;
    struct script_error error = {.set = false};
    struct lexer lexer;
    struct script script;
    *o = (struct outcome){.file = name_told(a, source->name)};
    o->last = &o->first;
    if (ends_with(source->name, "v6.pkt")) {
        conclude(o, VERDICT_SKIPPED, 0, "a script for IPv6");
        return;
    }
    options_init(&options);
    lexer_init(&lexer, a, source->text, source->length, &error);
    if (!read_options(o, &options, &lexer))
        return;
    command_line_apply(c, &options, a);
    options_define_defaults(&options, a);
    lexer.definitions = options.definitions;
    o->relaxed = is_relaxed(&options.relax);
    if (!script_parse(&script, &lexer, options.ip6)) {
        conclude_error(o, a, &error);
        return;
    }
    if (options.dry_run || !can_run(o, &options, &script))
        return;
    struct run *run = arena_get(a, sizeof *run);
    run->options = &options;
    run->arena = a;
    run->outcome = o;
    script_play(run, &script);
}

/* ---------------------------------------------------------------------- files */

static char *read_file(const char *name, size_t *length, struct arena *a)
{
    FILE *file = fopen(strcmp(name, "-") ? name : "/dev/stdin", "rb");
    size_t room = 0, n;
    char *text = NULL, *copy;
    *length = 0;
    if (!file)
        return NULL;
    do {
        room += 65536;
        text = realloc(text, room);
        if (!text)
            abort();
        n = fread(text + *length, 1, room - *length, file);
        *length += n;
    } while (n && *length <= FILE_MAX);
    if (*length > FILE_MAX)
        errno = EFBIG;
    copy = ferror(file) || *length > FILE_MAX ? NULL : arena_copy(a, text, *length);
    fclose(file);
    free(text);
    return copy;
}

void script_run_file(struct outcome *o, struct arena *a, const char *name,
                     const struct command_line *c)
{
    struct script_source source = {.name = name};
    errno = 0;
    source.text = read_file(name, &source.length, a);
    if (source.text) {
        script_run(o, a, &source, c);
        return;
    }
    *o = (struct outcome){.file = name_told(a, name)};
    o->last = &o->first;
    conclude(o, VERDICT_PARSE, 0,
             errno ? arena_copy(a, strerror(errno), strlen(strerror(errno))) : "cannot be read");
}
