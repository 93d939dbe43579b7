#include "graph/output.h"

#include "graph/gnuplot.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The file that gnuplot reads. */
struct source {
    char folder[PATH_MAX]; /* temporary folder; "": kept beside the pictures */
    char data[PATH_MAX], script[PATH_MAX];
};

static bool fail(struct rill_diagnostic *why, const char *name)
{
    snprintf(why->text, sizeof why->text, "%.150s: %s", name, strerror(errno));
    return false;
}

/* Beside the pictures if it is kept, else in a temporary folder. */
static bool source_name(struct source *s, const char *name, bool kept, struct rill_diagnostic *why)
{
    const char *temporary = getenv("TMPDIR");
    *s = (struct source){0};
    if (!kept) {
        snprintf(s->folder, sizeof s->folder, "%.3000s/rill-graph.XXXXXX",
                 temporary && *temporary ? temporary : "/tmp");
        if (!mkdtemp(s->folder))
            return fail(why, s->folder);
        name = s->folder;
    }
    snprintf(s->data, sizeof s->data, "%.4000s%s", name, kept ? ".dat" : "/points.dat");
    snprintf(s->script, sizeof s->script, "%.4000s%s", name, kept ? ".gp" : "/script.gp");
    return true;
}

static void source_end(struct source *s)
{
    if (!*s->folder)
        return;
    unlink(s->data);
    unlink(s->script);
    rmdir(s->folder);
}

/* A write error is a failure. */
static bool finish(FILE *out, const char *name, struct rill_diagnostic *why)
{
    bool good = !ferror(out) && fflush(out) == 0;
    if (!good)
        fail(why, name);
    fclose(out);
    return good;
}

static bool write_points(const struct source *s, const struct plot *p, struct rill_diagnostic *why)
{
    FILE *out = fopen(s->data, "we");
    if (!out)
        return fail(why, s->data);
    plot_data(out, p);
    return finish(out, s->data, why);
}

static void picture_name(char to[PATH_MAX], const char *name, enum plot_kind kind,
                         enum plot_format format)
{
    snprintf(to, PATH_MAX, "%.4000s-%s.%s", name, plot_kind_name(kind), plot_format_name(format));
}

/* gnuplot does not name a file that it cannot write, so this tries first. */
static bool can_write(const char *to, struct rill_diagnostic *why)
{
    bool there = access(to, F_OK) == 0;
    FILE *out = fopen(to, "ae");
    if (!out)
        return fail(why, to);
    fclose(out);
    if (!there)
        unlink(to); /* leave no empty file if gnuplot is missing */
    return true;
}

static bool write_kind(FILE *out, const struct options *o, const struct plot *p, const char *name,
                       enum plot_kind kind, struct rill_diagnostic *why)
{
    char to[PATH_MAX];
    for (unsigned format = 0; format < PLOT_FORMATS; format++) {
        if (!o->format[format])
            continue;
        picture_name(to, name, kind, format);
        if (!can_write(to, why))
            return false;
        plot_picture(out, p, kind, format, to);
    }
    return true;
}

static bool write_script(const struct source *s, const struct options *o, const struct plot *p,
                         const char *name, struct rill_diagnostic *why)
{
    FILE *out = fopen(s->script, "we");
    bool good = true;
    if (!out)
        return fail(why, s->script);
    plot_begin(out, s->data);
    for (unsigned kind = 0; kind < PLOT_KINDS && good; kind++)
        if (o->kind[kind] && !plot_lacks(p, kind))
            good = write_kind(out, o, p, name, kind, why);
    return finish(out, s->script, why) && good;
}

static void tell(const struct options *o, const struct plot *p, const char *name)
{
    char to[PATH_MAX];
    for (unsigned kind = 0; kind < PLOT_KINDS; kind++) {
        const char *lack = plot_lacks(p, kind);
        if (o->kind[kind] && lack)
            printf("  no %s graph: %s\n", plot_kind_name(kind), lack);
        for (unsigned format = 0; format < PLOT_FORMATS; format++) {
            picture_name(to, name, kind, format);
            if (o->kind[kind] && !lack && o->format[format])
                printf("  %s\n", to);
        }
    }
    if (o->kind[PLOT_CWND] && !p->flow->commented)
        puts("  cwnd and ssthresh are not in this file: rill's own --pcap FILE.pcapng has them");
}

bool output_draw(const struct options *o, const struct plot *p, const char *name,
                 struct rill_diagnostic *why)
{
    struct source s;
    if (!source_name(&s, name, o->data, why))
        return false;
    bool good =
        write_points(&s, p, why) && write_script(&s, o, p, name, why) && gnuplot_run(s.script, why);
    source_end(&s);
    if (good)
        tell(o, p, name);
    return good;
}
