/* libpcap writes classic pcap; pcapng.h writes pcapng. */
#include "capture_file.h"
#include "diagnostic.h"
#include "pcapng.h"
#include "segment.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <rill/version.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAME_MAX = 14 + 65535 }; /* a superframe is also one IP packet */
enum { PACKET_HEAD = 16 };       /* per packet in classic pcap */
enum { SNAP_LENGTH = 262144 };   /* as tcpdump writes it; readers size their buffers by it */

struct rill_capture {
    char name[PATH_MAX];
    bool classic;
    pcap_t *handle;        /* classic pcap only */
    pcap_dumper_t *dumper; /* classic pcap only */
    FILE *file;            /* the dumper's, or our own */
    struct pcapng blocks;
    off_t whole;    /* bytes that were written completely */
    unsigned files; /* the most that are kept */
    uint64_t limit; /* bytes of one file; 0: no limit */
    bool marked;    /* a caller may go back: no rotation now */
    uint8_t frame[FRAME_MAX];
};

static bool is_classic(const char *name)
{
    size_t length = strlen(name);
    return !strcmp(name, "-") || (length > 5 && !strcmp(name + length - 5, ".pcap"));
}

/* ---- One file ---- */

static int open_classic(struct rill_capture *c)
{
    c->dumper = pcap_dump_open(c->handle, c->name);
    c->file = c->dumper ? pcap_dump_file(c->dumper) : NULL;
    c->whole = sizeof(struct pcap_file_header);
    return c->file ? 0 : -1;
}

/* Removes a packet that a full disk took only in part: the packets before it stay readable. */
static void cut_back(struct rill_capture *c)
{
    int error = errno;
    __fpurge(c->file); /* else closing would write the rest of the packet */
    if (strcmp(c->name, "-") != 0 && ftruncate(fileno(c->file), c->whole) != 0)
        errno = 0; /* a pipe, for example */
    errno = error ? error : EIO;
}

/* Flushes `length` bytes that were written after errno was set to 0. */
static int flush(struct rill_capture *c, size_t length)
{
    if (fflush(c->file) == 0 && !ferror(c->file)) {
        c->whole += (off_t)length;
        return 0;
    }
    cut_back(c);
    return -1;
}

/* Writes the blocks that were built. */
static int write_blocks(struct rill_capture *c)
{
    bool whole = !c->blocks.failed;
    size_t length = whole ? c->blocks.length : 0;
    errno = 0;
    fwrite(c->blocks.at, 1, length, c->file);
    c->blocks.length = 0;
    c->blocks.failed = false;
    if (whole)
        return flush(c, length);
    errno = ENOMEM;
    return -1;
}

static int open_file(struct rill_capture *c)
{
    errno = 0;
    c->whole = 0;
    if (c->classic)
        return open_classic(c);
    c->file = fopen(c->name, "wbe");
    if (!c->file)
        return -1;
    pcapng_begin(&c->blocks, "rill " RILL_VERSION);
    return write_blocks(c);
}

static void close_file(struct rill_capture *c)
{
    if (c->dumper)
        pcap_dump_close(c->dumper);
    else if (c->file)
        fclose(c->file);
    c->dumper = NULL;
    c->file = NULL;
}

/* ---- Several ---- */

/* The name FILE.3.pcapng for FILE.pcapng; number 0 is the file itself. */
static void numbered(const struct rill_capture *c, unsigned number, char out[PATH_MAX])
{
    const char *slash = strrchr(c->name, '/'), *base = slash ? slash + 1 : c->name;
    const char *suffix = strrchr(base, '.');
    if (!suffix || suffix == base)
        suffix = c->name + strlen(c->name);
    if (number)
        snprintf(out, PATH_MAX, "%.*s.%u%s", (int)(suffix - c->name), c->name, number, suffix);
    else
        snprintf(out, PATH_MAX, "%s", c->name);
}

