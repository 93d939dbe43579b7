/* Shell lines (language page, sections 14, 18 and 23.7). Nothing is executed: a command with a
 * meaning for a stack sets its configuration, an unknown one is unsupported. */
#include "script/shell.h"

#include "script/connections.h"
#include "script/ip_command.h"
#include "script/nstat.h"
#include "script/proc_net.h"
#include "script/sysctl.h"
#include "script/zeros.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 64
#define FILE_MAX (1 << 30) /* limit of dd's bytes per block and blocks */

struct command {
    char *word[WORDS_MAX];
    unsigned words;
    const char *input;  /* the previous command's output in the pipe */
    const char *output; /* the file for its output; NULL: none */
};

/* ------------------------------------------------------------------ commands */

/* Each word NAME=V sets a value, a NAME prints it; options such as -q -w -e are ignored. */
static void do_sysctl(struct run *r, struct command *c)
{
    for (unsigned i = 1; i < c->words && run_good(r); i++) {
        char *equals = strchr(c->word[i], '=');
        if (c->word[i][0] == '-')
            continue;
        if (!equals) /* printed, for whoever reads it: grep does not */
            continue;
        *equals = '\0';
        sysctl_set(r, c->word[i], equals + 1);
    }
}

/* A qdisc without effect: fq, pfifo, pfifo limit N with N > 0; or none any more. */
static bool passes_on(const struct command *c)
{
    if (c->words > 2 && !strcmp(c->word[2], "del"))
        return true;
    int64_t room = 1;
    unsigned last = c->words - 1;
    bool limit = c->words > 3 && !strcmp(c->word[last - 1], "limit");
    if (limit && !number_parse(c->word[last], false, &room))
        return false;
    const char *name = c->word[limit ? last - 2 : last];
    return room > 0 && (!strcmp(name, "fq") || !strcmp(name, "pfifo"));
}

/* rill segments in software and has no queue, so offload and qdiscs without effect change
 * nothing. */
static bool of_no_consequence(const struct command *c)
{
    static const char *const names[] = {"true",   ":",  "set",  "kldload", "modprobe",
                                        "setkey", "ss", "date", "uname"};
    const char *name = c->word[0];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    if (!strcmp(name, "ethtool"))
        return c->words > 1 && (!strcmp(c->word[1], "-K") || !strcmp(c->word[1], "-k"));
    if (!strcmp(name, "tc"))
        return passes_on(c);
    return strstr(name, "sysctl_restore_") != NULL; /* each script has its own stack */
}

/* dd's numbers: 5, 4k, 1M. */
static bool dd_number(const char *text, int64_t *number)
{
    char digits[16];
    size_t length = strspn(text, "0123456789");
    const char *unit = text + length;
    if (length >= sizeof digits)
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    int64_t factor = !*unit                                     ? 1
                     : !strcmp(unit, "k") || !strcmp(unit, "K") ? 1 << 10
                     : !strcmp(unit, "M")                       ? 1 << 20
                                                                : 0;
    if (!factor || !number_parse(digits, false, number) || *number > FILE_MAX)
        return false;
    *number *= factor;
    return true;
}

/* dd if=/dev/zero of=FILE bs=B count=N: creates a file of B * N zeros. False: any other use of
 * dd. */
static bool do_dd(struct run *r, const struct command *c)
{
    const char *path = NULL;
    int64_t block = 512, count = -1;
    for (unsigned i = 1; i < c->words; i++) {
        const char *word = c->word[i];
        bool size = !strncmp(word, "bs=", 3), blocks = !strncmp(word, "count=", 6);
        if (!strncmp(word, "of=", 3))
            path = word + 3;
        else if (size && !dd_number(word + 3, &block))
            return false;
        else if (blocks && !dd_number(word + 6, &count))
            return false;
        else if (!size && !blocks && strcmp(word, "if=/dev/zero") && strncmp(word, "status=", 7))
            return false;
    }
    if (!path || count < 0 || block > FILE_MAX || count > FILE_MAX)
        return false;
    zeros_make(r, path, block * count);
    return true;
}

