#include "end.h"

#include "listener.h"
#include "reports.h"
#include "sockets.h"

void end_over(struct end *e, int error)
{
    struct rill_sim *sim = e->flow->sim;
    e->seen.ended = e->seen.moved = sim->now;
    e->seen.error = error;
    e->seen.fd = -1;
    end_forget(e);
    listener_wake(end_node(e), e->local_port);
    world_schedule(sim, &e->step, RILL_NEVER);
}

void end_close(struct end *e, int error)
{
    if (e->app.reports && !error)
        reports_finish(e);
    rill_close(e->seen.fd);
    end_over(e, error);
}

void socket_abort(int fd)
{
    struct linger now = {.l_onoff = 1};
    rill_setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    rill_close(fd);
}

void end_abort(struct end *e)
{
    rill_use(end_node(e)->stack);
    socket_abort(e->seen.fd);
    e->seen.aborted = true;
    end_over(e, 0);
    rill_sim_touch(end_node(e));
}

void end_opened(struct end *e)
{
    e->seen.opened = e->seen.moved = e->flow->sim->now;
    e->app.reports = e->app.reports && reports_begin(e);
}
