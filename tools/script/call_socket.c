/* socket, bind, listen, connect, accept, close, shutdown (language page, sections 5, 13, 23.2 to
 * 23.4). */
#include "script/invocation.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>

/* -------------------------------------------------------------------- socket */

void socket_start(struct invocation *i)
{
    int usual = i->run->options->ip6_mapped ? AF_INET6 : AF_INET;
    int domain = argument_is_ellipsis(i, 0) ? usual : (int)argument_number(i, 0);
    int type = (int)argument_number(i, 1), protocol = (int)argument_number(i, 2);
    if (run_good(i->run))
        invocation_done(i, rill_socket(domain, type, protocol));
}

/* The new socket is under test from now on. */
void socket_finish(struct invocation *i)
{
    struct run *r = i->run;
    int64_t name = expression_value(r, i->line->result);
    int kind = (int)argument_number(i, 1) & 0xf;
    if (i->result < 0)
        return;
    if (name < 0 || name > INT32_MAX || run_descriptor(r, (int)name)) {
        invocation_wrong(i, "the new descriptor's name is in use, or is none");
        return;
    }
    struct subject *s = run_subject_new(r, kind == SOCK_DGRAM ? SCRIPT_UDP : SCRIPT_TCP);
    s->script_fd = (int)name;
    s->live_fd = (int)i->result;
    run_descriptor_add(r, (int)name, (int)i->result, s);
}

static struct subject *subject_of(const struct invocation *i)
{
    return i->descriptor ? i->descriptor->subject : NULL;
}

/* ---------------------------------------------------------------------- bind */

void bind_start(struct invocation *i)
{
    struct run *r = i->run;
    if (!invocation_address(i, 1, r->options->local, r->options->bind_port))
        return;
    invocation_done(i, rill_bind(i->live_fd, &i->live_address.base, i->live_length));
    if (i->result == 0 && subject_of(i))
        subject_of(i)->local_port = ntohs(i->address.sin_port);
}

/* The descriptor's own socket listens, and does not become the one under test. */
void listen_start(struct invocation *i)
{
    invocation_done(i, rill_listen(i->live_fd, (int)argument_number(i, 1)));
    if (i->result == 0 && subject_of(i))
        subject_of(i)->phase = SUBJECT_LISTENING;
}

/* ------------------------------------------------------------------- connect */

/* With AF_UNSPEC the socket is new again, but its tuple and numbers stay (23.3): a reset may still
 * be expected. */
void connect_start(struct invocation *i)
{
    struct run *r = i->run;
    struct subject *s = subject_of(i);
    if (!invocation_address(i, 1, r->options->remote, r->options->connect_port))
        return;
    if (s && i->address.sin_family != AF_UNSPEC)
        subject_connect(s, &i->address);
    else if (s && s->phase != SUBJECT_PASSIVE)
        s->phase = SUBJECT_NEW;
    i->waits = true;
    i->call = (struct call){
        .operation = CALL_CONNECT, .fd = i->live_fd, .to = {&i->live_address.base, i->live_length}};
}

/* -------------------------------------------------------------------- accept */

void accept_start(struct invocation *i)
{
    i->waits = true;
    i->live_length = sizeof i->live_address;
    i->call = (struct call){.operation = CALL_ACCEPT,
                            .fd = i->live_fd,
                            .from = {&i->live_address.base, &i->live_length}};
}

/* The newest child whose SYN-ACK the script has seen (23.4). */
static struct subject *accepted_child(const struct run *r)
{
    for (struct subject *s = r->subjects; s; s = s->older)
        if (s->phase == SUBJECT_PASSIVE && (s->answered || r->options->freebsd))
            return s;
    return NULL;
}

void accept_finish(struct invocation *i)
{
    struct run *r = i->run;
    int64_t name = expression_value(r, i->line->result);
    struct subject *child = accepted_child(r);
    if (i->result < 0)
        return;
    if (!child) {
        invocation_wrong(i, "no connection whose SYN-ACK was expected");
        return;
    }
    invocation_take_address(i);
    if (ntohl(i->address.sin_addr.s_addr) != child->remote ||
        ntohs(i->address.sin_port) != child->remote_port) {
        invocation_wrong(i, "the peer's address is not the remote end's");
        return;
    }
    child->accepted = true;
    child->script_fd = (int)name;
    child->live_fd = (int)i->result;
    run_descriptor_remove(r, (int)name);
    run_descriptor_add(r, (int)name, (int)i->result, child);
}

/* ------------------------------------------------------------ close, shutdown */

void close_start(struct invocation *i)
{
    if (i->descriptor && i->descriptor->zeros) {
        i->result = 0;
        return;
    }
    i->waits = true;
    i->call = (struct call){.operation = CALL_CLOSE, .fd = i->live_fd};
}

/* The descriptor is deleted, its connection is not. */
void close_finish(struct invocation *i)
{
    if (i->result == 0 && i->descriptor)
        run_descriptor_remove(i->run, i->descriptor->script);
}

void shutdown_start(struct invocation *i)
{
    int how = (int)argument_number(i, 1);
    if (run_good(i->run))
        invocation_done(i, rill_shutdown(i->live_fd, how));
}
