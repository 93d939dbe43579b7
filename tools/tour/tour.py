"""The guided tour of TCP: gdb runs tools/tour/ends.c, and stops where scenes.py has something to tell.

All that passes between the two ends comes from the stack itself: what it writes into its trace (base/trace.c), the ARP packets
that it builds, the claims on addresses that it loses or defends. What scenes.py expects and what happens are compared, in order: a
tour that tells something else than the stack does ends with a sentence that says so, and with status 1.

Where standard input is a terminal it waits at each stop, and gdb is there to look around; else it only tells."""
import os
import sys
import textwrap

import gdb

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "gdb")]
import rill  # noqa: E402
import scenes  # noqa: E402

WIDTH = 100
ARROW = 26  # columns between A and B
ENDS = "AB"
INTERACTIVE = os.isatty(0)
HELP = "Enter goes on, q leaves, and all else goes to gdb: rill conns, backtrace, up, info locals, help rill"
LETTERS = ((2, "SYN"), (1, "FIN"), (4, "RST"), (8, "PSH"), (32, "URG"), (64, "ECE"), (128, "CWR"), (16, "ACK"))
SENDING = {"retransmission": "repeats", "zero-window": "probes"}  # by the first word of the reason; all else it sends
ARP_REQUEST = 1
DISPUTED = "10.0.0.1"  # in the scene that is about an address


class Differs(Exception):
    """The stack did something else than the tour tells."""


class Left(Exception):
    """The reader has had enough."""


def tell(text, indent=4):
    """A paragraph for each one of the text."""
    for paragraph in textwrap.dedent(text).strip().split("\n\n"):
        margin = " " * indent
        print(textwrap.fill(" ".join(paragraph.split()), WIDTH, initial_indent=margin, subsequent_indent=margin,
                            break_on_hyphens=False))
        print()


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
    """Of RFC 9293, as rill_tcp_arrow_text finds it."""
    before, after, reason = (int(record[name]) for name in ("before", "after", "reason"))
    timed = rill.enum_name("tcp_state", before) == "TIME_WAIT" and rill.text_of("reason_texts", reason) == "a timer"
    ending = gdb.parse_and_eval(f"'stack/base/arrows.c'::endings[{reason}]")
    if rill.enum_name("tcp_state", after) == "CLOSED" and int(ending) and not timed:
        return "RFC 9293 " + ending.string()
    arrows = gdb.parse_and_eval("'stack/base/arrows.c'::arrows")
    for i in range(arrows.type.range()[1] + 1):
        if int(arrows[i]["from"]) == before and int(arrows[i]["to"]) == after:
            return "RFC 9293 " + arrows[i]["sentence"].string()
    return None


# ---- Where gdb listens ----

class Ear(gdb.Breakpoint):
    """Of one function of the stack. It stops the program only where the scene has something to tell."""

    def __init__(self, function, play, hear, callers):
        super().__init__(function, internal=True)
        self.silent = True
        self.play, self.hear, self.callers = play, hear, callers

    def stop(self):
        event = self.hear(self.play.states)
        return event is not None and self.play.take(event, self.callers)


class Halt(gdb.Breakpoint):
    def __init__(self, function):
        super().__init__(function, internal=True)
        self.silent = True


def is_alive():
    return bool(gdb.selected_inferior().threads())


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

    def __call__(self, states):
        end, record = end_of_trace(argument("t")), argument("r").dereference()
        kind = rill.enum_name("event", record["event"]).lower()
        return getattr(self, kind)(end, record, states) if hasattr(self, kind) else None

    def relative(self, number, end):
        """Where TIME_WAIT has forgotten with what the two began, the trace has the numbers of the wire."""
        return (number - self.first[end]) % 2**32 if number >= 2**31 // 100 and end in self.first else number

    def numbers(self, sender, record, shows_window):
        words = [f"seq {self.relative(int(record['seq']), sender)}"]
        if int(record["flags"]) & 16:
            words.append(f"ack {self.relative(int(record['ack']), 1 - sender)}")
        if int(record["length"]):
            words.append(f"len {int(record['length'])}")
        return " ".join(words) + (f" win {int(record['window'])}" if shows_window else "")

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
        numbers = self.numbers(end, record, self.shows_windows)
        note = numbers + (f" ({why})" if why else "")
        event = Event(end, f"{SENDING.get(why.split(' ')[0], 'sends')} {label} {note}", states)
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
        why = rill.text_of("reason_texts", record["reason"]).replace("retransmission after ", "")
        event.note = f"{ENDS[end]} takes a segment for lost, because of {why}"
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


# ---- A scene ----

