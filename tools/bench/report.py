"""From figures to tables, lines for the targets, and pictures. A figure is results[name][peer] = one value for each round; ratios are
taken within a round, as only what was measured side by side can be compared, and the median of them counts."""
import platform
import subprocess
from pathlib import Path
from statistics import median

from hotspots import function_table, room_table

ALL = "rill"


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def ratio(results, name, peer, to, to_name=None):
    """Of two peers, or of two figures; None where one of them is missing."""
    a, b = results.get(name, {}).get(peer), results.get(to_name or name, {}).get(to)
    return median(x / y if y else float("inf") for x, y in zip(a, b)) if a and b else None  # 0: it stood still


def value(results, name, peer=ALL):
    found = results.get(name, {}).get(peer)
    return median(found) if found else None


def worst(*values):
    return None if None in values else min(values)


IN, OUT, HTTP = "bulk in, 1 stream", "bulk out, 1 stream", "http, 64 connections"
CPU_REQUEST = f"cpu {HTTP}, us per request"
RR_COUNT = "instructions per request-response"

# NAME, what is required (the sign says in which direction), how it is found.
TARGETS = [
    ("bulk-in/null", ">=0.80", lambda r: ratio(r, IN, "rill", "null")),
    ("bulk-in/kernel", ">1.00", lambda r: ratio(r, IN, "rill", "kernel")),
    ("bulk-out/null", ">=0.60", lambda r: ratio(r, OUT, "rill", "null")),
    ("bulk-out/kernel", ">1.00", lambda r: ratio(r, OUT, "rill", "kernel")),
    ("plain-bulk-in/null", ">=0.90", lambda r: ratio(r, IN, "rill-plain", "null-plain")),
    ("plain-bulk-out/null", ">=0.90", lambda r: ratio(r, OUT, "rill-plain", "null-plain")),
    ("plain-bulk-in/lwip", ">=2.00", lambda r: ratio(r, IN, "rill-plain", "lwip")),
    ("plain-bulk-out/lwip", ">=1.40", lambda r: ratio(r, OUT, "rill-plain", "lwip")),
    ("http-64/null", ">=0.93", lambda r: ratio(r, HTTP, "rill", "null")),
    ("http-64/nginx", ">=1.80", lambda r: ratio(r, HTTP, "rill", "nginx")),
    ("cpu-per-request/lwip", "<1.00", lambda r: ratio(r, CPU_REQUEST, "rill", "lwip")),
    ("connect/null", ">=0.90", lambda r: ratio(r, "connect", "rill", "null")),
    ("connect/nginx", ">=1.80", lambda r: ratio(r, "connect", "rill", "nginx")),
    ("connect-among-100000/1000", ">=0.90", lambda r: ratio(r, "connect among 100000", "rill", "rill", "connect among 1000")),
    ("ping-p50/null", "<=1.10", lambda r: ratio(r, "ping p50, ms", "rill", "null")),
    ("ping-p99/null", "<=1.50", lambda r: ratio(r, "ping p99, ms", "rill", "null")),
    ("fair-16-in-jain", ">=0.94", lambda r: value(r, "bulk in, 16 streams, Jain's index")),
    ("fair-16-in-least/most", ">=0.50", lambda r: value(r, "bulk in, 16 streams, least/most")),
    ("fair-16-out-jain", ">=0.94", lambda r: value(r, "bulk out, 16 streams, Jain's index")),
    ("fair-16-out-least/most", ">=0.50", lambda r: value(r, "bulk out, 16 streams, least/most")),
    ("1000-streams-in-last/first", "<=1.20", lambda r: value(r, "1000 streams in, last/first")),
    ("1000-streams-out-last/first", "<=1.20", lambda r: value(r, "1000 streams out, last/first")),
    ("ping-p99-under-bulk-in/kernel", "<=1.50", lambda r: ratio(r, "ping under bulk in, p99, ms", "rill", "kernel")),
    ("ping-p99-under-bulk-out/kernel", "<=1.50", lambda r: ratio(r, "ping under bulk out, p99, ms", "rill", "kernel")),
    ("memory-per-connection-bytes", "<=512", lambda r: value(r, "memory per idle connection, bytes")),
    ("time-wait-record-bytes", "<=64", lambda r: value(r, "TIME-WAIT record, bytes")),
    ("syn-record-bytes", "<=96", lambda r: value(r, "SYN record, bytes")),
    ("engine-checksum-gbit", ">=30", lambda r: value(r, "engine bulk, software checksum, Gbit/s")),
    ("engine-no-checksum-gbit", ">=45", lambda r: value(r, "engine bulk, no checksum, Gbit/s")),
    ("instructions-per-segment", "<=3000", lambda r: value(r, "instructions per segment")),
    ("instructions-per-request-response", "<=4000", lambda r: value(r, RR_COUNT)),
    ("request-response-1000/1-connections", "<=1.10", lambda r: ratio(r, f"{RR_COUNT}-1000", "rill", "rill", RR_COUNT)),
]


