/* What a script runs under: the command line, the options at its own top, the defaults of google's
 * harness (language page, sections 5, 16, 20, 23.8). The same names serve both; the command line
 * wins. */
#ifndef SCRIPT_OPTIONS_H
#define SCRIPT_OPTIONS_H

#include "script/token.h"

#include <rill/stack.h>

struct rill_capture;

/* Which differences between script and stack are let pass; any of them makes a pass "relaxed". */
struct relaxations {
    bool window;         /* --ignore_win: every outbound win is absent */
    bool push;           /* --ignore_psh */
    bool syn_options;    /* --ignore_syn_options: <...> on SYN and SYN-ACK */
    bool option_order;   /* --ignore_syn_options_order: options as a set, without NOP and EOL */
    bool extra_acks;     /* --ignore_extra_acks: pure ACKs that no event asks for */
    bool receive_buffer; /* --ignore_rcvbuf: getsockopt(SO_RCVBUF) */
};

struct script_options {
    enum rill_preset preset;
    bool freebsd; /* the dialect of section 18 */
    struct relaxations relax;
    bool strict;  /* section 20 */
    bool offload; /* the port is a card that cuts superframes and sums */

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
    bool no_python; /* %{ }% is unsupported: nothing of the script's is executed */

    const char *init_scripts; /* --init_scripts=a,b: shell commands before the script's own */
    const struct definition *definitions;
    struct rill_capture *capture; /* of what passes the stack; NULL: none */
};

/* How the results are told, and what is to be run. */
struct command_line {
    char *const *option; /* the arguments that are options, in their order */
    unsigned options;
    char *const *file;
    unsigned files;
    bool tap, help, version, quiet;
    const char *junit, *states, *pcap; /* NULL: none */
    struct rill_capture *capture;      /* what --pcap names, once it is open */
};

/* The configuration of a stack under these options. */
void options_config(const struct script_options *, struct rill_config *);

/* The Linux preset, and what defaults.sh of google's harness sets beside it. */
void options_google(struct rill_config *);

/* Google's harness. Definitions go into the arena. */
void options_init(struct script_options *, struct arena *);

/* Sets one option. False: *wrong says why, in the arena; it is empty where the option is known but
 * not supported. */
bool options_set(struct script_options *, struct arena *, const char *name, const char *value,
                 const char **wrong);

/* The option needs a value, which may be the next argument of a command line. */
bool options_wants_value(const char *name);

/* Sets one option as it is written, with its dashes: `next` is the argument behind it, for those
 * that take it (NULL: there is none). As options_set. */
bool options_argument(struct script_options *, struct arena *, const char *argument,
                      const char *next, const char **wrong);

/* Sorts the arguments into options and files; every option is tried once. False: a sentence has
 * been printed to stderr. */
bool command_line_parse(struct command_line *, int argc, char **argv, struct arena *);

/* Sets all of the command line's options. */
void command_line_apply(const struct command_line *, struct script_options *, struct arena *);

extern const char options_usage[];

#endif
