#include "pcapng.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <rill/capture.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/rill-capture-XXXXXX";
static char path[64];

static struct rill_frame frame_of(uint8_t *bytes, uint32_t length)
{
    return (struct rill_frame){.buffer = bytes, .room = length, .length = length};
}

static int write_one(struct rill_capture *c, const struct rill_frame *f, rill_time when)
{
    return rill_capture_write(c, f, when, RILL_CAPTURE_UNKNOWN, NULL);
}

/* Two frames, the second with a gather span. */
static void write_two(void)
{
    static uint8_t one[60] = {1, 2, 3}, two[14] = {9, 8, 7};
    struct rill_diagnostic why;
    struct rill_capture *c = rill_capture_create(path, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    struct rill_frame f = frame_of(one, sizeof one);
    CU_ASSERT_EQUAL(write_one(c, &f, RILL_SECONDS(1700000000) + 123456789), 0);
    f = frame_of(two, sizeof two);
    f.gather[0] = (struct rill_span){(const uint8_t *)"abcdef", 6};
    f.gather_count = 1;
    CU_ASSERT_EQUAL(write_one(c, &f, RILL_SECONDS(1700000001) + 1), 0);
    rill_capture_close(c);
}

static void what_is_written_is_read_back_to_the_nanosecond(void)
{
    struct rill_diagnostic why;
    struct rill_span frame;
    size_t wire;
    rill_time when;
    write_two();
    struct rill_capture_reader *r = rill_capture_open(path, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), 1);
    CU_ASSERT_EQUAL(frame.length, 60);
    CU_ASSERT_EQUAL(wire, 60);
    CU_ASSERT_EQUAL(frame.at[2], 3);
    CU_ASSERT_EQUAL(when, RILL_SECONDS(1700000000) + 123456789);
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), 1);
    CU_ASSERT_EQUAL_FATAL(frame.length, 20);
    CU_ASSERT(memcmp(frame.at, "\x9\x8\x7", 3) == 0);
    CU_ASSERT(memcmp(frame.at + 14, "abcdef", 6) == 0);
    CU_ASSERT_EQUAL(when, RILL_SECONDS(1700000001) + 1);
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), 0);
    rill_capture_reader_close(r);
}

/* libpcap reads what we write, comment or not. */
static void pcapng_is_read_back_too(void)
{
    strcpy(strrchr(path, '.'), ".pcapng");
    what_is_written_is_read_back_to_the_nanosecond();
    unlink(path);
    strcpy(strrchr(path, '.'), ".pcap");
}

/* Blocks of the last written packet, as bytes: the comment is padded to a multiple of four. */
static void a_comment_stands_behind_its_packet(void)
{
    struct pcapng p = {0};
    uint8_t frame[5] = {1, 2, 3, 4, 5};
    pcapng_packet(&p, (struct rill_span){frame, 5}, (1LL << 32) + 7, RILL_CAPTURE_OUT, "because");
    const uint32_t expected[] = {6, 4 * 16,      0, 1,           7, 5, 5, 0x04030201,
                                 5, 4 << 16 | 2, 2, 7 << 16 | 1, 0, 0, 0, 4 * 16};
    CU_ASSERT_EQUAL_FATAL(p.length, sizeof expected);
    CU_ASSERT(memcmp(p.at, expected, 4 * 12) == 0);
    CU_ASSERT(memcmp(p.at + 4 * 12, "because\0", 8) == 0);
    CU_ASSERT(memcmp(p.at + 4 * 14, expected + 14, 8) == 0);
    free(p.at);
}

static void write_bytes(const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fwrite(bytes, 1, length, file);
    fclose(file);
}

/* Any 64 bits may stand there. */
static void a_time_that_lies_is_none(void)
{
    struct pcapng p = {0};
    struct rill_diagnostic why;
    struct rill_span frame;
    size_t wire;
    rill_time when = 1;
    pcapng_begin(&p, "test");
    pcapng_packet(&p, (struct rill_span){(const uint8_t *)"0123456789abcd", 14}, -1,
                  RILL_CAPTURE_UNKNOWN, NULL);
    write_bytes(p.at, p.length);
    free(p.at);
    struct rill_capture_reader *r = rill_capture_open(path, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), 1);
    CU_ASSERT_EQUAL(when, 0);
    rill_capture_reader_close(r);
}

static off_t length_of(const char *suffix)
{
    char name[96];
    struct stat file;
    snprintf(name, sizeof name, "%s/%s", folder, suffix);
    return stat(name, &file) == 0 ? file.st_size : -1;
}

