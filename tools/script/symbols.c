#include "script/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

struct symbol {
    const char *name;
    int64_t value;
};

#define S(name) \
    { \
#name, name \
    }

static const struct symbol sockets[] = {
    S(AF_INET),        S(AF_INET6),       S(AF_UNSPEC),
    S(PF_INET),        S(PF_INET6),       S(SOCK_STREAM),
    S(SOCK_DGRAM),     S(SOCK_RAW),       S(SOCK_NONBLOCK),
    S(SOCK_CLOEXEC),   S(IPPROTO_IP),     S(IPPROTO_IPV6),
    S(IPPROTO_ICMP),   S(IPPROTO_TCP),    S(IPPROTO_UDP),
    S(IPPROTO_ICMPV6), S(SOL_SOCKET),     S(SOL_IP),
    S(SOL_IPV6),       S(SOL_TCP),        {"SOL_UDP", IPPROTO_UDP},
    S(SHUT_RD),        S(SHUT_WR),        S(SHUT_RDWR),
    S(O_RDWR),         S(O_RDONLY),       S(O_WRONLY),
    S(O_CREAT),        S(O_NONBLOCK),     S(F_GETFL),
    S(F_SETFL),        S(F_GETFD),        S(F_SETFD),
    S(FD_CLOEXEC),     S(POLLIN),         S(POLLPRI),
    S(POLLOUT),        S(POLLERR),        S(POLLHUP),
    S(POLLNVAL),       S(POLLRDNORM),     S(POLLRDBAND),
    S(POLLWRNORM),     S(POLLWRBAND),     S(POLLRDHUP),
    S(EPOLLIN),        S(EPOLLPRI),       S(EPOLLOUT),
    S(EPOLLERR),       S(EPOLLHUP),       S(EPOLLRDHUP),
    S(EPOLLRDNORM),    S(EPOLLWRNORM),    S(EPOLLET),
    S(EPOLLONESHOT),   S(EPOLLEXCLUSIVE), S(EPOLL_CTL_ADD),
    S(EPOLL_CTL_MOD),  S(EPOLL_CTL_DEL),  S(MSG_DONTWAIT),
    S(MSG_PEEK),       S(MSG_MORE),       S(MSG_NOSIGNAL),
    S(MSG_EOR),        S(MSG_FASTOPEN),   S(MSG_ERRQUEUE),
    S(MSG_ZEROCOPY),   S(MSG_TRUNC),      S(MSG_CTRUNC),
    S(MSG_WAITALL),    S(MSG_OOB),        {"SIOCINQ", FIONREAD},
    S(SIOCOUTQ),       S(SIOCATMARK),     S(FIONREAD),
    S(FIONBIO),        {"NULL", 0},       {"SIOCOUTQNSD", 0x894b},
    S(SPLICE_F_MOVE),  S(SPLICE_F_MORE),  S(SPLICE_F_NONBLOCK),
    S(SPLICE_F_GIFT),  S(SOMAXCONN),
};

