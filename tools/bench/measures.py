"""What is measured. Each function measures one peer once, and returns its figures by name; the driver calls them in turns."""
import re
import shutil
import subprocess
import time

from peers import BENCH, CLIENT, SERVER, pinned, run

LIMIT = 30          # seconds that a client may take
HELD_AT_ONCE = 10000  # connections of one client process
PING_INTERVAL = 0.002


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
    def measure():
        said = client(BENCH / "load", "send" if direction == "in" else "receive", peer.address, streams, seconds)
        moved, took, in_all = (float(it) for it in said.split())
        return moved * 8 / took / 1e9, in_all / 1e6
    return with_cpu(peer, f"bulk {direction}, {streams} {'stream' if streams == 1 else 'streams'}", "MB", measure)


def http(peer, connections, seconds):
    """Requests/s over connections that stay."""
    def measure():
        said = client("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://{peer.address}/file")
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


def ping(peer, count):
    """Milliseconds."""
    said = client("ping", "-c", count, "-i", PING_INTERVAL, peer.address)
    times = sorted(float(it) for it in re.findall(r"time=([\d.]+)", said))
    if len(times) < count * 0.98:
        raise RuntimeError(f"{peer.name} loses pings: {len(times)} of {count}")
    return {"ping p50, ms": times[len(times) // 2], "ping p99, ms": times[len(times) * 99 // 100]}


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


def memory(peer, count):
    """Bytes per idle connection: the slope of the resident set between a tenth of them and all."""
    few = count // 10
    with Held(peer, few):
        time.sleep(0.1)
        before = peer.resident()
        with Held(peer, count - few, first=100):
            time.sleep(0.1)
            return {"memory per idle connection, bytes": (peer.resident() - before) / (count - few)}


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
