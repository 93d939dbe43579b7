/* The door of librill-packetdrill.so: packets, the clock, and what rill does not have (yet). */
#include "packetdrill/interface.h"

#include "packetdrill/calls.h"
#include "packetdrill/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_MAX 65535

/* ----------------------------------------------------------------- packets */

static int netdev_send(void *data, const void *packet, size_t length)
{
    struct object *o = data;
    bool ip4 = length > 0 && *(const uint8_t *)packet >> 4 == 4;
    if (!ip4 || length > PACKET_MAX) {
        errno = ip4 ? EMSGSIZE : EAFNOSUPPORT;
        return -1;
    }
    object_enter(o);
    machine_inject(&o->machine, packet, length, false);
    object_leave(o);
    return 0;
}

/* packetdrill would ask again for ever after -1, and sets no limit of time: where the stack has no
 * timer left that could send anything, a packet of no bytes ends the script (section 23.17). */
static int netdev_receive(void *data, void *packet, size_t *count, long long *time_usecs)
{
    struct object *o = data;
    struct live *l;
    object_enter(o);
    while ((l = machine_take(&o->machine)) == NULL && machine_step(&o->machine, MACHINE_END))
        ;
    size_t length = l ? min_of(l->size, *count) : 0;
    if (l)
        memcpy(packet, l->bytes, length);
    *count = length;
    *time_usecs = (l ? l->when : o->machine.now) / 1000;
    object_leave(o);
    free(l);
    return 0;
}

/* -------------------------------------------------------------------- time */

static int do_usleep(void *data, useconds_t how_long)
{
    struct object *o = data;
    object_enter(o);
    object_pass(o, RILL_MICROSECONDS((rill_time)how_long));
    object_leave(o);
    return 0;
}

static int do_gettimeofday(void *data, struct timeval *time, struct timezone *zone)
{
    struct object *o = data;
    (void)zone; /* obsolete: gettimeofday(2) */
    object_enter(o);
    rill_time now = object_clock(o);
    object_leave(o);
    *time =
        (struct timeval){.tv_sec = now / RILL_SECONDS(1), .tv_usec = now % RILL_SECONDS(1) / 1000};
    return 0;
}

/* ------------------------------------------------------- what rill has not */

static int lacking(void)
{
    errno = ENOSYS;
    return -1;
}

static int no_pipe(void *data, int fd[2])
{
    (void)data, (void)fd;
    return lacking();
}

static int no_splice(void *data, int from, loff_t *from_at, int to, loff_t *to_at, size_t size,
                     unsigned flags)
{
    (void)data, (void)from, (void)from_at, (void)to, (void)to_at, (void)size, (void)flags;
    return lacking();
}

/* --------------------------------------------------------------------- door */

static void do_free(void *data)
{
    object_free(data);
}

void packetdrill_interface_init(const char *flags, struct packetdrill_interface *i)
{
    struct object *o = object_new(flags);
    if (!o)
        exit(2);
    *i = (struct packetdrill_interface){
        .userdata = o,
        .free = do_free,
        .netdev_send = netdev_send,
        .netdev_receive = netdev_receive,
        .usleep = do_usleep,
        .gettimeofday = do_gettimeofday,
        .pipe = no_pipe,
        .splice = no_splice,
    };
    calls_fill(i);
}
