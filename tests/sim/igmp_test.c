/* The host's side of IGMP: what the routers are told when a socket joins, changes and leaves a
 * group, what queries of the three versions are answered with, and what forged ones cannot do. */
#include "../unit/unit.h"
#include "lone.h"

#include <errno.h>

#define GROUP 0xef010203    /* 239.1.2.3 */
#define SOURCE_A 0xc0000232 /* 192.0.2.50 */
#define SOURCE_B 0xc0000233
#define SERVICE 5353

static int member(int fd, int name, uint32_t group)
{
    struct ip_mreq m = {{htonl(group)}, {htonl(FORGE_VICTIM)}};
    return rill_setsockopt(fd, IPPROTO_IP, name, &m, sizeof m);
}

static int listed(int fd, int name, uint32_t source)
{
    struct ip_mreq_source m = {{htonl(GROUP)}, {htonl(FORGE_VICTIM)}, {htonl(source)}};
    return rill_setsockopt(fd, IPPROTO_IP, name, &m, sizeof m);
}

/* A message from the router, as it should be. */
static struct forge from_router(uint32_t destination)
{
    struct forge way = forge_honest();
    way.to = mac_of_ip4_group(destination);
    way.ip.destination = destination;
    way.ip.protocol = IP_PROTOCOL_IGMP;
    way.ip.ttl = 1;
    way.ip.options = ip4_router_alert;
    return way;
}

static void hear_by(struct lone *l, const struct forge *way, const struct igmp *m)
{
    static uint8_t frame[ETH_HEADER + 1500];
    uint8_t message[1500];
    size_t length = igmp_write(message, m);
    lone_hear(l, frame, forge_ip4(frame, way, span_of(message, length)));
}

static void hear(struct lone *l, const struct igmp *m)
{
    bool general = m->type == IGMP_QUERY && !m->group;
    struct forge way = from_router(general ? IGMP_ALL_SYSTEMS : m->group);
    hear_by(l, &way, m);
}

static struct igmp query(uint8_t version, uint32_t group, uint32_t response)
{
    return (struct igmp){
        .type = IGMP_QUERY, .version = version, .group = group, .response = response};
}

/* The i-th message sent is a report of version 3 with one record: of this kind and about these. */
static bool reported(const struct lone *l, unsigned i, enum igmp_record type, unsigned sources)
{
    struct dissected d = lone_sent(l, i);
    const uint8_t *at = d.payload.at;
    return d.kind == DISSECTED_IGMP && d.ip.destination == IGMP_V3_ROUTERS &&
           at[0] == IGMP_V3_REPORT && wire_get16(at + 6) == 1 && at[8] == type &&
           wire_get16(at + 10) == sources && wire_get32(at + 12) == GROUP;
}

static bool sent_old(const struct lone *l, unsigned i, enum igmp_type type, uint32_t to)
{
    struct dissected d = lone_sent(l, i);
    return d.kind == DISSECTED_IGMP && d.payload.at[0] == type && d.ip.destination == to &&
           wire_get32(d.payload.at + 4) == GROUP;
}

static struct lone *open_with(int *fd)
{
    struct lone *l = lone_open(NULL);
    *fd = lone_udp(SERVICE);
    return l;
}

/* Joined, and the routers know. */
static struct lone *open_member(int *fd)
{
    struct lone *l = open_with(fd);
    CU_ASSERT_EQUAL(member(*fd, IP_ADD_MEMBERSHIP, GROUP), 0);
    lone_pass(l, RILL_SECONDS(30));
    lone_forget(l);
    return l;
}

