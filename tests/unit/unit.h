/* A unit test file is a program: a table of named tests, run by CUnit, one file for each module. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unit_test {
    const char *name; /* the behaviour, as a statement */
    void (*run)(void);
};

/* Runs the tests and closes with the line `SUITE: N passed, N failed`. Returns main's exit status.
 */
int unit_main(const char *suite, const struct unit_test *, size_t count);

/* A failure with this errno: `fails(rill_bind(...), EINVAL)`. */
bool fails(int64_t result, int error);

#define UNIT_MAIN(suite, tests) unit_main(suite, tests, sizeof(tests) / sizeof *(tests))

#endif
