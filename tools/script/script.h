/* A script as the parser leaves it (language page, sections 1 and 3): options, an init command,
 * events in the order of the file, a cleanup command. All of it lies in the script's arena.
 *
 * struct script_packet also describes the stack's actual packets, so that both sides of a failure
 * are printed in the script's notation. */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include "script/token.h"

/* ------------------------------------------------------------------- packets */

enum script_protocol { SCRIPT_TCP, SCRIPT_UDP, SCRIPT_ICMP };

/* The ECN bits in a script; 0 to 3 are the bits themselves. */
enum script_ecn { ECN_NONE, ECN_ECT1, ECN_ECT0, ECN_CE, ECN_ECT01, ECN_UNSAID };

/* Which bits of the ToS byte a script gives: RFC 2474 3, without the two ECN bits. */
enum script_tos_bits { SCRIPT_TOS_UNSAID = 0, SCRIPT_DSCP = 0xfc, SCRIPT_TOS = 0xff };

enum tcp_option_kind {
    OPTION_EOL = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_WINDOW_SCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMP = 8,
    OPTION_MD5 = 19,
    OPTION_FAST_OPEN = 34,
    OPTION_ACCURATE_ECN_0 = 172,
    OPTION_ACCURATE_ECN_1 = 174,
    OPTION_EXPERIMENT = 254
};

#define SCRIPT_OPTIONS_MAX 40

struct script_option {
    uint8_t kind;
    uint8_t size;        /* on the wire, including kind and length; 1 for EOL and NOP */
    uint8_t data[38];    /* the bytes after kind and length, in network order */
    bool value_any;      /* TS val ...: neither recorded nor compared */
    bool echo_absolute;  /* ecr N!: not mapped */
    bool signature_good; /* md5 valid */
};

/* The quotation of an ICMP error, after the IP header. */
struct script_echo {
    bool written;
    enum script_protocol protocol;
    bool raw;
    uint32_t seq;
    uint32_t length;
};

struct script_packet {
    enum script_protocol protocol;
    struct {
        enum script_ecn ecn;
        bool has_ttl, has_label;
        uint8_t tos, tos_bits; /* the bits that are given: enum script_tos_bits */
        uint8_t ttl;
        uint32_t label;
    } ip;
    bool has_ports;
    uint16_t source, destination;
    uint32_t length; /* of the payload */

    /* TCP */
    uint16_t flags; /* enum tcp_flag of wire/tcp_header.h */
    bool ace;       /* AE, CWR and ECE are written as one number */
    uint8_t reserved;
    bool seq_absolute; /* seq!: not mapped */
    bool seq_any;      /* ...(length) */
    uint32_t seq, ack;
    bool has_window;
    uint16_t window, urgent;
    bool options_any; /* <...> */
    unsigned options;
    struct script_option option[SCRIPT_OPTIONS_MAX];

    /* ICMP */
    uint8_t type, code;
    bool has_mtu, has_id;
    uint16_t mtu, id;
    struct script_echo echo;
};

/* -------------------------------------------------------------- system calls */

enum expression_kind {
    EXPRESSION_NUMBER,
    EXPRESSION_WORD,     /* a symbol */
    EXPRESSION_STRING,   /* text; adjacent ones are one */
    EXPRESSION_ELLIPSIS, /* the runner supplies it */
    EXPRESSION_OR,       /* children: the values combined with | */
    EXPRESSION_ARRAY,    /* [...] */
    EXPRESSION_STRUCT,   /* {...}: members, most with a name */
    EXPRESSION_CALL      /* htons(N), inet_addr("...") */
};

struct expression {
    enum expression_kind kind;
    const char *name;               /* of the member, or NULL */
    const struct expression *count; /* `name(count)` of a member, or NULL */
    int64_t number;
    const char *text; /* of a word, a string, a call's name */
    size_t length;
    struct expression *parent, *next, *first, *last;
    unsigned children;
    int line, column;
};

struct call_line {
    const char *name;
    struct expression *arguments; /* an array */
    struct expression *result;
    const char *error; /* errno's name, or NULL */
};

/* -------------------------------------------------------------------- events */

enum time_kind { TIME_ABSOLUTE, TIME_RELATIVE, TIME_ANY };

struct event_time {
    enum time_kind kind;
    bool range;     /* a~b */
    bool blocking;  /* a...b */
    int64_t at;     /* microseconds */
    int64_t second; /* b */
};

enum action { ACTION_INBOUND, ACTION_OUTBOUND, ACTION_CALL, ACTION_SHELL, ACTION_PYTHON };

struct event {
    struct event *next;
    int line;
    const char *source; /* source text, on one line */
    struct event_time time;
    enum action action;
    union {
        struct script_packet *packet;
        struct call_line *call;
        const char *text; /* shell, python */
    };
};

struct script {
    const struct event *init;    /* a shell command without a time; NULL: none */
    const struct event *cleanup; /* likewise */
    struct event *first;
    unsigned events;
};

/* Parses everything after the options. False: the lexer's error is set. */
bool script_parse(struct script *, struct lexer *, bool ip6);

#endif
