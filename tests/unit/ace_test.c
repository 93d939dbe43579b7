/* The ACE field (RFC 9768 3.2.2): the handshake's codes, and the growth of a counter modulo 8. */
#include "tcp/ace.h"

#include "unit.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"

#define MSS 1000

static struct ace_evidence evidence(uint32_t segments)
{
    return (struct ace_evidence){
        .segments = segments, .bytes = segments * MSS, .mss = MSS, .exact_segments = true};
}

/* The field when the peer has counted so many marks. */
static unsigned field(uint32_t marks)
{
    return (marks + ACE_INITIAL) & ACE_MASK;
}

static void flags_are_a_number(void)
{
    for (unsigned ace = 0; ace <= ACE_MASK; ace++)
        CU_ASSERT_EQUAL(ace_of(ace_flags(ace)), ace);
    CU_ASSERT_EQUAL(ace_flags(ACE_INITIAL), TCP_AE | TCP_ECE);
    CU_ASSERT_EQUAL(ace_flags(8 + 2), TCP_CWR);
}

static void each_ecn_field_has_its_code(void)
{
    for (uint8_t ecn = ECN_NOT_ECT; ecn <= ECN_CE; ecn++)
        CU_ASSERT_EQUAL(ace_decode(ace_code(ecn)), ecn);
    CU_ASSERT(ace_code(ECN_NOT_ECT) == 2 && ace_code(ECN_ECT1) == 3);
    CU_ASSERT(ace_code(ECN_ECT0) == 4 && ace_code(ECN_CE) == 6);
}

static void only_routers_changes_are_valid(void)
{
    CU_ASSERT(ace_arrival_valid(ECN_NOT_ECT, ECN_NOT_ECT));
    CU_ASSERT(!ace_arrival_valid(ECN_NOT_ECT, ECN_CE) && !ace_arrival_valid(ECN_NOT_ECT, ECN_ECT0));
    CU_ASSERT(ace_arrival_valid(ECN_ECT0, ECN_CE) && ace_arrival_valid(ECN_ECT0, ECN_ECT1));
    CU_ASSERT(!ace_arrival_valid(ECN_ECT0, ECN_NOT_ECT) && !ace_arrival_valid(ECN_CE, ECN_ECT0));
}

static void up_to_seven_segments_cannot_wrap(void)
{
    for (uint32_t counted = 0; counted < 20; counted++)
        for (uint32_t marks = 0; marks <= 7; marks++) {
            struct ace_evidence e = evidence(7);
            CU_ASSERT_EQUAL(ace_increase(field(counted + marks), counted, &e), marks);
        }
}

/* Lost ACKs, or one for a superframe. */
static void many_segments_count_as_marked_as_far_as_the_field_allows(void)
{
    struct ace_evidence e = evidence(8);
    CU_ASSERT_EQUAL(ace_increase(field(3), 3, &e), 8);
    e = evidence(20);
    CU_ASSERT_EQUAL(ace_increase(field(2), 0, &e), 18);
    for (uint32_t segments = 8; segments < 100; segments++)
        for (uint32_t marks = 0; marks <= segments; marks++) {
            e = evidence(segments);
            uint32_t increase = ace_increase(field(marks), 0, &e);
            CU_ASSERT(increase >= marks && increase <= segments && increase % 8 == marks % 8);
        }
}

static void a_path_that_thins_out_acks_is_not_suspected(void)
{
    struct ace_evidence e = evidence(20);
    e.stretched = true;
    CU_ASSERT_EQUAL(ace_increase(field(2), 0, &e), 2);
}

static void bytes_tell_how_often_it_has_wrapped(void)
{
    struct ace_evidence e = evidence(12);
    e.counted = true;
    CU_ASSERT_EQUAL(ace_increase(field(2), 0, &e), 2); /* no byte was marked */
    e.marked_bytes = 2 * MSS;
    CU_ASSERT_EQUAL(ace_increase(field(2), 0, &e), 2);
    e.marked_bytes = 10 * MSS;
    CU_ASSERT_EQUAL(ace_increase(field(10), 0, &e), 10);
    for (uint32_t marks = 0; marks <= 60; marks++) {
        e = evidence(60);
        e.counted = true;
        e.marked_bytes = marks * MSS;
        uint32_t increase = ace_increase(field(marks), 0, &e);
        CU_ASSERT(increase >= marks && increase % 8 == marks % 8);
        CU_ASSERT(increase <= marks + 8);
    }
}

/* Without SACK the number of segments is only known outside of recovery. */
static void uncertain_segments_take_the_safe_side(void)
{
    struct ace_evidence e = evidence(20);
    e.counted = true;
    e.exact_segments = false;
    e.marked_bytes = 9 * MSS;
    CU_ASSERT_EQUAL(ace_increase(field(1), 0, &e), 17);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"flags are a number", flags_are_a_number},
        {"each ECN field has its code", each_ecn_field_has_its_code},
        {"only routers changes are valid", only_routers_changes_are_valid},
        {"up to seven segments cannot wrap", up_to_seven_segments_cannot_wrap},
        {"many segments count as marked as far as the field allows",
         many_segments_count_as_marked_as_far_as_the_field_allows},
        {"a path that thins out acks is not suspected",
         a_path_that_thins_out_acks_is_not_suspected},
        {"bytes tell how often it has wrapped", bytes_tell_how_often_it_has_wrapped},
        {"uncertain segments take the safe side", uncertain_segments_take_the_safe_side},
    };
    return UNIT_MAIN("ace", tests);
}
