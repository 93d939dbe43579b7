#include "interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Closes and keeps errno. */
static void close_quietly(int fd)
{
    int error = errno;
    close(fd);
    errno = error;
}

/* One ioctl of netdevice(7) for the interface that the request names. */
static int ask(unsigned long command, const char *name, struct ifreq *request)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    snprintf(request->ifr_name, sizeof request->ifr_name, "%s", name);
    int result = ioctl(fd, command, request);
    close_quietly(fd);
    return result;
}

int interface_mtu(const char *name, int *mtu)
{
    struct ifreq request = {0};
    int result = ask(SIOCGIFMTU, name, &request);
    *mtu = request.ifr_mtu;
    return result;
}

int interface_set_mtu(const char *name, int mtu)
{
    struct ifreq request = {.ifr_mtu = mtu};
    return ask(SIOCSIFMTU, name, &request);
}

int interface_queue(const char *name, int *frames)
{
    struct ifreq request = {0};
    int result = ask(SIOCGIFTXQLEN, name, &request);
    *frames = request.ifr_qlen;
    return result;
}

int interface_set_queue(const char *name, int frames)
{
    struct ifreq request = {.ifr_qlen = frames};
    return ask(SIOCSIFTXQLEN, name, &request);
}

int interface_is_up(const char *name, bool *up)
{
    struct ifreq request = {0};
    int result = ask(SIOCGIFFLAGS, name, &request);
    *up = request.ifr_flags & IFF_UP;
    return result;
}

int interface_set_up(const char *name, bool up)
{
    struct ifreq request = {0};
    if (ask(SIOCGIFFLAGS, name, &request) != 0)
        return -1;
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    return ask(SIOCSIFFLAGS, name, &request);
}

unsigned interface_index(const char *name)
{
    return if_nametoindex(name);
}

int interface_mac(const char *name, uint8_t mac[6])
{
    struct ifreq request = {0};
    int result = ask(SIOCGIFHWADDR, name, &request);
    memcpy(mac, request.ifr_hwaddr.sa_data, 6);
    return result;
}

static struct in_addr host_form(struct rill_address a)
{
    return (struct in_addr){htonl(rill_address_to_ip4(a))};
}

static struct in_addr in_addr_of(const struct sockaddr *a)
{
    struct sockaddr_in in;
    memcpy(&in, a, sizeof in);
    return in.sin_addr;
}

static bool holds(const struct ifaddrs *i, struct in_addr wanted)
{
    return i->ifa_addr && i->ifa_addr->sa_family == AF_INET && i->ifa_netmask &&
           in_addr_of(i->ifa_addr).s_addr == wanted.s_addr;
}

int interface_find(struct rill_address address, struct interface_holder *holder)
{
    struct ifaddrs *all;
    if (getifaddrs(&all) != 0)
        return -1;
    const struct ifaddrs *i = all;
    while (i && !holds(i, host_form(address)))
        i = i->ifa_next;
    if (i) {
        snprintf(holder->name, sizeof holder->name, "%s", i->ifa_name);
        holder->prefix = (unsigned)__builtin_popcount(in_addr_of(i->ifa_netmask).s_addr);
    }
    freeifaddrs(all);
    errno = ENOENT;
    return i ? 0 : -1;
}

/* RTM_NEWADDR or RTM_DELADDR with the attributes that iproute2 sends. */
struct address_request {
    struct nlmsghdr header;
    struct ifaddrmsg body;
    struct {
        struct rtattr head;
        struct in_addr address;
    } local, broadcast;
};

struct address_answer {
    struct nlmsghdr header;
    struct nlmsgerr body;
    char quotation[256];
};

/* Sends one request to the kernel and waits for its acknowledgement. */
static int converse(const struct address_request *request)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return -1;
    struct address_answer answer = {0};
    ssize_t n = send(fd, request, sizeof *request, 0);
    if (n >= 0)
        n = recv(fd, &answer, sizeof answer, 0);
    close_quietly(fd);
    if (n < 0)
        return -1;
    errno = answer.header.nlmsg_type == NLMSG_ERROR ? -answer.body.error : EPROTO;
    return errno ? -1 : 0;
}

static int change_address(uint16_t type, const char *name, struct rill_address address,
                          unsigned prefix)
{
    struct address_request r = {
        .header = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .body = {.ifa_family = AF_INET,
                 .ifa_prefixlen = (uint8_t)prefix,
                 .ifa_index = if_nametoindex(name)},
        .local = {{sizeof r.local, IFA_LOCAL}, host_form(address)},
        .broadcast = {{sizeof r.broadcast, IFA_BROADCAST}, host_form(address)},
    };
    if (r.body.ifa_index == 0)
        return -1;
    if (type == RTM_NEWADDR)
        r.header.nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
    r.broadcast.address.s_addr |= htonl((uint32_t)(UINT64_C(0xffffffff) >> prefix));
    bool has_broadcast = prefix < 31; /* RFC 3021 2.2 */
    r.header.nlmsg_len =
        has_broadcast ? sizeof r : (uint32_t)offsetof(struct address_request, broadcast);
    return converse(&r);
}

int interface_add_address(const char *name, struct rill_address address, unsigned prefix)
{
    return change_address(RTM_NEWADDR, name, address, prefix);
}

int interface_remove_address(const char *name, struct rill_address address, unsigned prefix)
{
    return change_address(RTM_DELADDR, name, address, prefix);
}
