"""What the tour tells: its scenes, and in each the events at which it stops, in the order in which they happen.

An event is named as tour.py tells it, by its first words: `A sends SYN`, `B enters LISTEN`, `A repeats PSH,ACK seq 1501`. The sentence
of RFC 9293 behind a change of state is the stack's own (base/transitions.c) and stands there; of all others it is quoted here, to the
letter. What happens in a scene is written in tools/tour/ends.c."""


class Stop:
    def __init__(self, event, title, text, *sentences):
        self.event, self.title, self.text, self.sentences = event, title, text, sentences


class Scene:
    def __init__(self, name, title, text, stops, tcp=True, shows_windows=False):
        self.name, self.title, self.text, self.stops = name, title, text, stops
        self.tcp = tcp  # beside each event stand the states of TCP, else those of the address in dispute
        self.shows_windows = shows_windows


LOST_SEGMENTS = """RFC 9293 3.8: "Because segments may be lost due to errors (checksum test failure) or network congestion, TCP uses
    retransmission to ensure delivery of every segment." """
FIN_BIT = """RFC 9293 4: "A control bit (finis) occupying one sequence number, which indicates that the sender will send no more
    data or control occupying sequence space." """
NOT_ACCEPTABLE = """RFC 9293 3.10.7.4: "If an incoming segment is not acceptable, an acknowledgment should be sent in reply (unless
    the RST bit is set, if so drop the segment and return)" """
FIN_AGAIN = """RFC 9293 3.10.7.4: "The only thing that can arrive in this state is a retransmission of the remote FIN. Acknowledge
    it, and restart the 2 MSL timeout." """
WELCOME = Scene(None, "A tour of TCP", """
    Two hosts, A (10.0.0.1) and B (10.0.0.2), are joined by a cable on which everything takes 10 ms. Both run the same TCP, rill, in one
    process, on a clock that only the tour moves. gdb holds that process and stops it where there is something to see: nothing below is
    told by heart, it is what the two stacks did.

    Each stop shows one line: the time since the scene began, the state of A, what is on the cable, the state of B, and the numbers of
    the segment. An arrow that reaches across has arrived; a short one has just left; one that ends in an x will be lost. Then comes the
    sentence of the RFC that is being obeyed, and then what it means. Lines between the stops are what happened on the way.

    Sequence numbers count from where each side began, as Wireshark shows them: the SYN is 0, the first byte of text is 1. On the wire
    both begin at a number that nobody can guess.
    """, [])

