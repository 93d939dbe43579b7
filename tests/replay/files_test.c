/* What a file may be: other link types, formats and byte orders hold the same conversation; what
 * cannot be read or played is refused with one sentence and its exit status. */
#include "../unit/unit.h"
#include "replay/replay.h"
#include "written.h"

#include <pcap/pcap.h>
#include <unistd.h>

#define CLIENT CONVERSATION_CLIENT
#define SERVER CONVERSATION_SERVER
#define WIFI DLT_IEEE802_11

static char name[] = "/tmp/rill-replay-XXXXXX";

/* ----------------------------------------------------------- files */

/* How the packets stand in the file. */
struct shape {
    int link;
    size_t cut;       /* what is left of each; 0: all */
    unsigned without; /* the first packets */
    size_t end;       /* bytes that the file has lost there */
    bool nanoseconds;
    const char *between; /* Ethernet and IP: `length` bytes from the EtherType on */
    size_t length;
    bool unsummed;  /* the sums were left to the card of the host that recorded */
    bool uncut;     /* and the cutting: what has no padding has no length */
    bool spoiled;   /* the sum of the first text is wrong */
    bool datagrams; /* a question and its answer, not a TCP conversation */
};

static void write_conversation(struct recording *r)
{
    static const struct written rest[] = {{CLIENT, TCP_ACK | TCP_PSH, 1, 1, "hello", 0},
                                          {SERVER, TCP_ACK | TCP_PSH, 1, 6, "hello, too", 0},
                                          {CLIENT, TCP_ACK | TCP_FIN, 6, 11, NULL, 0},
                                          {SERVER, TCP_ACK | TCP_FIN, 11, 7, NULL, 0},
                                          {CLIENT, TCP_ACK, 7, 12, NULL, 0}};
    write_handshake(r);
    for (unsigned i = 0; i < 5; i++)
        write_segment(r, &rest[i]);
}

static void write_datagrams(struct recording *r)
{
    write_udp(r, CLIENT, 4000, 53, span_of("where?", 6));
    write_udp(r, SERVER, 53, 4000, span_of("here", 4));
}

/* The head that the link puts in front of an IP packet; returns its length. */
static size_t write_head(uint8_t *at, const struct shape *s)
{
    static const uint8_t loopback[] = {2, 0, 0, 0}, loop[] = {0, 0, 0, 2};
    memset(at, 0, 32);
    switch (s->link) {
    case DLT_LINUX_SLL:
        wire_put16(at + 14, ETH_TYPE_IP4);
        return 16;
    case DLT_LINUX_SLL2:
        wire_put16(at, ETH_TYPE_IP4);
        return 20;
    case DLT_NULL:
        return memcpy(at, loopback, 4), 4;
    case DLT_LOOP:
        return memcpy(at, loop, 4), 4;
    case DLT_RAW:
        return 0;
    default:
        wire_put16(at + 12, ETH_TYPE_IP4);
        if (!s->between)
            return ETH_HEADER;
        memcpy(at + 12, s->between, s->length);
        return 12 + s->length;
    }
}

static void leave_sum(uint8_t *ip, size_t length)
{
    size_t field = ip[9] == IP_PROTOCOL_UDP ? UDP_CHECKSUM_OFFSET : TCP_CHECKSUM_OFFSET;
    uint64_t sum = checksum_pseudo(rill_address_ip4(wire_get32(ip + 12)),
                                   rill_address_ip4(wire_get32(ip + 16)), ip[9],
                                   (uint32_t)(length - IP4_HEADER));
    wire_put16(ip + IP4_HEADER + field, checksum_fold(sum));
}

