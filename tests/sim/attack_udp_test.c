/* Attacks on UDP, one test for each row U.. of the attack table, named by it. */
#include "../unit/unit.h"
#include "probe.h"

#include <errno.h>

#define SERVICE 7
#define TEXT 100

struct scene {
    struct lone *lone;
    int udp;
};

static struct scene begin(void)
{
    struct scene s = {.lone = lone_open(NULL), .udp = lone_udp(SERVICE)};
    lone_meet(s.lone, FORGE_PEER, forge_mac(2));
    return s;
}

static void end(struct scene *s)
{
    struct forge way = forge_honest();
    char text[64];
    while (rill_recv(s->udp, text, sizeof text, 0) >= 0)
        ;
    probe_udp(s->lone, &way, SERVICE);
    CU_ASSERT_EQUAL(rill_recv(s->udp, text, sizeof text, 0), 13);
    rill_close(s->udp);
    lone_close(s->lone);
}

/* A good datagram, ready to be damaged; returns its UDP header. */
static uint8_t *good_datagram(uint8_t *frame, size_t *length, size_t text)
{
    static const uint8_t bytes[TEXT] = "abc";
    struct forge way = forge_honest();
    *length = forge_udp(frame, &way, 4000, SERVICE, span_of(bytes, text));
    return forge_payload(frame, &way);
}

static void u01_length(void)
{
    struct scene s = begin();
    uint8_t frame[256], text[256];
    size_t length;
    uint8_t *header = good_datagram(frame, &length, TEXT);
    wire_put16(header + 6, 0); /* no checksum: it is about the length */
    for (unsigned claimed = 0; claimed < 65536; claimed++) {
        wire_put16(header + 4, (uint16_t)claimed);
        lone_hear(s.lone, frame, length);
        bool good = claimed >= UDP_HEADER && claimed <= UDP_HEADER + TEXT;
        ssize_t expected = good ? (ssize_t)claimed - UDP_HEADER : -1;
        CU_ASSERT_EQUAL(rill_recv(s.udp, text, sizeof text, 0), expected);
    }
    end(&s);
}

static void u02_checksum(void)
{
    struct scene s = begin();
    for (size_t size = 4; size <= 5; size++) {
        uint8_t frame[256], text[256];
        size_t length;
        uint8_t *header = good_datagram(frame, &length, size);
        uint16_t right = wire_get16(header + 6);
        for (unsigned sum = 0; sum < 65536; sum++) {
            wire_put16(header + 6, (uint16_t)sum);
            lone_hear(s.lone, frame, length);
            bool good = sum == right || sum == 0;
            CU_ASSERT_EQUAL(rill_recv(s.udp, text, sizeof text, 0), good ? (ssize_t)size : -1);
        }
    }
    end(&s);
}

static void u03_port_zero(void)
{
    struct scene s = begin();
    uint8_t frame[128];
    struct forge way = forge_honest();
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    CU_ASSERT_EQUAL(probe_udp(s.lone, &way, 0), 0);
    lone_hear(s.lone, frame, forge_udp(frame, &way, 0, SERVICE, span_of("0", 1)));
    CU_ASSERT_EQUAL(rill_recvfrom(s.udp, frame, sizeof frame, 0, (struct sockaddr *)&from, &size),
                    1);
    CU_ASSERT_EQUAL(from.sin_port, 0);
    CU_ASSERT(rill_sendto(s.udp, "0", 1, 0, (struct sockaddr *)&from, size) == -1 &&
              errno == EINVAL);
    end(&s);
}

static void u04_closed_ports(void)
{
    struct scene s = begin();
    struct forge way = forge_honest();
    size_t used = 0;
    unsigned errors = 0;
    for (unsigned i = 0; i < 1u << 17; i++) {
        errors += probe_udp(s.lone, &way, (uint16_t)(20000 + i % 1000));
        if (i == 1000)
            used = rill_memory_used(s.lone->rill);
        lone_forget(s.lone);
    }
    CU_ASSERT(errors > 0 && errors < 50); /* all at one instant */
    CU_ASSERT_EQUAL(rill_memory_used(s.lone->rill), used);
    end(&s);
}

