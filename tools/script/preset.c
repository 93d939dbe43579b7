#include "script/preset.h"

/* 15 MB make a window scale of 8. */
void preset_linux(struct rill_config *c)
{
    c->tcp.receive_buffer = 15 << 20;
    c->tcp.send_buffer = 4 << 20;
    c->tcp.syn_ack_retries = 5;
    c->tcp.timestamps = true;
    c->tcp.sack = true;
    c->tcp.slow_start_after_idle = false;
    c->tcp.window_scaling = true;
    c->tcp.ecn = RILL_ECN_OFF;
}

/* Socket buffers of 65536, scaled by 6 because of FreeBSD's limit. */
static void preset_freebsd(struct rill_config *c)
{
    c->tcp.receive_buffer = 65536;
    c->tcp.send_buffer = 32768;
    c->tcp.minimum_rto = RILL_MILLISECONDS(230);
}

void preset_apply(struct rill_config *c, const struct script_options *o)
{
    rill_config_init(c);
    c->seed = o->seed;
    c->check = true;
    if (o->preset == PRESET_LINUX)
        preset_linux(c);
    else if (o->preset == PRESET_FREEBSD)
        preset_freebsd(c);
}
