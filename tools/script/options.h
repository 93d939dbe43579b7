/* The settings of a script: the command line, the options at its top, the defaults of google's
 * harness (language page, sections 5, 16, 20, 23.8). The first two have the same names; the command
 * line wins. */
#ifndef SCRIPT_OPTIONS_H
#define SCRIPT_OPTIONS_H

#include "script/token.h"

#include <rill/stack.h>

struct rill_capture;

/* Differences between script and stack that are ignored; any of them makes a pass "relaxed". */
struct relaxations {
    bool window;         /* --ignore_win: no outbound win is compared */
    bool push;           /* --ignore_psh */
    bool syn_options;    /* --ignore_syn_options: <...> on SYN and SYN-ACK */
    bool option_order;   /* --ignore_syn_options_order: options as a set, without NOP and EOL */
    bool extra_acks;     /* --ignore_extra_acks: pure ACKs without an event */
    bool receive_buffer; /* --ignore_rcvbuf: getsockopt(SO_RCVBUF) */
};

struct script_options {
    enum rill_preset preset;
    bool freebsd; /* the dialect of section 18 */
    struct relaxations relax;
    bool strict;  /* section 20 */
    bool offload; /* the port is a card that cuts superframes and computes checksums */

    bool ip6, ip6_mapped;
    uint32_t local, remote, gateway, netmask; /* IPv4, host order */
    uint16_t bind_port, connect_port;
    uint16_t mtu;
    uint16_t mss; /* 0: inbound packets are injected whole */
    int64_t tolerance_usecs;
    double tolerance_percent;
    int64_t tick_usecs; /* of --tcp_ts_tick_usecs; 0: not compared */
    bool echo_scaled;   /* --tcp_ts_ecr_scaled */
    bool strict_segments;
    bool non_fatal_packet, non_fatal_call;
    bool dry_run, verbose;
    uint64_t seed;
    uint16_t turns; /* thousands of the stack's turns before a script is stopped */
    bool no_python; /* %{ }% is unsupported: no code of the script is executed */

    const char *init_scripts; /* --init_scripts=a,b: shell commands before the script's own */
    struct definition *definitions;
    struct rill_capture *capture; /* records the stack's packets; NULL: none */
};

/* How to report, and which files to run. */
struct command_line {
    char *const *option; /* the arguments that are options, in order */
    unsigned options;
    char *const *file;
    unsigned files;
    bool tap, help, version, quiet;
    const char *junit, *states, *pcap; /* NULL: none */
    struct rill_capture *capture;      /* the one that --pcap names, once it is open */
};

/* The stack's configuration for these options. */
void options_config(const struct script_options *, struct rill_config *);

/* The Linux preset, with the settings of defaults.sh in google's harness. */
void options_google(struct rill_config *);

/* The defaults of google's harness. */
void options_init(struct script_options *);

/* Defines, in the arena, what that harness defines for the IP version, unless it is defined. */
void options_define_defaults(struct script_options *, struct arena *);

/* Sets one option. False: *wrong gives the reason, in the arena; it is empty if the option is known
 * but not supported. */
bool options_set(struct script_options *, struct arena *, const char *name, const char *value,
                 const char **wrong);

/* The option needs a value, which may be the next argument of a command line. */
bool options_wants_value(const char *name);

/* Sets one option as written, with its dashes: `next` is the following argument, for options that
 * take it (NULL: there is none). Like options_set. */
bool options_argument(struct script_options *, struct arena *, const char *argument,
                      const char *next, const char **wrong);

/* Sorts the arguments into options and files, and tries every option once. False: a message was
 * printed to stderr. */
bool command_line_parse(struct command_line *, int argc, char **argv, struct arena *);

/* Sets all of the command line's options. */
void command_line_apply(const struct command_line *, struct script_options *, struct arena *);

extern const char options_usage[];

#endif
