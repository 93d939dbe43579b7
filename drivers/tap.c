/* Opening configures the interface and remembers in `undo` what it changed on a persistent one. A
 * failure and closing both undo these changes. An interface that was created disappears with the
 * descriptor, and with it all settings. */
#include "descriptor.h"
#include "diagnostic.h"
#include "interface.h"
#include "tap_frames.h"
#include "vnet.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <rill/tap.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TUN_DEVICE "/dev/net/tun"
#define SUPERFRAME_MAX 65535 /* bytes of an IP packet, independent of the MTU */

/* Frames. An interface's default of a thousand is too small when a thousand streams begin: each may
 * send a window of 64 KB at once, in pieces as small as two segments while the window grows, which
 * makes more than twenty frames. A lost frame waits 200 ms for a time-out, far behind the others,
 * and the data after it fills the receive buffers. Without superframes such a queue would hold
 * seconds of traffic. */
#define SUPERFRAMES_QUEUED 30000

struct tap {
    struct rill_device device;
    struct tap_frames frames;
    int name_taken; /* the socket that holds the name (take_name); -1: none */
    char name[IFNAMSIZ];
    struct {
        int mtu, queue; /* 0: not changed */
        bool address;
        bool up;
    } undo;
    struct rill_address host_address;
    unsigned host_prefix;
};

static struct tap *self(struct rill_device *d)
{
    return (struct tap *)d;
}

/* ---- Reading, writing, closing ---- */

static int tap_read(struct rill_device *device, struct rill_frame *frame, unsigned max)
{
    return tap_frames_read(&self(device)->frames, frame, max);
}

static int tap_write(struct rill_device *device, const struct rill_frame *frame, unsigned max)
{
    return tap_frames_write(&self(device)->frames, frame, max);
}

static int tap_descriptor(const struct rill_device *device)
{
    return ((const struct tap *)device)->frames.fd;
}

/* Ignores errors: the interface may be gone, or privileges dropped. */
static void tap_close(struct rill_device *device)
{
    struct tap *t = self(device);
    int error = errno;
    if (t->undo.up)
        interface_set_up(t->name, false);
    if (t->undo.address)
        interface_remove_address(t->name, t->host_address, t->host_prefix);
    if (t->undo.mtu)
        interface_set_mtu(t->name, t->undo.mtu);
    if (t->undo.queue)
        interface_set_queue(t->name, t->undo.queue);
    if (t->frames.has_header)
        vnet_disable(t->frames.fd);
    tap_frames_end(&t->frames);
    if (t->frames.fd >= 0)
        close(t->frames.fd);
    if (t->name_taken >= 0)
        close(t->name_taken);
    free(t);
    errno = error;
}

static const struct rill_device_ops tap_ops = {
    .read = tap_read,
    .write = tap_write,
    .descriptor = tap_descriptor,
    .close = tap_close,
};

/* ---- Opening ---- */

static int check_name(const char *name, struct rill_diagnostic *diagnostic)
{
    size_t length = strlen(name);
    const char *percent = strchr(name, '%');
    bool numbered = !percent || (percent[1] == 'd' && !strchr(percent + 1, '%'));
    if (length == 0 || length >= IFNAMSIZ || strpbrk(name, "/: \t\n") || !numbered ||
        strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        diagnostic_set(
            diagnostic, EINVAL,
            "\"%.40s\" is no name for a TAP: 1 to %d characters without blank, / or :, and no "
            "%% but for one %%d, which the kernel numbers",
            name, IFNAMSIZ - 1);
        return -1;
    }
    return 0;
}