static void write_file(const struct shape *s)
{
    struct recording r = {0};
    uint8_t bytes[2048];
    u_int precision = s->nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO;
    pcap_t *dead = pcap_open_dead_with_tstamp_precision(s->link, 65535, precision);
    pcap_dumper_t *file = pcap_dump_open(dead, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    (s->datagrams ? write_datagrams : write_conversation)(&r);
    for (unsigned i = s->without; i < r.count; i++) {
        size_t head = write_head(bytes, s), length = head + r.packet[i].body.length;
        memcpy(bytes + head, r.packet[i].body.at, r.packet[i].body.length);
        if (s->unsummed)
            leave_sum(bytes + head, wire_get16(bytes + head + 2));
        if (s->uncut && r.packet[i].body.length > ETH_MINIMUM - ETH_HEADER)
            wire_put16(bytes + head + 2, 0);
        if (s->spoiled && i == 3)
            bytes[head + IP4_HEADER + 16] ^= 1;
        struct pcap_pkthdr h = {.len = (bpf_u_int32)length, .caplen = (bpf_u_int32)length};
        h.ts.tv_usec = (suseconds_t)(r.packet[i].when / (s->nanoseconds ? 1 : 1000));
        if (s->cut && s->cut < length)
            h.caplen = (bpf_u_int32)s->cut;
        pcap_dump((u_char *)file, &h, bytes);
    }
    pcap_dump_close(file);
    pcap_close(dead);
    FILE *end = fopen(name, "r+");
    fseek(end, 0, SEEK_END);
    CU_ASSERT_EQUAL(ftruncate(fileno(end), ftell(end) - (long)s->end), 0);
    fclose(end);
    recording_free(&r);
}

static void swap(uint8_t *at, size_t bytes)
{
    for (size_t i = 0; i < bytes / 2; i++) {
        uint8_t byte = at[i];
        at[i] = at[bytes - 1 - i];
        at[bytes - 1 - i] = byte;
    }
}

/* The same, as a machine of the other byte order writes it: the magic, two numbers of 16 bits and
 * four of 32, then four of 32 bits in front of each packet. */
static void swap_file(void)
{
    static const unsigned head[] = {4, 2, 2, 4, 4, 4, 4};
    uint8_t bytes[4096], *at = bytes;
    uint32_t packet;
    FILE *file = fopen(name, "r+");
    size_t length = fread(bytes, 1, sizeof bytes, file);
    for (unsigned i = 0; i < 7; at += head[i++])
        swap(at, head[i]);
    for (; at < bytes + length; at += packet) {
        memcpy(&packet, at + 8, sizeof packet);
        for (unsigned i = 0; i < 4; i++, at += 4)
            swap(at, 4);
    }
    rewind(file);
    fwrite(bytes, 1, length, file);
    fclose(file);
}

/* ----------------------------------------------------------- what is said of them */

/* All of it, which the caller frees. */
static char *tell(const struct replay_options *o, enum replay_status *status)
{
    char *text;
    size_t length;
    struct replay_sums sums;
    FILE *out = open_memstream(&text, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    *status = replay_file(name, o, out, &sums);
    fclose(out);
    return text;
}

static void expect_with(const struct replay_options *o, enum replay_status status,
                        const char *sentence)
{
    enum replay_status is;
    char *text = tell(o, &is);
    CU_ASSERT_EQUAL(is, status);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, sentence));
    if (!strstr(text, sentence))
        puts(text);
    free(text);
}

/* Nothing of the kind is said. */
static void expect_silence(const struct replay_options *o, const char *sentence)
{
    enum replay_status is;
    char *text = tell(o, &is);
    CU_ASSERT_PTR_NULL(strstr(text, sentence));
    free(text);
}

static const struct replay_options both = {.side = {true, true}, .filter = ""};

static void expect(const struct shape *s, enum replay_status status, const char *sentence)
{
    write_file(s);
    expect_with(&both, status, sentence);
}

static void link_types(void)
{
    static const int links[] = {DLT_EN10MB,     DLT_RAW,  DLT_LINUX_SLL,
                                DLT_LINUX_SLL2, DLT_NULL, DLT_LOOP};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        expect(&(struct shape){.link = links[i]}, REPLAY_EXACT,
               "10.0.0.1:4000 > 10.0.0.2:80, as the server: exact, 10 bytes sent, 5 delivered");
}

#define BETWEEN(text) .between = text, .length = sizeof text - 1

static void formats(void)
{
    static const char good[] = "2 played, 2 exact";
    expect(&(struct shape){.link = DLT_EN10MB, .nanoseconds = true}, REPLAY_EXACT, good);
    expect(&(struct shape){.link = DLT_EN10MB, .unsummed = true}, REPLAY_EXACT, good);
    expect(&(struct shape){.link = DLT_EN10MB, .unsummed = true, .uncut = true}, REPLAY_EXACT,
           good);
    expect(&(struct shape){.link = DLT_RAW, .unsummed = true, .datagrams = true}, REPLAY_EXACT,
           good);
    expect(&(struct shape){.link = DLT_EN10MB, BETWEEN("\x81\0\0\7\x8\0"), .uncut = true},
           REPLAY_EXACT, good);
    write_file(&(struct shape){.link = DLT_EN10MB});
    swap_file();
    expect_with(&both, REPLAY_EXACT, good);
}

static void access_networks(void)
{
    static const struct shape shapes[] = {
        {BETWEEN("\x81\0\0\7\x8\0")},                        /* 802.1Q */
        {BETWEEN("\x88\xa8\0\7\x81\0\0\5\x8\0")},            /* 802.1ad */
        {BETWEEN("\x91\0\0\7\x81\0\0\5\x8\0")},              /* as it was before */
        {BETWEEN("\x88\x64\x11\0\0\1\1\0\0\x21")},           /* PPPoE */
        {BETWEEN("\x81\0\0\7\x88\x64\x11\0\0\1\1\0\0\x21")}, /* in a VLAN */
        {BETWEEN("\x88\x47\0\1\1\x40")},                     /* MPLS */
        {BETWEEN("\x88\x47\0\1\0\x40\0\2\1\x40")},           /* of two labels */
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct shape s = shapes[i];
        s.link = DLT_EN10MB;
        expect(&s, REPLAY_EXACT, "2 played, 2 exact");
    }
}

