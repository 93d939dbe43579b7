/* The control socket of a running stack: a Unix domain socket (SOCK_STREAM) at which its owner, and
 * root, can look at it. The host binding serves it between two turns of its loop; nothing that is
 * asked there changes anything.
 *
 * One request for each connection. The answer is a greeting and behind it, until the end of the
 * stream, what was asked for. All structures go as they lie in memory, since both ends are on one
 * machine: the greeting tells version and sizes, so that programs of different builds notice. A
 * client that does not read is dropped.
 *
 * Where it is: `--control PATH`, else PROGRAM.PID.sock in a directory that its owner alone can
 * enter: $XDG_RUNTIME_DIR/rill, else root's /run/rill, else /tmp/rill-UID. */
#ifndef RILL_CONTROL_H
#define RILL_CONTROL_H

#include <rill/device.h>
#include <rill/rill.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RILL_CONTROL_MAGIC 0x6c6c6972u /* "rill" */
#define RILL_CONTROL_VERSION 1
#define RILL_CONTROL_PATH 108 /* bytes of a socket's name, its NUL included: unix(7) */

enum rill_control_what {
    RILL_CONTROL_SOCKETS,  /* struct rill_status, one behind the other */
    RILL_CONTROL_COUNTERS, /* struct rill_counters */
    RILL_CONTROL_TRACE,    /* struct rill_trace_record of what happens from now on, without end; one
                              whose event is RILL_EVENT_COUNT says that `seq` others came too fast */
    RILL_CONTROL_FRAMES,   /* the frames of its port from now on as pcapng, as rill_capture_explain
                              comments them, superframes cut behind their headers; it ends where the
                              client is too slow */
    RILL_CONTROL_WHAT_COUNT
};

struct rill_control_request {
    uint32_t magic;
    uint16_t version;
    uint16_t what;   /* enum rill_control_what */
    uint32_t events; /* TRACE: a bit for each enum rill_event that is wanted */
    uint16_t port;   /* TRACE: that is at either end; 0: any */
    uint16_t zero;
};

struct rill_control_greeting {
    uint32_t magic;
    uint16_t version;
    uint16_t status_size, record_size, counters_size; /* of the three structures above */
    int32_t pid;
    uint32_t trace_on;                         /* 0: it keeps no trace (--trace 0) */
    rill_time now;                             /* the stack's clock */
    rill_time age;                             /* since it was opened */
    uint64_t memory_used, memory_peak, memory; /* bytes; of the budget */
    struct rill_address address;               /* its own */
    char program[32], device[16], release[16]; /* "rill-httpd", "rill0", "0.1.0" */
};

/* The control sockets of stacks that run and that we may ask, up to `max`; returns how many there
 * are. */
unsigned rill_control_find(char path[][RILL_CONTROL_PATH], unsigned max);

/* Connects, asks, and takes the greeting. Returns the connection, which a read of the answer leaves
 * with EAGAIN where the stack is silent for five seconds in a SOCKETS or COUNTERS answer; close(2)
 * it. -1 and a sentence otherwise. Magic and version of the request are filled in. */
int rill_control_ask(const char *path, struct rill_control_request, struct rill_control_greeting *,
                     struct rill_complaint *);

#ifdef __cplusplus
}
#endif

#endif
