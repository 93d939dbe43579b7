/* The control socket: who is let in, what is answered, and that nobody can hold it up. */
#include "few.h"
#include "host/control.h"
#include "host/control_place.h"
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64], path[RILL_CONTROL_PATH];
static struct host_control *control;
static struct rill_diagnostic diagnostic;
static const struct host_control_facts facts = {.device = "rill9", .memory = 1000, .trace = true};

static void begin(void)
{
    struct rill_config config;
    rill_config_init(&config);
    config.trace_records = 64;
    world_begin(&config);
    strcpy(directory, "/tmp/rill-control-test-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/it", directory);
    control = host_control_open(world.end[LEFT], path, &facts, &diagnostic);
    CU_ASSERT_PTR_NOT_NULL_FATAL(control);
}

static void end(void)
{
    host_control_close(control);
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    CU_ASSERT_EQUAL(rmdir(directory), 0);
    world_end();
}

/* A client that has asked. */
static int ask(struct rill_control_request request)
{
    int fd = control_connect(path);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    request.magic = RILL_CONTROL_MAGIC;
    request.version = request.version ? request.version : RILL_CONTROL_VERSION;
    CU_ASSERT_EQUAL(send(fd, &request, sizeof request, 0), sizeof request);
    host_control_serve(control); /* lets it in */
    host_control_serve(control); /* hears it */
    return fd;
}

static bool take(int fd, void *to, size_t length)
{
    return recv(fd, to, length, 0) == (ssize_t)length;
}

static bool is_over(int fd)
{
    char byte;
    return recv(fd, &byte, 1, 0) == 0;
}

static int ask_for(enum rill_control_what what)
{
    struct rill_control_greeting g;
    int fd = ask((struct rill_control_request){.what = (uint16_t)what, .events = ~0u});
    CU_ASSERT_TRUE(take(fd, &g, sizeof g));
    CU_ASSERT_STRING_EQUAL(g.device, "rill9");
    CU_ASSERT_EQUAL(g.pid, getpid());
    CU_ASSERT_TRUE(g.memory_used > 0 && g.memory == 1000);
    return fd;
}

static void sockets_are_listed_and_then_it_is_over(void)
{
    struct rill_status s[2];
    int server;
    begin();
    CU_ASSERT_EQUAL(rill_listen(rill_socket(AF_INET, SOCK_STREAM, 0), 1), 0);
    world_connection(80, &server);
    int fd = ask_for(RILL_CONTROL_SOCKETS);
    CU_ASSERT_TRUE(take(fd, s, 2 * sizeof *s));
    CU_ASSERT_EQUAL(s[0].kind, RILL_STATUS_LISTENER);
    CU_ASSERT_EQUAL(s[1].state, RILL_TCP_ESTABLISHED);
    CU_ASSERT_TRUE(is_over(fd));
    close(fd);
    end();
}

static void counters_are_told(void)
{
    static struct rill_counters c;
    int server;
    begin();
    world_connection(80, &server);
    int fd = ask_for(RILL_CONTROL_COUNTERS);
    CU_ASSERT_TRUE(take(fd, &c, sizeof c));
    CU_ASSERT_EQUAL(c.value[RILL_TcpActiveOpens], 1);
    CU_ASSERT_TRUE(is_over(fd));
    close(fd);
    end();
}

static void a_follower_gets_what_it_wants_as_it_happens(void)
{
    struct rill_trace_record r = {0};
    struct rill_control_greeting g;
    int server;
    begin();
    int fd = ask((struct rill_control_request){
        .what = RILL_CONTROL_TRACE, .events = 1u << RILL_EVENT_STATE, .port = 81});
    CU_ASSERT_TRUE(take(fd, &g, sizeof g));
    world_connection(80, &server);
    host_control_serve(control);
    CU_ASSERT_TRUE(fails(recv(fd, &r, sizeof r, 0), EAGAIN));
    world_connection(81, &server);
    host_control_glance(control, world.now);
    const int states[] = {RILL_TCP_SYN_SENT, RILL_TCP_ESTABLISHED};
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(take(fd, &r, sizeof r));
        CU_ASSERT_EQUAL(r.event, RILL_EVENT_STATE);
        CU_ASSERT_EQUAL(r.after, states[i]);
        CU_ASSERT_EQUAL(r.remote_port, 81);
    }
    CU_ASSERT_TRUE(fails(recv(fd, &r, sizeof r, 0), EAGAIN));
    close(fd);
    end();
}