CONNECTION = Scene("connection", "A connection, from its first segment to the end of TIME_WAIT", """
    B runs a server on port 80, A a client. They greet each other, A sends some text of which a part is lost and repaired, and then both
    say goodbye.
    """, [
    Stop("B enters LISTEN", "B listens: a passive OPEN", """
        The server has called socket(), bind() and listen(). Not one segment has been sent: LISTEN is a state of one side alone, and it
        is the state of the listener, which stays in it. Each connection that it brings forth will have states of its own.
        """),
    Stop("A enters SYN_SENT", "A connects: an active OPEN", """
        The client has called connect(). A chooses an initial sequence number (ISS) and is in SYN_SENT from this call on, though its SYN
        has not left yet.
        """),
    Stop("A asks for 10.0.0.2", "Before TCP can speak, ARP must", """
        The SYN will travel in an Ethernet frame, and A does not know the MAC address of B. So it asks everybody on the link: who has
        10.0.0.2? The SYN waits meanwhile. The answer goes to A alone, and both remember what they have learned.
        """, """RFC 1122 2.3.2.2: "The link layer SHOULD save (rather than discard) at least one (the latest) packet of each set of
        packets destined to the same unresolved IP address, and transmit the saved packet when the address has been resolved." """),
    Stop("A sends SYN ", "First of three: SYN", """
        It says: my numbers begin here. It holds no text, yet it takes one sequence number, so that it can be acknowledged, and sent
        again if it is lost. Its options say what A is capable of: the largest segment it takes (MSS), selective acknowledgement,
        time stamps, a scale for windows above 64 KB. None of these can be agreed on later.
        """, """RFC 9293 3.10.1: "A SYN segment of the form <SEQ=ISS><CTL=SYN> is sent." """),
    Stop("B enters SYN_RECEIVED", "The SYN arrives", """
        The listener goes on listening; what is in SYN_RECEIVED is a small record of this one caller. It is small on purpose: anybody
        can send SYNs with forged addresses (a SYN flood), and each of them would cost B as much as it remembers. When its records are
        used up, rill answers with SYN cookies and remembers nothing at all.
        """),
    Stop("B sends SYN,ACK", "Second of three: SYN and ACK in one segment", """
        Two things at once: ack 1 says that B has the SYN (number 0) and expects number 1 next, and its own SYN says where the numbers
        of B begin. That is why three segments do for what are, seen closely, four: two SYNs and an acknowledgement for each.
        """, """RFC 9293 3.10.7.2: "ISS should be selected and a SYN segment sent of the form: <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>" """),
    Stop("A enters ESTABLISHED", "A knows that both directions work", """
        What A said was heard (its SYN is acknowledged), and it hears B. connect() returns now, and A may send. B is still one
        segment behind: it does not know yet whether A has heard it.
        """),
    Stop("A sends ACK", "Third of three: ACK", """
        Why not two? With two, B would believe in a connection as soon as it has answered a SYN. But that SYN may be an old duplicate
        that has wandered through the network, from a connection long gone or from a forged address. A would not know anything of it,
        and B would wait for text that never comes. The third segment proves that A means it, today. It takes no sequence number
        and is never acknowledged itself; if it is lost, the first text of A does the same service.
        """, """RFC 9293 3.5: "The principal reason for the three-way handshake is to prevent old duplicate connection initiations
        from causing confusion." """),
    Stop("B enters ESTABLISHED", "The connection stands", """
        Now the server can accept() it: what accept() returns is a connection whose handshake is over. It has taken one and a half
        round trips, and the client could send after one.
        """),
    Stop("A sends PSH,ACK seq 1 ", "Text", """
        500 bytes, numbers 1 to 500. Each segment also carries an acknowledgement for the other direction: it costs nothing, the field is
        there anyway. PSH says that this is the end of what the client has written: do not wait for more before you hand it on.
        """, """RFC 9293 3.4: "Since every octet is sequenced, each of them can be acknowledged." """),
    Stop("B sends ACK seq 1 ack 501", "Its acknowledgement", """
        501 is the number that B expects next: all before it has arrived. An acknowledgement speaks of everything up to a place, never
        of one segment, so a lost one does no harm if a later one comes through.

        It comes from B's TCP, not from the server, which may not have read a byte yet. And it comes at once, since the connection is
        young; later B would wait up to 40 ms for text of its own on which the acknowledgement could ride (delayed ACK).
        """, """RFC 9293 3.4: "The acknowledgment mechanism employed is cumulative so that an acknowledgment of sequence number X
        indicates that all octets up to but not including X have been received." """),
    Stop("A sends PSH,ACK seq 1501 ", "A segment is lost", """
        A sends five times 1000 bytes, one every millisecond, and the cable loses the second. Neither side is told. All that A can do
        is to keep a copy of what it has sent until it is acknowledged.
        """, LOST_SEGMENTS),
    Stop("B sends ACK seq 1 ack 1501 (duplicate", "B sees a hole", """
        The third segment has arrived, 2501 to 3500, but what comes before it is missing. B keeps it in its place and says again what
        it said before: I expect 1501. This is a duplicate ACK. A cannot tell from the first one whether the segment was lost or has
        only been overtaken, so it waits. Since both agreed to selective acknowledgement (SACK, RFC 2018), the options of this segment
        also tell which pieces beyond the hole have arrived.
        """, """RFC 5681 3.2: "A TCP receiver SHOULD send an immediate duplicate ACK when an out-of-order segment arrives. The purpose
        of this ACK is to inform the sender that a segment was received out-of-order and which sequence number is expected." """),
    Stop("A knows of a loss", "The third duplicate: A takes the segment for lost", """
        Three segments that came later have arrived: it has not merely been overtaken. Three duplicate ACKs are the classic sign (RFC
        5681 3.2). With SACK, rill goes by time as well (RACK): what was sent earlier than something that has arrived is lost once a round
        trip and a little more have passed. Here both come to the same.

        The loss also says that the network is crowded: A cuts its congestion window, the limit that it sets itself for what may be
        on its way.
        """, """RFC 8985 3.3.1: "the sender considers a data segment S lost if both of these conditions are met: 1. Another data segment
        sent later than S has been delivered. 2. S has not been delivered after the estimated round-trip time plus the reordering
        window." """),
    Stop("A repeats PSH,ACK seq 1501 ", "Fast retransmission", """
        Only what is missing goes again, and long before the retransmission timer, which would have waited for at least 200 ms.
        """, """RFC 5681 3.2: "After receiving 3 duplicate ACKs, TCP performs a retransmission of what appears to be the missing
        segment, without waiting for the retransmission timer to expire." """),
    Stop("B sends ACK seq 1 ack 5501", "The hole is filled", """
        One segment fills it, and the acknowledgement jumps over all that was waiting behind: from 1501 to 5501. The server reads a stream
        without a seam; it will never know.
        """, """RFC 5681 3.2: "In addition, a TCP receiver SHOULD send an immediate ACK when the incoming segment fills in all or part of
        a gap in the sequence space." """),
    Stop("A enters FIN_WAIT_1", "A closes", """
        The client has called close(). It means "I have no more to send", and concerns one direction only. Whoever closes first walks
        through FIN_WAIT_1, FIN_WAIT_2 and TIME_WAIT; it may be the client or the server.
        """),
    Stop("A sends FIN,ACK", "First of four: FIN", """
        Like a SYN, a FIN takes one sequence number, here 5501, behind the last byte of text. So it can be acknowledged, and it cannot be
        taken for true before all the text in front of it has arrived.
        """, FIN_BIT),
    Stop("B enters CLOSE_WAIT", "The FIN arrives: B is in CLOSE_WAIT", """
        Many notes on TCP have this wrong. B enters CLOSE_WAIT when it RECEIVES the FIN, by its TCP alone, whatever the server does.
        It does not enter it by sending something: sending its own FIN takes it from CLOSE_WAIT to LAST_ACK. Between the two lies
        the time that the server takes to call close(): "CLOSE_WAIT" means that TCP waits for its own application.

        Hence the classic trouble of servers with thousands of connections in CLOSE_WAIT: the network is not to blame, and no timer
        will help. The program has read the end of the stream (recv() has returned 0) and forgets to close.
        """),
    Stop("B sends ACK seq 1 ack 5502", "Second of four: ACK", """
        5502: the text, and the FIN behind it. This direction is closed now, the other is open: B might send on for hours. That is why
        there are four segments where the handshake had three: between the ACK and B's own FIN stands the decision of an application. If
        the server closes at once, the two can well travel as one.
        """, """RFC 9293 3.10.7.4: "If the FIN bit is set, signal the user "connection closing" and return any pending RECEIVEs with
        same message, advance RCV.NXT over the FIN, and send an acknowledgment for the FIN." """),
    Stop("A enters FIN_WAIT_2", "A has been heard", """
        A waits for the FIN of B now. Since the client has closed its descriptor and nobody could read what comes, rill waits for 60 s,
        as Linux does; the RFC knows no such limit.
        """),
    Stop("B enters LAST_ACK", "B closes, too", """
        Here it is: the server has called close(), and this takes B from CLOSE_WAIT to LAST_ACK. All that it still waits for is
        the last ACK.
        """),
    Stop("B sends FIN,ACK", "Third of four: the FIN of B", """
        Number 1: B has sent no text at all.
        """, FIN_BIT),
    Stop("A enters TIME_WAIT", "A has all, and stays nevertheless", """
        Both directions are closed, and A could forget everything, if it were not for two things. Its last ACK may be lost: then B
        sends its FIN again, and somebody must be there to answer. And segments of this connection may still wander about: a
        new connection between the same addresses and ports could take them for its own. So A keeps the pair of addresses and ports
        for twice the time that a segment can live (MSL), here 2 times 30 s. Scene time-wait shows both.
        """, """RFC 9293 3.6.1: "When a connection is closed actively, it MUST linger in the TIME-WAIT state for a time 2xMSL (Maximum
        Segment Lifetime) (MUST-13)." """),
    Stop("A sends ACK seq 5502 ack 2", "Last of four: ACK", """
        Nobody acknowledges an acknowledgement, so A cannot know whether this one arrives. That question has no last answer, however
        many segments one adds; TIME_WAIT is how TCP lives with it.
        """, """RFC 9293 3.5: "the ACK does not occupy sequence number space (if it did, we would wind up ACKing ACKs!)" """),
    Stop("B enters CLOSED", "B has the last ACK", """
        CLOSED is no state that is kept anywhere: it is the name for there being no connection. The side that closed second is free
        at once.
        """),
    Stop("A enters CLOSED", "60 s later: the end of TIME_WAIT", """
        (The ARP question in between is B making sure that A is still where it was. It is no business of TCP's.)

        One TIME_WAIT costs rill 64 bytes and a pair of ports for a minute. It becomes a problem only for a host that opens and closes
        thousands of connections a second to the same address, and the cure is to keep connections open, not to cut TIME_WAIT short.
        """),
])

