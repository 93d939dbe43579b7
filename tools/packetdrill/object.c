#include "packetdrill/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK RILL_MICROSECONDS(1) /* what a look at the clock takes */

/* ----------------------------------------------------------------- options */

/* Blanks separate options. False: a sentence has been printed. */
static bool read_flags(struct script_options *o, struct arena *a, const char *flags)
{
    const char *wrong;
    char *rest = arena_copy(a, flags, strlen(flags));
    for (char *word; (word = strtok_r(rest, " \t\n", &rest)) != NULL;)
        if (!options_argument(o, a, word, NULL, &wrong)) {
            fprintf(stderr, "librill-packetdrill: %s\n", *wrong ? wrong : word);
            return false;
        }
    return true;
}

static bool open_machine(struct object *o, const char *flags)
{
    struct script_options options;
    struct rill_config config;
    options_init(&options);
    if (!read_flags(&options, &o->arena, flags))
        return false;
    options_config(&options, &config);
    if (machine_open(&o->machine, &options, &config))
        return true;
    fputs("librill-packetdrill: the stack refuses this configuration\n", stderr);
    return false;
}

/* -------------------------------------------------------------------- life */

struct object *object_new(const char *flags)
{
    struct object *o = calloc(1, sizeof *o);
    if (!o)
        abort();
    if (!open_machine(o, flags ? flags : "")) {
        arena_end(&o->arena);
        free(o);
        return NULL;
    }
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->done, NULL);
    o->driver = pthread_self();
    return o;
}

void object_free(struct object *o)
{
    machine_close(&o->machine);
    host_end(&o->descriptors);
    arena_end(&o->arena);
    pthread_cond_destroy(&o->done);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

/* The current stack is one of each thread. */
void object_enter(struct object *o)
{
    pthread_mutex_lock(&o->lock);
    rill_use(o->machine.rill);
}

void object_leave(struct object *o)
{
    if (o->machine.pending_done)
        pthread_cond_broadcast(&o->done);
    pthread_mutex_unlock(&o->lock);
}

/* ------------------------------------------------------------------- calls */

static bool is_driver(const struct object *o)
{
    return pthread_equal(o->driver, pthread_self());
}

/* One call at a time can be in progress, as in the language. */
static void call_from_afar(struct object *o, struct call *c)
{
    struct machine *m = &o->machine;
    if (m->pending) {
        call_end(c, -EBUSY);
        return;
    }
    machine_call(m, c);
    while (!m->pending_done)
        pthread_cond_wait(&o->done, &o->lock);
    rill_use(m->rill);
    o->ended = m->pending_end;
    o->ended_known = true;
    m->pending = NULL;
    m->pending_done = false;
}

int64_t object_call(struct object *o, struct call *c)
{
    if (!is_driver(o))
        call_from_afar(o, c);
    else if (!machine_wait(&o->machine, c))
        call_stop(o->machine.rill, c, EDEADLK);
    if (c->error)
        errno = c->error;
    return c->result;
}

/* -------------------------------------------------------------------- time */

void object_pass(struct object *o, rill_time how_long)
{
    machine_pass(&o->machine, o->machine.now + how_long);
}

rill_time object_clock(struct object *o)
{
    if (is_driver(o)) {
        object_pass(o, LOOK);
    } else if (o->ended_known) {
        o->ended_known = false;
        return o->ended;
    }
    return o->machine.now;
}
