/* The bench's server on lwIP as Debian builds it, on a TAP without offloads, with lwIP's raw calls
 * and no thread of its own: the way in which lwIP is fastest. Its window is 64 KB.
 *
 *     lwip TAP ADDRESS
 */
#include "bench/service.h"
#include "bench/tap.h"

#include <err.h>
#include <errno.h>
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define BATCH 64
#define FRAME_MAX 1514
#define PARTS 16

static int tap;
static char chunk[0xffff];

/* ---- The interface ---- */

static err_t put(struct netif *n, struct pbuf *p)
{
    struct iovec part[PARTS];
    int parts = 0;
    (void)n;
    for (; p && parts < PARTS; p = p->next)
        part[parts++] = (struct iovec){p->payload, p->len};
    return p || writev(tap, part, parts) < 0 ? ERR_IF : ERR_OK;
}

static err_t interface_init(struct netif *n)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 11};
    memcpy(n->hwaddr, mac, 6);
    n->hwaddr_len = 6;
    n->mtu = 1500;
    n->name[0] = 't';
    n->name[1] = 'p';
    n->output = etharp_output;
    n->linkoutput = put;
    n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

/* False: there was none. */
static bool take_frame(struct netif *n)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, FRAME_MAX, PBUF_RAM);
    ssize_t length = p ? read(tap, p->payload, FRAME_MAX) : -1;
    if (length <= 0) {
        if (p)
            pbuf_free(p);
        return false;
    }
    pbuf_realloc(p, (u16_t)length);
    if (n->input(p, n) != ERR_OK)
        pbuf_free(p);
    return true;
}

/* ---- The four ports ---- */

static void finish(struct tcp_pcb *c)
{
    tcp_recv(c, NULL);
    tcp_sent(c, NULL);
    if (tcp_close(c) != ERR_OK)
        tcp_abort(c);
}

static err_t received(void *port, struct tcp_pcb *c, struct pbuf *p, err_t e)
{
    (void)e;
    if (!p) {
        finish(c);
        return ERR_OK;
    }
    tcp_recved(c, p->tot_len);
    if ((uintptr_t)port == PORT_HTTP) {
        tcp_write(c, RESPONSE, sizeof RESPONSE - 1, 0);
        if (memmem(p->payload, p->len, CLOSE_LINE, sizeof CLOSE_LINE - 1))
            finish(c);
        else
            tcp_output(c);
    }
    pbuf_free(p);
    return ERR_OK;
}

static err_t fill(void *port, struct tcp_pcb *c, u16_t n)
{
    (void)port;
    (void)n;
    while (tcp_sndbuf(c) >= TCP_MSS && tcp_write(c, chunk, TCP_MSS, 0) == ERR_OK)
        continue;
    tcp_output(c);
    return ERR_OK;
}

static err_t accepted(void *port, struct tcp_pcb *c, err_t e)
{
    if (e != ERR_OK || !c)
        return ERR_VAL;
    tcp_nagle_disable(c);
    tcp_arg(c, port);
    tcp_recv(c, received);
    if ((uintptr_t)port == PORT_SOURCE) {
        tcp_sent(c, fill);
        fill(port, c, 0);
    }
    return ERR_OK;
}

static void serve_port(uint16_t port)
{
    struct tcp_pcb *listener = tcp_new_ip_type(IPADDR_TYPE_V4);
    if (!listener || tcp_bind(listener, IP4_ADDR_ANY, port) != ERR_OK)
        errx(1, "port %u", port);
    listener = tcp_listen_with_backlog(listener, 255);
    tcp_arg(listener, (void *)(uintptr_t)port);
    tcp_accept(listener, accepted);
}

int main(int argc, char **argv)
{
    static struct netif interface;
    ip4_addr_t address, mask, gateway = {0};
    if (argc != 3 || !ip4addr_aton(argv[2], &address))
        errx(2, "usage: lwip TAP ADDRESS");
    tap = bench_tap_open(argv[1], false);
    memset(chunk, 'x', sizeof chunk);
    lwip_init();
    IP4_ADDR(&mask, 255, 255, 0, 0);
    netif_add(&interface, &address, &mask, &gateway, NULL, interface_init, ethernet_input);
    netif_set_up(&interface);
    serve_port(PORT_IDLE);
    serve_port(PORT_SINK);
    serve_port(PORT_SOURCE);
    serve_port(PORT_HTTP);
    for (;;) {
        u32_t sleep = sys_timeouts_sleeptime();
        struct pollfd p = {.fd = tap, .events = POLLIN};
        poll(&p, 1, sleep > 1000 ? 1000 : (int)sleep);
        for (int i = 0; i < BATCH && take_frame(&interface); i++)
            continue;
        sys_check_timeouts();
    }
}