static int open_tun(struct rill_diagnostic *diagnostic)
{
    int fd = descriptor_raise(open(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (fd >= 0)
        return fd;
    if (errno == ENOENT)
        diagnostic_set(diagnostic, errno,
                       "there is no " TUN_DEVICE
                       ": run `modprobe tun`, or `mkdir -p /dev/net && mknod " TUN_DEVICE
                       " c 10 200`");
    else if (errno == EACCES || errno == EPERM)
        diagnostic_set(diagnostic, errno,
                       "no permission to open " TUN_DEVICE
                       ": run as root, or let root say `chmod 666 " TUN_DEVICE "`");
    else if (errno == ENODEV || errno == ENXIO)
        diagnostic_set(diagnostic, errno,
                       "the kernel has no driver behind " TUN_DEVICE ": run `modprobe tun`");
    else
        diagnostic_set(diagnostic, errno, "cannot open " TUN_DEVICE ": %m");
    return -1;
}

static void describe_attach_error(struct rill_diagnostic *diagnostic, const char *name)
{
    int error = errno;
    if (error == EPERM)
        diagnostic_set(
            diagnostic, error,
            "no permission to use the TAP %s: run as root, with CAP_NET_ADMIN or in `unshare "
            "-rn`, or let root say `ip tuntap add dev %s mode tap user $USER`",
            name, name);
    else if (error == EBUSY)
        diagnostic_set(diagnostic, error,
                       "the TAP %s is in use by another process: end that, or take another name",
                       name);
    else if (error == EINVAL)
        diagnostic_set(
            diagnostic, error,
            "%s exists already and is no TAP, or one with other settings: take another name", name);
    else
        diagnostic_set(diagnostic, error, "cannot attach to the TAP %s: %s", name, strerror(error));
}

static int try_interface(struct tap *t, const char *name, int flags)
{
    struct ifreq request = {.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | flags)};
    memcpy(request.ifr_name, name, strlen(name));
    if (ioctl(t->frames.fd, TUNSETIFF, &request) != 0)
        return -1;
    memcpy(t->name, request.ifr_name, sizeof t->name - 1);
    return 0;
}

/* An existing interface has either one queue or several, and must be attached to accordingly. */
static int set_interface(struct tap *t, const char *name, int flags)
{
    if (try_interface(t, name, flags) == 0)
        return 0;
    return errno == EINVAL ? try_interface(t, name, flags ^ IFF_MULTI_QUEUE) : -1;
}

/* The TUNSETIFF flag for a header before each frame. */
static int header_flag(const struct tap *t, bool wanted)
{
    unsigned features = 0;
    bool known = wanted && ioctl(t->frames.fd, TUNGETFEATURES, &features) == 0;
    return known && features & IFF_VNET_HDR ? IFF_VNET_HDR : 0;
}

/* Attaches the descriptor to the interface, which the kernel creates if there is none: with a
 * header, if it is wanted and the kernel supports it. Clears what an earlier reader of the
 * interface has requested. */
static int attach(struct tap *t, const char *name, const struct rill_tap_config *config,
                  struct rill_diagnostic *diagnostic)
{
    int flag = header_flag(t, !config->no_offload), queues = config->queues ? IFF_MULTI_QUEUE : 0;
    t->frames.has_header = flag && set_interface(t, name, queues | flag) == 0;
    if (!t->frames.has_header && set_interface(t, name, queues) != 0) {
        describe_attach_error(diagnostic, name);
        return -1;
    }
    if (t->frames.has_header)
        t->device.facts.cuts_udp = vnet_enable(t->frames.fd);
    else
        vnet_disable(t->frames.fd);
    return 0;
}

static bool has_flag(const struct tap *t, short flag)
{
    struct ifreq request = {0};
    return ioctl(t->frames.fd, TUNGETIFF, &request) == 0 && request.ifr_flags & flag;
}

/* The kernel lets every user of an interface open one more queue of it, and would give half of the
 * flows to an unrelated process. An abstract socket name (unix(7)), in the network namespace of the
 * interface, marks it as taken. */
static int take_name(struct tap *t, struct rill_diagnostic *diagnostic)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int length = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "rill/tap/%s", t->name);
    t->name_taken = descriptor_raise(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (t->name_taken >= 0 &&
        bind(t->name_taken, (struct sockaddr *)&name,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (unsigned)length)) == 0)
        return 0;
    if (errno == EADDRINUSE)
        errno = EBUSY;
    describe_attach_error(diagnostic, t->name);
    return -1;
}

static bool is_given(struct rill_address a)
{
    static const struct rill_address zero;
    return !rill_address_equal(a, zero);
}

static void address_text(struct rill_address a, char *text, size_t size)
{
    snprintf(text, size, "%u.%u.%u.%u", a.byte[12], a.byte[13], a.byte[14], a.byte[15]);
}