/* RFC 3376 5.1: at once, and once more within a second. */
static void joining_and_leaving_is_told_twice(void)
{
    int fd;
    struct lone *l = open_with(&fd);
    CU_ASSERT_EQUAL(member(fd, IP_ADD_MEMBERSHIP, GROUP), 0);
    lone_pull(l);
    CU_ASSERT_EQUAL(l->sent, 1);
    CU_ASSERT_TRUE(reported(l, 0, IGMP_TO_EXCLUDE, 0));
    lone_pass(l, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(l->sent, 2);
    CU_ASSERT_TRUE(reported(l, 1, IGMP_TO_EXCLUDE, 0));
    lone_pass(l, RILL_SECONDS(300));
    CU_ASSERT_EQUAL(l->sent, 2);
    lone_forget(l);
    rill_close(fd); /* which ends the membership */
    lone_pull(l);
    CU_ASSERT_TRUE(reported(l, 0, IGMP_TO_INCLUDE, 0));
    lone_pass(l, RILL_SECONDS(300));
    CU_ASSERT_EQUAL(l->sent, 2);
    CU_ASSERT_TRUE(reported(l, 1, IGMP_TO_INCLUDE, 0));
    lone_close(l);
}

static void a_second_member_changes_nothing_for_the_routers(void)
{
    int fd;
    struct lone *l = open_member(&fd);
    int other = lone_udp(SERVICE + 1);
    CU_ASSERT_EQUAL(member(other, IP_ADD_MEMBERSHIP, GROUP), 0);
    CU_ASSERT_EQUAL(member(other, IP_ADD_MEMBERSHIP, IGMP_ALL_SYSTEMS), 0); /* never reported */
    CU_ASSERT_EQUAL(member(fd, IP_DROP_MEMBERSHIP, GROUP), 0);
    lone_pass(l, RILL_SECONDS(5));
    CU_ASSERT_EQUAL(l->sent, 0);
    CU_ASSERT_EQUAL(member(other, IP_DROP_MEMBERSHIP, GROUP), 0);
    lone_pass(l, RILL_SECONDS(5));
    CU_ASSERT_EQUAL(l->sent, 2);
    lone_close(l);
}

static void sources_are_told(void)
{
    int fd;
    struct lone *l = open_with(&fd);
    CU_ASSERT_EQUAL(listed(fd, IP_ADD_SOURCE_MEMBERSHIP, SOURCE_A), 0);
    lone_pass(l, RILL_SECONDS(5));
    CU_ASSERT_EQUAL(l->sent, 2);
    CU_ASSERT_TRUE(reported(l, 0, IGMP_ALLOW, 1));
    CU_ASSERT_TRUE(reported(l, 1, IGMP_ALLOW, 1));
    lone_forget(l);
    CU_ASSERT_EQUAL(listed(fd, IP_ADD_SOURCE_MEMBERSHIP, SOURCE_B), 0);
    lone_pull(l);
    CU_ASSERT_EQUAL(listed(fd, IP_DROP_SOURCE_MEMBERSHIP, SOURCE_A), 0);
    lone_pull(l); /* B is allowed for the second time, A blocked for the first */
    CU_ASSERT_EQUAL(l->sent, 2);
    struct dissected d = lone_sent(l, 1);
    CU_ASSERT_EQUAL(wire_get16(d.payload.at + 6), 2);
    CU_ASSERT_EQUAL(d.payload.at[8], IGMP_ALLOW);
    CU_ASSERT_EQUAL(d.payload.at[8 + 12], IGMP_BLOCK);
    lone_pass(l, RILL_SECONDS(5));
    CU_ASSERT_EQUAL(l->sent, 3);
    CU_ASSERT_TRUE(reported(l, 2, IGMP_BLOCK, 1));
    lone_forget(l);
    int other = lone_udp(SERVICE + 1); /* RFC 3376 3.2: the port is now in EXCLUDE mode */
    CU_ASSERT_EQUAL(member(other, IP_ADD_MEMBERSHIP, GROUP), 0);
    lone_pull(l);
    CU_ASSERT_TRUE(reported(l, 0, IGMP_TO_EXCLUDE, 0));
    lone_close(l);
}

static void a_general_query_is_answered_after_a_while(void)
{
    int fd;
    struct lone *l = open_member(&fd);
    struct igmp q = query(3, 0, 100);
    hear(l, &q);
    hear(l, &q); /* one answer is enough for both */
    CU_ASSERT_EQUAL(l->sent, 0);
    lone_pass(l, RILL_SECONDS(10));
    CU_ASSERT_EQUAL(l->sent, 1);
    CU_ASSERT_TRUE(reported(l, 0, IGMP_IS_EXCLUDE, 0));
    lone_pass(l, RILL_SECONDS(300));
    CU_ASSERT_EQUAL(l->sent, 1);
    lone_close(l);
}

static void a_query_is_answered_about_what_it_asks(void)
{
    uint8_t sources[12];
    int fd;
    struct lone *l = open_member(&fd);
    struct igmp q = query(3, GROUP, 10), other = query(3, GROUP + 1, 10);
    CU_ASSERT_EQUAL(listed(fd, IP_BLOCK_SOURCE, SOURCE_A), 0);
    lone_pass(l, RILL_SECONDS(5));
    lone_forget(l);
    hear(l, &other);
    lone_pass(l, RILL_SECONDS(5));
    CU_ASSERT_EQUAL(l->sent, 0);
    hear(l, &q);
    lone_pass(l, RILL_SECONDS(1));
    CU_ASSERT_TRUE(reported(l, 0, IGMP_IS_EXCLUDE, 1));
    lone_forget(l);
    wire_put32(sources, SOURCE_A);
    wire_put32(sources + 4, SOURCE_B);
    wire_put32(sources + 8, SOURCE_B + 1);
    q.sources = span_of(sources, sizeof sources);
    hear(l, &q);
    lone_pass(l, RILL_SECONDS(1));
    CU_ASSERT_TRUE(reported(l, 0, IGMP_IS_INCLUDE, 2)); /* A is not wanted */
    lone_forget(l);
    q.sources = span_of(sources, 4);
    hear(l, &q);
    lone_pass(l, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(l->sent, 0);
    lone_close(l);
}

/* RFC 3376 7.2.1, RFC 2236 3. */
static void an_older_querier_is_answered_as_it_understands(void)
{
    int fd;
    struct lone *l = open_member(&fd);
    struct igmp v2 = query(2, 0, 10), heard = {.type = IGMP_V2_REPORT, .group = GROUP};
    hear(l, &v2);
    lone_pass(l, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(l->sent, 1);
    CU_ASSERT_TRUE(sent_old(l, 0, IGMP_V2_REPORT, GROUP));
    lone_forget(l);
    hear(l, &v2);
    hear(l, &heard); /* another host has said it */
    lone_pass(l, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(l->sent, 0);
    hear(l, &v2);
    lone_pass(l, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(member(fd, IP_DROP_MEMBERSHIP, GROUP), 0);
    lone_pass(l, RILL_SECONDS(20));
    CU_ASSERT_EQUAL(l->sent, 2);
    CU_ASSERT_TRUE(sent_old(l, 1, IGMP_LEAVE, IGMP_ALL_ROUTERS));
    lone_forget(l);
    CU_ASSERT_EQUAL(member(fd, IP_ADD_MEMBERSHIP, GROUP), 0);
    lone_pass(l, RILL_SECONDS(20));
    CU_ASSERT_EQUAL(l->sent, 2);
    CU_ASSERT_TRUE(sent_old(l, 1, IGMP_V2_REPORT, GROUP));
    lone_forget(l);
    lone_pass(l, RILL_SECONDS(2 * 125 + 10)); /* it is gone */
    CU_ASSERT_EQUAL(member(fd, IP_DROP_MEMBERSHIP, GROUP), 0);
    lone_pull(l);
    CU_ASSERT_TRUE(reported(l, 0, IGMP_TO_INCLUDE, 0));
    lone_close(l);
}

static void version_1_knows_no_leave(void)
{
    int fd;
    struct lone *l = open_member(&fd);
    struct igmp v1 = query(1, 0, 0);
    struct forge way = from_router(IGMP_ALL_SYSTEMS);
    way.ip.options = span_of(NULL, 0);
    hear_by(l, &way, &v1);
    lone_pass(l, RILL_SECONDS(10));
    CU_ASSERT_EQUAL(l->sent, 1);
    CU_ASSERT_TRUE(sent_old(l, 0, IGMP_V1_REPORT, GROUP));
    rill_close(fd);
    lone_pass(l, RILL_SECONDS(10));
    CU_ASSERT_EQUAL(l->sent, 1);
    lone_close(l);
}

/* RFC 3376 9.1. */
static void a_query_from_elsewhere_is_not_answered(void)
{
    int fd;
    struct lone *l = open_member(&fd);
    struct igmp q = query(3, 0, 1);
    struct forge plain = from_router(IGMP_ALL_SYSTEMS), unicast = from_router(IGMP_ALL_SYSTEMS);
    plain.ip.options = span_of(NULL, 0);
    unicast.to = forge_mac(1);
    unicast.ip.destination = FORGE_VICTIM;
    hear_by(l, &plain, &q);
    hear_by(l, &unicast, &q);
    lone_pass(l, RILL_SECONDS(5));
    CU_ASSERT_EQUAL(l->sent, 0);
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_IGMP_QUERY), 2);
    lone_close(l);
}

static void a_flood_of_queries_causes_few_answers(void)
{
    uint8_t sources[4 * 300];
    int fd;
    struct lone *l = open_member(&fd);
    struct igmp q = query(3, 0, 0), g = query(3, GROUP, 0), many = query(3, GROUP, 1);
    size_t before = rill_memory_used(l->rill);
    for (size_t i = 0; i < sizeof sources / 4; i++)
        wire_put32(sources + 4 * i, (uint32_t)(SOURCE_A + i));
    many.sources = span_of(sources, sizeof sources);
    for (unsigned i = 0; i < 1000; i++) {
        hear(l, &q);
        hear(l, &g);
        hear(l, &many);
        lone_pass(l, RILL_MILLISECONDS(1));
    }
    CU_ASSERT(l->sent > 10 && l->sent < 1000);
    CU_ASSERT_EQUAL(rill_memory_used(l->rill), before);
    lone_close(l);
}

static void what_nobody_has_joined_is_dropped(void)
{
    static uint8_t frame[ETH_HEADER + 1500];
    char text[16];
    int fd;
    struct lone *l = open_with(&fd);
    struct forge way = forge_honest();
    way.ip.destination = GROUP;
    way.to = mac_of_ip4_group(GROUP);
    lone_hear(l, frame, forge_udp(frame, &way, 9, SERVICE, span_of("news", 4)));
    CU_ASSERT_TRUE(fails(rill_recv(fd, text, sizeof text, 0), EAGAIN));
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_IP_GROUP), 1);
    CU_ASSERT_EQUAL(member(fd, IP_ADD_MEMBERSHIP, GROUP), 0);
    lone_hear(l, frame, forge_udp(frame, &way, 9, SERVICE, span_of("news", 4)));
    CU_ASSERT_EQUAL(rill_recv(fd, text, sizeof text, 0), 4);
    CU_ASSERT_EQUAL(rill_counters(l->rill)->value[RILL_IpExtInMcastPkts], 1);
    CU_ASSERT_EQUAL(lone_count(l, DISSECTED_ICMP, NULL), 0);
    lone_close(l);
}

static void what_is_sent_stays_on_the_link(void)
{
    struct sockaddr_in to = lone_address(GROUP, SERVICE);
    struct dissected d;
    char text[16];
    int fd, ttl = 0;
    struct lone *l = open_member(&fd);
    CU_ASSERT_EQUAL(rill_sendto(fd, "news", 4, 0, (struct sockaddr *)&to, sizeof to), 4);
    CU_ASSERT_EQUAL(rill_recv(fd, text, sizeof text, 0), 4); /* our own copy */
    lone_pull(l);
    CU_ASSERT_EQUAL(lone_count(l, DISSECTED_UDP, &d), 1);
    CU_ASSERT_EQUAL(d.ip.ttl, 1);
    CU_ASSERT_EQUAL(d.ip.destination, GROUP);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl), 0);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &ttl, sizeof ttl), 0);
    CU_ASSERT_EQUAL(rill_sendto(fd, "news", 4, 0, (struct sockaddr *)&to, sizeof to), 4);
    CU_ASSERT_TRUE(fails(rill_recv(fd, text, sizeof text, 0), EAGAIN));
    lone_pull(l);
    CU_ASSERT_EQUAL(lone_count(l, DISSECTED_UDP, NULL), 1); /* TTL 0 does not leave the host */
    lone_close(l);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"joining and leaving is told twice", joining_and_leaving_is_told_twice},
        {"a second member changes nothing for the routers",
         a_second_member_changes_nothing_for_the_routers},
        {"sources are told", sources_are_told},
        {"a general query is answered after a while", a_general_query_is_answered_after_a_while},
        {"a query is answered about what it asks", a_query_is_answered_about_what_it_asks},
        {"an older querier is answered as it understands",
         an_older_querier_is_answered_as_it_understands},
        {"version 1 knows no leave", version_1_knows_no_leave},
        {"a query from elsewhere is not answered", a_query_from_elsewhere_is_not_answered},
        {"a flood of queries causes few answers", a_flood_of_queries_causes_few_answers},
        {"what nobody has joined is dropped", what_nobody_has_joined_is_dropped},
        {"what is sent stays on the link", what_is_sent_stays_on_the_link},
    };
    return UNIT_MAIN("igmp", tests);
}