/* Each file replaces the next older one; the oldest is removed. */
static int rotate(struct rill_capture *c)
{
    char from[PATH_MAX], to[PATH_MAX];
    close_file(c);
    for (unsigned i = c->files - 1; i > 0; i--) {
        numbered(c, i - 1, from);
        numbered(c, i, to);
        if (rename(from, to) != 0 && errno != ENOENT)
            return -1;
    }
    return open_file(c);
}

bool capture_failed(const struct rill_capture *c)
{
    return !c->file || ferror(c->file); /* the one after a rotation that has failed */
}

static int rotate_if_due(struct rill_capture *c)
{
    if (capture_failed(c)) { /* what comes now would stand behind a gap */
        errno = EBADF;
        return -1;
    }
    off_t length = c->limit && !c->marked ? ftello(c->file) : 0;
    return length > 0 && (uint64_t)length >= c->limit ? rotate(c) : 0;
}

int rill_capture_limit(struct rill_capture *c, unsigned files, uint64_t bytes)
{
    if (files == 0 || !strcmp(c->name, "-")) {
        errno = EINVAL;
        return -1;
    }
    c->files = files;
    c->limit = bytes;
    return 0;
}

/* ---- Captures ---- */

static struct rill_capture *capture_new(const char *file)
{
    struct rill_capture *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    snprintf(c->name, sizeof c->name, "%s", file);
    c->classic = is_classic(file);
    c->files = 1;
    if (c->classic)
        c->handle = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, SNAP_LENGTH,
                                                         PCAP_TSTAMP_PRECISION_NANO);
    if (!c->classic || c->handle)
        return c;
    rill_capture_close(c);
    return NULL;
}

struct rill_capture *rill_capture_create(const char *file, struct rill_diagnostic *diagnostic)
{
    if (strlen(file) >= PATH_MAX - 16) {
        diagnostic_set(diagnostic, ENAMETOOLONG, "cannot write a capture: the name is too long");
        return NULL;
    }
    struct rill_capture *c = capture_new(file);
    if (!c) {
        diagnostic_set(diagnostic, ENOMEM, "no memory for a capture");
        return NULL;
    }
    if (open_file(c) == 0)
        return c;
    int error = errno ? errno : EINVAL;
    diagnostic_set(diagnostic, error, "cannot write the capture %s: %s", file, strerror(error));
    rill_capture_close(c);
    return NULL;
}

static int write_classic(struct rill_capture *c, size_t length, rill_time when)
{
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)length, .len = (bpf_u_int32)length};
    header.ts.tv_sec = (time_t)(when / RILL_SECONDS(1));
    header.ts.tv_usec = (suseconds_t)(when % RILL_SECONDS(1)); /* nanoseconds, as the handle says */
    errno = 0;
    pcap_dump((u_char *)c->dumper, &header, c->frame);
    return flush(c, PACKET_HEAD + length);
}

int rill_capture_write(struct rill_capture *c, const struct rill_frame *frame, rill_time when,
                       enum rill_capture_direction direction, const char *comment)
{
    assert(rill_frame_length(frame) <= sizeof c->frame);
    if (rotate_if_due(c) != 0)
        return -1;
    size_t length = segment_copy_whole(frame, c->frame);
    if (c->classic)
        return write_classic(c, length, when);
    pcapng_packet(&c->blocks, (struct rill_span){c->frame, length}, when, direction, comment);
    return write_blocks(c);
}

bool capture_comments(const struct rill_capture *c)
{
    return !c->classic;
}

off_t rill_capture_mark(struct rill_capture *c)
{
    if (rotate_if_due(c) != 0 || lseek(fileno(c->file), 0, SEEK_CUR) < 0)
        return -1;
    c->marked = true;
    return ftello(c->file);
}

void rill_capture_go_back(struct rill_capture *c, off_t mark)
{
    fseeko(c->file, mark, SEEK_SET);
    c->whole = mark;
}

void rill_capture_forget_mark(struct rill_capture *c)
{
    c->marked = false;
}

void rill_capture_close(struct rill_capture *c)
{
    if (!c)
        return;
    int error = errno;
    close_file(c);
    if (c->handle)
        pcap_close(c->handle);
    free(c->blocks.at);
    free(c);
    errno = error;
}