static void u05_loops(void)
{
    struct scene s = begin();
    uint8_t frame[128];
    struct forge way = forge_honest();
    way.ip.source = FORGE_VICTIM;
    lone_hear(s.lone, frame, forge_udp(frame, &way, 7, 7, span_of("loop", 4)));
    lone_hear(s.lone, frame, forge_udp(frame, &way, 7, 19, span_of("loop", 4)));
    way = forge_honest(); /* nothing of our own listens there */
    CU_ASSERT_EQUAL(rill_recv(s.udp, frame, sizeof frame, 0), -1);
    CU_ASSERT_EQUAL(s.lone->sent, 0);
    end(&s);
}

static void u06_queue(void)
{
    struct scene s = begin();
    uint8_t frame[256], text[256];
    size_t length, used = rill_memory_used(s.lone->rill);
    uint8_t *header = good_datagram(frame, &length, 0);
    for (unsigned i = 0; i < 1000000; i++) {
        if (i % 2 == 0)
            header = good_datagram(frame, &length, i % TEXT);
        else
            wire_put16(header + 6, (uint16_t)(wire_get16(header + 6) + 1));
        lone_hear(s.lone, frame, length);
    }
    CU_ASSERT(rill_memory_used(s.lone->rill) < used + (1 << 20));
    CU_ASSERT(lone_dropped(s.lone, RILL_DROP_UDP_QUEUE_FULL) > 100000);
    CU_ASSERT_EQUAL(lone_dropped(s.lone, RILL_DROP_UDP_CHECKSUM), 500000);
    CU_ASSERT_EQUAL(rill_recv(s.udp, text, sizeof text, 0), 0); /* the first came without text */
    CU_ASSERT_EQUAL(rill_recv(s.udp, text, sizeof text, 0), 2);
    end(&s);
}

/* RFC 6056: ports all over the range; RFC 768 and connect(2): a connected socket hears its peer. */
static void u07_spoofed_answers(void)
{
    enum { COUNT = 4096, BINS = 16 };
    struct scene s = begin();
    struct forge way = forge_honest();
    unsigned bin[BINS] = {0};
    struct sockaddr_in own, peer = lone_address(FORGE_PEER, 4000);
    socklen_t size = sizeof own;
    char text[64];
    for (unsigned i = 0; i < COUNT; i++) {
        int fd = lone_udp(0);
        rill_getsockname(fd, (struct sockaddr *)&own, &size);
        unsigned port = ntohs(own.sin_port);
        CU_ASSERT_FATAL(port >= 32768 && port < 61000);
        bin[(port - 32768) * BINS / (61000 - 32768)]++;
        rill_close(fd);
    }
    double chi = 0, expected = (double)COUNT / BINS;
    for (unsigned i = 0; i < BINS; i++)
        chi += (bin[i] - expected) * (bin[i] - expected) / expected;
    CU_ASSERT(chi < 37.7); /* 15 degrees of freedom, 0.1 % */
    rill_connect(s.udp, (struct sockaddr *)&peer, sizeof peer);
    way.ip.source = 0xc0000209;
    probe_udp(s.lone, &way, SERVICE);
    CU_ASSERT_EQUAL(rill_recv(s.udp, text, sizeof text, 0), -1);
    end(&s);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"U01 text is as long as UDP says, or dropped", u01_length},
        {"U02 only the right checksum passes, or none", u02_checksum},
        {"U03 port 0 is nobody's", u03_port_zero},
        {"U04 closed ports answer within bounds", u04_closed_ports},
        {"U05 services do not answer each other", u05_loops},
        {"U06 the queue is bounded and the reader lives", u06_queue},
        {"U07 answers cannot be guessed in", u07_spoofed_answers},
    };
    return UNIT_MAIN("attack_udp", tests);
}
