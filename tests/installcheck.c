/* What an embedder writes first: a stack, a socket that listens, and nothing to send. */
#include <arpa/inet.h>
#include <assert.h>
#include <rill/rill.h>
#include <stdio.h>

int main(void)
{
    struct rill_config config;
    rill_config_init(&config);
    config.seed = 1;
    struct rill *rill = rill_new(&config, 0);
    assert(rill);
    rill_use(rill);

    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(7)};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert(listener == 0);
    assert(rill_bind(listener, (struct sockaddr *)&here, sizeof here) == 0);
    assert(rill_listen(listener, 1) == 0);

    uint8_t bytes[2048];
    struct rill_frame frame = {.buffer = bytes, .room = sizeof bytes};
    assert(rill_transmit(rill, RILL_LOOPBACK_PORT, &frame, 1, 0) == 0);
    assert(rill_deadline(rill) == RILL_NEVER);
    assert(rill_close(listener) == 0);
    rill_free(rill);
    puts("rill works");
    return 0;
}