LOST_SYN_ACK = Scene("lost-syn-ack", "The answer to the SYN is lost", """
    The same handshake, but the cable loses the second segment. From here on A and B have different opinions of how far they are.
    """, [
    Stop("B sends SYN,ACK", "SYN,ACK, into the void", """
        B is in SYN_RECEIVED and thinks that it has answered. A is in SYN_SENT and has heard nothing. A lost SYN would look just the same
        to it.
        """, LOST_SEGMENTS),
    Stop("A repeats SYN", "One second later: the SYN again", """
        A has no round-trip time to go by, so its first time-out is a guess: 1 s. Were there no answer again, the next would be
        2 s, then 4 s, and so on; that is why a connect() to a host that is gone takes so long to fail. The sequence number is the same:
        it is the same SYN.
        """, """RFC 6298 2.1: "Until a round-trip time (RTT) measurement has been made for a segment sent between the sender and
        receiver, the sender SHOULD set RTO <- 1 second" """, """RFC 6298 5.4: "Retransmit the earliest segment that has not been
        acknowledged by the TCP receiver." """),
    Stop("B repeats SYN,ACK", "B repeats its answer, and not its steps", """
        The flow is known already, so there is no second record and no new initial number. The SYN is an old one by now, and a mere ACK
        would be in order; like all others, rill repeats its whole SYN,ACK, which says that and what A is missing. Had A kept
        quiet, B's own timer would have done the same.
        """, NOT_ACCEPTABLE),
    Stop("A enters ESTABLISHED", "A is through", """
        As if nothing had been: it has cost one second.
        """),
    Stop("B enters ESTABLISHED", "And B", """
        Whatever single segment of a handshake is lost, one side has a timer that runs: A for its SYN, B for its SYN,ACK. For the third
        no timer is needed: while it is missing, B repeats its SYN,ACK, and A answers that with an ACK.
        """),
])

