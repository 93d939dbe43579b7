/* %{ }% blocks (language page, sections 15 and 23.15): the connection's TCP_INFO is read at the
 * block's time. All blocks of a script are one Python program, which runs at the end; each block
 * follows assignments of its variables. */
#include "script/python.h"

#include "socket/info.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIME_MAX 20         /* seconds that Python may run */
#define SAID_MAX (16 << 20) /* bytes of a file that it writes, including its outputs */

struct field {
    const char *name;
    size_t offset, size;
};

#define FIELD(name) \
    { \
#name, offsetof(struct tcp_info, name), sizeof((struct tcp_info *)0)->name \
    }

static const struct field fields[] = {
    FIELD(tcpi_state),         FIELD(tcpi_ca_state),
    FIELD(tcpi_retransmits),   FIELD(tcpi_probes),
    FIELD(tcpi_backoff),       FIELD(tcpi_options),
    FIELD(tcpi_rto),           FIELD(tcpi_ato),
    FIELD(tcpi_snd_mss),       FIELD(tcpi_rcv_mss),
    FIELD(tcpi_unacked),       FIELD(tcpi_sacked),
    FIELD(tcpi_lost),          FIELD(tcpi_retrans),
    FIELD(tcpi_fackets),       FIELD(tcpi_last_data_sent),
    FIELD(tcpi_last_ack_sent), FIELD(tcpi_last_data_recv),
    FIELD(tcpi_last_ack_recv), FIELD(tcpi_pmtu),
    FIELD(tcpi_rcv_ssthresh),  FIELD(tcpi_rtt),
    FIELD(tcpi_rttvar),        FIELD(tcpi_snd_ssthresh),
    FIELD(tcpi_snd_cwnd),      FIELD(tcpi_advmss),
    FIELD(tcpi_reordering),    FIELD(tcpi_rcv_rtt),
    FIELD(tcpi_rcv_space),     FIELD(tcpi_total_retrans),
    FIELD(tcpi_pacing_rate),   FIELD(tcpi_max_pacing_rate),
    FIELD(tcpi_bytes_acked),   FIELD(tcpi_bytes_received),
    FIELD(tcpi_segs_out),      FIELD(tcpi_segs_in),
    FIELD(tcpi_notsent_bytes), FIELD(tcpi_min_rtt),
    FIELD(tcpi_data_segs_in),  FIELD(tcpi_data_segs_out),
    FIELD(tcpi_delivery_rate), FIELD(tcpi_busy_time),
    FIELD(tcpi_rwnd_limited),  FIELD(tcpi_sndbuf_limited),
    FIELD(tcpi_delivered),     FIELD(tcpi_delivered_ce),
    FIELD(tcpi_bytes_sent),    FIELD(tcpi_bytes_retrans),
    FIELD(tcpi_dsack_dups),    FIELD(tcpi_reord_seen),
    FIELD(tcpi_rcv_ooopack),   FIELD(tcpi_snd_wnd),
};

#define ADDED(name) \
    { \
        "tcpi_" #name, INFO_ADDED_AT + offsetof(struct info_added, name), \
            sizeof((struct info_added *)0)->name \
    }

static const struct field fields_added[] = {
    ADDED(rcv_wnd),
    ADDED(rehash),
    ADDED(received_ce),
    ADDED(delivered_e1_bytes),
    ADDED(delivered_e0_bytes),
    ADDED(delivered_ce_bytes),
    ADDED(received_e1_bytes),
    ADDED(received_e0_bytes),
    ADDED(received_ce_bytes),
};

static const char constants[] =
    "TCP_ESTABLISHED, TCP_SYN_SENT, TCP_SYN_RECV, TCP_FIN_WAIT1, TCP_FIN_WAIT2 = 1, 2, 3, 4, 5\n"
    "TCP_TIME_WAIT, TCP_CLOSE, TCP_CLOSE_WAIT, TCP_LAST_ACK, TCP_LISTEN, TCP_CLOSING = "
    "6, 7, 8, 9, 10, 11\n"
    "TCP_CA_Open, TCP_CA_Disorder, TCP_CA_CWR, TCP_CA_Recovery, TCP_CA_Loss = 0, 1, 2, 3, 4\n"
    "TCPI_OPT_TIMESTAMPS, TCPI_OPT_SACK, TCPI_OPT_WSCALE, TCPI_OPT_ECN = 1, 2, 4, 8\n"
    "TCPI_OPT_ECN_SEEN, TCPI_OPT_SYN_DATA, TCPI_OPT_USEC_TS, TCPI_OPT_TFO_CHILD = 16, 32, 64, "
    "128\n"
    "TCPI_ECN_MODE_DISABLED, TCPI_ECN_MODE_RFC3168, TCPI_ECN_MODE_ACCECN, TCPI_ECN_MODE_PENDING = "
    "0, 1, 2, 3\n";

