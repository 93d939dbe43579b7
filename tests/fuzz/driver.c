/* A main for fuzz targets where libFuzzer is not: replays the files named, then N random inputs, so
 * that every target runs in `make test` with any compiler. An assertion that fails aborts; the seed
 * and the number of the input then say which one it was.
 *
 *     NAME_fuzz [-n INPUTS] [-s SEED] [FILE...]
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX 65536
#define RANDOM_MAX 512 /* random inputs are short: parsers branch on their first bytes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* SplitMix64: small, and the same everywhere. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* The bytes lie at the end of a block of their own, so that a sanitizer sees the first one read
 * behind them. */
static void run_input(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static int run_file(const char *name)
{
    static uint8_t bytes[INPUT_MAX];
    FILE *file = fopen(name, "rb");
    if (!file) {
        perror(name);
        return 1;
    }
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    run_input(bytes, size);
    return 0;
}

/* Small values, ones and noise by turns: lengths and flags are what decides. */
static void run_random(uint64_t *state)
{
    uint8_t bytes[RANDOM_MAX];
    size_t size = draw(state) % (RANDOM_MAX + 1);
    uint64_t kind = draw(state) % 4;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)draw(state);
        bytes[i] = kind == 0 ? byte & 7 : kind == 1 && byte < 192 ? 0 : byte;
    }
    run_input(bytes, size);
}

int main(int argc, char **argv)
{
    uint64_t inputs = 0, seed = 1;
    for (int option; (option = getopt(argc, argv, "n:s:")) != -1;) {
        if (option == 'n')
            inputs = strtoull(optarg, NULL, 0);
        else if (option == 's')
            seed = strtoull(optarg, NULL, 0);
        else
            return 2;
    }
    for (int i = optind; i < argc; i++)
        if (run_file(argv[i]))
            return 1;
    uint64_t state = seed;
    for (uint64_t i = 0; i < inputs; i++)
        run_random(&state);
    const char *name = strrchr(argv[0], '/');
    printf("%s, %d files and %" PRIu64 " inputs of seed %" PRIu64 ": 1 passed, 0 failed\n",
           name ? name + 1 : argv[0], argc - optind, inputs, seed);
    return 0;
}