def verdict(required, measured):
    sign, bound = required.rstrip("0123456789."), float(required.lstrip("<>="))
    holds = {">=": measured >= bound, ">": measured > bound, "<=": measured <= bound, "<": measured < bound}[sign]
    return "met" if holds else "not met"


# What is aimed at beyond that, for the same lines.
AIMS = {"bulk-in/null": ">=0.95", "bulk-out/null": ">=0.85", "plain-bulk-in/null": ">=1.00", "plain-bulk-out/null": ">=1.00", "http-64/null": ">=0.98",
        "connect/null": ">=0.95", "ping-p50/null": "<=1.00", "ping-p99/null": "<=1.00", "memory-per-connection-bytes": "<=340",
        "engine-checksum-gbit": ">=60", "engine-no-checksum-gbit": ">=80", "instructions-per-segment": "<=2250",
        "instructions-per-request-response": "<=3000"}


def below_aim(results):
    """Of the lines above, those that miss it: what they are, and what they should be."""
    found = {name: find(results) for name, _, find in TARGETS if name in AIMS}
    missed = [f"{name} ({number(it)}, aim {AIMS[name]})" for name, it in found.items() if it is not None and verdict(AIMS[name], it) != "met"]
    return ", ".join(missed) or "none"


def target_lines(results):
    for name, required, find in TARGETS:
        measured = find(results)
        if measured is None:
            yield f"{name} - {required} not measured"
        else:
            yield f"{name} {number(measured).replace(',', '')} {required} {verdict(required, measured)}"


def table(results):
    """A row for each figure, a column for each peer: the median, from least to most, and the ratio of rill to it."""
    peers = list(dict.fromkeys(peer for row in results.values() for peer in row))
    yield f"| | {' | '.join(peers)} |"
    yield "|---|" + "---|" * len(peers)
    for name, row in results.items():
        yield f"| {name} | " + " | ".join(cell(results, name, peer) for peer in peers) + " |"


def cell(results, name, peer):
    values = results[name].get(peer)
    if not values:
        return "–"
    spread = f" ({number(min(values))}–{number(max(values))})" if len(values) > 1 else ""
    ours = "rill-plain" if peer.endswith("-plain") or peer == "lwip" else "rill"
    times = ratio(results, name, ours, peer) if peer != ours else None
    return f"{number(median(values))}{spread}" + (f", ×{times:.2f}" if times else "")


def machine():
    cpus = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
    load = Path("/proc/loadavg").read_text(encoding="ascii").split()[0]
    return f"{len(cpus)} × {cpus[0] if cpus else platform.machine()}, {platform.system()} {platform.release()}, load {load} when it began"


def disturbance(waits):
    return {"waited": f"{median(waits):.0%}", "waited_max": f"{max(waits):.0%}"}


def commit():
    git = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True, text=True, check=False)
    return git.stdout.strip() or "unknown"


