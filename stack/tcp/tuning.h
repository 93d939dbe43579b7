/* Dynamic right-sizing of the receive buffer (Fisk and Feng, "Dynamic Right-Sizing in TCP", 2001;
 * Linux's tcp_rcv_space_adjust). Our window limits a sender unless it is twice what the application
 * reads in a round trip, because a sender in slow start doubles its rate in each. So the bytes read
 * in a round trip are counted; whenever they exceed the maximum so far, the buffer grows to what
 * the next round trip may need. A slow reader never makes it grow.
 *
 *     rcv.read:  |-- a round trip --|-- a round trip --|
 *                read_since         2 x what was read here fits from here on
 *
 * A connection that receives more than a first flight in a round trip is counted as a receiver,
 * until it receives less or nothing arrives for an RTO: the receivers share what they offer
 * (buffer.h).
 *
 * The measurement lies in the busy part and is freed with it; the growth of the buffer stays with
 * the connection (receive_growth, in doublings of the configuration's receive_buffer). */
#ifndef TCP_TUNING_H
#define TCP_TUNING_H

#include "tcp/segment.h"

/* Text has arrived in order: measures the round trip, as a receiver sees it. */
void tuning_receive(struct tcp *, struct tcp_conn *, const struct segment *);

/* For the quiet timer: does the measurement continue, because text still arrives or waits to be
 * read? */
bool tuning_runs(struct tcp *, struct tcp_conn *);

/* A connection that has received nothing for an RTO is no longer counted, nor is an orphan. */
void tuning_forget(struct tcp *, struct tcp_conn *);

/* The receive ring is empty, and about to be freed: remembers how much it held, as an estimate for
 * the next one. */
void tuning_empty(struct tcp_conn *);

/* The application has read. */
void tuning_read(struct tcp *, struct tcp_conn *);

/* Bytes: the maximum that was read in a round trip; at first the expected value. */
uint32_t tuning_read_max(const struct tcp_conn *);

#endif