class Play:
    """One run of tools/tour/ends.c, from its beginning to its end."""

    def __init__(self, scene):
        self.scene, self.due = scene, list(scene.stops)
        self.states = ["CLOSED", "CLOSED"] if scene.tcp else []
        self.met = {"CLOSED"}
        self.passed = []  # lines of what happened since the last stop
        self.reached = None  # the event at which the program stands, and its stop
        self.number = 0
        self.killed = False  # by the reader

    def run(self):
        begin = Halt("tour_begins")
        gdb.execute(f"run {self.scene.name}", to_string=True)
        if not begin.is_valid() or not is_alive():
            raise Differs(f"scene {self.scene.name} does not begin")
        begin.delete()
        end, trace = Halt("tour_ends"), TraceEar(self.scene.shows_windows)
        ears = [Ear("trace_write", self, trace, 2), Ear("arp_write", self, hear_arp, 1),
                Ear("claim_lose", self, hear_claim("loses", "CONFLICT"), 1), Ear("claim_dispute", self, hear_claim("keeps"), 1)]
        while is_alive() and not end.hit_count:
            gdb.execute("continue", to_string=True)
            self.show()
        for point in (end, *ears):
            point.delete()
        if is_alive():
            gdb.execute("kill", to_string=True)
        if self.killed:
            print("The program has been ended, and with it the tour.")
            raise Left
        if self.due:
            raise Differs(f"in scene {self.scene.name}, after stop {self.number}, `{self.due[0].event}` never happens")

    def show(self):
        """What happened since, and the stop that was reached, if there is one."""
        while self.passed or self.reached:
            for line in self.passed:
                print(line)
            self.passed = []
            if self.reached:
                event, stop, callers = self.reached
                self.reached = None
                self.tell_stop(event, stop)
                if INTERACTIVE and is_alive():
                    gdb.execute(f"up-silently {callers}")
                    self.pause()

    def take(self, event, callers):
        """Of what has just happened; True: the scene tells something about it, so the program stops."""
        words = event.name.split()
        if words[1] == "enters":
            self.met.add(words[2])
        if self.due and (event.name + " ").startswith(self.due[0].event):
            self.reached = event, self.due.pop(0), callers
            return True
        if words[1] != "receives": # it has been drawn when it was sent
            event.arrow = event.whole or event.arrow
            self.passed.append(event.line())
        return False

    def tell_stop(self, event, stop):
        self.number += 1
        print(f"\n{self.number:3}. {stop.title}")
        print(event.line())
        print()
        if event.sentence:
            tell(event.change + event.sentence, indent=8)
        for sentence in stop.sentences:
            tell(sentence, indent=8)
        tell(stop.text)

    def pause(self):
        frame = gdb.selected_frame()
        print(f"    (gdb stands in {frame.name()}, {frame.find_sal().symtab.filename}:{frame.find_sal().line})")
        if self.number == 1:
            print(f"    ({HELP})\n")
        while not self.reached:
            line = ask()
            if line in ("", "c", "continue"):
                return
            try:
                gdb.execute(line)
            except gdb.error as error:
                print(error)
            self.killed = not is_alive()
            if self.killed:
                return


def ask():
    try:
        line = input("(tour) ").strip()
    except (EOFError, KeyboardInterrupt):
        line = "q"
    if line in ("q", "quit", "exit"):
        raise Left
    return line


# ---- The whole ----

def chosen():
    name = os.environ.get("TOUR_SCENE", "")
    found = [scene for scene in scenes.SCENES if name in ("", scene.name)]
    if not found:
        names = ", ".join(scene.name for scene in scenes.SCENES)
        raise Differs(f"there is no scene {name}; there are {names}")
    return found


def tell_scene(scene):
    print(f"{scene.title}\n{'=' * len(scene.title)}\n")
    tell(scene.text)


def tour():
    met, told = {}, chosen()
    if len(told) > 1:
        tell_scene(scenes.WELCOME)
    for scene in told:
        tell_scene(scene)
        play = Play(scene)
        play.run()
        print()
        for state in play.met:
            met.setdefault(state, scene.name)
    if len(told) > 1:
        tell_scene(scenes.FAREWELL)
        tell_states(met)


def tell_states(met):
    """All eleven, with the scene in which the stack was there first."""
    for state, text in scenes.STATES:
        if state not in met:
            raise Differs(f"no end was ever in {state}")
        print(f"    {state:12}  {met[state]:12}  {text}")


def main():
    try:
        tour()
    except Left:
        pass
    except (Differs, rill.Refusal, gdb.error) as problem:
        sys.stdout.flush()
        print(f"rill: the tour cannot go on: {str(problem).rstrip('.')}.", file=sys.stderr)
        return 1
    return 0


status = main()
sys.stdout.flush()
gdb.execute(f"quit {status}")