CROSSED_SYNS = Scene("crossed-syns", "Both open at once: crossed SYNs", """
    Nobody listens here. Both programs have bound port 5000 and call connect() to the other at the same moment. It is rare, and it is
    how two hosts behind firewalls reach each other.
    """, [
    Stop("A sends SYN ", "A's SYN leaves", """
        Both are in SYN_SENT.
        """, """RFC 9293 3.5: "When simultaneous open occurs, each TCP peer receives a SYN segment that carries no acknowledgment after
        it has sent a SYN." """),
    Stop("B sends SYN ", "B's leaves at the same moment", """
        The two SYNs meet on the cable and pass each other.
        """, """RFC 9293 3.5: "A TCP implementation MUST support simultaneous open attempts (MUST-10)." """),
    Stop("A enters SYN_RECEIVED", "A SYN where a SYN,ACK was expected", """
        It acknowledges nothing, so A knows that B has not heard it yet: B has spoken of its own accord. A goes from SYN_SENT to
        SYN_RECEIVED, the arrow of the state diagram that hardly anybody ever sees.
        """),
    Stop("B enters SYN_RECEIVED", "The same at B", """
        Neither is client or server. There are two callers and one connection.
        """),
    Stop("A repeats SYN,ACK", "The SYN again, and now with an ACK", """
        Its number is still 0: it is no second SYN, but the first one, which now acknowledges what has come.
        """, """RFC 9293 3.5: "Each TCP peer's connection state cycles from CLOSED to SYN-SENT to SYN-RECEIVED to ESTABLISHED." """),
    Stop("A enters ESTABLISHED", "One connection, not two", """
        Four segments, and the numbers of both sides are known to both. Three are the least, because two of the four may travel as one.
        """),
    Stop("B enters ESTABLISHED", "And B", """
        From here on it is a connection like any other.
        """),
])

