"""gdb's view of rill: pretty printers, and the commands that `help rill` lists.

    gdb -x tools/gdb/rill.py PROGRAM            `make gdb` does that; `make install` puts it where gdb loads it by itself

Nothing here calls a function of the program: what only looks works on a core file too, and what moves the program says that
it cannot. Entries of the flow table are named by their number in `rill conns` (their head_ref), which is theirs until they
leave it. Numbers are those of the stack: positions count from the initial sequence numbers, times from the host's instant."""
import re

import gdb
import gdb.printing
import gdb.unwinder

NEVER = 2**63 - 1  # RILL_NEVER, and the position of nothing
FRAMES_MAX = 64  # of the backtrace, that are searched for a stack
DROPS_SHOWN = 10  # unless told otherwise
KINDS = ("tcp_conn", "tcp_syn", "tcp_time_wait", "tcp_listener")  # by enum head_kind
FLAGS = ((2, "S"), (1, "F"), (4, "R"), (8, "P"), (32, "U"), (64, "E"), (128, "W"), (16, "."))  # as packet scripts write them
CONN_FACTS = ("timestamps", "sack", "window_scaling", "ecn", "nodelay", "cork", "keepalive", "fin_queued", "fin_received",
              "read_closed", "orphan", "unaccepted", "reset_pending", "probe_pending", "window_update_pending")
UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}


class Refusal(Exception):
    """One sentence for the user: why a command does nothing."""


# ---- Values as text ----

def pointer_to(name):
    return gdb.lookup_type("struct " + name).pointer()


def enum_name(kind, value):
    """The enumerator without what all of its enumeration begin with: ESTABLISHED."""
    names = {field.enumval: field.name for field in gdb.lookup_type("enum rill_" + kind).fields()}
    prefix = {"tcp_state": "RILL_TCP_", "drop": "RILL_DROP_", "event": "RILL_EVENT_"}[kind]
    return names.get(int(value), "?").replace(prefix, "", 1)


def text_of(table, index):
    """What the stack's own tables (base/trace.c) say."""
    texts = gdb.parse_and_eval(f"'stack/base/trace.c'::{table}")
    return texts[int(index)].string() if int(index) < texts.type.sizeof // texts[0].type.sizeof else "?"


def time_text(nanoseconds):
    return "never" if nanoseconds == NEVER else f"{nanoseconds / 1e9:.6f} s"


def until_text(when, now):
    return "off" if when == NEVER else f"in {(when - now) / 1e6:.3f} ms"


def ip4_text(number):
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def address_text(address):
    """RFC 4291 2.5.5.2: IPv4 is mapped; all zeros are any."""
    byte = [int(address["byte"][i]) for i in range(16)]
    if not any(byte):
        return "*"
    if byte[:12] == [0] * 10 + [255] * 2:
        return ip4_text(int.from_bytes(bytes(byte[12:]), "big"))
    return "[" + ":".join(f"{byte[i] << 8 | byte[i + 1]:x}" for i in range(0, 16, 2)) + "]"


def flow_text(flow):
    local = f"{address_text(flow['local'])}:{int(flow['local_port'])}"
    return f"{local} <-> {address_text(flow['remote'])}:{int(flow['remote_port']) or '*'}"


def head_text(head):
    return f"{enum_name('tcp_state', head['state'])} {flow_text(head['flow'])}"


def range_text(piece):
    return f"[{int(piece['from'])}, {int(piece['to'])})"


def ring_text(ring):
    return f"{int(ring['capacity'])} bytes, written [{int(ring['origin'])}, {int(ring['high'])})"


def ranges_text(ranges):
    count = min(int(ranges["count"]), 1024)  # RANGES_MAX: the memory may hold anything
    return "{" + " ".join(range_text(ranges["range"][i]) for i in range(count)) + "}"


def number_text(number):
    return "none" if int(number) == NEVER else str(int(number))


def flags_text(flags):
    return "".join(letter for bit, letter in FLAGS if flags & bit)


def segment_text(flags, seq, length, ack, window):
    """As packet scripts write it."""
    acknowledges = f" ack {ack}" if flags & 16 else ""
    return f"{flags_text(flags)} {seq}:{seq + length}({length}){acknowledges} win {window}"