static void unknown_links(void)
{
    expect(&(struct shape){.link = WIFI}, REPLAY_UNSUPPORTED,
           "unsupported: link type IEEE802_11 (105): Ethernet, ");
}

/* And no sums of what was not read: nothing has been survived. */
static void says_one_sentence(const struct replay_options *o)
{
    enum replay_status is;
    char *text = tell(o, &is);
    CU_ASSERT_PTR_EQUAL(strchr(text, '\n'), text + strlen(text) - 1);
    free(text);
}

static void damage(void)
{
    expect(&(struct shape){.link = DLT_EN10MB, .end = 3}, REPLAY_UNREADABLE,
           "damaged behind packet 7: truncated dump file");
    FILE *file = fopen(name, "w");
    fputs("this is no capture, but a letter to my aunt", file);
    fclose(file);
    expect_with(&both, REPLAY_UNREADABLE, "unknown file format: pcap and pcapng are known");
    says_one_sentence(&both);
    says_one_sentence(&(struct replay_options){.hostile = true, .filter = ""});
    unlink(name);
    expect_with(&both, REPLAY_UNREADABLE, "No such file");
}

static void cuts(void)
{
    static const char completed[] = "completed: 1 packets that the snap length has cut, with zeros";
    expect(&(struct shape){.link = DLT_EN10MB, .cut = 60}, REPLAY_EXACT, completed);
    expect_with(&both, REPLAY_EXACT, "5 bytes sent, 10 delivered");
    expect(&(struct shape){.link = DLT_EN10MB, BETWEEN("\x81\0\0\7\x8\0"), .cut = 64}, REPLAY_EXACT,
           completed);
    expect(&(struct shape){.link = DLT_RAW, .cut = 45}, REPLAY_EXACT,
           "completed: 8 packets"); /* of seven only padding */
    expect(&(struct shape){.link = DLT_EN10MB, .cut = 60, .unsummed = true, .uncut = true},
           REPLAY_EXACT, completed);
    expect(&(struct shape){.link = DLT_EN10MB, .datagrams = true, .cut = 44}, REPLAY_EXACT,
           "completed: 2 packets");
    expect(&(struct shape){.link = DLT_EN10MB, .cut = 52}, REPLAY_UNSUPPORTED,
           "unsupported: the snap length of the capture has cut its segments");
    expect_silence(&both, "no part of a conversation");
    expect(&(struct shape){.link = DLT_EN10MB, .without = 1}, REPLAY_UNSUPPORTED,
           "unsupported: the capture does not show its handshake");
    expect(&(struct shape){.link = DLT_EN10MB, .without = 3}, REPLAY_EXACT,
           "completed: 1 conversations without a handshake, with one");
}

static void wrong_sums(void)
{
    static const char sentence[] = "passed over: 1 segments with a wrong checksum";
    expect(&(struct shape){.link = DLT_EN10MB, .spoiled = true}, REPLAY_UNSUPPORTED, sentence);
    expect(&(struct shape){.link = DLT_EN10MB}, REPLAY_EXACT, "");
    expect_silence(&both, "wrong checksum");
}

static void filters(void)
{
    struct replay_options o = {.side = {true, false}, .filter = "tcp port 80"};
    write_file(&(struct shape){.link = DLT_EN10MB});
    expect_with(&o, REPLAY_EXACT, "1 played, 1 exact");
    o.filter = "udp";
    expect_with(&o, REPLAY_UNSUPPORTED, "unsupported: the filter lets no conversation pass");
    o.filter = "tcp prot 80";
    expect_with(&o, REPLAY_UNREADABLE, "the filter: ");
}

static void hostile(void)
{
    struct replay_options o = {.hostile = true, .filter = ""};
    write_file(&(struct shape){.link = DLT_EN10MB});
    expect_with(&o, REPLAY_EXACT, "as they are: 8 frames");
    expect_with(&o, REPLAY_EXACT, "       8  source MAC is a group, zero or our own");
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"every link type that can carry IP is mapped", link_types},
        {"nanoseconds, what a card was to finish and the other byte order are read", formats},
        {"tags, labels and sessions are looked behind", access_networks},
        {"an unknown link type is named", unknown_links},
        {"damage is told with its place", damage},
        {"what the capture has cut or lacks is told", cuts},
        {"segments with wrong sums are counted", wrong_sums},
        {"a filter chooses, and a bad one is told", filters},
        {"hostile frames are counted by reason", hostile},
    };
    int fd = mkstemp(name);
    close(fd);
    int status = UNIT_MAIN("files", tests);
    unlink(name);
    return status;
}
