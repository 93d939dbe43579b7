/* A stack's counters since rill_new. They have Linux's MIB names (/proc/net/snmp and netstat), as
 * nstat shows them. In addition there is a counter for each drop reason. */
#ifndef RILL_COUNTERS_H
#define RILL_COUNTERS_H

#include <rill/drop.h>
#include <rill/trace.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
#define RILL_COUNTER_LIST(X) \
    X(IpInReceives) \
    X(IpInDelivers) \
    X(IpOutRequests) \
    X(IpReasmReqds) \
    X(IpReasmOKs) \
    X(IpReasmFails) \
    X(IpReasmTimeout) \
    X(IpFragOKs) \
    X(IpFragFails) \
    X(IpFragCreates) \
    X(IpExtInMcastPkts) \
    X(IpExtOutMcastPkts) \
    X(IcmpInMsgs) \
    X(IcmpInErrors) \
    X(IcmpInEchos) \
    X(IcmpOutMsgs) \
    X(IcmpOutEchoReps) \
    X(IcmpOutDestUnreachs) \
    X(IcmpOutTimeExcds) \
    X(ArpInRequests) \
    X(ArpInReplies) \
    X(ArpOutRequests) \
    X(ArpOutReplies) \
    X(ArpConflicts) \
    X(UdpInDatagrams) \
    X(UdpNoPorts) \
    X(UdpInErrors) \
    X(UdpOutDatagrams) \
    X(UdpRcvbufErrors) \
    X(TcpActiveOpens) \
    X(TcpPassiveOpens) \
    X(TcpAttemptFails) \
    X(TcpEstabResets) \
    X(TcpInSegs) \
    X(TcpOutSegs) \
    X(TcpRetransSegs) \
    X(TcpInErrs) \
    X(TcpOutRsts) \
    X(TcpInCsumErrors) \
    X(TcpExtListenOverflows) \
    X(TcpExtListenDrops) \
    X(TcpExtSyncookiesSent) \
    X(TcpExtSyncookiesRecv) \
    X(TcpExtSyncookiesFailed) \
    X(TcpExtTCPReqQFullDoCookies) \
    X(TcpExtTCPReqQFullDrop) \
    X(TcpExtTCPDeferAcceptDrop) \
    X(TcpExtTCPTimeouts) \
    X(TcpExtTCPFastRetrans) \
    X(TcpExtTCPSlowStartRetrans) \
    X(TcpExtTCPLostRetransmit) \
    X(TcpExtTCPSackRecovery) \
    X(TcpExtTCPRenoRecovery) \
    X(TcpExtTCPSackRecoveryFail) \
    X(TcpExtTCPRenoRecoveryFail) \
    X(TcpExtTCPSackFailures) \
    X(TcpExtTCPRenoFailures) \
    X(TcpExtTCPLossFailures) \
    X(TcpExtTCPFullUndo) \
    X(TcpExtTCPPartialUndo) \
    X(TcpExtTCPDSACKUndo) \
    X(TcpExtTCPLossUndo) \
    X(TcpExtTCPSpuriousRTOs) \
    X(TcpExtTCPLossProbes) \
    X(TcpExtTCPLossProbeRecovery) \
    X(TcpExtTCPDSACKRecv) \
    X(TcpExtTCPDSACKOfoRecv) \
    X(TcpExtTCPDSACKRecvSegs) \
    X(TcpExtTCPDSACKIgnoredOld) \
    X(TcpExtTCPDSACKIgnoredNoUndo) \
    X(TcpExtTCPSACKDiscard) \
    X(TcpExtTCPSACKReneging) \
    X(TcpExtTCPSACKReorder) \
    X(TcpExtTCPTSReorder) \
    X(TcpExtTCPDelivered) \
    X(TcpExtTCPDeliveredCE) \
    X(TcpExtTCPChallengeACK) \
    X(TcpExtDelayedACKs) \
    X(TcpExtPAWSEstab) \
    X(TcpExtTW) \
    X(TcpExtTCPAbortOnData) \
    X(TcpExtTCPAbortOnClose) \
    X(TcpExtTCPAbortOnTimeout) \
    X(TcpExtTCPAbortOnLinger) \
    X(TcpExtTCPAbortOnMemory) \
    X(TcpExtTCPOFOQueue) \
    X(TcpExtTCPRcvQDrop) \
    X(TcpExtTCPMTUPFail) \
    X(TcpExtTCPMTUPSuccess) \
    X(TcpExtTCPFastOpenActive) \
    X(TcpExtTCPFastOpenActiveFail) \
    X(TcpExtTCPFastOpenPassive) \
    X(TcpExtTCPFastOpenPassiveFail) \
    X(TcpExtTCPFastOpenPassiveAltKey) \
    X(TcpExtTCPFastOpenListenOverflow) \
    X(TcpExtTCPFastOpenCookieReqd)
/* clang-format on */

enum rill_counter {
#define RILL_COUNTER_ENUM(name) RILL_##name,
    RILL_COUNTER_LIST(RILL_COUNTER_ENUM)
#undef RILL_COUNTER_ENUM
        RILL_COUNTER_COUNT
};

struct rill_counters {
    uint64_t value[RILL_COUNTER_COUNT];
    uint64_t drop[RILL_DROP_COUNT];
    /* [from][to]: how often a transition of the state diagram was taken (rill_tcp_transitions). */
    uint64_t transition[RILL_TCP_STATE_COUNT][RILL_TCP_STATE_COUNT];
};

struct rill;

/* The stack's counters themselves, not a copy: valid, and updated, until rill_free. */
const struct rill_counters *rill_counters(const struct rill *);
const char *rill_counter_name(enum rill_counter);

#ifdef __cplusplus
}
#endif

#endif