CROSSED_FINS = Scene("crossed-fins", "Both close at once: crossed FINs", """
    An ordinary connection, idle. Both programs call close() at the same moment. This is the way to the eleventh state, CLOSING.
    """, [
    Stop("A enters FIN_WAIT_1", "A closes", """
        It has no idea that B is about to do the same.
        """),
    Stop("B enters FIN_WAIT_1", "B closes in the same instant", """
        Not by way of CLOSE_WAIT: no FIN has come.
        """),
    Stop("A sends FIN,ACK", "Two FINs meet on the cable", """
        Both carry ack 1: neither acknowledges the FIN of the other.
        """, FIN_BIT),
    Stop("A enters CLOSING", "A FIN, but not the ACK that was expected", """
        A has the FIN of B, while its own is not acknowledged. Had the ACK come first, it would be in FIN_WAIT_2; had it come along with the
        FIN, in TIME_WAIT. CLOSING is what remains: both have said goodbye, and A waits to be heard.
        """),
    Stop("B enters CLOSING", "The same at B", """
        Both acknowledge the FIN of the other.
        """),
    Stop("A sends ACK", "An ACK for the FIN", """
        It will turn the CLOSING of B into TIME_WAIT.
        """, """RFC 9293 3.6: "When all segments preceding the FINs have been processed and acknowledged, each TCP peer can ACK the FIN it
        has received." """),
    Stop("A enters TIME_WAIT", "A has been heard", """
        Usually one side, the one that closed first, waits out the time. Here both closed first.
        """),
    Stop("B enters TIME_WAIT", "And B", """
        Neither sends anything more.
        """),
    Stop("A enters CLOSED", "60 s later", """
        Both are gone.
        """),
])

TIME_WAIT = Scene("time-wait", "What TIME_WAIT is good for: a lost ACK, and an old duplicate", """
    A closes first, as in the first scene. This time its last ACK is lost, and ten seconds later a segment turns up that has been lying
    about in the network since the connection was young.
    """, [
    Stop("B sends PSH,ACK seq 1 ", "Remember this segment", """
        300 bytes from B, which arrive and are read. A copy of it stays behind, in a router that will send it on ten seconds later.
        """, """RFC 9293 3.8: "Duplicate segments may arrive due to network or TCP retransmission." """),
    Stop("A enters TIME_WAIT", "The four-way close is nearly over", """
        One segment is left to be sent.
        """),
    Stop("A sends ACK seq 2 ack 302", "The last ACK is lost", """
        Had A forgotten the connection now, the next FIN of B would find nobody and be answered with RST: for B an abort, at the end of a
        transfer in which nothing went wrong.
        """, LOST_SEGMENTS),
    Stop("B repeats FIN,ACK", "B repeats its FIN", """
        Behind the last segment nothing follows, so no duplicate ACK can betray its loss. B sends it again after two round trips, and a
        little more for an ACK that may be delayed: a tail loss probe. Were that lost, too, the retransmission timer would repeat it at
        growing distances. In LAST_ACK all this goes on as in any other state.
        """, """RFC 8985 7.3: "If such an unsent segment is not available, then the sender SHOULD retransmit the highest-sequence segment
        sent so far and set TLP.is_retrans to true." """),
    Stop("A sends ACK seq 2 ack 302", "A is still there, and answers", """
        That is the first purpose of TIME_WAIT. The 60 s begin again.
        """, FIN_AGAIN),
    Stop("B enters CLOSED", "B goes in peace", """
        Its program never learns that anything was lost.
        """),
    Stop("A receives PSH,ACK", "Ten seconds after the start: the old duplicate", """
        Bytes 1 to 300, once more. If A had forgotten the connection and opened a new one between the same ports, these bytes could lie
        within its window and be taken for new ones. Because A is in TIME_WAIT no such connection exists, and A knows that it
        has had 1 to 300 already. That is the second purpose.
        """, """RFC 9293 3.10.7.4: "Segments are processed in sequence. Initial tests on arrival are used to discard old duplicates" """),
    Stop("A sends ACK seq 2 ack 302", "It is answered, not taken", """
        Whoever sent it shall learn where A stands. TIME_WAIT goes on as it did.
        """, NOT_ACCEPTABLE),
    Stop("B sends RST", "B knows nothing of it, and says so", """
        B is CLOSED, and answers a segment without a connection with RST.
        """, """RFC 9293 3.5.2: "If the connection does not exist (CLOSED), then a reset is sent in response to any incoming segment except
        another reset." """),
    Stop("A receives RST", "TIME_WAIT is not assassinated", """
        By the letter of the RFC this RST would end TIME_WAIT early: an old duplicate would have done away with the very state that
        protects from old duplicates. RFC 1337 calls that assassination. rill ignores the RST here, and keeps the state for its full
        time.
        """, """RFC 1337 3: "Ignore RST segments in TIME-WAIT state. If the 2 minute MSL is enforced, this fix avoids all three
        hazards." """),
    Stop("A enters CLOSED", "60 s after the last FIN", """
        Counted from the FIN that came again.
        """),
])