static void what_came_too_fast_is_counted(void)
{
    struct rill_trace_record r = {0};
    int server;
    begin();
    int fd = ask_for(RILL_CONTROL_TRACE), client = world_connection(80, &server);
    for (int i = 0; i < 100; i++) {
        rill_send(client, "x", 1, 0);
        world_pass(RILL_MILLISECONDS(100));
    }
    host_control_serve(control);
    CU_ASSERT_TRUE(take(fd, &r, sizeof r));
    CU_ASSERT_EQUAL(r.event, RILL_EVENT_COUNT);
    CU_ASSERT_TRUE(r.seq > 30);
    close(fd);
    end();
}

/* An Ethernet frame that nobody understands. */
static uint8_t bytes[60000];

static void show_frames_of(unsigned n, uint32_t length)
{
    struct rill_frame frame[RILL_BATCH_MAX] = {{0}};
    for (unsigned i = 0; i < n; i++)
        frame[i] = (struct rill_frame){.buffer = bytes, .room = sizeof bytes, .length = length};
    host_control_number(control, frame, n);
    host_control_frames(control, frame, n, RILL_CAPTURE_IN);
    host_control_serve(control);
}

static void show_frames(unsigned n)
{
    show_frames_of(n, 1000);
}

static void frames_come_as_pcapng(void)
{
    uint32_t block[64];
    begin();
    show_frames(1); /* nobody watches */
    int fd = ask_for(RILL_CONTROL_FRAMES);
    CU_ASSERT_TRUE(recv(fd, block, sizeof block, 0) > 0);
    CU_ASSERT_EQUAL(block[0], 0x0a0d0d0a);
    show_frames(2);
    for (int i = 0; i < 2; i++) {
        static uint8_t rest[2000];
        CU_ASSERT_TRUE(take(fd, block, 8));
        CU_ASSERT_EQUAL(block[0], 6);
        CU_ASSERT_TRUE(block[1] > 1000 && block[1] < sizeof rest);
        CU_ASSERT_TRUE(take(fd, rest, block[1] - 8));
    }
    CU_ASSERT_TRUE(fails(recv(fd, block, 1, 0), EAGAIN));
    close(fd);
    end();
}

static void of_a_superframe_the_headers_come(void)
{
    uint32_t block[1024];
    begin();
    int fd = ask_for(RILL_CONTROL_FRAMES);
    CU_ASSERT_TRUE(recv(fd, block, sizeof block, 0) > 0);
    show_frames_of(1, sizeof bytes);
    ssize_t length = recv(fd, block, sizeof block, 0);
    CU_ASSERT_EQUAL(length, block[1]);
    CU_ASSERT_EQUAL(block[5], 256); /* captured */
    CU_ASSERT_EQUAL(block[6], sizeof bytes);
    close(fd);
    end();
}

/* Block by block; false: the stream does not end behind a whole one. */
static bool ends_behind_a_block(int fd)
{
    uint32_t block[1024];
    ssize_t n;
    while ((n = recv(fd, block, 8, MSG_DONTWAIT)) == 8) {
        CU_ASSERT_TRUE_FATAL(block[1] > 8 && block[1] < sizeof block);
        for (ssize_t left = block[1] - 8, got; left > 0; left -= got) {
            host_control_serve(control);
            got = recv(fd, block, (size_t)left, 0);
            if (got <= 0)
                return false;
        }
        host_control_serve(control);
    }
    return n == 0;
}

static void who_does_not_keep_up_gets_whole_frames_and_the_end(void)
{
    begin();
    int lazy = ask_for(RILL_CONTROL_FRAMES);
    for (int i = 0; i < 100; i++)
        show_frames(RILL_BATCH_MAX);
    CU_ASSERT_TRUE(ends_behind_a_block(lazy));
    close(lazy);
    end();
}

