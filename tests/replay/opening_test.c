/* Conversations that were recorded from the middle on: the handshake that they get. */
#include "played.h"
#include "replay/opening.h"
#include "wire/ip4.h"

static struct recording written(const struct written *w)
{
    return write_all((struct recording){0}, w);
}

static void expect_unopened(const struct written *w)
{
    struct recording r = written(w);
    unsigned before = r.count;
    CU_ASSERT_EQUAL(openings_insert(&r), 0);
    CU_ASSERT_EQUAL(r.count, before);
    recording_free(&r);
}

/* Played from both sides it is exact. */
static void expect_opened(const struct written *w)
{
    for (int side = 0; side < 2; side++) {
        struct recording r = written(w);
        unsigned before = r.count;
        CU_ASSERT_EQUAL(openings_insert(&r), 1);
        CU_ASSERT_EQUAL(r.count, before + 3);
        expect(play_recording(&quiet, side, r), 0, "");
    }
}

static struct tcp_header header_of(const struct recorded *p)
{
    struct ip4 ip;
    struct tcp_header h;
    struct rill_span segment, text;
    CU_ASSERT_FALSE_FATAL(ip4_parse(&ip, p->body, &segment));
    CU_ASSERT_FALSE_FATAL(tcp_header_parse(&h, segment, &text));
    return h;
}

static void a_handshake_is_added(void)
{
    expect_opened(good);
    struct recording r = written(good);
    openings_insert(&r);
    struct tcp_header syn = header_of(&r.packet[0]), answer = header_of(&r.packet[1]),
                      ack = header_of(&r.packet[2]);
    CU_ASSERT_EQUAL(syn.flags, TCP_SYN);
    CU_ASSERT_EQUAL(syn.seq.n, 1000);
    CU_ASSERT_EQUAL(answer.flags, TCP_SYN | TCP_ACK);
    CU_ASSERT_EQUAL(answer.seq.n, 5000);
    CU_ASSERT_EQUAL(answer.ack.n, 1001);
    CU_ASSERT_EQUAL(ack.flags, TCP_ACK);
    CU_ASSERT_EQUAL(ack.seq.n, 1001);
    CU_ASSERT_EQUAL(ack.ack.n, 5001);
    CU_ASSERT_EQUAL(ack.window, WRITTEN_WINDOW);
    CU_ASSERT_FALSE(syn.options.has_timestamps || syn.options.has_window_scale);
    CU_ASSERT_EQUAL(syn.options.mss, 536);
    recording_free(&r);
}

/* It stands in front of its conversation, behind what was recorded before. */
static void its_place_is_the_first_packet(void)
{
    struct recording r = {0};
    write_udp(&r, CLIENT, 4000, 53, span_of("where?", 6));
    r = write_all(r, good);
    CU_ASSERT_EQUAL(openings_insert(&r), 1);
    CU_ASSERT_EQUAL(header_of(&r.packet[1]).flags, TCP_SYN);
    CU_ASSERT_EQUAL(r.packet[1].number, 2);
    CU_ASSERT_EQUAL(r.packet[1].when, r.packet[4].when);
    recording_free(&r);
}

/* Only the ports tell who is the client, if the server speaks first. */
static void the_port_tells_the_client(void)
{
    static const struct written w[] = {
        {SERVER, TEXT, 1, 1, "hello", 0}, {CLIENT, TCP_ACK, 1, 6, NULL, 0}, {0}};
    expect_opened(w);
    struct recording r = written(w);
    openings_insert(&r);
    CU_ASSERT_EQUAL(header_of(&r.packet[0]).source, 4000);
    recording_free(&r);
}

static char text[1401];

static const char *text_of(size_t length)
{
    memset(text, 'w', length);
    text[length] = 0;
    return text;
}

/* 20 << 3 are 160 bytes, 20 << 2 only 80. */
static void the_window_scale_explains_the_text(void)
{
    const struct written w[] = {{CLIENT, TCP_ACK, 1, 1, NULL, 0},
                                {SERVER, TCP_ACK, 1, 1, NULL, 20},
                                {CLIENT, TEXT, 1, 1, text_of(100), 0},
                                {SERVER, TCP_ACK, 1, 101, NULL, 20},
                                {0}};
    expect_opened(w);
    struct recording r = written(w);
    openings_insert(&r);
    struct tcp_options client = header_of(&r.packet[0]).options,
                       server = header_of(&r.packet[1]).options;
    CU_ASSERT(client.has_window_scale && server.has_window_scale);
    CU_ASSERT_EQUAL(client.window_scale, 0);
    CU_ASSERT_EQUAL(server.window_scale, 3);
    recording_free(&r);
}

