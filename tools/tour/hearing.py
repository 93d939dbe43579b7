"""What happens in the tour, as gdb hears it from the two stacks: what they write into their traces (base/trace.c), the ARP packets that
they build, and the claims on addresses that they lose or defend. Each event knows its name, its picture and its sentence."""
import gdb

import rill

ENDS = "AB"
ARROW = 26  # columns between A and B
LETTERS = ((2, "SYN"), (1, "FIN"), (4, "RST"), (8, "PSH"), (32, "URG"), (64, "ECE"), (128, "CWR"), (16, "ACK"))
ARP_REQUEST = 1
DISPUTED = "10.0.0.1"  # in the scene that is about an address
LONGEST = 2**20  # no scene sends so much: larger numbers are not relative


# ---- What happens ----

class Event:
    """Something that an end did: `A sends SYN seq 0`, `B enters LISTEN`. Scenes name events by the beginning of that."""

    def __init__(self, end, deed, states):
        self.end, self.name = end, f"{ENDS[end]} {deed}"
        self.states = list(states) or [claim_text(0), claim_text(1)]
        self.when = moment()
        self.arrow = ""  # the picture between A and B
        self.whole = ""  # of what leaves and is not lost: up to its arrival
        self.note = ""
        self.change, self.sentence = "", None

    def leaves(self, label):
        lost = int(tour_value(f"cut[{self.end}]"))
        self.arrow = draw(self.end, label, "lost" if lost else "sent")
        self.whole = "" if lost else draw(self.end, label, "arrived")

    def line(self):
        left, right = self.states
        return f"{self.when:13.3f} ms  {left:12}  A {self.arrow:{ARROW}} B  {right:12}  {self.note}".rstrip()


def tour_value(name):
    return gdb.parse_and_eval(f"'tools/tour/ends.c'::tour.{name}")


def net_of(end):
    return tour_value(f"pair.end[{end}]").cast(rill.pointer_to("rill"))["net"]


def moment():
    """Milliseconds of the virtual clock, since the scene began."""
    return (max(int(net_of(end)["now"]) for end in (0, 1)) - int(tour_value("begin"))) / 1e6


def claim_text(end):
    """What became of the end's claim to the address that both want (link/claim.h)."""
    net = net_of(end)
    for i in range(int(net["claims"])):
        claim = net["claim"][i]["claim"]
        if rill.ip4_text(int(claim["address"])) == DISPUTED:
            return str(claim["state"]).replace("CLAIM_", "")
    return ""


def flags_label(flags):
    return ",".join(word for bit, word in LETTERS if flags & bit) or "nothing"


def draw(end, label, fate):
    """Of what leaves `end`: it has left, it is lost on the way, or it has arrived."""
    room = ARROW - 2 if fate == "arrived" else len(label) + 4
    if end == 0:
        tip = "x" if fate == "lost" else ">"
        return f"--{label}".ljust(room + 1, "-") + tip
    tip = "x" if fate == "lost" else "<"
    return (tip + f"{label}--".rjust(room + 1, "-")).rjust(ARROW)


def arrow_sentence(record):
    """Of RFC 9293, as rill_tcp_transition_text finds it."""
    before, after, reason = (int(record[name]) for name in ("before", "after", "reason"))
    timed = rill.enum_name("tcp_state", before) == "TIME_WAIT" and rill.text_of("reason_texts", reason) == "a timer"
    ending = gdb.parse_and_eval(f"'stack/base/transitions.c'::endings[{reason}]")
    if rill.enum_name("tcp_state", after) == "CLOSED" and int(ending) and not timed:
        return "RFC 9293 " + ending.string()
    arrows = gdb.parse_and_eval("'stack/base/transitions.c'::transitions")
    for i in range(arrows.type.range()[1] + 1):
        if int(arrows[i]["from"]) == before and int(arrows[i]["to"]) == after:
            return "RFC 9293 " + arrows[i]["sentence"].string()
    return None


# ---- Where gdb listens ----

class Halt(gdb.Breakpoint):
    """Of one function of the program; gdb says nothing about it."""

    def __init__(self, function):
        super().__init__(function, internal=True)
        self.silent = True


class Ear(Halt):
    """Of one function of the stack. It stops the program only where the scene has something to tell."""

    def __init__(self, function, play, hear, callers):
        super().__init__(function)
        self.play, self.hear, self.callers = play, hear, callers

    def stop(self):
        event = self.hear(self.play.states)
        return event is not None and self.play.take(event, self.callers)


def argument(name):
    return gdb.selected_frame().read_var(name)


def end_of_trace(trace):
    return next((end for end in (0, 1) if net_of(end)["trace"].address == trace), None)


