/* Why a frame, or a part of one, was not used: one list, so that names, counters and trace agree.
 * Each row has a name and a description for display. A drop is counted and traced; it is never an
 * error of the caller. */
#ifndef RILL_DROP_H
#define RILL_DROP_H

#define RILL_DROP_LIST(X) \
    X(NONE, "not dropped") \
    X(ETH_SHORT, "shorter than an Ethernet header") \
    X(ETH_LONG, "longer than the port's MTU") \
    X(ETH_TYPE, "EtherType that rill does not speak") \
    X(ETH_DESTINATION, "addressed to another station") \
    X(ETH_SOURCE, "source MAC is a group, zero or our own") \
    X(ARP_SHORT, "ARP body cut short") \
    X(ARP_HEADER, "ARP for another hardware, protocol or length") \
    X(ARP_OPERATION, "ARP operation other than request or reply") \
    X(ARP_SENDER, "ARP sender that may not be learned") \
    X(ARP_UNSOLICITED, "ARP reply that nobody asked for") \
    X(ARP_CONFLICT, "ARP from another station that claims our address") \
    X(ARP_NOT_US, "ARP request for somebody else") \
    X(IP_SHORT, "IPv4 header cut short") \
    X(IP_VERSION, "IP version other than 4") \
    X(IP_HEADER_LENGTH, "IPv4 header length below 20 or past the packet") \
    X(IP_TOTAL_LENGTH, "IPv4 total length below the header or past the frame") \
    X(IP_CHECKSUM, "IPv4 header checksum wrong") \
    X(IP_TTL, "TTL of 0") \
    X(IP_OPTION, "IPv4 option malformed, or a source route") \
    X(IP_SOURCE, "martian source address") \
    X(IP_DESTINATION, "not addressed to us") \
    X(IP_GROUP, "multicast group that no socket here has joined") \
    X(IP_PROTOCOL, "no such upper protocol here") \
    X(FRAGMENT_ODD, "fragment of zero length, or not a multiple of 8 and not the last") \
    X(FRAGMENT_TOO_LONG, "fragment beyond 65,535 bytes") \
    X(FRAGMENT_OVERLAP, "fragments that overlap with other bytes") \
    X(FRAGMENT_DUPLICATE, "fragment that has come before") \
    X(FRAGMENT_ENDS, "fragments that disagree on the datagram's end") \
    X(FRAGMENT_TIMEOUT, "datagram whose fragments did not all come in time") \
    X(FRAGMENT_MEMORY, "no room for another fragment") \
    X(ICMP_SHORT, "ICMP message cut short") \
    X(ICMP_CHECKSUM, "ICMP checksum wrong") \
    X(ICMP_TYPE, "ICMP type that rill does not answer") \
    X(ICMP_BROADCAST, "echo request to a broadcast or multicast address") \
    X(ICMP_QUOTE, "ICMP error whose quotation is malformed") \
    X(ICMP_NO_SUCH_FLOW, "ICMP error about a flow that does not exist or bytes not in flight") \
    X(IGMP_LENGTH, "IGMP message cut short, or of contradictory lengths") \
    X(IGMP_CHECKSUM, "IGMP checksum wrong") \
    X(IGMP_QUERY, "IGMP query without Router Alert, or a general one not to all systems") \
    X(IGMP_TYPE, "IGMP message that is for routers") \
    X(UDP_SHORT, "UDP header cut short") \
    X(UDP_LENGTH, "UDP length below 8 or past the packet") \
    X(UDP_CHECKSUM, "UDP checksum wrong") \
    X(UDP_PORT, "no socket on this UDP port") \
    X(UDP_QUEUE_FULL, "receive queue of the UDP socket full") \
    X(TCP_SHORT, "TCP header cut short") \
    X(TCP_DATA_OFFSET, "TCP data offset below 5 or past the segment") \
    X(TCP_CHECKSUM, "TCP checksum wrong") \
    X(TCP_ADDRESS, "TCP from or to a group address, or port 0") \
    X(TCP_CLOSED, "segment for which no connection exists") \
    X(TCP_LISTEN, "segment that a listener does not take") \
    X(TCP_LISTEN_OVERFLOW, "accept queue full") \
    X(TCP_SYN_OVERFLOW, "no room for another SYN record") \
    X(TCP_DEFERRED, "ACK without text for a listener that waits for it") \
    X(TCP_COOKIE, "acknowledges no SYN cookie of ours") \
    X(TCP_SYN_SENT, "segment that SYN_SENT does not take") \
    X(TCP_NO_TIMESTAMP, "segment without the timestamp that was agreed on") \
    X(TCP_PAWS, "timestamp older than the last (PAWS)") \
    X(TCP_SEQUENCE, "outside the receive window") \
    X(TCP_RST, "RST that does not reset") \
    X(TCP_SYN_CHALLENGE, "SYN in a synchronized state") \
    X(TCP_NO_ACK, "segment without ACK in a synchronized state") \
    X(TCP_ACK_FUTURE, "acknowledges what was never sent") \
    X(TCP_ACK_OLD, "acknowledges what is too old to be true (RFC 5961 5.2)") \
    X(TCP_TIME_WAIT, "segment that TIME_WAIT does not take") \
    X(TCP_AFTER_CLOSE, "text that nobody will read") \
    X(TCP_MEMORY, "no memory for the text") \
    X(OTHER_CORE, "whole again, and another core's") \
    X(MEMORY, "no memory") \
    X(REPLY_QUEUE_FULL, "no room for another reply") \
    X(RATE_LIMIT, "reply withheld by a rate limit") \
    X(UNREACHABLE, "next hop unresolved")

enum rill_drop {
#define RILL_DROP_ENUM(name, text) RILL_DROP_##name,
    RILL_DROP_LIST(RILL_DROP_ENUM)
#undef RILL_DROP_ENUM
        RILL_DROP_COUNT
};

#endif