static void write_stamped(struct recording *r, const struct written *w, uint32_t value,
                          uint32_t echo)
{
    struct tcp_header h = written_header(w);
    h.options.has_timestamps = true;
    h.options.timestamp_value = value;
    h.options.timestamp_echo = echo;
    write_tcp(r, w->from, &h, span_of(w->text, w->text ? strlen(w->text) : 0));
}

static struct recording write_with_timestamps(void)
{
    const struct written say = {CLIENT, TEXT, 1, 1, text_of(1400), 0},
                         hear = {SERVER, TCP_ACK, 1, 1401, NULL, 0};
    struct recording r = {0};
    write_stamped(&r, &say, 700, 90);
    write_stamped(&r, &hear, 95, 700);
    openings_insert(&r);
    return r;
}

/* The server announces an MSS for the client's text. */
static void options_are_those_in_use(void)
{
    struct recording r = write_with_timestamps();
    struct tcp_options client = header_of(&r.packet[0]).options,
                       server = header_of(&r.packet[1]).options;
    CU_ASSERT(client.has_timestamps && server.has_timestamps && server.has_sack_permitted);
    CU_ASSERT_EQUAL(client.timestamp_value, 700);
    CU_ASSERT_EQUAL(client.timestamp_echo, 0);
    CU_ASSERT_EQUAL(server.timestamp_value, 95);
    CU_ASSERT_EQUAL(server.timestamp_echo, 700);
    CU_ASSERT_EQUAL(server.mss, 1412);
    CU_ASSERT_EQUAL(client.mss, 536);
    recording_free(&r);
    for (int side = 0; side < 2; side++)
        expect(play_recording(&quiet, side, write_with_timestamps()), 0, "");
}

/* The server's segment left before it heard of what the client had sent earlier. */
static void earlier_text_counts_as_acknowledged(void)
{
    static const struct written w[] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                                       {SERVER, TEXT, 1, -70000, "world", 0},
                                       {CLIENT, TCP_ACK, 6, 6, NULL, 0},
                                       {SERVER, TCP_ACK, 6, 6, NULL, 0},
                                       {0}};
    expect_opened(w);
}

static void none_where_it_would_be_invented(void)
{
    static const struct written answer[] = {{SERVER, TCP_SYN | TCP_ACK, 0, 1, NULL, 0},
                                            {CLIENT, TEXT, 1, 1, "hello", 0},
                                            {SERVER, TCP_ACK, 1, 6, NULL, 0},
                                            {0}};
    static const struct written reset[] = {{CLIENT, TCP_RST, 1, 1, NULL, 0},
                                           {CLIENT, TEXT, 1, 1, "hello", 0},
                                           {SERVER, TCP_ACK, 1, 6, NULL, 0},
                                           {0}};
    static const struct written alone[] = {
        {CLIENT, TEXT, 1, 1, "hello", 0}, {CLIENT, TEXT, 6, 1, "hello", 0}, {0}};
    static const struct written unheard[] = {
        {CLIENT, TEXT, 1, 1, "hello", 0}, {SERVER, TCP_ACK, 1, 1, NULL, 0}, {0}};
    static const struct written probe[] = {
        {CLIENT, TCP_ACK, 1, 1, NULL, 0}, {SERVER, TCP_RST, 1, 1, NULL, 0}, {0}};
    static const struct written repeats[] = {{CLIENT, TEXT, 6, 1, "hello", 0},
                                             {CLIENT, TEXT, 1, 1, "first", 0},
                                             {SERVER, TCP_ACK, 1, 11, NULL, 0},
                                             {0}};
    expect_unopened(answer);
    expect_unopened(reset);
    expect_unopened(alone);
    expect_unopened(unheard);
    expect_unopened(probe);
    expect_unopened(repeats);
}

static void a_handshake_in_the_capture_stays_alone(void)
{
    struct recording r = {0};
    write_handshake(&r);
    r = write_all(r, good);
    CU_ASSERT_EQUAL(openings_insert(&r), 0);
    recording_free(&r);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a handshake is added", a_handshake_is_added},
        {"its place is the first packet", its_place_is_the_first_packet},
        {"the port tells the client", the_port_tells_the_client},
        {"the window scale explains the text", the_window_scale_explains_the_text},
        {"options are those in use", options_are_those_in_use},
        {"earlier text counts as acknowledged", earlier_text_counts_as_acknowledged},
        {"none where it would be invented", none_where_it_would_be_invented},
        {"a handshake in the capture stays alone", a_handshake_in_the_capture_stays_alone},
    };
    return UNIT_MAIN("opening", tests);
}
