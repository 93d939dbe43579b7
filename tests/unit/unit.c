#include "unit.h"

#include <CUnit/Basic.h>
#include <errno.h>
#include <stdio.h>

int unit_main(const char *suite, const struct unit_test *test, size_t count)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    CU_pSuite s = CU_add_suite(suite, NULL, NULL);
    for (size_t i = 0; s && i < count; i++)
        CU_add_test(s, test[i].name, test[i].run);
    CU_basic_set_mode(CU_BRM_SILENT);
    CU_basic_run_tests();
    unsigned run = CU_get_number_of_tests_run(), failed = CU_get_number_of_tests_failed();
    CU_basic_show_failures(CU_get_failure_list());
    printf("%s%s: %u passed, %u failed\n", failed ? "\n" : "", suite, run - failed, failed);
    CU_cleanup_registry();
    return failed || run != count;
}

bool fails(int64_t result, int error)
{
    return result == -1 && errno == error;
}