/* FreeBSD's names and numbers of the states (section 23.9); by Linux's number. */
static const char freebsd_constants[] =
    "TCPI_CLOSED, TCPI_LISTEN, TCPI_SYN_SENT, TCPI_SYN_RECEIVED, TCPI_ESTABLISHED = "
    "0, 1, 2, 3, 4\n"
    "TCPI_CLOSE_WAIT, TCPI_FIN_WAIT_1, TCPI_CLOSING, TCPI_LAST_ACK = 5, 6, 7, 8\n"
    "TCPI_FIN_WAIT_2, TCPI_TIME_WAIT = 9, 10\n";
static const uint8_t freebsd_state[] = {0, 4, 2, 3, 6, 9, 10, 0, 5, 8, 1, 7};

/* -------------------------------------------------------------- at its time */

/* TCP_INFO, which may be longer than this <linux/tcp.h> says. */
union raw_info {
    struct tcp_info info;
    uint8_t bytes[INFO_MAX];
};

static uint64_t field_value(const union raw_info *raw, const struct field *f)
{
    const uint8_t *at = raw->bytes + f->offset;
    uint64_t wide;
    uint32_t narrow;
    if (f->size == 1)
        return *at;
    if (f->size == sizeof narrow) {
        memcpy(&narrow, at, sizeof narrow);
        return narrow;
    }
    memcpy(&wide, at, sizeof wide);
    return wide;
}

static void assign(FILE *out, const union raw_info *raw, const struct field *field, size_t count)
{
    for (const struct field *f = field; f < field + count; f++)
        fprintf(out, "%s = %" PRIu64 "\n", f->name, field_value(raw, f));
}

/* The variables of the congestion control, if it reports any. */
static void assign_congestion(const struct subject *s, FILE *out)
{
    union tcp_cc_info info;
    socklen_t length = sizeof info;
    if (rill_getsockopt(s->live_fd, IPPROTO_TCP, TCP_CC_INFO, &info, &length) < 0)
        return;
    if (length == sizeof info.bbr)
        fprintf(out,
                "bbr_bw_lo, bbr_bw_hi, bbr_min_rtt, bbr_pacing_gain, bbr_cwnd_gain = "
                "%u, %u, %u, %u, %u\n",
                info.bbr.bbr_bw_lo, info.bbr.bbr_bw_hi, info.bbr.bbr_min_rtt,
                info.bbr.bbr_pacing_gain, info.bbr.bbr_cwnd_gain);
    if (length == sizeof info.dctcp)
        fprintf(out,
                "dctcp_enabled, dctcp_ce_state, dctcp_alpha, dctcp_ab_ecn, dctcp_ab_tot = "
                "%u, %u, %u, %u, %u\n",
                info.dctcp.dctcp_enabled, info.dctcp.dctcp_ce_state, info.dctcp.dctcp_alpha,
                info.dctcp.dctcp_ab_ecn, info.dctcp.dctcp_ab_tot);
}

/* Bit fields. */
static void assign_ecn(const union raw_info *raw, FILE *out)
{
    const struct field bits = ADDED(ecn_bits);
    unsigned value = (unsigned)field_value(raw, &bits);
    fprintf(out, "tcpi_ecn_mode, tcpi_accecn_opt_seen, tcpi_accecn_fail_mode = %u, %u, %u\n",
            value & 3, value >> 2 & 3, value >> 4 & 15);
}

static const char *assignments(struct run *r, const union raw_info *raw)
{
    const struct tcp_info *info = &raw->info;
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        abort();
    assign(out, raw, fields, sizeof fields / sizeof *fields);
    assign(out, raw, fields_added, sizeof fields_added / sizeof *fields_added);
    fprintf(out, "tcpi_snd_wscale = %u\ntcpi_rcv_wscale = %u\n", info->tcpi_snd_wscale,
            info->tcpi_rcv_wscale);
    fprintf(out, "tcpi_delivery_rate_app_limited = %u\ntcpi_fastopen_client_fail = %u\n",
            info->tcpi_delivery_rate_app_limited, info->tcpi_fastopen_client_fail);
    assign_ecn(raw, out);
    assign_congestion(r->subject, out);
    fclose(out);
    const char *copy = arena_copy(r->arena, text, length);
    free(text);
    return copy;
}

static const char *trimmed(struct arena *a, const char *text)
{
    size_t length;
    while (*text == ' ' || *text == '\t')
        text++;
    for (length = strlen(text); length && (text[length - 1] == ' ' || text[length - 1] == '\t');)
        length--;
    return arena_copy(a, text, length);
}