/* echo VALUE > /proc/sys/NAME sets it; without a file it has no effect. */
static void do_echo(struct run *r, const struct command *c)
{
    char value[128] = "";
    for (unsigned i = 1; i < c->words; i++) {
        size_t length = strlen(value);
        snprintf(value + length, sizeof value - length, "%s%s", i > 1 ? " " : "", c->word[i]);
    }
    if (c->output && !strncmp(c->output, "/proc/sys/", 10))
        sysctl_set(r, c->output, value);
    else if (c->output)
        run_unsupported(r, "shell command echo > %.80s", c->output);
}

static bool do_sleep(struct run *r, const char *seconds)
{
    int64_t time;
    if (!seconds_parse(seconds, &time))
        return false;
    if (r->open)
        machine_pass(&r->machine, r->machine.now + RILL_MICROSECONDS(time));
    return true;
}

static void do_rm(struct run *r, const struct command *c)
{
    for (unsigned i = 1; i < c->words; i++)
        zeros_remove(r, c->word[i]);
}

/* What grep reads: the files behind its pattern, or the pipe. NULL: a file that is not there. */
static const char *grep_input(struct run *r, const struct command *c, const char *const *file)
{
    if (!*file)
        return c->input;
    for (; *file; file++)
        if (!proc_net_has(*file))
            return NULL;
    return proc_net_lines(r);
}

/* The lines for the next command; a pipe that ends without any fails, as grep does. */
static const char *do_grep(struct run *r, const struct command *c)
{
    const char *given[WORDS_MAX] = {NULL}; /* the pattern, then files */
    unsigned n = 0;
    for (unsigned i = 1; i < c->words; i++)
        if (c->word[i][0] != '-')
            given[n++] = c->word[i];
    const char *input = n ? grep_input(r, c, given + 1) : NULL;
    if (!input || nstat_unknown(given[0])) {
        run_unsupported(r, "shell command grep %.80s", n ? given[n - 1] : "");
        return NULL;
    }
    const char *found = nstat_grep(r, input, given[0]);
    if (!*found)
        run_fail(r, "grep \"%s\" finds nothing in:\n%s", given[0], input);
    return found;
}

static bool ends_with(const char *word, const char *end)
{
    size_t a = strlen(word), b = strlen(end);
    return a >= b && !strcmp(word + a - b, end);
}

/* Google's file is in a folder that its scripts share, that of Linux's selftests beside the script.
 * The latter enables Fast Open (0x3) only for listeners that request it; the former belongs to
 * scripts that are older than the linear time-outs of SYNs. */
static void do_defaults(struct run *r, const char *name)
{
    struct rill_config *c = run_config(r);
    options_google(c);
    if (ends_with(name, "common/defaults.sh"))
        sysctl_set(r, "net.ipv4.tcp_syn_linear_timeouts", "0");
    else
        c->tcp.fast_open &= ~(unsigned)RILL_FAST_OPEN_ALL_LISTENERS;
}

/* Removes sudo, with its options: everybody has all permissions over the stack. */
static void drop_sudo(struct command *c)
{
    unsigned gone = 0;
    if (!strcmp(c->word[0], "sudo"))
        for (gone = 1; gone < c->words && c->word[gone][0] == '-'; gone++)
            ;
    if (gone == c->words) /* nothing to run: an unknown command */
        return;
    c->words -= gone;
    memmove(c->word, c->word + gone, c->words * sizeof *c->word);
}

