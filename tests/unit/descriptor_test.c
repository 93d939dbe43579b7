#include "socket/descriptor.h"

#include "unit.h"

#include <errno.h>

static struct memory memory;
static struct descriptors d;

static void begin(uint32_t max)
{
    memory = (struct memory){.budget = 1 << 24};
    descriptors_init(&d, &memory, max);
}

static void end(void)
{
    descriptors_end(&d);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static void the_lowest_free_descriptor_is_given(void)
{
    begin(1000);
    for (int i = 0; i < 300; i++)
        CU_ASSERT_EQUAL(descriptor_get(&d, (uint32_t)i + 1), i);
    static const int freed[] = {299, 7, 128, 64, 63};
    for (int i = 0; i < 5; i++)
        descriptor_put(&d, freed[i]);
    static const int lowest[] = {7, 63, 64, 128, 299, 300};
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(descriptor_get(&d, 9), lowest[i]);
    end();
}

static void a_descriptor_names_its_object_until_it_is_put_back(void)
{
    begin(1000);
    CU_ASSERT_EQUAL(descriptor_object(&d, 0), 0);
    for (uint32_t i = 0; i < 200; i++)
        descriptor_get(&d, 1000 + i);
    CU_ASSERT_EQUAL(descriptor_object(&d, 0), 1000);
    CU_ASSERT_EQUAL(descriptor_object(&d, 199), 1199);
    CU_ASSERT_EQUAL(descriptor_object(&d, 200), 0);
    CU_ASSERT_EQUAL(descriptor_object(&d, -1), 0);
    CU_ASSERT_EQUAL(descriptor_object(&d, 1 << 30), 0);
    descriptor_put(&d, 199);
    CU_ASSERT_EQUAL(descriptor_object(&d, 199), 0);
    end();
}

static void there_are_no_more_than_max(void)
{
    begin(65);
    for (int i = 0; i < 65; i++)
        CU_ASSERT_EQUAL(descriptor_get(&d, 1), i);
    CU_ASSERT_EQUAL(descriptor_get(&d, 1), -EMFILE);
    descriptor_put(&d, 3);
    CU_ASSERT_EQUAL(descriptor_get(&d, 1), 3);
    end();
}

static void no_memory_leaves_the_table_as_it_was(void)
{
    begin(1000);
    memory.fails_in = 1;
    CU_ASSERT_EQUAL(descriptor_get(&d, 1), -ENOBUFS);
    for (uint32_t i = 0; i < 64; i++)
        descriptor_get(&d, 5);
    memory.fails_in = 1;
    CU_ASSERT_EQUAL(descriptor_get(&d, 1), -ENOBUFS);
    CU_ASSERT_EQUAL(descriptor_object(&d, 63), 5);
    CU_ASSERT_EQUAL(descriptor_get(&d, 1), 64);
    end();
}

static void those_in_use_can_be_walked(void)
{
    begin(1000);
    CU_ASSERT_EQUAL(descriptor_next(&d, 0), -1);
    for (uint32_t i = 0; i < 130; i++)
        descriptor_get(&d, 1);
    for (int i = 0; i < 130; i++)
        if (i != 5 && i != 129)
            descriptor_put(&d, i);
    CU_ASSERT_EQUAL(descriptor_next(&d, 0), 5);
    CU_ASSERT_EQUAL(descriptor_next(&d, 6), 129);
    CU_ASSERT_EQUAL(descriptor_next(&d, 130), -1);
    end();
}

static const struct unit_test tests[] = {
    {"the lowest free descriptor is given", the_lowest_free_descriptor_is_given},
    {"a descriptor names its object until it is put back",
     a_descriptor_names_its_object_until_it_is_put_back},
    {"there are no more than max", there_are_no_more_than_max},
    {"no memory leaves the table as it was", no_memory_leaves_the_table_as_it_was},
    {"those in use can be walked", those_in_use_can_be_walked},
};

int main(void)
{
    return UNIT_MAIN("descriptor", tests);
}
