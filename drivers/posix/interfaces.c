/* Interfaces, as getifaddrs(3) and netdevice(7) tell of them: the host's, with the addresses that
 * rill's sockets have. These are the loopback's and, in place of the TAP's on the host, the
 * stack's. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/interfaces.h"

#include "posix/owner.h"

#include <errno.h>
#include <net/if.h>
#include <rill/posix.h>
#include <string.h>

/* What rill's number takes the place of. */
enum field { ADDRESS, MASK, BROADCAST };

static uint32_t own_number(const struct owner_interface *ours, enum field field)
{
    uint32_t address = rill_address_to_ip4(ours->address);
    uint32_t mask = ours->prefix ? UINT32_MAX << (32 - ours->prefix) : 0;
    return field == ADDRESS ? address : field == MASK ? mask : address | ~mask;
}

static bool is_loopback(const struct sockaddr_in *in)
{
    return ntohl(in->sin_addr.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

static bool is_tap(const struct owner_interface *ours, const char *interface)
{
    return strcmp(ours->tap, interface) == 0;
}

static void put(struct sockaddr *a, uint32_t number)
{
    if (a && a->sa_family == AF_INET)
        ((struct sockaddr_in *)(void *)a)->sin_addr.s_addr = htonl(number);
}

/* ---- getifaddrs ---- */

static bool names_ip(const struct sockaddr *a)
{
    return a && (a->sa_family == AF_INET || a->sa_family == AF_INET6);
}

/* Does it stay in the list? The TAP's address does so once, whatever others the host has given. */
static bool stays(const struct owner_interface *ours, struct ifaddrs *i, bool *told)
{
    if (!names_ip(i->ifa_addr))
        return true;
    if (i->ifa_addr->sa_family == AF_INET6)
        return false;
    if (is_loopback((struct sockaddr_in *)(void *)i->ifa_addr))
        return true;
    if (*told || !is_tap(ours, i->ifa_name))
        return false;
    put(i->ifa_addr, own_number(ours, ADDRESS));
    put(i->ifa_netmask, own_number(ours, MASK));
    put(i->ifa_broadaddr, own_number(ours, BROADCAST));
    *told = true;
    return true;
}

/* The list is one block (glibc), which begins with an interface's entry without an IP address. */
int rill_posix_getifaddrs(struct ifaddrs **list)
{
    const struct owner_interface *ours = owner_interface();
    bool told = false;
    int result = getifaddrs(list);
    if (result != 0 || !ours || !*list)
        return result;
    for (struct ifaddrs *before = *list; before->ifa_next;)
        if (stays(ours, before->ifa_next, &told))
            before = before->ifa_next;
        else
            before->ifa_next = before->ifa_next->ifa_next;
    return 0;
}

/* ---- netdevice(7) ---- */

bool interfaces_answer(unsigned long request)
{
    return request == SIOCGIFCONF || request == SIOCGIFNAME || request == SIOCGIFINDEX ||
           request == SIOCGIFFLAGS || request == SIOCGIFADDR || request == SIOCGIFDSTADDR ||
           request == SIOCGIFBRDADDR || request == SIOCGIFNETMASK || request == SIOCGIFMTU ||
           request == SIOCGIFMETRIC || request == SIOCGIFHWADDR || request == SIOCGIFTXQLEN;
}

static int ask_host(unsigned long request, void *argument)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int result = ioctl(fd, request, argument), error = errno;
    close(fd);
    errno = error;
    return result;
}

static void adapt_list(const struct owner_interface *ours, struct ifconf *c)
{
    int count = c->ifc_len / (int)sizeof *c->ifc_req, kept = 0;
    bool told = false;
    for (int i = 0; c->ifc_req && i < count; i++) {
        struct ifreq r = c->ifc_req[i];
        bool tap = !told && is_tap(ours, r.ifr_name);
        if (!tap && !is_loopback((struct sockaddr_in *)(void *)&r.ifr_addr))
            continue;
        if (tap)
            put(&r.ifr_addr, own_number(ours, ADDRESS));
        told |= tap;
        c->ifc_req[kept++] = r;
    }
    if (c->ifc_req)
        c->ifc_len = kept * (int)sizeof *c->ifc_req;
}

int interfaces_ask(unsigned long request, void *argument)
{
    const struct owner_interface *ours = owner_interface();
    struct ifreq *r = argument;
    int result = ask_host(request, argument);
    if (result != 0 || !ours)
        return result;
    if (request == SIOCGIFCONF)
        adapt_list(ours, argument);
    else if (request == SIOCGIFADDR && is_tap(ours, r->ifr_name))
        put(&r->ifr_addr, own_number(ours, ADDRESS));
    else if (request == SIOCGIFNETMASK && is_tap(ours, r->ifr_name))
        put(&r->ifr_netmask, own_number(ours, MASK));
    else if (request == SIOCGIFBRDADDR && is_tap(ours, r->ifr_name))
        put(&r->ifr_broadaddr, own_number(ours, BROADCAST));
    return 0;
}
