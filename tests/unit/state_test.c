/* Every transition of the state diagram: legal ones are taken, all others abort (RFC 9293 3.3.2).
 */
#include "tcp/state.h"

#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Figure 5, read off by row; then what the text adds: a reset, an abort or a time-out ends any
 * state, FIN with the ACK of ours leads from FIN_WAIT_1 to TIME_WAIT. */
static const char *const transitions[RILL_TCP_STATE_COUNT] = {
    [RILL_TCP_CLOSED] = "LISTEN SYN_SENT ",
    [RILL_TCP_LISTEN] = "SYN_RECEIVED SYN_SENT CLOSED ",
    [RILL_TCP_SYN_SENT] = "SYN_RECEIVED ESTABLISHED CLOSED ",
    [RILL_TCP_SYN_RECEIVED] = "ESTABLISHED FIN_WAIT_1 CLOSED ",
    [RILL_TCP_ESTABLISHED] = "FIN_WAIT_1 CLOSE_WAIT CLOSED ",
    [RILL_TCP_FIN_WAIT_1] = "FIN_WAIT_2 CLOSING TIME_WAIT CLOSED ",
    [RILL_TCP_FIN_WAIT_2] = "TIME_WAIT CLOSED ",
    [RILL_TCP_CLOSE_WAIT] = "LAST_ACK CLOSED ",
    [RILL_TCP_CLOSING] = "TIME_WAIT CLOSED ",
    [RILL_TCP_LAST_ACK] = "CLOSED ",
    [RILL_TCP_TIME_WAIT] = "CLOSED ",
};

static bool is_legal(enum rill_tcp_state from, enum rill_tcp_state to)
{
    char name[32];
    snprintf(name, sizeof name, "%s ", rill_tcp_state_name(to));
    return strstr(transitions[from], name) != NULL;
}

static bool takes(enum rill_tcp_state from, enum rill_tcp_state to)
{
    static struct trace trace;
    static struct rill_counters counters;
    static struct tcp tcp = {.trace = &trace, .counters = &counters};
    uint64_t before = counters.transition[from][to];
    struct head head = {.state = from};
    tcp_set_state(&tcp, &head, to, RILL_REASON_NONE);
    return head.state == to && counters.transition[from][to] == before + 1;
}

/* In a child, which is expected to die of the assertion. */
static bool aborts(enum rill_tcp_state from, enum rill_tcp_state to)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        takes(from, to);
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void legal_transitions_are_taken(void)
{
    unsigned count = 0;
    for (int from = 0; from < RILL_TCP_STATE_COUNT; from++)
        for (int to = 0; to < RILL_TCP_STATE_COUNT; to++)
            if (is_legal(from, to)) {
                CU_ASSERT(takes(from, to));
                count++;
            }
    CU_ASSERT_EQUAL(count, 26);
}

static void all_others_abort(void)
{
    for (int from = 0; from < RILL_TCP_STATE_COUNT; from++)
        for (int to = 0; to < RILL_TCP_STATE_COUNT; to++)
            if (!is_legal(from, to))
                CU_ASSERT(aborts(from, to));
}

static void a_transition_has_its_sentence(void)
{
    unsigned count;
    const struct rill_tcp_transition *a = rill_tcp_transitions(&count);
    CU_ASSERT_EQUAL(count, 26);
    for (unsigned i = 0; i < count; i++) {
        CU_ASSERT_PTR_EQUAL(rill_tcp_transition(a[i].from, a[i].to), &a[i]);
        CU_ASSERT_STRING_EQUAL(rill_tcp_transition_text(a[i].from, a[i].to, RILL_REASON_NONE),
                               a[i].sentence);
    }
    CU_ASSERT(
        strstr(rill_tcp_transition_text(RILL_TCP_ESTABLISHED, RILL_TCP_CLOSED, RILL_REASON_RESET),
               "RST bit") != NULL);
    CU_ASSERT(
        strstr(rill_tcp_transition_text(RILL_TCP_TIME_WAIT, RILL_TCP_CLOSED, RILL_REASON_TIMER),
               "time-wait timeout") != NULL);
    CU_ASSERT_STRING_EQUAL(
        rill_tcp_transition_text(RILL_TCP_CLOSED, RILL_TCP_TIME_WAIT, RILL_REASON_NONE), "");
}

static void an_heir_takes_any_state_over(void)
{
    for (int s = 0; s < RILL_TCP_STATE_COUNT; s++) {
        struct head heir = {.state = RILL_TCP_CLOSED}, from = {.state = (enum rill_tcp_state)s};
        tcp_inherit_state(&heir, &from);
        CU_ASSERT_EQUAL(heir.state, s);
    }
}

static void the_groups_of_states_are_right(void)
{
    static const char send[] = "ESTABLISHED CLOSE_WAIT ";
    static const char receive[] = "ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 ";
    for (int s = 0; s < RILL_TCP_STATE_COUNT; s++) {
        char name[32];
        snprintf(name, sizeof name, "%s ", rill_tcp_state_name(s));
        CU_ASSERT_EQUAL(state_can_send(s), strstr(send, name) != NULL);
        CU_ASSERT_EQUAL(state_can_receive(s), strstr(receive, name) != NULL);
        CU_ASSERT_EQUAL(state_is_synchronized(s), s >= RILL_TCP_ESTABLISHED);
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"legal transitions are taken", legal_transitions_are_taken},
        {"all others abort", all_others_abort},
        {"a transition has its sentence", a_transition_has_its_sentence},
        {"an heir takes any state over", an_heir_takes_any_state_over},
        {"the groups of states are right", the_groups_of_states_are_right},
    };
    return UNIT_MAIN("state", tests);
}
