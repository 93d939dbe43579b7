/* What the modes of the bench's client share (load_connections.c): connections of the host's own
 * TCP to the server under measurement, all in one epoll set. Whatever goes wrong ends the program.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#define LOAD_EVENTS 512
#define LOAD_TIMEOUT 10000 /* milliseconds: nothing may stand still for longer */
#define LOAD_CHUNK (256 << 10)

extern char load_chunk[LOAD_CHUNK];

double load_now(void); /* seconds */

/* Where the server is, and the address of the host's to come from; NULL: any. First of all. */
void load_to(const char *server, const char *source);

/* A connection that is about to be, watched for `events`, whose data is the descriptor. Its end
 * forgets at once what it held: a bench would run out of ports otherwise. */
int load_begin(uint16_t port, uint32_t events);
void load_watch(int fd, uint32_t events); /* for others than before */

/* At least one event, or the program ends; `timeout` below LOAD_TIMEOUT: or none. */
int load_wait(struct epoll_event *events, int timeout);

/* ---- load_bulk.c ---- */

/* For `seconds` as fast as it goes. Prints bytes, seconds; bytes with the warming up; and how fair
 * the streams' shares were: Jain's index, and the least of them over the most. */
void load_bulk(bool sending, unsigned streams, double seconds);

/* So many bytes through each stream. Prints when the first had all, and when the last, in seconds
 * from when all had been connected. */
void load_finish(bool sending, unsigned streams, uint64_t bytes);

#endif
