/* The host binding, for programs that only need sockets: a stack, its TAP and the loop that drives
 * them. The loop is the only place in the project that reads a clock and sleeps. Library
 * librill-host.
 *
 *     struct rill_host_options o;
 *     rill_host_options_parse(&o, &argc, argv, "my-echo - an echo server", "my-echo [--port N]");
 *     struct rill_host *host = rill_host_open(&o, &diagnostic);
 *     ... rill_socket, rill_accept, rill_recv, as anywhere ...
 *     rill_host_close(host);
 *
 * Signals: while a host is open, the first SIGINT or SIGTERM makes the current or next turn of the
 * loop return -1 with EINTR, and so does the blocking call that runs the turn. The program can then
 * close its sockets; later turns work normally. A second such signal ends the process. A handler
 * that the program has installed before rill_host_open stays in place; its signals also end a
 * turn's sleep with EINTR. The handler may call exit(3): sent data is drained if the signal came
 * while a turn slept. It must not leave with siglongjmp. To ignore a signal, say so after
 * rill_host_open. */
#ifndef RILL_HOST_H
#define RILL_HOST_H

#include <rill/device.h>
#include <rill/rill.h>
#include <rill/threads.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RILL_CORES_MAX 16

/* The command-line options that all programs share; defaults in brackets. Addresses are IPv4. */
struct rill_host_options {
    char tap[16];                /* --tap NAME [rill0] */
    struct rill_address address; /* --address A/LEN [192.0.2.2/24]: rill's */
    unsigned prefix;
    /* --host-address A/LEN [the first other address of rill's subnet: 192.0.2.1/24]: for the host's
     * side; "none" and all zeros: the host gets no address */
    struct rill_address host_address;
    unsigned host_prefix;
    struct rill_address gateway; /* --gateway A [the host's address]; all zeros: no default route */
    uint8_t mac[6];              /* --mac M; all zeros [derived from TAP name and address] */
    uint16_t mtu;                /* --mtu N [1500], 68 to 65521 (the limit of a TAP) */
    uint16_t port;               /* --port N [the program's own]; 0: not given */
    unsigned cores;              /* --cores N [1], at most RILL_CORES_MAX: see <rill/cores.h> */
    uint64_t memory;     /* --memory M [the default of rill_config]: budget of each stack in bytes;
                            M is in million bytes; 0: not given */
    uint64_t seed;       /* --seed N [drawn with getrandom(2)] */
    const char *pcap;    /* --pcap FILE [none]: see rill_capture_create */
    unsigned pcap_files; /* --pcap-files N [10]: how many are kept if their size is limited */
    uint64_t pcap_size;  /* --pcap-size M [no limit]: bytes; M is in million bytes */
    unsigned trace;      /* --trace N [1024]: records of <rill/trace.h>, of 88 bytes each, for
                            debuggers and rill-ss; 0: none; with a capture RILL_CAPTURE_TRACE at
                            least */
    const char *control; /* --control PATH: the control socket (<rill/control.h>); NULL [the
                            default place, or none if that cannot be created] */
    bool no_control;     /* --no-control: no control socket */
    bool debug_clock;    /* --debug-clock [on under a debugger]: see rill_host_now */
    bool no_offload;     /* --no-offload: see struct rill_tap_config */
};

/* Fills in every default. */
void rill_host_options_init(struct rill_host_options *);

/* Removes the shared options and their values from argv, so that the program can parse its own with
 * getopt_long. Options are not abbreviated: `--tap NAME` or `--tap=NAME`; parsing ends at `--`.
 * Fields are set to their defaults first.
 *
 * --help prints `about`, the program's own `usage` lines (none if it is empty) and the shared
 * options, and exits with 0; so does --version with the version. A bad value prints one sentence
 * that names the option to standard error, and exits with status 2. */
void rill_host_options_parse(struct rill_host_options *, int *argc, char **argv, const char *about,
                             const char *usage);