void python_handle(struct run *r, const char *text)
{
    union raw_info raw = {.bytes = {0}};
    socklen_t length = sizeof raw;
    const struct subject *s = r->subject;
    if (!s || (s->phase == SUBJECT_PASSIVE && !s->accepted)) {
        run_fail(r, "%%{ }%% without a connection whose TCP_INFO could be read");
        return;
    }
    if (r->options->no_python) {
        run_unsupported(r, "Python (--no_python)");
        return;
    }
    if (rill_getsockopt(s->live_fd, IPPROTO_TCP, TCP_INFO, &raw, &length) < 0) {
        if (errno == ENOPROTOOPT)
            run_unsupported(r, "getsockopt(SOL_TCP, TCP_INFO), which %%{ }%% reads");
        else
            run_fail(r, "getsockopt(SOL_TCP, TCP_INFO): %s", strerror(errno));
        return;
    }
    if (r->options->freebsd && raw.info.tcpi_state < sizeof freebsd_state)
        raw.info.tcpi_state = freebsd_state[raw.info.tcpi_state];
    struct snippet *snippet = arena_get(r->arena, sizeof *snippet);
    *snippet = (struct snippet){
        .event = r->event, .variables = assignments(r, &raw), .text = trimmed(r->arena, text)};
    *r->last_snippet = snippet;
    r->last_snippet = &snippet->next;
}

/* -------------------------------------------------------------- at the end */

/* As a Python literal of bytes. */
static void quote(FILE *out, const char *text)
{
    fputs("b\"", out);
    for (; *text; text++)
        if (isalnum((unsigned char)*text) || *text == ' ')
            fputc(*text, out);
        else
            fprintf(out, "\\x%02x", (unsigned char)*text);
    fputc('"', out);
}

/* Compiled with the line of the script, so that Python's messages name it. */
static void put_snippet(FILE *out, const char *file, const struct snippet *s)
{
    fprintf(out, "%sexec(compile(b\"\\n\" * %d + ", s->variables, s->event->line - 1);
    quote(out, s->text);
    fputs(", ", out);
    quote(out, file);
    fputs(".decode(errors='replace'), 'exec'))\n", out);
}

static FILE *program(const struct run *r)
{
    FILE *file = tmpfile();
    if (!file)
        return NULL;
    fputs(constants, file);
    fputs(freebsd_constants, file);
    for (const struct snippet *s = r->snippets; s; s = s->next)
        put_snippet(file, r->outcome->file, s);
    fflush(file);
    rewind(file);
    return file;
}

/* Executes Python in the child. Both its outputs go to `out`. */
static void become_python(FILE *in, FILE *out)
{
    const struct rlimit said = {SAID_MAX, SAID_MAX};
    setrlimit(RLIMIT_FSIZE, &said);
    alarm(TIME_MAX);
    if (dup2(fileno(in), STDIN_FILENO) >= 0 && dup2(fileno(out), STDOUT_FILENO) >= 0 &&
        dup2(fileno(out), STDERR_FILENO) >= 0)
        execlp("python3", "python3", "-", (char *)NULL);
    _exit(127);
}

/* The last block that Python's message names; NULL: none. */
static const struct event *event_told(const struct run *r, const char *said)
{
    static const char line[] = "\", line ";
    const struct event *event = NULL;
    long number = 0;
    for (const char *at = said; (at = strstr(at, line)) != NULL; at += strlen(line))
        number = strtol(at + strlen(line), NULL, 10);
    for (const struct snippet *s = r->snippets; s && s->event->line <= number; s = s->next)
        event = s->event;
    return event;
}

/* The message names a variable that the language has and this runner lacks. False: another
 * error. */
static bool judge_name(struct run *r, const char *said)
{
    static const char begin[] = "NameError: name '";
    const char *name = strstr(said, begin);
    if (!name)
        return false;
    name += strlen(begin);
    run_unsupported(r, "the variable %.*s in %%{ }%%", (int)strcspn(name, "'"), name);
    return true;
}

static void judge(struct run *r, int status, FILE *out)
{
    char said[2000];
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    rewind(out);
    size_t n = fread(said, 1, sizeof said - 1, out);
    said[n] = '\0';
    r->event = event_told(r, said);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        run_unsupported(r, "%%{ }%%: python3 is not there");
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        run_fail(r, "%%{ }%% did not end within %d s", TIME_MAX);
    else if (!judge_name(r, said))
        run_fail(r, "%%{ }%% failed; python3 said:\n%s", said);
}

void python_run(struct run *r)
{
    int status;
    if (!r->snippets)
        return;
    FILE *in = program(r), *out = tmpfile();
    pid_t child = in && out ? fork() : -1;
    if (child == 0)
        become_python(in, out);
    if (child < 0 || waitpid(child, &status, 0) < 0)
        run_fail(r, "python3 cannot be started: %s", strerror(errno));
    else
        judge(r, status, out);
    if (in)
        fclose(in);
    if (out)
        fclose(out);
}
