#include "script/proc_net.h"

#include "socket/info.h"

#include <inttypes.h>
#include <rill/status.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool proc_net_has(const char *file)
{
    return !strcmp(file, "/proc/net/tcp") || !strcmp(file, "/proc/net/tcp6");
}

/* The four bytes as the host's number, and the port. */
static void put_end(FILE *out, const struct rill_address *address, uint16_t port)
{
    uint32_t ip4;
    memcpy(&ip4, address->byte + 12, sizeof ip4);
    fprintf(out, " %08" PRIX32 ":%04X", ip4, port);
}

static void put_entry(FILE *out, unsigned line, const struct rill_status *s)
{
    fprintf(out, "%4u:", line);
    put_end(out, &s->local, s->local_port);
    put_end(out, &s->remote, s->remote_port);
    fprintf(out, " %02X %08" PRIX32 ":%08" PRIX32 "\n", info_state((enum rill_tcp_state)s->state),
            s->send_queue, s->receive_queue);
}

const char *proc_net_lines(struct run *r)
{
    char *text;
    size_t length;
    uint64_t place = 0;
    struct rill_status s;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        abort();
    for (unsigned line = 0; r->open && rill_status_next(r->machine.rill, &place, &s, 1);)
        if (s.kind != RILL_STATUS_DATAGRAM)
            put_entry(out, line++, &s);
    fclose(out);
    const char *copy = arena_copy(r->arena, text, length);
    free(text);
    return copy;
}
