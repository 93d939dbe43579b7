/* The host binding, for programs that want sockets and no more: a stack, its TAP and the loop that
 * drives them. The loop holds the only clock and the only sleep of the whole project.
 *
 *     struct rill_host_options o;
 *     rill_host_options_parse(&o, &argc, argv, "rill-echo - sends back what comes", "[--port N]");
 *     struct rill_host *host = rill_host_open(&o, &complaint);
 *     ... rill_socket, rill_accept, rill_recv, as anywhere ...
 *     rill_host_close(host);
 *
 * Signals: while a host is open, the first SIGINT or SIGTERM makes the turn in progress, or the
 * next one, return -1 with EINTR, and with it the blocking call that turned, so that the program
 * can close what it holds. After that turns work as before. A second such signal ends the process.
 * A program that has a handler of its own before rill_host_open keeps it; its signals end a turn's
 * sleep with EINTR too. It may call exit(3), and what was sent is drained if the signal came while
 * a turn slept; it may not jump out of it (siglongjmp). One that wants a signal ignored says so
 * after rill_host_open. */
#ifndef RILL_HOST_H
#define RILL_HOST_H

#include <rill/device.h>
#include <rill/rill.h>
#include <rill/threads.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RILL_CORES_MAX 16

/* What every app can be told on its command line; defaults in brackets. Addresses are IPv4. */
struct rill_host_options {
    char tap[16];                /* --tap NAME [rill0] */
    struct rill_address address; /* --address A/LEN [192.0.2.2/24]: rill's */
    unsigned prefix;
    /* --host-address A/LEN [the first other address of rill's subnet: 192.0.2.1/24]: the host's
     * side; "none" and all zeros: the host gets none */
    struct rill_address host_address;
    unsigned host_prefix;
    struct rill_address gateway; /* --gateway A [the host's address]; all zeros: no default route */
    uint8_t mac[6];              /* --mac M; all zeros [derived from TAP name and address] */
    uint16_t mtu;                /* --mtu N [1500], 68 to 65521 (what a TAP takes) */
    uint16_t port;               /* --port N [the app's own]; 0: not given */
    unsigned cores;              /* --cores N [1], at most RILL_CORES_MAX: see <rill/cores.h> */
    uint64_t memory;     /* --memory M [rill_config's]: bytes of each stack's budget; M counts
                            millions; 0: not given */
    uint64_t seed;       /* --seed N [drawn with getrandom(2)] */
    const char *pcap;    /* --pcap FILE [none]: see rill_capture_create */
    unsigned pcap_files; /* --pcap-files N [10]: kept in all, where their size is bounded */
    uint64_t pcap_size;  /* --pcap-size M [no bound]: bytes; M counts millions */
    unsigned trace;      /* --trace N [1024]: records of <rill/trace.h>, of 80 bytes each, for a
                            debugger; 0: none; a capture keeps RILL_CAPTURE_TRACE at least */
    const char *control; /* --control PATH: where rill-ss finds it (<rill/control.h>); NULL [the
                            default place, or nowhere if that cannot be made] */
    bool no_control;     /* --no-control: nowhere */
    bool debug_clock;    /* --debug-clock [on under a debugger]: see rill_host_now */
    bool no_offload;     /* --no-offload: see struct rill_tap_config */
};

/* Fills in every default. */
void rill_host_options_init(struct rill_host_options *);

/* Takes the shared options (and their values) out of argv, so that an app parses what is left, its
 * own, with getopt_long. They are written in full, `--tap NAME` or `--tap=NAME`, up to an argument
 * `--`. Options are set to their defaults first.
 *
 * --help prints `about`, the app's own `usage` lines and the shared options, and exits with 0;
 * --version likewise; a bad value prints one sentence that names the option to standard error and
 * exits with status 2. */
void rill_host_options_parse(struct rill_host_options *, int *argc, char **argv, const char *about,
                             const char *usage);

struct rill_host;

/* Opens the TAP, makes a stack with the address, the default route and the wait hook, and makes it
 * current (rill_use). Hosts are opened and closed by one thread at a time. */
struct rill_host *rill_host_open(const struct rill_host_options *, struct rill_complaint *);
struct rill *rill_host_stack(const struct rill_host *);
const char *rill_host_tap_name(const struct rill_host *);

/* One turn of the loop: transmits what calls have left to be sent since the last turn, if that was
 * just now, reads until nothing is there (bounded), transmits (or, while more is there to be read,
 * leaves that to a later turn: at the latest to the first after a millisecond), and if nothing
 * happened sleeps until a frame arrives, the stack's deadline or `until`. Returns 0, or -1
 * with errno (EINTR: a signal; ENODEV: the TAP has gone). */
int rill_host_turn(struct rill_host *, rill_time until);

/* Where threads put their calls on this host's stack (<rill/threads.h>): each turn makes them. To
 * be called by the owner, before the first thread attaches itself. It goes with the host: calls
 * that are in it then fail with ESHUTDOWN. NULL with errno. */
struct rill_mailbox *rill_host_mailbox(struct rill_host *);

/* Turns until rill_host_stop: what an owner does who leaves all else to threads. 0, or -1 with
 * errno as rill_host_turn. */
int rill_host_run(struct rill_host *);

/* Ends the owner's rill_host_run, or the next one; from any thread, if there is a mailbox, and from
 * a signal handler. */
void rill_host_stop(struct rill_host *);

/* For a loop that is not rill's (epoll, libevent, libuv, a GUI's): the one descriptor that is
 * readable while the host has something to do, because a frame, a signal, an adopted descriptor's
 * news or rill_deadline has come. The program then
 *
 *     rill_host_turn(host, 0)       which does not sleep,
 *     its own calls                 rill_epoll_wait(set, events, n, 0) and what follows from it,
 *                                   until it finds nothing,
 *     rill_host_turn(host, 0)       so that what they gave the stack to send leaves,
 *
 * and the last line also after calls of its own that had another occasion. Where a turn leaves the
 * sending to a later one, or brings something that these calls may not have seen yet, the
 * descriptor is still readable. It stays the host's, which closes it. -1 with errno. */
int rill_host_fd(struct rill_host *);

/* CLOCK_MONOTONIC, less the time during which a debugger held the process.
 *
 * A debugger's stop is a jump of more than 100 ms between two readings, during which the process
 * used the CPU for less than a tenth of the jump, while debug_clock is set or a tracer is attached
 * (TracerPid in /proc/self/status). It is subtracted whole, so that an hour at a breakpoint fires
 * no timer. The loop sleeps in slices of 50 ms then, and so is never taken for a stop; an app's own
 * sleep or wait for the disk is: for rill no time passes in it. */
rill_time rill_host_now(struct rill_host *);

/* Drains (what was sent and closed is acknowledged, or 5 s pass), then frees the stack and closes
 * the TAP. Also runs at exit(3) for every host that is open then. */
void rill_host_close(struct rill_host *);

#ifdef __cplusplus
}
#endif

#endif