class TraceEar:
    """What the two stacks write into their traces."""

    def __init__(self, shows_windows):
        self.shows_windows = shows_windows
        self.came = {}  # by end: the segment that came last, to which a change of state is due
        self.first = {}  # by end: its initial sequence number
        self.sent = [0, 0]  # by end: behind the last number that it has sent

    def __call__(self, states):
        end, record = end_of_trace(argument("t")), argument("r").dereference()
        kind = rill.enum_name("event", record["event"]).lower()
        return getattr(self, kind)(end, record, states) if hasattr(self, kind) else None

    def relative(self, number, end):
        """Where TIME_WAIT has forgotten with what the two began, the trace has the numbers of the wire."""
        return (number - self.first[end]) % 2**32 if number >= LONGEST and end in self.first else number

    def numbers(self, sender, record, shows_window):
        words = [f"seq {self.relative(int(record['seq']), sender)}"]
        if int(record["flags"]) & 16:
            words.append(f"ack {self.relative(int(record['ack']), 1 - sender)}")
        if int(record["length"]):
            words.append(f"len {int(record['length'])}")
        return " ".join(words) + (f" win {int(record['window'])}" if shows_window else "")

    def verb(self, end, record, why):
        """Whether the numbers that a segment takes are new."""
        begin = self.relative(int(record["seq"]), end)
        after = begin + int(record["length"]) + (int(record["flags"]) & 3 != 0)  # SYN or FIN
        again = begin < after <= self.sent[end]
        self.sent[end] = max(self.sent[end], after)
        return "probes" if why == "zero-window probe" else "repeats" if again else "sends"

    def segment_in(self, end, record, states):
        label, numbers = flags_label(int(record["flags"])), self.numbers(1 - end, record, False)
        event = Event(end, f"receives {label} {numbers}", states)
        event.arrow, event.note = draw(1 - end, label, "arrived"), numbers
        self.came[end] = event
        return event

    def segment_out(self, end, record, states):
        label, why = flags_label(int(record["flags"])), rill.text_of("reason_texts", record["reason"])
        if int(record["flags"]) & 2:
            self.first[end] = int(gdb.selected_frame().older().read_var("out")["header"]["seq"]["n"])
        note = self.numbers(end, record, self.shows_windows) + (f" ({why})" if why else "")
        event = Event(end, f"{self.verb(end, record, why)} {label} {note}", states)
        event.leaves(label)
        event.note = note
        return event

    def state(self, end, record, states):
        before, after = (rill.enum_name("tcp_state", record[name]) for name in ("before", "after"))
        why = rill.text_of("reason_texts", record["reason"])
        states[end] = after
        event = Event(end, f"enters {after}", states)
        event.note = f"because of {why}"
        if why == "an arriving segment":
            event.arrow, event.note = self.came[end].arrow, self.came[end].note
        event.change = f"{ENDS[end]} goes from {before} to {after}: "
        event.sentence = arrow_sentence(record)
        return event

    @staticmethod
    def loss(end, record, states):
        event = Event(end, "knows of a loss", states)
        event.note = f"{ENDS[end]} takes a segment for lost ({rill.text_of('reason_texts', record['reason'])})"
        return event


def hear_arp(states):
    """The stack builds an ARP packet; the last byte of each end's MAC tells whose."""
    arp = argument("arp").dereference()
    end = int(arp["sender_mac"]["byte"][5]) - 1
    sender, target = int(arp["sender"]), int(arp["target"])
    asks = int(arp["operation"]) == ARP_REQUEST
    deed = ("announces" if asks and sender == target else "probes for" if asks and sender == 0 else
            "asks for" if asks else "answers for")
    event = Event(end, f"{deed} {rill.ip4_text(target if asks else sender)}", states)
    event.leaves("ARP")
    event.note = (f"{rill.ip4_text(sender)} asks who has {rill.ip4_text(target)}" if asks else
                  f"{rill.ip4_text(sender)} is at 02:00:00:00:00:0{end + 1}")
    return event


def hear_claim(deed, after=None):
    def hear(states):
        net = rill.find_net()
        end = next(end for end in (0, 1) if net_of(end).address == net.address)
        event = Event(end, f"{deed} {rill.ip4_text(int(argument('c')['address']))}", states)
        event.arrow, event.note = draw(1 - end, "ARP", "arrived"), event.name
        event.states[end] = after or event.states[end]
        return event
    return hear


def ears_of(play, shows_windows):
    """All that a play hears, and how many calls above each there is something to see."""
    return [Ear("trace_write", play, TraceEar(shows_windows), 2), Ear("arp_write", play, hear_arp, 1),
            Ear("claim_lose", play, hear_claim("loses", "CONFLICT"), 1), Ear("claim_dispute", play, hear_claim("keeps"), 1)]
