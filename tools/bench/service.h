/* What every peer of the bench serves, whoever's TCP is below: four ports, all from memory. */
#ifndef BENCH_SERVICE_H
#define BENCH_SERVICE_H

#define PORT_IDLE 7    /* takes connections and leaves them alone */
#define PORT_SINK 9    /* reads what comes and drops it (RFC 863) */
#define PORT_SOURCE 19 /* sends as long as somebody takes it (RFC 864) */
#define PORT_HTTP 80   /* one answer, whatever is asked */

/* Of everybody who has a choice, the kernel's client and server among them: a machine that has BBR
 * by default would measure how many packets BBR paces out. */
#define CONGESTION "cubic"

/* The clients send each request in one piece; with this line in it the answer is the last. */
#define CLOSE_LINE "Connection: close\r\n"
#define CLOSE_REQUEST "GET /file HTTP/1.1\r\nHost: bench\r\n" CLOSE_LINE "\r\n"

#define BODY_64 "0123456789abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLMNO\n"
#define BODY BODY_64 BODY_64 BODY_64 BODY_64 BODY_64 BODY_64 BODY_64 BODY_64
#define RESPONSE "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 512\r\n\r\n" BODY
_Static_assert(sizeof BODY - 1 == 512, "as its header says");

#endif