/* For the program's own options: prints the same kind of sentence about the argument that
 * getopt_long(3) has just refused, and returns the exit status, 2. `result` is what getopt_long
 * returned, '?' or ':'. It must not print itself: opterr is 0, and its short options begin with a
 * colon. */
int rill_host_options_refuse(int result, char *const *argv);

/* The same for one string, such as an environment variable, which is split at white space. Returns
 * the first word that is no shared option; NULL: there is none. The options, and what is returned,
 * point into the string, which is changed. */
const char *rill_host_options_parse_words(struct rill_host_options *, char *words,
                                          const char *about, const char *usage);

struct rill_host;

/* Opens the TAP, creates a stack with the address, the default route and the wait hook, and makes
 * it the current one (rill_use). The TAP is the stack's port 1, for example for rill_address_add.
 * Closed standard descriptors are opened to /dev/null first, because a capture would get their
 * numbers. Only one thread at a time may open or close hosts. */
struct rill_host *rill_host_open(const struct rill_host_options *, struct rill_diagnostic *);
struct rill *rill_host_stack(const struct rill_host *);
const char *rill_host_tap_name(const struct rill_host *);

/* One turn of the loop. If the TAP was found empty less than a millisecond ago, it first transmits
 * data that calls have queued since. Then it reads frames until there are none (with a bound) and
 * transmits; while more frames can be read, it may leave transmitting to a later turn, for at most
 * a millisecond. If nothing happened, it sleeps until a frame arrives, the stack's deadline or
 * `until`. Returns 0, or -1 with errno (EINTR: a signal; ENODEV: the TAP is gone). */
int rill_host_turn(struct rill_host *, rill_time until);

/* The mailbox for calls of other threads on this host's stack (<rill/threads.h>): each turn makes
 * these calls. The owner must call this function before the first thread attaches itself. Closing
 * the host closes the mailbox; calls that are in it then fail with ESHUTDOWN. NULL with errno. */
struct rill_mailbox *rill_host_mailbox(struct rill_host *);

/* Runs turns until rill_host_stop: for an owner that leaves all other work to threads. 0, or -1
 * with errno as rill_host_turn. */
int rill_host_run(struct rill_host *);

/* Ends the owner's current or next rill_host_run. May be called from any thread if there is a
 * mailbox, and from a signal handler. */
void rill_host_stop(struct rill_host *);

/* For another event loop (epoll, libevent, libuv, a GUI's): returns one descriptor that is readable
 * while the host has work, because a frame, a signal, an event of an adopted descriptor or
 * rill_deadline has come. The program then calls
 *
 *     rill_host_turn(host, 0)       which does not sleep,
 *     its own calls                 rill_epoll_wait(set, events, n, 0) and the resulting calls,
 * until no event is left, rill_host_turn(host, 0)       to send what these calls have queued.
 *
 * The last turn is also needed after socket calls that the program makes at any other time. The
 * descriptor stays readable if a turn left transmitting to a later turn, or brought events that the
 * program's calls may not have seen yet. The host owns and closes the descriptor. -1 with errno. */
int rill_host_fd(struct rill_host *);

/* CLOCK_MONOTONIC, minus the time for which a debugger has stopped the process.
 *
 * This applies while debug_clock is set or a tracer is attached (TracerPid in /proc/self/status). A
 * jump of more than 100 ms between two readings, with less than a tenth of it as CPU time of the
 * process, counts as a stop and is subtracted completely, so that an hour at a breakpoint expires
 * no timer. The loop then sleeps in slices of 50 ms, so its own sleep never counts as a stop. The
 * program's own sleep, or its wait for a disk, does count: for rill no time passes in it. */
rill_time rill_host_now(struct rill_host *);

/* Drains (waits until all sent data and FINs are acknowledged, at most 5 s), then frees the stack
 * and closes the TAP. exit(3) does this for every open host. */
void rill_host_close(struct rill_host *);

#ifdef __cplusplus
}
#endif

#endif