# ---- Pretty printers ----

class Scalar:
    """Something that is one line."""

    def __init__(self, value, text):
        self.value, self.text = value, text

    def to_string(self):
        return self.text


class Headed(Scalar):
    """One line, and then every field as gdb shows it anyway."""

    def children(self):
        return ((field.name, self.value[field.name]) for field in self.value.type.strip_typedefs().fields() if field.name)


PRINTERS = (
    ("position", Scalar, number_text),
    ("rill_time", Scalar, lambda time: time_text(int(time))),
    ("seq32", Scalar, lambda seq: str(int(seq["n"]))),
    ("rill_address", Scalar, address_text),
    ("flow", Scalar, flow_text),
    ("range", Scalar, range_text),
    ("ranges", Scalar, ranges_text),
    ("ring", Scalar, ring_text),
    ("head", Headed, head_text),
    ("tcp_conn", Headed, lambda conn: head_text(conn["sender"]["head"])),
    ("tcp_syn", Headed, lambda syn: head_text(syn["sender"]["head"])),
    ("tcp_time_wait", Headed, lambda record: head_text(record["head"])),
    ("tcp_listener", Headed, lambda listener: head_text(listener["head"])),
)


def printer_maker(kind, text):
    def make(value):
        try:
            return kind(value, text(value))
        except gdb.error:  # a foreign type of that name, or memory that is not there
            return None
    return make


def register_printers():
    collection = gdb.printing.RegexpCollectionPrettyPrinter("rill")
    for name, kind, text in PRINTERS:
        collection.add_printer(name, f"^{name}$", printer_maker(kind, text))
    gdb.printing.register_pretty_printer(gdb.current_objfile(), collection, replace=True)


# ---- The stack that is meant ----