static const struct symbol options[] = {
    S(SO_ACCEPTCONN),
    S(SO_BROADCAST),
    S(SO_BINDTODEVICE),
    S(SO_DEBUG),
    S(SO_DOMAIN),
    S(SO_DONTROUTE),
    S(SO_ERROR),
    S(SO_KEEPALIVE),
    S(SO_LINGER),
    S(SO_MARK),
    S(SO_OOBINLINE),
    S(SO_PRIORITY),
    S(SO_PROTOCOL),
    S(SO_RCVBUF),
    S(SO_RCVBUFFORCE),
    S(SO_RCVLOWAT),
    S(SO_RCVTIMEO),
    S(SO_REUSEADDR),
    S(SO_REUSEPORT),
    S(SO_SNDBUF),
    S(SO_SNDBUFFORCE),
    S(SO_SNDLOWAT),
    S(SO_SNDTIMEO),
    S(SO_TIMESTAMP),
    S(SO_TIMESTAMPING),
    S(SO_TIMESTAMPNS),
    S(SO_TYPE),
    S(SO_ZEROCOPY),
    S(SO_BUSY_POLL),
    S(SO_MAX_PACING_RATE),
    S(SO_INCOMING_CPU),
    S(SO_INCOMING_NAPI_ID),
    S(SO_PEEK_OFF),
    S(SO_PREFER_BUSY_POLL),
    S(SO_TXTIME),
    S(SO_LOCK_FILTER),
    {"SO_RESERVE_MEM", 73},
    {"SO_TXREHASH", 74},
    {"SO_RCVMARK", 75},
    S(TCP_NODELAY),
    S(TCP_MAXSEG),
    S(TCP_CORK),
    {"TCP_NOPUSH", TCP_CORK}, /* FreeBSD's name */
    S(TCP_KEEPIDLE),
    S(TCP_KEEPINTVL),
    S(TCP_KEEPCNT),
    S(TCP_SYNCNT),
    S(TCP_LINGER2),
    S(TCP_DEFER_ACCEPT),
    S(TCP_WINDOW_CLAMP),
    S(TCP_INFO),
    S(TCP_QUICKACK),
    S(TCP_CONGESTION),
    S(TCP_MD5SIG),
    S(TCP_THIN_LINEAR_TIMEOUTS),
    S(TCP_THIN_DUPACK),
    S(TCP_USER_TIMEOUT),
    S(TCP_REPAIR),
    S(TCP_FASTOPEN),
    S(TCP_TIMESTAMP),
    S(TCP_NOTSENT_LOWAT),
    S(TCP_CC_INFO),
    S(TCP_SAVE_SYN),
    S(TCP_SAVED_SYN),
    S(TCP_REPAIR_WINDOW),
    S(TCP_FASTOPEN_CONNECT),
    S(TCP_ULP),
    S(TCP_MD5SIG_EXT),
    S(TCP_FASTOPEN_KEY),
    S(TCP_FASTOPEN_NO_COOKIE),
    S(TCP_ZEROCOPY_RECEIVE),
    S(TCP_INQ),
    {"TCP_CM_INQ", TCP_INQ},
    {"TCP_TX_DELAY", 37},
    {"TCP_IS_MPTCP", 43},
    {"TCP_RTO_MAX_MS", 44},
    {"TCP_RTO_MIN_US", 45},
    {"TCP_DELACK_MAX_US", 46},
    S(IP_TOS),
    S(IP_TTL),
    S(IP_MTU),
    S(IP_MTU_DISCOVER),
    S(IP_PMTUDISC_DONT),
    S(IP_PMTUDISC_WANT),
    S(IP_PMTUDISC_DO),
    S(IP_PMTUDISC_PROBE),
    S(IP_PMTUDISC_INTERFACE),
    S(IP_PMTUDISC_OMIT),
    S(IP_MTU),
    S(IP_MTU_DISCOVER),
    S(IP_RECVERR),
    S(IP_RECVTOS),
    S(IP_RECVTTL),
    S(IP_PKTINFO),
    S(UDP_SEGMENT),
    S(UDP_GRO),
    S(IP_FREEBIND),
    S(IP_PMTUDISC_DONT),
    S(IP_PMTUDISC_WANT),
    S(IP_PMTUDISC_DO),
    S(IP_PMTUDISC_PROBE),
    S(IP_BIND_ADDRESS_NO_PORT),
    S(IPV6_TCLASS),
    S(IPV6_UNICAST_HOPS),
    S(IPV6_V6ONLY),
    S(IPV6_RECVERR),
    S(IPV6_MTU),
    S(IPV6_MTU_DISCOVER),
    S(IPV6_RECVTCLASS),
    S(IPV6_RECVHOPLIMIT),
    S(IPV6_RECVPKTINFO),
    S(IPV6_PKTINFO),
    {"IPV6_AUTOFLOWLABEL", 70},
    {"IPV6_FLOWINFO_SEND", 33},
};

