/* Many reads and writes in one system call. A socket of datagrams stands in for a TAP: each read
 * brings one. */
#include "uring.h"

#include "tap_frames.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

static struct uring *open_ring(int end[2])
{
    struct uring *u = uring_open();
    CU_ASSERT_PTR_NOT_NULL_FATAL(u);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, end), 0);
    return u;
}

static void close_ring(struct uring *u, const int end[2])
{
    close(end[0]);
    close(end[1]);
    uring_close(u);
}

static void reads_bring_in_order_what_is_there(void)
{
    int end[2];
    static const char text[] = "abcde";
    char got[5][8] = {{0}}; /* memcheck does not see what a ring writes */
    int32_t result[5];
    struct uring *u = open_ring(end);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(write(end[0], &text[i], (size_t)(5 - i)), 5 - i);
    for (int i = 0; i < 5; i++)
        uring_read(u, end[1], got[i], sizeof got[i]);
    CU_ASSERT_EQUAL(uring_submit(u, result), 0);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(result[i], 5 - i);
        CU_ASSERT_EQUAL(memcmp(got[i], &text[i], (size_t)(5 - i)), 0);
    }
    CU_ASSERT_EQUAL(result[3], -EAGAIN);
    CU_ASSERT_EQUAL(result[4], -EAGAIN);
    close_ring(u, end);
}

static void writes_leave_in_order_from_where_their_parts_lie(void)
{
    int end[2];
    char got[8] = {0};
    int32_t result[2];
    struct iovec part[] = {{"one", 3}, {"two", 3}, {"three", 5}};
    struct uring *u = open_ring(end);
    uring_write(u, end[0], part, 2);
    uring_write(u, end[0], part + 2, 1);
    CU_ASSERT_EQUAL(uring_submit(u, result), 0);
    CU_ASSERT_EQUAL(result[0], 6);
    CU_ASSERT_EQUAL(result[1], 5);
    CU_ASSERT_EQUAL(read(end[1], got, sizeof got), 6);
    CU_ASSERT_EQUAL(memcmp(got, "onetwo", 6), 0);
    CU_ASSERT_EQUAL(read(end[1], got, sizeof got), 5);
    CU_ASSERT_EQUAL(memcmp(got, "three", 5), 0);
    close_ring(u, end);
}

/* Both rings come round many times, at every place. */
static void a_ring_goes_round(void)
{
    int end[2];
    int32_t result[URING_MAX];
    uint32_t got[URING_MAX] = {0};
    struct uring *u = open_ring(end);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t n = 1 + i % URING_MAX;
        CU_ASSERT_EQUAL(write(end[0], &i, sizeof i), sizeof i);
        for (uint32_t k = 0; k < n; k++)
            uring_read(u, end[1], &got[k], sizeof got[k]);
        CU_ASSERT_EQUAL_FATAL(uring_submit(u, result), 0);
        CU_ASSERT_EQUAL(got[0], i);
        CU_ASSERT_EQUAL(result[0], sizeof i);
        for (uint32_t k = 1; k < n; k++)
            CU_ASSERT_EQUAL(result[k], -EAGAIN);
    }
    close_ring(u, end);
}

static void what_fails_does_not_keep_the_rest(void)
{
    int end[2];
    char got[8] = {0};
    int32_t result[3];
    struct uring *u = open_ring(end);
    CU_ASSERT_EQUAL(write(end[0], "x", 1), 1);
    uring_read(u, -1, got, sizeof got);
    uring_read(u, end[1], got, sizeof got);
    uring_read(u, end[1], NULL, sizeof got);
    CU_ASSERT_EQUAL(uring_submit(u, result), 0);
    CU_ASSERT_EQUAL(result[0], -EBADF);
    CU_ASSERT_EQUAL(result[1], 1);
    CU_ASSERT_EQUAL(result[2], -EAGAIN);
    close_ring(u, end);
}

/* As a TAP before Linux 6.4: here it is the descriptor of inotify(7). */
static void who_cannot_be_asked_without_waiting_is_read_one_by_one(void)
{
    char bytes[2][64];
    struct rill_frame f[2] = {{.buffer = (uint8_t *)bytes[0], .room = 64},
                              {.buffer = (uint8_t *)bytes[1], .room = 64}};
    struct tap_frames t = {.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    tap_frames_begin(&t);
    t.expected = 1;
    CU_ASSERT_PTR_NOT_NULL(t.ring);
    CU_ASSERT_EQUAL(tap_frames_read(&t, f, 2), 0);
    CU_ASSERT_PTR_NULL(t.ring);
    CU_ASSERT_EQUAL(tap_frames_read(&t, f, 2), 0);
    close(t.fd);
}

/* Here the name of the thread, in proc(5). */
static void who_cannot_be_asked_without_waiting_is_written_one_by_one(void)
{
    uint8_t bytes[2] = {'a', 'b'};
    struct rill_frame f[2] = {{.buffer = bytes, .length = 1}, {.buffer = bytes + 1, .length = 1}};
    struct tap_frames t = {.fd = open("/proc/self/comm", O_RDWR | O_CLOEXEC)};
    tap_frames_begin(&t);
    CU_ASSERT_EQUAL(tap_frames_write(&t, f, 2), 2);
    CU_ASSERT_PTR_NULL(t.ring);
    CU_ASSERT_EQUAL(pread(t.fd, bytes, 1, 0), 1);
    CU_ASSERT_EQUAL(bytes[0], 'b'); /* each write is the whole name */
    close(t.fd);
}

static const struct unit_test tests[] = {
    {"reads bring in order what is there", reads_bring_in_order_what_is_there},
    {"writes leave in order, from where their parts lie",
     writes_leave_in_order_from_where_their_parts_lie},
    {"a ring goes round", a_ring_goes_round},
    {"what fails does not keep the rest", what_fails_does_not_keep_the_rest},
    {"who cannot be asked without waiting is read one by one",
     who_cannot_be_asked_without_waiting_is_read_one_by_one},
    {"who cannot be asked without waiting is written one by one",
     who_cannot_be_asked_without_waiting_is_written_one_by_one},
};

int main(void)
{
    struct uring *u = uring_open();
    if (!u) {
        printf("SKIP uring: %s\n0 passed, 0 failed\n", strerror(errno));
        return 0;
    }
    uring_close(u);
    return UNIT_MAIN("uring", tests);
}