ZERO_WINDOW = Scene("zero-window", "A closed window, and the deadlock that does not happen", """
    Each segment tells how much more its sender can take: the window (win). Here the server at B does not read, and its buffer
    holds two segments, 2896 bytes. A wants to send 6000.
    """, [
    Stop("A sends PSH,ACK seq 1449 ", "The window is full", """
        Two segments of 1448 bytes are all that B has offered. 3104 bytes wait in A's send buffer; when that is full, too, send()
        blocks. That is flow control: the speed of the reader reaches the writer, however far away it is.
        """, """RFC 9293 3.10.7.4: "Once the TCP endpoint takes responsibility for the data, it advances RCV.NXT over the data accepted, and
        adjusts RCV.WND as appropriate to the current buffer availability." """),
    Stop("B sends ACK seq 1 ack 2897 win 0", "win 0", """
        All has arrived, and nothing more, please. A has text to send, nothing is in flight, and no acknowledgement is due to come.
        """, """RFC 9293 3.10.7.4: "The total of RCV.NXT and RCV.WND should not be reduced." """),
    Stop("B sends ACK seq 1 ack 2897 win 2896", "The window opens, and the news is lost", """
        The server has read, and B says that there is room again. But this is a mere ACK: it has no sequence number of its own, nobody
        acknowledges it, nobody repeats it. Now A waits for a window and B waits for text: a deadlock, and each is right to wait.
        """, """RFC 9293 3.8.4: "It is extremely important to remember that ACK segments that contain no data are not reliably
        transmitted by TCP." """),
    Stop("A probes ACK", "A asks: the zero-window probe", """
        A does not only wait: since the window closed a timer runs (the persist timer), and it asks. The probe repeats a number that
        B has already (2896), so that B must answer. It would be sent for days, at growing distances, as long as it is answered.
        """, """RFC 9293 3.8.6.1: "This retransmission is essential to guarantee that when either TCP peer has a zero window the
        reopening of the window will be reliably reported to the other." """),
    Stop("B sends ACK seq 1 ack 2897 win 2896", "The answer holds the window", """
        What was lost is said again, because somebody asked.
        """, NOT_ACCEPTABLE),
    Stop("A sends ACK seq 2897 ", "It goes on", """
        The deadlock was a delay. And the window is full again at once, since the server still does not read.
        """, """RFC 9293 3.8.6.1: "The sending TCP peer must regularly transmit at least one octet of new data (if available), or
        retransmit to the receiving TCP peer even if the send window is zero, in order to "probe" the window." """),
    Stop("A probes ACK", "Probes, further and further apart", """
        First after the retransmission time-out, then after twice as long. B answers each one: still no room.
        """, """RFC 9293 3.8.6.1: "The transmitting host SHOULD send the first zero-window probe when a zero window has existed for the
        retransmission timeout period (SHLD-29) (Section 3.8.1), and SHOULD increase exponentially the interval between successive
        probes (SHLD-30)." """),
    Stop("B sends ACK seq 1 ack 5793 win 2896", "The server reads", """
        This time the news gets through.
        """, """RFC 9293 3.8.6.2.2: "The receiver's SWS avoidance algorithm determines when the right window edge may be advanced; this is
        customarily known as "updating the window"." """),
    Stop("B sends ACK seq 1 ack 6001", "All has arrived", """
        6000 bytes through a buffer of 2896, with one of the messages lost.
        """, """RFC 9293 3.4: "The acknowledgment mechanism employed is cumulative so that an acknowledgment of sequence number X
        indicates that all octets up to but not including X have been received." """),
], shows_windows=True)