/* Names all necessary commands at once, so that the user need not try again for each. */
static void describe_configure_error(const struct tap *t, struct rill_diagnostic *diagnostic)
{
    int error = errno;
    char address[96] = "", text[RILL_ADDRESS_TEXT];
    if (is_given(t->host_address)) {
        address_text(t->host_address, text, sizeof text);
        snprintf(address, sizeof address, "ip address replace %s/%u dev %s && ", text,
                 t->host_prefix, t->name);
    }
    diagnostic_set(
        diagnostic, error,
        "cannot configure %s (%s): run as root, or let root say `%sip link set %s mtu %u up`",
        t->name, strerror(error), address, t->name, t->device.facts.mtu);
}

static int set_mtu(struct tap *t, int mtu, struct rill_diagnostic *diagnostic)
{
    int before;
    if (interface_mtu(t->name, &before) == 0 && before == mtu)
        return 0;
    if (interface_set_mtu(t->name, mtu) == 0) {
        t->undo.mtu = before;
        return 0;
    }
    if (errno == EINVAL) {
        diagnostic_set(diagnostic, EINVAL, "%s cannot have an MTU of %d: a TAP takes 68 to 65521",
                       t->name, mtu);
        return -1;
    }
    describe_configure_error(t, diagnostic);
    return -1;
}

/* The host itself would answer for the address. */
static int refuse_own(struct rill_address address, struct rill_diagnostic *diagnostic)
{
    struct interface_holder holder;
    if (!is_given(address) || interface_find(address, &holder) != 0)
        return 0;
    char text[RILL_ADDRESS_TEXT];
    address_text(address, text, sizeof text);
    diagnostic_set(
        diagnostic, EADDRINUSE,
        "rill's address %s belongs to the host already (on %s): take another, or take it off", text,
        holder.name);
    return -1;
}

static int set_address(struct tap *t, struct rill_diagnostic *diagnostic)
{
    char text[RILL_ADDRESS_TEXT];
    struct interface_holder holder;
    address_text(t->host_address, text, sizeof text);
    if (interface_find(t->host_address, &holder) == 0) {
        if (strcmp(holder.name, t->name) == 0 && holder.prefix == t->host_prefix)
            return 0;
        diagnostic_set(
            diagnostic, EADDRINUSE,
            "the host has %s already, as %s/%u on %s: take another, or take it off there", text,
            text, holder.prefix, holder.name);
        return -1;
    }
    if (interface_add_address(t->name, t->host_address, t->host_prefix) == 0) {
        t->undo.address = true;
        return 0;
    }
    describe_configure_error(t, diagnostic);
    return -1;
}

static int set_up(struct tap *t, struct rill_diagnostic *diagnostic)
{
    bool up;
    if (interface_is_up(t->name, &up) == 0 && up)
        return 0;
    if (interface_set_up(t->name, true) == 0) {
        t->undo.up = true;
        return 0;
    }
    describe_configure_error(t, diagnostic);
    return -1;
}

/* Without the permission the queue stays as it is. */
static void set_queue(struct tap *t)
{
    int before;
    if (t->frames.has_header && interface_queue(t->name, &before) == 0 &&
        before < SUPERFRAMES_QUEUED && interface_set_queue(t->name, SUPERFRAMES_QUEUED) == 0)
        t->undo.queue = before;
}

static int configure(struct tap *t, struct rill_diagnostic *diagnostic)
{
    if (set_mtu(t, t->device.facts.mtu, diagnostic) != 0)
        return -1;
    set_queue(t);
    if (is_given(t->host_address) && set_address(t, diagnostic) != 0)
        return -1;
    return set_up(t, diagnostic);
}

/* FNV-1a: not secret, but the same in each run, so that the host's neighbour entries stay valid. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
    return hash;
}

/* A locally administered unicast MAC that differs from that of the host's side. */
static void derive_mac(const struct tap *t, struct rill_address address, uint8_t mac[6])
{
    uint64_t hash = hash_bytes(0xcbf29ce484222325u, t->name, strlen(t->name));
    hash = hash_bytes(hash, address.byte, sizeof address.byte);
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)(hash >> 8 * i);
    mac[0] = (uint8_t)((mac[0] & 0xfc) | 0x02);
    uint8_t host[6] = {0};
    if (interface_mac(t->name, host) == 0 && memcmp(mac, host, 6) == 0)
        mac[5] ^= 1;
}

