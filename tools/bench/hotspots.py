"""Where the time goes: by room of the tree for what runs without a device (callgrind: instructions of both ends, as the difference of two
lengths), by function for the server on its TAP (perf, sampled by the processor's clock, the kernel's part of it included)."""
import collections
import re
import shutil
import subprocess

import counts
from peers import WORK, run

SAMPLES_A_SECOND = 4000
SHOWN = 12  # functions


def room(file):
    """stack/tcp/emit.c is of stack/tcp; what is not ours, of the C library."""
    found = re.match(r"(?:.*/)?((?:stack|tools)/\w+)/", file)
    return found[1] if found else "libc"


def executed(program, arguments, length):
    """Instructions by room."""
    path = WORK / "callgrind.out"
    counts.callgrind(path, program, *arguments, str(length))
    said = run("callgrind_annotate", "--threshold=100", "--show-percs=no", "--auto=no", path)
    path.unlink()
    rooms = collections.Counter()
    for number, file in re.findall(r"^ *([\d,]+) +([^\s:]+):", said, re.MULTILINE):
        rooms[room(file)] += int(number.replace(",", ""))
    return rooms


def by_room(name):
    """(room, instructions in a unit), the most first."""
    (program, *arguments), (short, long), unit = counts.COUNTS[name]
    rooms = executed(program, arguments, long)
    rooms.subtract(executed(program, arguments, short))
    return [(it, number / (long - short) / unit) for it, number in rooms.most_common() if number > 0]


def by_function(peer, measure, *arguments):
    """(share of the server's time, where, function), the most first, while it is measured."""
    path = WORK / "perf.data"
    recorder = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", str(SAMPLES_A_SECOND), "-p", str(peer.process.pid), "-o", path],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        measure(peer, *arguments)
    finally:
        recorder.send_signal(2)
        recorder.wait()
    said = run("perf", "report", "-i", path, "--stdio", "-q", "--sort", "dso,symbol")
    path.unlink()
    rows = [(float(share), *rest) for share, *rest in re.findall(r"^ *([\d.]+)% +(\S+) +\[[.k]\] (\S+)", said, re.MULTILINE)]
    return [(share, "kernel" if "kernel" in where else where, what.split(".")[0]) for share, where, what in rows]


def has_functions():
    return shutil.which("perf") is not None


def room_table(profiles):
    """{unit: by_room}: a row for each room."""
    rooms = list(dict.fromkeys(it for rows in profiles.values() for it, _ in rows))
    yield f"| | {' | '.join(profiles)} |"
    yield "|---|" + "---|" * len(profiles)
    for it in rooms:
        yield f"| {it} | " + " | ".join(f"{dict(rows).get(it, 0):,.0f}" for rows in profiles.values()) + " |"


def function_table(name, rows):
    """The kernel's part in one line, and what costs the most."""
    kernel = sum(share for share, where, _ in rows if where == "kernel")
    yield f"{name}: {kernel:.0f} % of it in the kernel."
    yield ""
    yield "| % | where | function |"
    yield "|---|---|---|"
    for share, where, what in rows[:SHOWN]:
        yield f"| {share:.1f} | {where} | `{what}` |"
    yield ""