ARP_CONFLICT = Scene("arp-conflict", "Two hosts want one address: an ARP conflict", """
    No TCP in this scene. Somebody gives B the address 10.0.0.1, which A has. The states beside each line are those of the claims that
    both hosts lay to 10.0.0.1.
    """, [
    Stop("B probes for 10.0.0.1", "B asks before it takes the address", """
        An ARP probe: a question that names no sender, so that nobody who hears it learns anything wrong from it. It
        asks: does anybody use 10.0.0.1? I should like to. It comes after a random wait, for many hosts may be switched on together.
        """, """RFC 5227 1.1: "An ARP Probe conveys both a question ("Is anyone using this address?") and an implied statement ("This is
        the address I hope to use.")." """, """RFC 5227 2.1.1: "The 'sender IP address' field MUST be set to all zeroes; this is to avoid
        polluting ARP caches in other hosts on the same link in the case where the address turns out to be already in use by another
        host." """),
    Stop("A answers for 10.0.0.1", "A has it", """
        An ordinary ARP reply. A need not know anything of conflicts for this: whoever has an address answers for it.
        """, """RFC 826, Packet Reception: "Swap hardware and protocol fields, putting the local hardware and protocol addresses in the
        sender fields." """),
    Stop("B loses 10.0.0.1", "B gives up", """
        It has never used the address: nothing is disturbed, and whoever configured B is told. That is the good case.
        """, """RFC 5227 2.1.1: "the host MUST treat this address as being in use by some other host, and should indicate to the configuring
        agent (human operator, DHCP server, etc.) that the proposed address is not acceptable." """),
    Stop("B announces 10.0.0.1", "B takes it without asking", """
        Now B is told to use the address regardless. An announcement is a question to which the asker is the answer (a gratuitous ARP):
        everybody who hears it, and has an entry for 10.0.0.1, puts B's MAC there. With it come the packets that were meant for A.
        """, """RFC 5227 1.1: "It conveys a stronger statement than an ARP Probe, namely, "This is the address I am now using."" """),
    Stop("A keeps 10.0.0.1", "A hears that somebody else has its address", """
        The sender's address is A's own, the MAC is not: a conflict. A keeps the address, since its connections would die with it, and
        since anybody could take it away from A by one forged packet.
        """, """RFC 5227 2.4: "then this is a conflicting ARP packet, indicating some other host also thinks it is validly using this
        address." """),
    Stop("A announces 10.0.0.1", "The defence: one announcement", """
        It corrects the caches of everybody whom B has misled.
        """, """RFC 5227 2.4 (c): "If the host has not seen any other conflicting ARP packets recently, within the last DEFEND_INTERVAL
        seconds, then it MUST record the time that the conflicting ARP packet was received, and then broadcast one single ARP Announcement,
        giving its own IP and hardware addresses." """),
    Stop("B announces 10.0.0.1", "B defends it as well", """
        Both are stubborn. Two such hosts would correct each other for ever, were it not for the rule that follows.
        """, """RFC 5227 2.4: "A host wishing to provide reliable network operation MUST respond to conflicting ARP packets as described in
        (a), (b), or (c) above." """),
    Stop("A keeps 10.0.0.1", "No second defence within ten seconds", """
        A stays quiet now, and so the quarrel ends after one exchange. The conflict is counted (ArpConflicts), and only a human can
        mend it: on the link two machines have one address, and connections break at random.
        """, """RFC 5227 2.4 (c): "if this is not the first conflicting ARP packet the host has seen, and the time recorded for the previous
        conflicting ARP packet is within DEFEND_INTERVAL seconds, then the host MUST NOT send another defensive ARP Announcement." """),
], tcp=False)

SCENES = (CONNECTION, LOST_SYN_ACK, CROSSED_SYNS, CROSSED_FINS, TIME_WAIT, ZERO_WINDOW, ARP_CONFLICT)

FAREWELL = Scene(None, "The eleven states", """
    All of them were there. Beside each stands the scene in which it was first seen.
    """, [])

STATES = (
    ("CLOSED", "no connection"),
    ("LISTEN", "waits for anybody's SYN"),
    ("SYN_SENT", "has called, and waits for an answer"),
    ("SYN_RECEIVED", "has been called and has answered; waits to be heard"),
    ("ESTABLISHED", "both have heard each other: text flows"),
    ("FIN_WAIT_1", "has closed; its FIN is not acknowledged yet"),
    ("FIN_WAIT_2", "its FIN is acknowledged; waits for the other's"),
    ("CLOSE_WAIT", "has received a FIN; waits for its own program to close"),
    ("CLOSING", "both closed at once; waits for the ACK of its FIN"),
    ("LAST_ACK", "was closed second; waits for the ACK of its FIN"),
    ("TIME_WAIT", "all is said; waits until nothing old is on its way any more"),
)
