"""What is measured. Each function measures one peer once, and returns its figures by name; the driver calls them in turns."""
import re
import shutil
import subprocess
import time

from peers import BENCH, CLIENT, SERVER, pinned, run

LIMIT = 30          # seconds that a client may take
HELD_AT_ONCE = 10000  # connections of one client process
PING_INTERVAL = 0.001
FINISHING, FINISH_SIZE = 1000, 2 << 20  # streams, bytes of each


def client(*command):
    return run(*pinned(CLIENT, *command), timeout=LIMIT)


def with_cpu(peer, name, unit, measure):
    """The rate that `measure` finds, and what a unit of it costs the server's process: in microseconds."""
    before = peer.cpu()
    rate, units = measure()
    used = peer.cpu() - before
    return {name: rate, f"cpu {name}, us per {unit}": used / 1000 / units}


def bulk(peer, direction, streams, seconds):
    """Gbit/s; the host sends (`in`) or receives (`out`)."""
    fairness = {}

    def measure():
        said = client(BENCH / "load", sends(direction), peer.address, streams, seconds)
        moved, took, in_all, jain, least = (float(it) for it in said.split())
        if streams > 1:
            fairness.update({f"bulk {direction}, {streams} streams, Jain's index": jain, f"bulk {direction}, {streams} streams, least/most": least})
        return moved * 8 / took / 1e9, in_all / 1e6
    return with_cpu(peer, f"bulk {direction}, {streams} {'stream' if streams == 1 else 'streams'}", "MB", measure) | fairness


def sends(direction):
    return "send" if direction == "in" else "receive"


def finish(peer, direction):
    """Many streams of the same length: how long the last takes, as so many times what the first takes."""
    first, last = map(float, client(BENCH / "load", f"finish-{sends(direction)}", peer.address, FINISHING, FINISH_SIZE).split())
    return {f"{FINISHING} streams {direction}, last/first": last / first,
            f"{FINISHING} streams {direction}, Gbit/s": FINISHING * FINISH_SIZE * 8 / last / 1e9}


def http(peer, connections, seconds):
    """Requests/s over connections that stay."""
    def measure():
        said = client("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://{peer.address}:80/file")  # a bare machine has no /etc/services
        errors = re.search(r"Socket errors: connect (\d+), read (\d+)|Non-2xx", said)
        if errors:
            raise RuntimeError(f"{peer.name} fails wrk: {errors[0]}")
        return float(re.search(r"Requests/sec: +([\d.]+)", said)[1]), int(re.search(r"(\d+) requests in", said)[1])
    return with_cpu(peer, f"http, {connections} {'connection' if connections == 1 else 'connections'}", "request", measure)


def connect(peer, count, name="connect"):
    """Connections/s: each a handshake, a request, an answer, the end."""
    def measure():
        made, took = client(BENCH / "load", "connect", peer.address, count, 64).split()
        return float(made) / float(took), float(made)
    return with_cpu(peer, name, "connection", measure)


def pings(peers, count):
    """(p50, p99) of each, in milliseconds: twenty pings of this, twenty of that."""
    said = client(BENCH / "ping", count, PING_INTERVAL, *(it.address for it in peers)).split()
    for peer, back in zip(peers, said[2::3]):
        if int(back) < count * 0.98:
            raise RuntimeError(f"{peer.name} loses pings: {back} of {count} came back")
    return list(zip(map(float, said[0::3]), map(float, said[1::3])))


def ping_loaded(peer, direction, count):
    """While one stream goes as fast as it can."""
    load = subprocess.Popen(pinned(CLIENT, BENCH / "load", sends(direction), peer.address, 1, count * PING_INTERVAL + 0.3), stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.2)  # windows grow
        (p50, p99), = pings([peer], count)
    finally:
        load.terminate()
        load.wait()
    return {f"ping under bulk {direction}, p50, ms": p50, f"ping under bulk {direction}, p99, ms": p99}


class Held:
    """Connections that are open and idle, for a `with`: made by several clients with an address each."""

    def __init__(self, peer, count, first=1):
        self.peer, self.count, self.first, self.clients = peer, count, first, []

    def __enter__(self):
        try:
            self.open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def open(self):
        net = self.peer.address.rsplit(".", 2)[0]
        for i in range(0, self.count, HELD_AT_ONCE):
            source = f"{net}.1.{self.first + i // HELD_AT_ONCE}"
            subprocess.run(["ip", "address", "add", f"{source}/32", "dev", self.peer.interface], check=False, capture_output=True)
            command = pinned(CLIENT, BENCH / "load", "hold", self.peer.address, min(HELD_AT_ONCE, self.count - i), source)
            self.clients.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            if not self.clients[-1].stdout.readline():
                raise RuntimeError(f"{self.peer.name} does not take {self.count} connections")

    def __exit__(self, *_):
        for it in self.clients:
            it.communicate(timeout=LIMIT)


class Crowd(Held):
    """The same, and `memory`, bytes per idle connection: the slope of the resident set between a tenth of them and all."""

    def open(self):
        all_of_them, self.count = self.count, self.count // 10
        super().open()
        time.sleep(0.1)
        before, few = self.peer.resident(), self.count
        self.count, self.first = all_of_them - few, self.first + 100
        super().open()
        time.sleep(0.1)
        self.memory = (self.peer.resident() - before) / self.count


def memory(peer, count):
    with Crowd(peer, count) as crowd:
        return {MEMORY: crowd.memory}


MEMORY = "memory per idle connection, bytes"

# ---- The engine: two stacks in one process, processor time of both ----

ENGINE = {  # name: arguments, two lengths whose difference counts, units in one of the length
    "engine bulk, software checksum, Gbit/s": (["bulk"], (20, 220), 8 * 2**20 / 1e9),
    "engine bulk, no checksum, Gbit/s": (["bulk", "-s"], (20, 220), 8 * 2**20 / 1e9),
    "engine bulk, superframes, Gbit/s": (["bulk", "-s", "-g"], (50, 550), 8 * 2**20 / 1e9),
    "engine request/responses per s, 1 connection": (["rr", "-c", 1], (1000, 101000), 1),
    "engine request/responses per s, 10000 connections": (["rr", "-c", 10000], (1000, 101000), 1),
    "engine connect/close per s": (["crr"], (1000, 16000), 1),
}


def engine(name):
    arguments, lengths, unit = ENGINE[name]
    took = [float(run(*pinned(SERVER, BENCH / "engine", *arguments, "-n", n), timeout=LIMIT).split()[2]) for n in lengths]
    return {name: (lengths[1] - lengths[0]) * unit / (took[1] - took[0])}


def record_sizes():
    """Bytes of the records that outlive or precede a connection, by the debugger's information in the measured library."""
    if not shutil.which("gdb"):
        return {}
    said = run("gdb", "-batch", "-nx", "-ex", "print sizeof(struct tcp_time_wait)", "-ex", "print sizeof(struct tcp_syn)", BENCH / "server")
    return dict(zip(("TIME-WAIT record, bytes", "SYN record, bytes"), (int(it) for it in re.findall(r"= (\d+)", said))))