static const struct symbol messages[] = {
    S(SO_EE_ORIGIN_NONE),
    S(SO_EE_ORIGIN_LOCAL),
    S(SO_EE_ORIGIN_ICMP),
    S(SO_EE_ORIGIN_ICMP6),
    S(SO_EE_ORIGIN_TIMESTAMPING),
    S(SO_EE_ORIGIN_ZEROCOPY),
    S(SO_EE_CODE_ZEROCOPY_COPIED),
    S(SCM_TIMESTAMP),
    S(SCM_TIMESTAMPNS),
    S(SCM_TIMESTAMPING),
    S(SCM_RIGHTS),
    {"SCM_TSTAMP_SND", SCM_TSTAMP_SND},
    {"SCM_TSTAMP_SCHED", SCM_TSTAMP_SCHED},
    {"SCM_TSTAMP_ACK", SCM_TSTAMP_ACK},
    S(SOF_TIMESTAMPING_TX_HARDWARE),
    S(SOF_TIMESTAMPING_TX_SOFTWARE),
    S(SOF_TIMESTAMPING_RX_HARDWARE),
    S(SOF_TIMESTAMPING_RX_SOFTWARE),
    S(SOF_TIMESTAMPING_SOFTWARE),
    S(SOF_TIMESTAMPING_OPT_ID),
    S(SOF_TIMESTAMPING_TX_SCHED),
    S(SOF_TIMESTAMPING_TX_ACK),
    S(SOF_TIMESTAMPING_OPT_CMSG),
    S(SOF_TIMESTAMPING_OPT_TSONLY),
    {"SOF_TIMESTAMPING_OPT_STATS", 1 << 12},
    /* FreeBSD's names for the same things, and its states of a connection (section 23.9) */
    {"TCPI_OPT_TIMESTAMPS", 1},
    {"TCPI_OPT_SACK", 2},
    {"TCPI_OPT_WSCALE", 4},
    {"TCPI_OPT_ECN", 8},
    {"IPTOS_DSCP_CS1", 0x20},
    {"IPTOS_DSCP_CS7", 0xe0},
};

static const struct symbol errors[] = {
    S(EPERM),
    S(ENOENT),
    S(EINTR),
    S(EIO),
    S(ENXIO),
    S(E2BIG),
    S(EBADF),
    S(EAGAIN),
    S(ENOMEM),
    S(EACCES),
    S(EFAULT),
    S(EBUSY),
    S(EEXIST),
    S(ENODEV),
    S(ENOTDIR),
    S(EISDIR),
    S(EINVAL),
    S(ENFILE),
    S(EMFILE),
    S(ENOTTY),
    S(EFBIG),
    S(ENOSPC),
    S(ESPIPE),
    S(EPIPE),
    S(EDOM),
    S(ERANGE),
    S(EDEADLK),
    S(ENAMETOOLONG),
    S(ENOSYS),
    S(ENOMSG),
    S(ENODATA),
    S(ETIME),
    S(ENONET),
    S(EPROTO),
    S(EBADMSG),
    S(EOVERFLOW),
    S(EILSEQ),
    S(EUSERS),
    S(ENOTSOCK),
    S(EDESTADDRREQ),
    S(EMSGSIZE),
    S(EPROTOTYPE),
    S(ENOPROTOOPT),
    S(EPROTONOSUPPORT),
    S(ESOCKTNOSUPPORT),
    S(EOPNOTSUPP),
    S(EPFNOSUPPORT),
    S(EAFNOSUPPORT),
    S(EADDRINUSE),
    S(EADDRNOTAVAIL),
    S(ENETDOWN),
    S(ENETUNREACH),
    S(ENETRESET),
    S(ECONNABORTED),
    S(ECONNRESET),
    S(ENOBUFS),
    S(EISCONN),
    S(ENOTCONN),
    S(ESHUTDOWN),
    S(ETOOMANYREFS),
    S(ETIMEDOUT),
    S(ECONNREFUSED),
    S(EHOSTDOWN),
    S(EHOSTUNREACH),
    S(EALREADY),
    S(EINPROGRESS),
    S(ESTALE),
    S(ECANCELED),
    S(ENOKEY),
    S(EKEYEXPIRED),
    {"EWOULDBLOCK", EAGAIN},
    {"ENOTSUP", EOPNOTSUPP},
};

#define TABLE(t) \
    { \
        t, sizeof t / sizeof *t \
    }

static const struct {
    const struct symbol *row;
    size_t rows;
} tables[] = {TABLE(sockets), TABLE(options), TABLE(messages), TABLE(errors)};

bool symbol_find(const char *name, int64_t *value)
{
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (size_t i = 0; i < tables[t].rows; i++)
            if (!strcmp(tables[t].row[i].name, name)) {
                *value = tables[t].row[i].value;
                return true;
            }
    return false;
}

const char *errno_name(int error)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].value == error)
            return errors[i].name;
    return "an errno value without a name";
}
