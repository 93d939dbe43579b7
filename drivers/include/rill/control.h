/* The control socket of a running stack: a Unix domain socket (SOCK_STREAM) through which its
 * owner, and root, can inspect the stack. The host binding serves it between two turns of its loop.
 * No request changes anything.
 *
 * Each connection carries one request. The answer is a greeting, followed by the requested data
 * until the end of the stream. All structures are sent as they are in memory, because both ends are
 * on one machine; the greeting gives version and sizes, so that programs of different builds notice
 * a mismatch. A client that does not read is disconnected.
 *
 * Its place is `--control PATH`, or PROGRAM.PID.sock in a directory that only its owner can enter:
 * $XDG_RUNTIME_DIR/rill, else root's /run/rill, else /tmp/rill-UID. */
#ifndef RILL_CONTROL_H
#define RILL_CONTROL_H

#include <rill/device.h>
#include <rill/rill.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RILL_CONTROL_MAGIC 0x6c6c6972u /* "rill" */
#define RILL_CONTROL_VERSION 1
#define RILL_CONTROL_PATH 108 /* bytes of a socket's name with its NUL: unix(7) */

enum rill_control_what {
    RILL_CONTROL_SOCKETS,  /* an array of struct rill_status */
    RILL_CONTROL_COUNTERS, /* struct rill_counters */
    RILL_CONTROL_TRACE,    /* struct rill_trace_record of all events from now on, without end. A
                              record with event RILL_EVENT_COUNT says that `seq` records were lost,
                              because the client was too slow */
    RILL_CONTROL_FRAMES,   /* the frames of its port from now on as pcapng, with the comments of
                              rill_capture_explain; only the headers of superframes. The stream ends
                              if the client is too slow */
    RILL_CONTROL_WHAT_COUNT
};

struct rill_control_request {
    uint32_t magic;
    uint16_t version;
    uint16_t what;   /* enum rill_control_what */
    uint32_t events; /* TRACE: a bit for each requested enum rill_event */
    uint16_t port;   /* TRACE: only flows with this port at either end; 0: all */
    uint16_t zero;
};

struct rill_control_greeting {
    uint32_t magic;
    uint16_t version;
    uint16_t status_size, record_size, counters_size; /* of the three structures above */
    int32_t pid;
    uint32_t trace_on;                         /* 0: no trace is kept (--trace 0) */
    rill_time now;                             /* the stack's clock */
    rill_time age;                             /* since it was opened */
    uint64_t memory_used, memory_peak, memory; /* bytes; `memory`: the budget */
    struct rill_address address;               /* the stack's */
    char program[32], device[16], release[16]; /* "rill-httpd", "rill0", "0.1.0" */
};

/* Finds up to `max` control sockets of running stacks that the caller may ask, and returns how many
 * it found. */
unsigned rill_control_find(char path[][RILL_CONTROL_PATH], unsigned max);

/* Connects, sends the request and reads the greeting. Returns the connection, from which the caller
 * reads the answer and which it closes with close(2). In a SOCKETS or COUNTERS answer a read fails
 * with EAGAIN if the stack sends nothing for five seconds. Returns -1 and a diagnostic on failure.
 * Fills in magic and version of the request itself. */
int rill_control_ask(const char *path, struct rill_control_request, struct rill_control_greeting *,
                     struct rill_diagnostic *);

#ifdef __cplusplus
}
#endif

#endif
