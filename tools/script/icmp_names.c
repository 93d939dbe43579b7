#include "script/icmp_names.h"

#include "script/token.h"

#include <stddef.h>
#include <string.h>

/* code -1: the row names a type. */
struct icmp_row {
    bool ip6;
    int type, code;
    const char *name;
};

static const struct icmp_row rows[] = {
    {false, 0, -1, "echo_reply"},
    {false, 3, -1, "unreachable"},
    {false, 4, -1, "source_quench"},
    {false, 5, -1, "redirect"},
    {false, 8, -1, "echo_request"},
    {false, 11, -1, "time_exceeded"},
    {false, 12, -1, "parameter_problem"},
    {false, 13, -1, "timestamp_request"},
    {false, 14, -1, "timestamp_reply"},
    {false, 15, -1, "information_request"},
    {false, 16, -1, "information_reply"},
    {false, 17, -1, "address_mask_request"},
    {false, 18, -1, "address_mask_reply"},
    {false, 3, 0, "net_unreachable"},
    {false, 3, 1, "host_unreachable"},
    {false, 3, 2, "protocol_unreachable"},
    {false, 3, 3, "port_unreachable"},
    {false, 3, 4, "frag_needed"},
    {false, 3, 5, "source_route_failed"},
    {false, 3, 6, "net_unknown"},
    {false, 3, 7, "host_unknown"},
    {false, 3, 8, "source_host_isolated"},
    {false, 3, 9, "net_prohibited"},
    {false, 3, 10, "host_prohibited"},
    {false, 3, 11, "net_unreachable_for_tos"},
    {false, 3, 12, "host_unreachable_for_tos"},
    {false, 3, 13, "packet_filtered"},
    {false, 3, 14, "precedence_violation"},
    {false, 3, 15, "precedence_cutoff"},
    {false, 11, 0, "ttl_exceeded_in_transit"},
    {false, 11, 1, "frag_reass_exceeded"},
    {true, 1, -1, "unreachable"},
    {true, 2, -1, "packet_too_big"},
    {true, 3, -1, "time_exceeded"},
    {true, 4, -1, "parameter_problem"},
    {true, 128, -1, "echo_request"},
    {true, 129, -1, "echo_reply"},
    {true, 1, 0, "no_route"},
    {true, 1, 0, "net_unreachable"},
    {true, 1, 1, "admin_prohibited"},
    {true, 1, 2, "not_neighbour"},
    {true, 1, 3, "address_unreachable"},
    {true, 1, 4, "port_unreachable"},
    {true, 3, 0, "exceeded_hop_limit"},
    {true, 3, 1, "exceeded_frag_time"},
    {true, 4, 0, "header_field"},
    {true, 4, 1, "unknown_next_header"},
    {true, 4, 2, "unknown_option"},
};

#define ROWS (sizeof rows / sizeof *rows)

/* type_N, code_N. */
static int numbered(const char *name, const char *prefix)
{
    int64_t value;
    size_t length = strlen(prefix);
    if (strncmp(name, prefix, length) || !number_parse(name + length, false, &value))
        return -1;
    return value >= 0 && value <= 255 ? (int)value : -1;
}

int icmp_type_number(bool ip6, const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].ip6 == ip6 && rows[i].code < 0 && !strcmp(rows[i].name, name))
            return rows[i].type;
    return numbered(name, "type_");
}

int icmp_code_number(bool ip6, int type, const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].ip6 == ip6 && rows[i].type == type && rows[i].code >= 0 &&
            !strcmp(rows[i].name, name))
            return rows[i].code;
    return numbered(name, "code_");
}

static const char *find_name(bool ip6, int type, int code)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].ip6 == ip6 && rows[i].type == type && rows[i].code == code)
            return rows[i].name;
    return NULL;
}

const char *icmp_type_name(bool ip6, int type)
{
    return find_name(ip6, type, -1);
}

const char *icmp_code_name(bool ip6, int type, int code)
{
    return find_name(ip6, type, code);
}