/* Reads all that is left; false: the other side is still there. */
static bool ends(int fd)
{
    static char much[65536];
    ssize_t n;
    while ((n = recv(fd, much, sizeof much, 0)) > 0)
        host_control_serve(control);
    return n == 0;
}

static void who_does_not_read_is_dropped_and_others_go_on(void)
{
    begin();
    int lazy = ask_for(RILL_CONTROL_FRAMES), fd = ask_for(RILL_CONTROL_FRAMES);
    for (int i = 0; i < 100; i++) {
        show_frames(RILL_BATCH_MAX);
        CU_ASSERT_FALSE(ends(fd));
    }
    CU_ASSERT_TRUE(ends(lazy));
    CU_ASSERT_FALSE(ends(fd));
    close(lazy);
    close(fd);
    end();
}

static void a_newcomer_finds_a_place_among_those_who_say_nothing(void)
{
    int silent[2 * CONTROL_CLIENTS];
    begin();
    for (int i = 0; i < 2 * CONTROL_CLIENTS; i++) {
        silent[i] = control_connect(path);
        CU_ASSERT_TRUE(silent[i] >= 0);
        host_control_serve(control);
    }
    for (int i = 0; i < 2 * CONTROL_CLIENTS; i++)
        CU_ASSERT_EQUAL(ends(silent[i]), i < CONTROL_CLIENTS);
    int fd = ask_for(RILL_CONTROL_COUNTERS);
    close(fd);
    for (int i = 0; i < 2 * CONTROL_CLIENTS; i++)
        close(silent[i]);
    end();
}

static void nonsense_is_dropped(void)
{
    begin();
    int fd = control_connect(path);
    CU_ASSERT_EQUAL(send(fd, "GET / HTTP/1.0\r\n\r\n", 18, 0), 18);
    host_control_serve(control);
    host_control_serve(control);
    CU_ASSERT_TRUE(recv(fd, bytes, 1, 0) <= 0 && errno != EAGAIN);
    close(fd);
    fd = ask((struct rill_control_request){.what = RILL_CONTROL_WHAT_COUNT});
    CU_ASSERT_TRUE(is_over(fd));
    close(fd);
    end();
}

static void another_version_is_greeted_and_no_more(void)
{
    struct rill_control_greeting g;
    begin();
    int fd = ask((struct rill_control_request){.version = 99, .what = RILL_CONTROL_TRACE});
    CU_ASSERT_TRUE(take(fd, &g, sizeof g));
    CU_ASSERT_EQUAL(g.version, RILL_CONTROL_VERSION);
    CU_ASSERT_TRUE(is_over(fd));
    close(fd);
    end();
}

static void it_is_its_owners_alone(void)
{
    struct stat is;
    begin();
    CU_ASSERT_EQUAL(stat(path, &is), 0);
    CU_ASSERT_EQUAL(is.st_mode & 0777, 0600);
    end();
}

static void a_name_that_is_taken_is_refused_and_a_stale_one_replaced(void)
{
    begin();
    CU_ASSERT_PTR_NULL(host_control_open(world.end[LEFT], path, &facts, &diagnostic));
    CU_ASSERT_EQUAL(errno, EADDRINUSE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diagnostic.text, "a stack listens there"));
    char name[RILL_CONTROL_PATH], other[RILL_CONTROL_PATH];
    snprintf(other, sizeof other, "%s/stale", directory);
    close(control_listen(other, name, &diagnostic)); /* as after a crash */
    struct host_control *again = host_control_open(world.end[LEFT], other, &facts, &diagnostic);
    CU_ASSERT_PTR_NOT_NULL(again);
    host_control_close(again);
    end();
}

static void what_is_no_socket_is_left_alone(void)
{
    begin();
    char file[RILL_CONTROL_PATH];
    snprintf(file, sizeof file, "%s/file", directory);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    CU_ASSERT_PTR_NULL(host_control_open(world.end[LEFT], file, &facts, &diagnostic));
    CU_ASSERT_EQUAL(unlink(file), 0);
    end();
}