static void old_files_give_way(void)
{
    char name[96];
    uint8_t bytes[600] = {0};
    struct rill_diagnostic why;
    snprintf(name, sizeof name, "%s/ring.pcapng", folder);
    struct rill_capture *c = rill_capture_create(name, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(rill_capture_limit(c, 3, 1000), 0);
    struct rill_frame f = frame_of(bytes, sizeof bytes);
    for (int i = 0; i < 9; i++)
        CU_ASSERT_EQUAL(write_one(c, &f, i), 0);
    CU_ASSERT(length_of("ring.pcapng") > 600);
    CU_ASSERT(length_of("ring.1.pcapng") >= 1000);
    CU_ASSERT(length_of("ring.2.pcapng") >= 1000);
    CU_ASSERT_EQUAL(length_of("ring.3.pcapng"), -1);
    CU_ASSERT_EQUAL(rill_capture_limit(c, 0, 1000), -1);
    rill_capture_close(c);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, i ? "%s/ring.%d.pcapng" : "%s/ring.pcapng", folder, i);
        CU_ASSERT_EQUAL(unlink(name), 0);
    }
}

static void a_frame_is_in_the_file_before_it_is_closed(void)
{
    uint8_t bytes[60] = {0};
    struct rill_diagnostic why;
    struct stat file;
    struct rill_frame f = frame_of(bytes, sizeof bytes);
    struct rill_capture *c = rill_capture_create(path, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    write_one(c, &f, 0);
    CU_ASSERT_EQUAL(stat(path, &file), 0);
    CU_ASSERT_EQUAL(file.st_size, 24 + 16 + 60);
    rill_capture_close(c);
}

/* Frames until the file may not grow; then it ends behind the last that is whole. */
static void fill(const char *name, uint32_t size)
{
    static uint8_t bytes[20000];
    struct rill_diagnostic why = {""};
    struct rill_span frame;
    size_t wire;
    rill_time when;
    unsigned written = 0, read = 0;
    struct rill_frame f = frame_of(bytes, size);
    struct rill_capture *c = rill_capture_create(name, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    while (written < 1000 && write_one(c, &f, 0) == 0)
        written++;
    CU_ASSERT_EQUAL(errno, EFBIG);
    rill_capture_close(c);
    struct rill_capture_reader *r = rill_capture_open(name, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    while (rill_capture_next(r, &frame, &wire, &when, &why) == 1)
        read++;
    CU_ASSERT_STRING_EQUAL(why.text, "");
    CU_ASSERT_EQUAL(read, written);
    rill_capture_reader_close(r);
    unlink(name);
}

static void a_full_disk_leaves_whole_frames(void)
{
    char name[96];
    struct rlimit before, little;
    getrlimit(RLIMIT_FSIZE, &before);
    little = (struct rlimit){.rlim_cur = 50000, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &little), 0);
    snprintf(name, sizeof name, "%s/full.pcapng", folder);
    fill(name, 1000);
    fill(name, 20000);
    fill(path, 1000);
    fill(path, 20000);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
}

static void a_truncated_file_is_reported_behind_its_last_whole_frame(void)
{
    struct rill_diagnostic why = {""};
    struct rill_span frame;
    size_t wire;
    rill_time when;
    write_two();
    CU_ASSERT_EQUAL(truncate(path, 24 + 16 + 60 + 16 + 5), 0);
    struct rill_capture_reader *r = rill_capture_open(path, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), 1);
    errno = 0;
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), -1);
    CU_ASSERT_EQUAL(errno, EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "behind frame 1: truncated"));
    rill_capture_reader_close(r);
}

static void microseconds_of_the_other_byte_order_are_read(void)
{
    static const uint8_t file[] = {
        0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0,  0,  0,  0, 0, 0, 0,
        0,    1,    0,    0,    0, 0, 0, 1,                             /* header */
        0,    0,    0,    5,    0, 0, 0, 6, 0, 0,  0,  14, 0, 0, 0, 99, /* record */
        1,    2,    3,    4,    5, 6, 7, 8, 9, 10, 11, 12, 8, 0,
    };
    struct rill_diagnostic why;
    struct rill_span frame;
    size_t wire = 0;
    rill_time when = 0;
    write_bytes(file, sizeof file);
    struct rill_capture_reader *r = rill_capture_open(path, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), 1);
    CU_ASSERT_EQUAL(frame.length, 14);
    CU_ASSERT_EQUAL(wire, 99);
    CU_ASSERT_EQUAL(when, RILL_SECONDS(5) + RILL_MICROSECONDS(6));
    rill_capture_reader_close(r);
}