INTRODUCTION = """# Performance

Made by `make bench`: do not edit. Commit {commit}; {machine}; {rounds} rounds; a server waited for its core {waited} of the time, {waited_max} at most.

The servers run on one core, the clients on the other, on the host's kernel. Each peer has its own link. All peers are measured in
turn, round by round, in alternating order, with raised priority if the kernel allows it (nice). Absolute figures vary with
the load of the machine; compare the ratios: each is taken between two runs of one round, and the page shows the median. A run is repeated, at most twice, if its server had
to wait for its core for a quarter of the time. Pings are sent in turn, twenty to each peer. Clients and servers use CUBIC,
whatever the machine's default is, if they can choose (wrk and nginx cannot).

- **rill**: the shipped library on a TAP with offloads; **rill-plain**: the same with `--no-offload`.
- **null**, **null-plain**: `tools/bench/null.c`, the smallest program that can act as a TCP peer on that TAP: it checks and stores nothing. It is the upper limit.
- **lwip**: Debian's liblwip-dev, with its raw API, on a TAP without offloads; its window is 64 KB. Compare it with rill-plain.
- **kernel**: the same server as rill's on the kernel's sockets, at the other end of a veth pair; **nginx** there serves the same 512 bytes from a file. Their
  CPU time is that of their processes; it does not include the kernel's work for them elsewhere.
- **rill-2-cores**: `--cores 2`, on both cores, one of which the clients use, too: on a machine with two cores it shows that this works, not that it is fast.

Fairness: Jain's index of 16 streams is 15/16 = 0.94 if one of them gets nothing; no stream may get less than half of another. 1,000 streams
of 2 MB start together; the last may take at most 1.2 times as long as the first. A ping under bulk shares the link with one stream at full speed. The kernel
answers it at the far end of the veth pair on the sender's own core, inside the call that sends it. On a TAP the ping waits behind the stream's frames, and until a
process is woken; the figures of null show how much of this is due to the device and the scheduler.

Bulk is in Gbit/s, http in requests per second, connect in connections per second: a handshake, a request, an answer, the close. `cpu` is the CPU
time of the server, in microseconds. A cell is the median of the rounds, the smallest and largest value, and × how many times rill's figure is that.
"""

ENGINE_TEXT = """The engine is two stacks in one process, without a device: the figures include both ends. Instructions are counted under callgrind, as the difference of two
run lengths. glibc's copies do not use `rep movsb` here (`x86_rep_movsb_threshold`), because valgrind counts one instruction per byte for it.
A segment has 1,448 payload bytes. `make instructions`
compares the counts with `tools/bench/budget`.
"""


PROFILE_TEXT = """These figures miss their aims: {below}.

The kernel's share is the device, the system calls and the host's own TCP, which runs inside our write(2); null has this cost, too. In bulk transfer most of rill's share
is copying: `tcp_send` copies into the send ring, from which the device gathers, `text_take` from the frame into the receive ring, and
`rill_recv` from there. null neither stores nor examines received data. In requests no function stands out: TCP's work for each request is spread over some hundred
small functions.
"""


def profile_section(results, profile):
    yield "\n## Where it goes\n\n" + PROFILE_TEXT.format(below=below_aim(results))
    for name, rows in profile["functions"].items():
        yield "\n" + "\n".join(function_table(name, rows))
    if profile["rooms"]:
        yield "\nInstructions of both ends without a device, by folder of the source tree:\n\n"
        yield "\n".join(room_table(profile["rooms"])) + "\n"


def page(results, facts, picture, profile=None):
    yield INTRODUCTION.format(**facts)
    yield "\n## Targets\n\n```\n" + "\n".join(target_lines(results)) + "\n```\n"
    yield f"\n![bulk, requests, connections, pings]({picture})\n" if picture else ""
    yield "\n## Figures\n\n" + "\n".join(table({k: v for k, v in results.items() if set(v) != {ALL}})) + "\n"
    yield "\n## rill alone\n\n" + ENGINE_TEXT + "\n" + "\n".join(table({k: v for k, v in results.items() if set(v) == {ALL}})) + "\n"
    if profile:
        yield from profile_section(results, profile)


PLOTS = [("bulk in, 1 stream", "host to peer, Gbit/s"), ("bulk out, 1 stream", "peer to host, Gbit/s"), (HTTP, "requests/s, 64 connections"),
         ("connect", "connections/s"), ("ping p50, ms", "ping, median, ms"), (CPU_REQUEST, "CPU per request, µs")]


def plot(results, path):
    """Six pictures of bars with their spread. False: gnuplot is not installed."""
    script = [f"set terminal svg size 1100,620 background '#ffffff' font ',11'; set output '{path}'; set multiplot layout 2,3",
              "set style fill solid 0.7; set boxwidth 0.7; set yrange [0:*]; unset key; set xtics rotate by -30; set grid y"]
    for name, title in PLOTS:
        rows = [f'"{peer}" {median(v)} {min(v)} {max(v)}' for peer, v in results.get(name, {}).items()]
        if rows:
            script += ["$data << END", *rows, "END", f"set title '{title}'",
                       "plot $data using 0:2:xtic(1) with boxes lc rgb '#4477aa', '' using 0:2:3:4 with yerrorbars lc rgb '#222222' pt 0"]
    try:
        subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)
    except FileNotFoundError:
        return False
    return True