/* Returns its output for the pipe; NULL: none. */
static const char *do_command(struct run *r, struct command *c, struct sockstat *sockstat)
{
    drop_sudo(c);
    const char *path = c->word[0], *slash = strrchr(path, '/');
    c->word[0] += slash ? slash + 1 - path : 0; /* /sbin/sysctl is sysctl */
    const char *name = c->word[0];
    struct nstat nstat;
    if (of_no_consequence(c) || connections_command(r, sockstat, c->word, c->words))
        return NULL;
    if (!strcmp(name, "nstat") && nstat_read(&nstat, c->word, c->words) &&
        (r->open || nstat.silent)) /* no counts exist before it is open */
        return r->open ? nstat_lines(r, &nstat) : NULL;
    if (!strcmp(name, "grep"))
        return do_grep(r, c);
    if (!strcmp(name, "rm"))
        do_rm(r, c);
    else if (!strcmp(name, "echo"))
        do_echo(r, c);
    else if (!strcmp(name, "sleep") && c->words == 2 && do_sleep(r, c->word[1]))
        return NULL;
    else if (!strcmp(name, "dd") && do_dd(r, c))
        return NULL;
    else if (!strcmp(name, "defaults.sh"))
        do_defaults(r, path);
    else if (!strcmp(name, "sysctl") || !strcmp(name, "set_sysctls.py"))
        do_sysctl(r, c);
    else if (!strcmp(name, "ip"))
        ip_handle(r, c->word, c->words);
    else if (!strcmp(name, "ifconfig"))
        ifconfig_handle(r, c->word, c->words);
    else
        run_unsupported(r, "shell command %.80s", path);
    return NULL;
}

/* --------------------------------------------------------------------- words */

/* Does it end a word? `2>&1` is one word. */
static bool is_separator(const char *word, const char *at)
{
    return strchr(" \t\n;|&", *at) && !(*at == '&' && at > word && at[-1] == '>');
}

/* The next word, with quotes resolved in place; NULL at the command's end. */
static char *next_word(char **at)
{
    char *in = *at, quote = 0;
    while (*in == ' ' || *in == '\t')
        in++;
    char *word = in, *out = in;
    for (; *in && (quote || !is_separator(word, in)); in++) {
        if (quote ? *in == quote : *in == '"' || *in == '\'')
            quote = quote ? 0 : *in;
        else
            *out++ = *in;
    }
    *at = in;
    if (in == word)
        return NULL;
    if (*in == ' ' || *in == '\t')
        *at = in + 1;
    else if (out == in)
        return word; /* the caller still needs the separator, and ends the word */
    *out = '\0';
    return word;
}

/* Skips separators of commands, and ends the word before them. */
static char *skip_separators(char *at)
{
    while (*at && strchr("\n;|&", *at))
        *at++ = '\0';
    return at;
}

static char *skip_comment(char *at)
{
    while (*at && *at != '\n')
        at++;
    return at;
}

/* Joins lines that end with a backslash, also with Windows line ends. */
static char *joined(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (*in == '\n' && out > text && out[-1] == '\\')
            out[-1] = ' ';
        else if (*in != '\r')
            *out++ = *in;
    }
    *out = '\0';
    return text;
}

/* The file of `>FILE` or of `> FILE`, where it is the next word. `2>&1` and redirections of other
 * numbers do not change the output. */
static const char *redirection(const struct command *c, unsigned *i, const char *sign)
{
    const char *file = sign + strspn(sign, ">&");
    bool own = sign == c->word[*i] && sign[1] != '&';
    if (!*file && ++*i < c->words)
        file = c->word[*i];
    return own ? file : c->output;
}

/* Removes the redirections from the command's words. */
static void drop_redirections(struct command *c)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < c->words; i++) {
        const char *sign = c->word[i] + strspn(c->word[i], "0123456789");
        if (*sign != '>')
            c->word[kept++] = c->word[i];
        else
            c->output = redirection(c, &i, sign);
    }
    c->words = kept;
}

void shell_handle(struct run *r, const char *text)
{
    char *at = joined(arena_copy(r->arena, text, strlen(text)));
    struct sockstat sockstat = {.stage = SOCKSTAT_NONE};
    const char *piped = NULL;
    while (*at && run_good(r)) {
        struct command c = {.input = piped};
        for (char *word; c.words < WORDS_MAX && (word = next_word(&at)) != NULL;) {
            if (word[0] == '#')
                at = skip_comment(at);
            else
                c.word[c.words++] = word;
        }
        bool pipe = at[0] == '|' && at[1] != '|';
        at = c.words == WORDS_MAX ? at + strlen(at) : skip_separators(at);
        if (c.words == WORDS_MAX)
            run_unsupported(r, "a shell command of so many words");
        drop_redirections(&c);
        if (c.words && run_good(r))
            piped = do_command(r, &c, &sockstat);
        if (!pipe)
            piped = NULL;
    }
}
