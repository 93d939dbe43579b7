#include "graph/spool.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* False: errno. */
static bool copy(FILE *from, FILE *to)
{
    char chunk[65536];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, from)) > 0)
        if (fwrite(chunk, 1, n, to) != n)
            return false;
    return !ferror(from) && fflush(to) == 0;
}

static const char *fail(const char *file, struct rill_diagnostic *why)
{
    snprintf(why->text, sizeof why->text, "%s: %s", file, strerror(errno));
    return NULL;
}

static const char *keep(struct spool *s, FILE *from, const char *file, struct rill_diagnostic *why)
{
    s->copy = tmpfile();
    if (!s->copy || !copy(from, s->copy))
        return fail(file, why);
    snprintf(s->name, sizeof s->name, "/dev/fd/%d", fileno(s->copy)); /* opened anew each time */
    return s->name;
}

const char *spool_begin(struct spool *s, const char *file, struct rill_diagnostic *why)
{
    struct stat status;
    *s = (struct spool){0};
    if (!strcmp(file, "-"))
        return keep(s, stdin, "standard input", why);
    FILE *from = fopen(file, "rbe");
    if (!from)
        return fail(file, why);
    bool regular = fstat(fileno(from), &status) == 0 && S_ISREG(status.st_mode);
    const char *name = regular ? file : keep(s, from, file, why);
    fclose(from);
    return name;
}

void spool_end(struct spool *s)
{
    if (s->copy)
        fclose(s->copy);
    *s = (struct spool){0};
}
