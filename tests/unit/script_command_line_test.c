/* The arguments of rill-script: its own options, those of scripts, and files, in any order. */
#include "script/options.h"
#include "unit.h"

#include <string.h>

static struct arena arena;
static struct command_line line;
static struct script_options options;

/* Up to four arguments; NULL ends them. */
static bool parse(const char *a, const char *b, const char *c, const char *d)
{
    const char *given[] = {"rill-script", a, b, c, d, NULL};
    static char *argument[6];
    int count = 0;
    arena_end(&arena);
    for (; given[count]; count++)
        argument[count] = arena_copy(&arena, given[count], strlen(given[count]));
    options_init(&options);
    if (!command_line_parse(&line, count, argument, &arena))
        return false;
    command_line_apply(&line, &options, &arena);
    return true;
}

static void a_value_stands_behind_an_equals_sign_or_next(void)
{
    CU_ASSERT_TRUE(parse("--mtu=1400", "--mss", "500", "a.pkt"));
    CU_ASSERT_EQUAL(options.mtu, 1400);
    CU_ASSERT_EQUAL(options.mss, 500);
    CU_ASSERT_EQUAL(line.files, 1);
    CU_ASSERT_STRING_EQUAL(line.file[0], "a.pkt");
    CU_ASSERT_TRUE(parse("-D", "A=1", "-DB=2", "--define=C=3"));
    CU_ASSERT_STRING_EQUAL(options.definitions->value, "3");
    CU_ASSERT_STRING_EQUAL(options.definitions->next->name, "B");
    CU_ASSERT_STRING_EQUAL(options.definitions->next->next->value, "1");
}

static void flags_take_no_value(void)
{
    CU_ASSERT_TRUE(parse("--strict", "a.pkt", "--freebsd", "b.pkt"));
    CU_ASSERT_TRUE(options.strict && options.freebsd);
    CU_ASSERT_EQUAL(line.files, 2);
    CU_ASSERT_EQUAL(options.preset, RILL_PRESET_FREEBSD);
}

static void the_programs_own_options_are_not_the_scripts(void)
{
    CU_ASSERT_TRUE(parse("--tap", "--junit", "out.xml", "--quiet"));
    CU_ASSERT_TRUE(line.tap && line.quiet);
    CU_ASSERT_STRING_EQUAL(line.junit, "out.xml");
    CU_ASSERT_EQUAL(line.options, 0);
    CU_ASSERT_EQUAL(line.files, 0);
    CU_ASSERT_TRUE(parse("--states", "counts", "--states=more", "a.pkt"));
    CU_ASSERT_STRING_EQUAL(line.states, "more");
    CU_ASSERT_EQUAL(line.options, 0);
    CU_ASSERT_EQUAL(line.files, 1);
}

static void behind_two_dashes_all_are_files(void)
{
    CU_ASSERT_TRUE(parse("--strict", "--", "--strict", "-v"));
    CU_ASSERT_TRUE(options.strict && !options.verbose);
    CU_ASSERT_EQUAL(line.files, 2);
    CU_ASSERT_STRING_EQUAL(line.file[0], "--strict");
}

static void a_later_option_wins(void)
{
    CU_ASSERT_TRUE(parse("--seed=1", "--seed=9", "--preset=freebsd", "--preset=rill"));
    CU_ASSERT_EQUAL(options.seed, 9);
    CU_ASSERT_EQUAL(options.preset, RILL_PRESET_NONE);
}

static void what_cannot_be_is_refused(void)
{
    static const char *const bad[] = {"--nosuch",       "--mtu=12x",
                                      "--mtu=70000",    "--mtu=67",
                                      "--mtu",          "-x",
                                      "--ip_version=5", "--local_ip=",
                                      "--define=A",     "--tolerance_percent=-1",
                                      "--preset=x",     "-D",
                                      "--wire_server"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_FALSE(parse(bad[i], NULL, NULL, NULL));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a value stands behind an equals sign or next",
         a_value_stands_behind_an_equals_sign_or_next},
        {"flags take no value", flags_take_no_value},
        {"the programs own options are not the scripts",
         the_programs_own_options_are_not_the_scripts},
        {"behind two dashes all are files", behind_two_dashes_all_are_files},
        {"a later option wins", a_later_option_wins},
        {"what cannot be is refused", what_cannot_be_is_refused},
    };
    int status = UNIT_MAIN("script_command_line", tests);
    arena_end(&arena);
    return status;
}