def net_of_tcp(tcp):
    offset = next(field.bitpos // 8 for field in gdb.lookup_type("struct net").fields() if field.name == "tcp")
    return (tcp.cast(gdb.lookup_type("char").pointer()) - offset).cast(pointer_to("net")).dereference()


# How to get from a pointer to such a structure to the machine.
WAYS = {
    "rill": lambda at: at.cast(pointer_to("rill"))["net"],
    "net": lambda at: at.dereference(),
    "tcp": net_of_tcp,
    "rill_host": lambda at: at.cast(pointer_to("rill_host"))["stack"].cast(pointer_to("rill"))["net"],
}


def net_at(pointer):
    """The machine behind a pointer; None where none stands there: arguments may be anything."""
    try:
        net = WAYS[pointer.type.target().unqualified().strip_typedefs().tag](pointer)
        return net if net["tcp"]["config"] == net["config"]["tcp"].address else None
    except (gdb.error, KeyError):
        return None


def arguments_of(frame):
    """Pointers to structures among the arguments; locals may not be set yet."""
    try:
        block = frame.block()
    except RuntimeError:
        return  # without symbols
    while block and not block.function:
        block = block.superblock
    for symbol in block or ():
        kind = symbol.type.strip_typedefs() if symbol.is_argument else None
        if kind is not None and kind.code == gdb.TYPE_CODE_PTR:
            yield symbol.value(frame)


def frames():
    frame = gdb.selected_frame()
    for _ in range(FRAMES_MAX):
        if frame is None:
            return
        yield frame
        frame = frame.older()


def candidates():
    """The stack at work in the backtrace, then the thread's current one, then the one opened last."""
    for frame in frames():
        yield from arguments_of(frame)
    for name in ("'stack/socket/rill.c'::current", "'drivers/host/host.c'::open_hosts"):
        try:
            yield gdb.parse_and_eval(name)
        except gdb.error:  # no thread-local storage here, or no host binding
            pass


def need_program():
    if not gdb.selected_inferior().threads():
        raise Refusal("There is no process (or core file) to look at: `run` first.")


def find_net():
    need_program()
    net = next((found for found in map(net_at, candidates()) if found is not None), None)
    if net is None:
        raise Refusal("No rill stack is open here, or librill was built without -g.")
    return net


def is_live():
    connection = gdb.selected_inferior().connection
    return connection is not None and connection.type != "core"


def need_live(command):
    need_program()
    if not is_live():
        raise Refusal(f"`rill {command}` lets the program run: it needs a live process, not a core file.")


# ---- The flow table ----

def entry_at(tcp, ref):
    """As table_at: a pointer to the entry's own structure."""
    pool, index = tcp["pool"][ref & 3], (ref >> 2) - 1
    chunk = pool["chunk"][index // 64]["object"]  # POOL_CHUNK
    return (chunk + index % 64 * int(pool["size"])).cast(pointer_to(KINDS[ref & 3]))


def head_of(entry):
    return entry.cast(pointer_to("head"))


def buckets(table):
    for name, size in (("bucket", "size"), ("old_bucket", "old_size")):
        if int(table[name]):
            yield from (int(table[name][i]) for i in range(int(table[size])))


def entries(net):
    """Number and pointer of each entry of the flow table."""
    for ref in buckets(net["tcp"]["table"]):
        while ref:
            entry = entry_at(net["tcp"], ref)
            yield ref, entry
            ref = int(head_of(entry)["next"])


def find_entry(net, text):
    if not re.fullmatch(r"\d+", text):
        raise Refusal(f"{text or 'That'} is not the number of a connection: `rill conns` lists them.")
    for ref, entry in entries(net):
        if ref == int(text):
            return entry
    raise Refusal(f"No connection has the number {text} now: `rill conns` lists them.")


def kind_of(entry):
    return KINDS[int(head_of(entry)["kind"])]


# ---- One entry in detail ----

def conn_brief(conn):
    snd, rcv = conn["snd"], conn["rcv"]
    unread = int(rcv["nxt"]) - int(conn["fin_received"]) - max(int(rcv["read"]), 1)
    waiting = int(snd["end"]) - max(int(snd["nxt"]), 1)
    return f"in flight {int(snd['nxt']) - int(snd['una'])}, unsent {max(waiting, 0)}, unread {max(unread, 0)}"


def brief(entry):
    kind = kind_of(entry)
    if kind == "tcp_conn":
        return conn_brief(entry)
    if kind == "tcp_listener":
        return f"{int(entry['queued'])} of {int(entry['backlog'])} wait to be accepted, {int(entry['syns'])} SYNs"
    return f"SYN-ACKs {int(entry['tries'])}" if kind == "tcp_syn" else ""


def ring_line(name, pointer):
    return f"{name} {ring_text(pointer.dereference()) if int(pointer) else 'empty'}"


def conn_lines(conn, now):
    snd, rcv = conn["snd"], conn["rcv"]
    yield "snd   " + " ".join(f"{name} {int(snd[name])}" for name in ("una", "nxt", "end", "wnd"))
    yield "rcv   " + " ".join(f"{name} {int(rcv[name])}" for name in ("read", "nxt", "edge", "acked"))
    yield f"iss   {int(conn['iss']['n'])}, irs {int(conn['irs']['n'])}, mss {int(conn['mss'])}"
    ssthresh = int(conn["window"]["ssthresh"])
    bound = ssthresh if ssthresh < 2**31 - 1 else "none"
    yield f"cwnd  {int(conn['window']['cwnd'])}, ssthresh {bound}, srtt {int(conn['rtt']['srtt']) / 1e3:.3f} ms"
    timer = str(conn["timer"]).replace("TIMER_", "")
    yield f"timer {timer} {until_text(int(conn['timer_at']), now)}, ACK {until_text(int(conn['ack_at']), now)}"
    yield f"rings {ring_line('send', conn['send_ring'])}; {ring_line('receive', conn['receive_ring'])}"
    if int(conn["busy"]) and int(conn["busy"]["beyond"]["count"]):
        yield f"gaps  before {ranges_text(conn['busy']['beyond'])}"
    yield "is    " + (" ".join(name for name in CONN_FACTS if int(conn[name])) or "nothing special")


def entry_lines(entry, now):
    if kind_of(entry) == "tcp_conn":
        return conn_lines(entry, now)
    if kind_of(entry) == "tcp_time_wait":
        left = (int(entry["expires"]) - now // 10**6 + 2**31) % 2**32 - 2**31
        return [f"ends in {left} ms"]
    return [brief(entry)]


# ---- The trace ----

def records(net):
    """What the ring still holds, oldest first."""
    trace = net["trace"]
    if not int(trace["record"]):
        raise Refusal("This stack keeps no trace: give the program --trace 1024, or set trace_records.")
    written, room = int(trace["written"]), int(trace["mask"]) + 1
    for number in range(max(0, written - room), written):
        yield trace["record"][number % room]


def drops(net):
    """Of a segment that TCP refused two records tell: the first says more."""
    before = None
    for record in filter(lambda one: int(one["drop"]), records(net)):
        what = int(record["frame"]), int(record["drop"])
        if what != before or not what[0]:
            yield record
        before = what


def is_between(record, ends):
    """Whether the record is about such a flow; a remote half of zero is anybody."""
    local_ip4, local_port, remote_ip4, remote_port = ends
    return (local_port in (0, int(record["local_port"])) and local_ip4 in (0, int(record["local_ip4"])) and
            remote_ip4 in (0, int(record["remote_ip4"])) and remote_port in (0, int(record["remote_port"])))


def ip4_of(address):
    return int.from_bytes(bytes(int(address["byte"][i]) for i in range(12, 16)), "big")


def ends_of(net, text):
    """Of the flow that a number means, or the remote end of one that may be gone: 192.0.2.1:40000."""
    gone = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)\.(\d+):(\d+)", text)
    if gone:
        a, b, c, d, port = map(int, gone.groups())
        return 0, 0, a << 24 | b << 16 | c << 8 | d, port
    flow = head_of(find_entry(net, text))["flow"]
    return ip4_of(flow["local"]), int(flow["local_port"]), ip4_of(flow["remote"]), int(flow["remote_port"])


def record_facts(record):
    event = enum_name("event", record["event"])
    if event.startswith("SEGMENT"):
        yield segment_text(*(int(record[name]) for name in ("flags", "seq", "length", "ack", "window")))
    if event == "LOSS":
        yield f"{int(record['length'])} bytes"
    if int(record["before"]) != int(record["after"]):
        yield f"{enum_name('tcp_state', record['before'])} -> {enum_name('tcp_state', record['after'])}"
    if int(record["reason"]):
        yield text_of("reason_texts", record["reason"])
    if int(record["drop"]):
        yield f"not used: {text_of('drop_texts', record['drop'])}"
    if event.startswith("SEGMENT") and int(record["cwnd"]):
        yield f"cwnd {int(record['cwnd'])}, in flight {int(record['in_flight'])}"


def record_line(record, since):
    event = enum_name("event", record["event"]).replace("SEGMENT_", "").lower()
    return f"{(int(record['when']) - since) / 1e9:+12.6f} {event:6} " + "; ".join(record_facts(record))


def peer_text(record):
    remote = f"{ip4_text(int(record['remote_ip4']))}:{int(record['remote_port'])}"
    return remote if int(record["remote_port"]) else f"port {int(record['port'])} of the stack"


# ---- Commands ----

class Command(gdb.Command):
    """`rill NAME`: what is wrong is told in one sentence."""

    name = None
    most = 0  # arguments

    def __init__(self):
        super().__init__(f"rill {self.name}", gdb.COMMAND_USER)

    def invoke(self, argument, _from_tty):
        try:
            words = argument.split()
            if len(words) > self.most:
                raise Refusal(f"`rill {self.name}` takes {self.most or 'no'} argument{'s' * (self.most != 1)}.")
            self.run(words[0] if words else "")
        except Refusal as refusal:
            raise gdb.GdbError(str(refusal)) from None
        except gdb.error as error:  # names or memory that are not there
            raise gdb.GdbError(f"gdb cannot do this: {str(error).rstrip('.')}; is rill built with -g here?") from None


class Conns(Command):
    """rill conns: every entry of the flow table, with its number. Works on a core file."""

    name = "conns"

    def run(self, _word):
        net = find_net()
        print(f"at {time_text(int(net['now']))}, {int(net['tcp']['table']['count'])} in the flow table")
        for ref, entry in sorted(entries(net), key=lambda one: one[0]):
            head = head_of(entry)
            state = enum_name("tcp_state", head["state"])
            print(f"{ref:6} {state:12} {flow_text(head['flow']):44} {brief(entry)}".rstrip())


class Conn(Command):
    """rill conn N: one connection in detail; N as `rill conns` says. Works on a core file."""

    name, most = "conn", 1

    def run(self, word):
        net = find_net()
        entry = find_entry(net, word)
        print(f"{head_text(head_of(entry))}\n*(struct {kind_of(entry)} *){int(entry):#x}")
        for line in entry_lines(entry, int(net["now"])):
            print("    " + line)


class Timeline(Command):
    """rill timeline N: what the trace knows of a connection, in seconds from its first line. Works on a core file.
    ADDRESS:PORT of the peer in place of N names one that has gone."""

    name, most = "timeline", 1

    def run(self, word):
        net = find_net()
        ends = ends_of(net, word)
        found = [record for record in records(net) if is_between(record, ends)]
        if not found:
            raise Refusal(f"The trace holds nothing (any more) about {word}.")
        for record in found:
            print(record_line(record, int(found[0]["when"])))


class Why(Command):
    """rill why [COUNT]: how often what was dropped for which reason, and the last drops [10]. Works on a core file."""

    name, most = "why", 1

    def run(self, word):
        if word and not re.fullmatch(r"[1-9]\d{0,6}", word):
            raise Refusal(f"{word} is not a number of drops to show: say `rill why` or `rill why 20`.")
        net = find_net()
        self.print_counts(net["counters"]["drop"])
        for record in list(drops(net))[-int(word or DROPS_SHOWN):]:
            print(f"{record_line(record, int(net['now']))}; {peer_text(record)}")

    @staticmethod
    def print_counts(drop):
        counts = [(int(drop[i]), i) for i in range(1, drop.type.range()[1] + 1)]
        for count, i in sorted(filter(lambda one: one[0], counts), reverse=True):
            print(f"{count:8} {enum_name('drop', i)}: {text_of('drop_texts', i)}")
        if not any(count for count, _ in counts):
            print("Nothing has been dropped.")


# ---- Coroutines ----

# Where Boost.Context's jump_fcontext leaves the registers of x86-64, from the top of a stack that waits.
LEFT_AT = {"r12": 0x8, "r13": 0x10, "r14": 0x18, "r15": 0x20, "rbx": 0x28, "rbp": 0x30, "rip": 0x38}
LEFT_SIZE = 0x40


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class ComesBack(gdb.unwinder.Unwinder):
    """While `context` is set, whatever runs now looks as if a coroutine that waits had called it: so a core can be asked, too."""

    def __init__(self):
        super().__init__("rill coroutine")
        self.context, self.outermost = None, None

    def __call__(self, pending):
        if self.context is None or int(pending.read_register("rsp")) != self.outermost:
            return None
        word = gdb.lookup_type("unsigned long")
        at = self.context.cast(word)
        info = pending.create_unwind_info(FrameId(at, pending.read_register("rip")))  # below who is called, as gdb insists
        for register, offset in LEFT_AT.items():
            info.add_saved_register(register, (at + offset).cast(word.pointer()).dereference())
        info.add_saved_register("rsp", at + LEFT_SIZE)
        return info


comes_back = ComesBack()
gdb.unwinder.register_unwinder(gdb.current_objfile(), comes_back, replace=True)


def frame_line(number, frame):
    where = frame.find_sal()
    place = f" at {where.symtab.filename}:{where.line}" if where.symtab else ""
    return f"    #{number:<3} {frame.name() or hex(frame.pc())}{place}"


def frames_from(frame):
    for number in range(FRAMES_MAX):
        if frame is None or frame.name() == "first":  # drivers/coroutine/context.c: where it began
            return
        yield number, frame
        frame = frame.older()


def waiting_backtrace(coroutine):
    """Where a coroutine stands that does not run."""
    gdb.newest_frame().select()
    comes_back.outermost = int(gdb.newest_frame().read_register("rsp"))
    comes_back.context = coroutine["context"]["at"]
    gdb.invalidate_cached_frames()
    try:
        return [frame_line(number, frame) for number, frame in frames_from(gdb.newest_frame().older())]
    finally:
        comes_back.context = None
        gdb.invalidate_cached_frames()


def find_scheduler():
    """The selected thread's, or that of any other; as a pointer."""
    need_program()
    selected = gdb.selected_thread()
    try:
        for thread in (selected, *gdb.selected_inferior().threads()):
            thread.switch()
            scheduler = gdb.parse_and_eval("'drivers/coroutine/scheduler.c'::mine")
            if int(scheduler):
                return scheduler
    except gdb.error:  # no coroutines in this program
        pass
    finally:
        selected.switch()
    raise Refusal("No thread has coroutines here.")


def coroutines(scheduler):
    at = scheduler["all"]["tqh_first"]
    while int(at):
        yield at
        at = at["all"]["tqe_next"]


def state_text(coroutine):
    state = str(coroutine["state"]).replace("COROUTINE_", "")
    if state != "CALLS":
        return state.lower()
    call = coroutine["call"].cast(pointer_to("rill_call"))["call"]
    operation = str(call["operation"]).replace("CALL_", "").lower()
    several = operation == "poll"
    until = "" if int(call["deadline"]) == NEVER else f" until {time_text(int(call['deadline']))}"
    return f"{operation}{'' if several else ' of ' + str(int(call['fd']))}{until}"


def coroutine_line(coroutine):
    name = coroutine["name"].string() or re.sub(r".*<(.*)>", r"\1", str(coroutine["run"]))
    cancelled = ", cancelled" if int(coroutine["cancelled"]) else ""
    return f"{int(coroutine['number']):6} {name:24} {state_text(coroutine)}{cancelled}"


class Coroutines(Command):
    """rill coroutines: every coroutine, with its number and what it waits for. Works on a core file."""

    name = "coroutines"

    def run(self, _word):
        for coroutine in coroutines(find_scheduler()):
            print(coroutine_line(coroutine))


class Coroutine(Command):
    """rill coroutine N [bt]: where one of them stands; N as `rill coroutines` says. Works on a core file."""

    name, most = "coroutine", 2

    def run(self, word):
        found = [one for one in coroutines(find_scheduler()) if str(int(one["number"])) == word]
        if not found:
            raise Refusal(f"{word or 'That'} is not the number of a coroutine: `rill coroutines` lists them.")
        print(coroutine_line(found[0]))
        if str(found[0]["state"]) == "COROUTINE_RUNNING":
            lines = [frame_line(number, frame) for number, frame in frames_from(gdb.newest_frame())]
        elif "x86-64" not in gdb.selected_frame().architecture().name():
            raise Refusal("Backtraces of coroutines that wait are known on x86-64 only.")
        else:
            lines = waiting_backtrace(found[0]) if str(found[0]["state"]) != "COROUTINE_ENDED" else []
        print("\n".join(lines))


# ---- Commands that let the program run ----

def state_condition(word):
    """Of a breakpoint in tcp_set_state."""
    names = {field.name for field in gdb.lookup_type("enum rill_tcp_state").fields()} - {"RILL_TCP_STATE_COUNT"}
    name = "RILL_TCP_" + word.upper().replace("-", "_")
    if name not in names:
        known = ", ".join(sorted(name.replace("RILL_TCP_", "") for name in names))
        raise Refusal(f"{word or 'That'} is no state of TCP: they are {known}.")
    return f"to == {name}"


def break_at(function, condition=None, temporary=True):
    point = gdb.Breakpoint(function, temporary=temporary)
    if condition:
        point.condition = condition
    return point


def go_on(*points):
    """Until one of them, or something else, stops the program."""
    hits = []

    def watch(event):
        hits.extend(getattr(event, "breakpoints", ()))

    gdb.events.stop.connect(watch)
    try:
        gdb.execute("continue")
    finally:
        gdb.events.stop.disconnect(watch)
        for point in points:
            if point.is_valid():
                point.delete()
    return any(point in hits for point in points)


class BreakState(Command):
    """rill break-state STATE: stops whenever a connection goes to that state. Not on a core file."""

    name, most = "break-state", 1

    def run(self, word):
        condition = state_condition(word)
        if gdb.selected_inferior().threads():
            need_live(self.name)
        break_at("tcp_set_state", condition, temporary=False)


class Until(Command):
    """rill until STATE: goes on until a connection goes to that state. Not on a core file."""

    name, most = "until", 1

    def run(self, word):
        condition = state_condition(word)
        need_live(self.name)
        go_on(break_at("tcp_set_state", condition))


def host_of(net):
    """The host binding whose stack this is, as a pointer; None: somebody else hands time in."""
    host = gdb.parse_and_eval("'drivers/host/host.c'::open_hosts")
    while int(host) and int(host["stack"]) != int(net.address):
        host = host["next"]
    return host if int(host) else None


class Tick(Command):
    """rill tick 200ms: lets so much of the stack's time pass; ns, us, ms or s. Not on a core file.
    Where the program would sleep its clock is moved instead, from one deadline to the next: every timer runs when it is due,
    and nobody waits. A stack without the host binding goes on until that time has been handed in."""

    name, most = "tick", 1

    def run(self, word):
        found = re.fullmatch(r"(\d{1,9})(ns|us|ms|s)", word)
        if not found or int(found[1]) == 0:
            raise Refusal(f"{word or 'That'} is not a length of time: write 200ms, or 50us, 3s.")
        need_live(self.name)
        net = find_net()
        due = int(net["now"]) + int(found[1]) * UNITS[found[2]]
        try:
            host = host_of(net)
        except gdb.error:  # no host binding in this program
            host = None
        if self.wait(net, due) if host is None else self.skip(net, host["loop"].address, due):
            print(f"at {time_text(int(net['now']))}")

    @staticmethod
    def wait(net, due):
        there = go_on(break_at("net_clock", f"net == (struct net *){int(net.address)} && now >= {due}"))
        if there:
            gdb.execute("finish", to_string=True)  # now the stack has heard of it
        return there

    @staticmethod
    def skip(net, loop, due):
        """Each sleep ends at once, as late as it would have. False: something else has stopped the program."""
        while int(net["now"]) < due:
            sleep = break_at("doze", f"l == (struct host_loop *){int(loop)}")
            sleep.silent = True
            if not go_on(sleep):
                return False
            now, until = int(net["now"]), int(gdb.selected_frame().read_var("until"))
            ahead = max(min(until, due) - now, 0)
            gdb.parse_and_eval(f"((struct host_loop *){int(loop)})->clock.stopped -= {ahead}")
        return True


class StepSegment(Command):
    """rill step-segment: goes on to the next TCP segment, in or out. Not on a core file.
    It stops where one arrives and has not been looked at (tcp_input), or has just been built to leave (note_out)."""

    name = "step-segment"

    def run(self, _word):
        need_live(self.name)
        if go_on(break_at("tcp_input"), break_at("tracepoint_segment_out")):
            self.print_segment(gdb.selected_frame().name() == "tcp_input")

    @staticmethod
    def print_segment(arrives):
        """Sequence numbers as on the wire: of an arriving one nobody knows yet whose they are."""
        segment = gdb.parse_and_eval("in" if arrives else "out")
        header = segment["header"].dereference() if arrives else segment["header"]
        length = int(segment["text"]["length"] if arrives else segment["length"])
        numbers = int(header["seq"]["n"]), length, int(header["ack"]["n"]), int(header["window"])
        ports = f"{int(header['source'])} > {int(header['destination'])}"
        print(f"{'in ' if arrives else 'out'} {ports} {segment_text(int(header['flags']), *numbers)}")


class Rill(gdb.Command):
    """Looks into a rill stack: the one at work in the backtrace, else the thread's current one."""

    def __init__(self):
        super().__init__("rill", gdb.COMMAND_USER, gdb.COMPLETE_NONE, True)

    def invoke(self, argument, _from_tty):
        if argument:
            raise gdb.GdbError(f"rill has no command {argument.split()[0]}: `help rill` lists them.")
        gdb.execute("help rill")


for command in (Rill, Conns, Conn, Timeline, Why, Coroutines, Coroutine, BreakState, Until, Tick, StepSegment):
    command()
register_printers()