static void few_descriptors_refuse(unsigned left)
{
    char other[RILL_CONTROL_PATH];
    snprintf(other, sizeof other, "%s/other", directory);
    *diagnostic.text = '\0';
    few_begin(left);
    CU_ASSERT_PTR_NULL(host_control_open(world.end[LEFT], other, &facts, &diagnostic));
    CU_ASSERT_EQUAL(errno, EMFILE);
    few_end();
    CU_ASSERT_PTR_NOT_NULL(strstr(diagnostic.text, "Too many open files"));
}

static void that_there_are_no_descriptors_is_told(void)
{
    begin();
    few_descriptors_refuse(0);
    few_descriptors_refuse(1);
    end();
}

static void by_default_it_lies_in_a_directory_of_the_owners(void)
{
    char name[RILL_CONTROL_PATH], found[4][RILL_CONTROL_PATH], stale[RILL_CONTROL_PATH];
    struct stat is;
    begin();
    setenv("XDG_RUNTIME_DIR", directory, 1);
    int fd = control_listen(NULL, name, &diagnostic);
    CU_ASSERT_TRUE(fd >= 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(name, directory));
    *strrchr(name, '/') = '\0';
    CU_ASSERT_EQUAL(stat(name, &is), 0);
    CU_ASSERT_EQUAL(is.st_mode & 0777, 0700);
    CU_ASSERT_TRUE(rill_control_find(found, 4) >= 1);
    snprintf(stale, sizeof stale, "%s", found[0]);
    CU_ASSERT_PTR_NOT_NULL(strstr(stale, directory));
    close(fd); /* it stays behind, until the next one comes */
    CU_ASSERT_EQUAL(access(stale, F_OK), 0);
    CU_ASSERT_TRUE(!rill_control_find(found, 4) || !strstr(found[0], directory));
    chmod(name, 0777); /* somebody else could have put anything there */
    char other[RILL_CONTROL_PATH] = "";
    fd = control_listen(NULL, other, &diagnostic);
    CU_ASSERT_PTR_NULL(strstr(other, directory));
    if (fd >= 0)
        unlink(other);
    close(fd);
    chmod(name, 0700);
    fd = control_listen(NULL, other, &diagnostic);
    CU_ASSERT_STRING_EQUAL(other, stale); /* swept */
    close(fd);
    unlink(other);
    CU_ASSERT_EQUAL(rmdir(name), 0);
    unsetenv("XDG_RUNTIME_DIR");
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"sockets are listed, and then it is over", sockets_are_listed_and_then_it_is_over},
        {"counters are told", counters_are_told},
        {"a follower gets what it wants as it happens",
         a_follower_gets_what_it_wants_as_it_happens},
        {"what came too fast is counted", what_came_too_fast_is_counted},
        {"frames come as pcapng", frames_come_as_pcapng},
        {"of a superframe the headers come", of_a_superframe_the_headers_come},
        {"who does not keep up gets whole frames and the end",
         who_does_not_keep_up_gets_whole_frames_and_the_end},
        {"who does not read is dropped, and others go on",
         who_does_not_read_is_dropped_and_others_go_on},
        {"a newcomer finds a place among those who say nothing",
         a_newcomer_finds_a_place_among_those_who_say_nothing},
        {"nonsense is dropped", nonsense_is_dropped},
        {"another version is greeted, and no more", another_version_is_greeted_and_no_more},
        {"it is its owner's alone", it_is_its_owners_alone},
        {"a name that is taken is refused, and a stale one replaced",
         a_name_that_is_taken_is_refused_and_a_stale_one_replaced},
        {"what is no socket is left alone", what_is_no_socket_is_left_alone},
        {"that there are no descriptors is told", that_there_are_no_descriptors_is_told},
        {"by default it lies in a directory of the owner's",
         by_default_it_lies_in_a_directory_of_the_owners},
    };
    return UNIT_MAIN("control socket", tests);
}