static void a_link_type_other_than_ethernet_is_refused(void)
{
    struct rill_diagnostic why = {""};
    pcap_t *dead = pcap_open_dead(DLT_RAW, 65535);
    pcap_dumper_t *file = pcap_dump_open(dead, path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    pcap_dump_close(file);
    pcap_close(dead);
    CU_ASSERT_PTR_NULL(rill_capture_open(path, &why));
    CU_ASSERT_EQUAL(errno, EPROTONOSUPPORT);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "RAW"));
}

static void what_is_no_capture_or_not_there_is_refused(void)
{
    struct rill_diagnostic why = {""};
    write_bytes("hello, this is no capture at all", 32);
    CU_ASSERT_PTR_NULL(rill_capture_open(path, &why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, path));
    unlink(path);
    CU_ASSERT_PTR_NULL(rill_capture_open(path, &why));
    CU_ASSERT_EQUAL(errno, ENOENT);
    CU_ASSERT_PTR_NULL(rill_capture_create("/nonexistent/x.pcap", &why));
    CU_ASSERT_EQUAL(errno, ENOENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "/nonexistent/x.pcap"));
}

/* ---- The decorator, around a device that gives one frame and takes one ---- */

static unsigned closed;

static int fake_read(struct rill_device *d, struct rill_frame *f, unsigned max)
{
    (void)d;
    (void)max;
    memset(f->buffer, 'r', 30);
    f->length = 30;
    return 1;
}

static int fake_write(struct rill_device *d, const struct rill_frame *f, unsigned n)
{
    (void)d;
    (void)f;
    return n > 0;
}

static int fake_descriptor(const struct rill_device *d)
{
    (void)d;
    return 42;
}

static void fake_close(struct rill_device *d)
{
    (void)d;
    closed++;
}

static rill_time fake_clock(void)
{
    return 777;
}

static void the_decorator_records_what_was_read_and_taken_only(void)
{
    static const struct rill_device_ops ops = {fake_read, fake_write, fake_descriptor, fake_close};
    struct rill_device inner = {.ops = &ops, .facts = {.mtu = 1400}};
    struct rill_diagnostic why;
    uint8_t bytes[3][64] = {"", "w1", "w2"};
    struct rill_device *d =
        rill_capture_device(&inner, rill_capture_create(path, &why), fake_clock);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_EQUAL(d->facts.mtu, 1400);
    CU_ASSERT_EQUAL(d->ops->descriptor(d), 42);
    struct rill_frame in = frame_of(bytes[0], 64);
    CU_ASSERT_EQUAL(d->ops->read(d, &in, 1), 1);
    struct rill_frame out[2] = {frame_of(bytes[1], 40), frame_of(bytes[2], 50)};
    CU_ASSERT_EQUAL(d->ops->write(d, out, 2), 1);
    d->ops->close(d);
    CU_ASSERT_EQUAL(closed, 1);

    struct rill_span frame;
    size_t wire;
    rill_time when;
    struct rill_capture_reader *r = rill_capture_open(path, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), 1);
    CU_ASSERT_EQUAL(frame.length, 30);
    CU_ASSERT_EQUAL(frame.at[0], 'r');
    CU_ASSERT_EQUAL(when, 777);
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), 1);
    CU_ASSERT_EQUAL(frame.length, 40);
    CU_ASSERT_EQUAL(frame.at[1], '1');
    CU_ASSERT_EQUAL(rill_capture_next(r, &frame, &wire, &when, &why), 0);
    rill_capture_reader_close(r);
}

static const struct unit_test tests[] = {
    {"what is written is read back to the nanosecond",
     what_is_written_is_read_back_to_the_nanosecond},
    {"pcapng is read back too", pcapng_is_read_back_too},
    {"a comment stands behind its packet", a_comment_stands_behind_its_packet},
    {"a time that lies is none", a_time_that_lies_is_none},
    {"old files give way", old_files_give_way},
    {"a frame is in the file before it is closed", a_frame_is_in_the_file_before_it_is_closed},
    {"a full disk leaves whole frames", a_full_disk_leaves_whole_frames},
    {"a truncated file is reported behind its last whole frame",
     a_truncated_file_is_reported_behind_its_last_whole_frame},
    {"microseconds of the other byte order are read",
     microseconds_of_the_other_byte_order_are_read},
    {"a link type other than Ethernet is refused", a_link_type_other_than_ethernet_is_refused},
    {"what is no capture, or not there, is refused", what_is_no_capture_or_not_there_is_refused},
    {"the decorator records what was read and taken only",
     the_decorator_records_what_was_read_and_taken_only},
};

int main(void)
{
    if (!mkdtemp(folder))
        return 2;
    snprintf(path, sizeof path, "%s/x.pcap", folder);
    int status = UNIT_MAIN("capture", tests);
    unlink(path);
    rmdir(folder);
    return status;
}