static void state_facts(struct tap *t, const struct rill_tap_config *config)
{
    static const uint8_t zero[6];
    struct rill_port_config *facts = &t->device.facts;
    memcpy(facts->name, t->name, sizeof facts->name);
    memcpy(facts->mac, config->mac, sizeof facts->mac);
    if (memcmp(facts->mac, zero, sizeof zero) == 0)
        derive_mac(t, config->address, facts->mac);
    facts->index = interface_index(t->name);
    facts->can_gather = true; /* with writev */
    facts->can_checksum = t->frames.has_header;
    facts->gso_max = t->frames.has_header ? SUPERFRAME_MAX : 0;
}

static struct tap *tap_new(const struct rill_tap_config *config)
{
    struct tap *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->device.ops = &tap_ops;
    t->device.facts.mtu = config->mtu ? config->mtu : 1500;
    t->frames.fd = t->name_taken = -1;
    t->host_address = config->host_address;
    t->host_prefix = config->host_prefix;
    return t;
}

struct rill_device *rill_tap_open(const struct rill_tap_config *config,
                                  struct rill_diagnostic *diagnostic)
{
    const char *name = config->name ? config->name : "rill%d";
    assert(config->host_prefix <= 32);
    if (check_name(name, diagnostic) != 0)
        return NULL;
    if (is_given(config->address) && rill_address_equal(config->address, config->host_address)) {
        diagnostic_set(diagnostic, EINVAL, "rill and the host cannot both have the same address");
        return NULL;
    }
    if (refuse_own(config->address, diagnostic) != 0)
        return NULL;
    struct tap *t = tap_new(config);
    if (!t) {
        diagnostic_set(diagnostic, ENOMEM, "no memory for a TAP");
        return NULL;
    }
    t->frames.fd = open_tun(diagnostic);
    if (t->frames.fd < 0 || attach(t, name, config, diagnostic) != 0 ||
        (has_flag(t, IFF_MULTI_QUEUE) && take_name(t, diagnostic) != 0) ||
        configure(t, diagnostic) != 0) {
        tap_close(&t->device);
        return NULL;
    }
    if (!has_flag(t, IFF_PERSIST))
        memset(&t->undo, 0, sizeof t->undo); /* it disappears as a whole */
    state_facts(t, config);
    tap_frames_begin(&t->frames);
    return &t->device;
}

/* If there is only one queue all share it: each frame is read by one of them. */
static int open_queue(const struct tap *first, struct tap *t, struct rill_diagnostic *diagnostic)
{
    if (!has_flag(first, IFF_MULTI_QUEUE)) {
        t->frames.fd = fcntl(first->frames.fd, F_DUPFD_CLOEXEC, 0);
        if (t->frames.fd >= 0)
            return 0;
        diagnostic_set(diagnostic, errno, "cannot share the one queue of %s: %m", first->name);
        return -1;
    }
    t->frames.fd = open_tun(diagnostic);
    if (t->frames.fd < 0)
        return -1;
    int flags = IFF_MULTI_QUEUE | (first->frames.has_header ? IFF_VNET_HDR : 0);
    if (try_interface(t, first->name, flags) == 0)
        return 0;
    describe_attach_error(diagnostic, first->name);
    return -1;
}

struct rill_device *rill_tap_queue(struct rill_device *device, struct rill_diagnostic *diagnostic)
{
    const struct tap *first = self(device);
    struct tap *t = malloc(sizeof *t);
    if (!t) {
        diagnostic_set(diagnostic, ENOMEM, "no memory for a TAP");
        return NULL;
    }
    *t = *first;
    t->frames.fd = t->name_taken = -1;
    t->frames.ring = NULL;
    memset(&t->undo, 0, sizeof t->undo); /* the first device undoes what opening changed */
    if (open_queue(first, t, diagnostic) == 0) {
        tap_frames_begin(&t->frames);
        return &t->device;
    }
    tap_close(&t->device);
    return NULL;
}

const char *rill_tap_name(const struct rill_device *device)
{
    return device->facts.name; /* from `facts`, so that it works for a decorator too */
}
