#include "preload/environment.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const name[ENVIRONMENT_OWN] = {"LD_PRELOAD", "RILL_OPTIONS", "RILL_IMAGE"};

static const char *path; /* of this object; NULL: it was not preloaded */
static char *options;

const char *environment_begin(void)
{
    Dl_info here;
    const char *preload = getenv(name[ENVIRONMENT_PRELOAD]);
    const char *given = getenv(name[ENVIRONMENT_OPTIONS]);
    char *image = getenv(name[ENVIRONMENT_IMAGE]);
    if (preload && dladdr(name, &here) && strstr(preload, here.dli_fname))
        path = here.dli_fname;
    if (given)
        options = strdup(given);
    if (image)
        image = strdup(image);
    unsetenv(name[ENVIRONMENT_IMAGE]);
    return image;
}

/* Its value in the entry; NULL: it is another variable's. */
static const char *value_in(const char *entry, enum environment_own o)
{
    size_t length = strlen(name[o]);
    return strncmp(entry, name[o], length) == 0 && entry[length] == '=' ? entry + length + 1 : NULL;
}

static const char *value_given(char *const *given, enum environment_own o)
{
    const char *value = NULL;
    for (; *given && !value; given++)
        value = value_in(*given, o);
    return value;
}

static bool is_own(const char *entry)
{
    for (enum environment_own o = 0; o < ENVIRONMENT_OWN; o++)
        if (value_in(entry, o))
            return true;
    return false;
}

/* False: no memory. Without a value there is no entry. */
static bool enter(struct environment *e, enum environment_own o, const char *value,
                  const char *more)
{
    if (!value)
        return true;
    if (asprintf(&e->own[o], "%s=%s%s%s", name[o], value, more ? ":" : "", more ? more : "") < 0)
        e->own[o] = NULL;
    return e->own[o];
}

static bool enter_preload(struct environment *e, const char *given)
{
    bool lacks = path && !(given && strstr(given, path));
    return enter(e, ENVIRONMENT_PRELOAD, lacks ? path : given, lacks ? given : NULL);
}

static void list(struct environment *e, char *const *given)
{
    char **next = e->all;
    for (enum environment_own o = 0; o < ENVIRONMENT_OWN; o++)
        if (e->own[o])
            *next++ = e->own[o];
    for (; *given; given++)
        if (!is_own(*given))
            *next++ = *given;
}

bool environment_make(struct environment *e, char *const *given, const char *image)
{
    static char *const empty[] = {NULL};
    size_t count = 0;
    given = given ? given : empty;
    while (given[count])
        count++;
    const char *wanted = value_given(given, ENVIRONMENT_OPTIONS);
    *e = (struct environment){.all = calloc(count + ENVIRONMENT_OWN + 1, sizeof *e->all)};
    bool made = e->all && enter_preload(e, value_given(given, ENVIRONMENT_PRELOAD)) &&
                enter(e, ENVIRONMENT_OPTIONS, wanted ? wanted : options, NULL) &&
                enter(e, ENVIRONMENT_IMAGE, image, NULL);
    if (made)
        list(e, given);
    else
        errno = ENOMEM;
    return made;
}

void environment_free(struct environment *e)
{
    int error = errno;
    for (enum environment_own o = 0; o < ENVIRONMENT_OWN; o++)
        free(e->own[o]);
    free(e->all);
    errno = error;
}
