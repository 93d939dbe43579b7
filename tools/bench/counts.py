"""Instructions under callgrind: the difference of two runs of different length, per unit. Of the engine, both ends together, and of what a
peer can arrange (tests/bench/storm.c).
glibc's memcpy is told not to use `rep movsb`, which valgrind counts once for each byte and not as the processor does."""
import os
import re
import subprocess
from pathlib import Path

BENCH = Path(os.environ.get("BENCH", "build/release/bench"))
SEGMENT = 1448  # bytes of text in a full one with timestamps
COUNTS = {  # name: arguments, two lengths, units in one of the length
    "segment": (["engine", "bulk", "-n"], (5, 15), 2**20 / SEGMENT),
    "request-response": (["engine", "rr", "-c", "1", "-n"], (500, 2500), 1),
    "request-response-1000": (["engine", "rr", "-c", "1000", "-n"], (3000, 5000), 1),  # each has its rings by then
    "connect-close": (["engine", "crr", "-n"], (500, 1500), 1),
}
STORMS = {f"{kind}-{records}": (["storm", kind, str(records)], (200, 400), 1) for kind in ("ack", "sack") for records in (1000, 30000)}


def callgrind(out, program, *arguments):
    """What it says; its figures are in the file `out`."""
    tunables = {"GLIBC_TUNABLES": "glibc.cpu.x86_rep_movsb_threshold=2000000000"}
    return subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", BENCH / program, *arguments],
                          env=os.environ | tunables, capture_output=True, text=True, timeout=120, check=True).stderr


def executed(program, arguments, length):
    return int(re.search(r"Collected : (\d+)", callgrind("/dev/null", program, *arguments, str(length)))[1])


def count(name):
    (program, *arguments), (short, long), unit = (COUNTS | STORMS)[name]
    return (executed(program, arguments, long) - executed(program, arguments, short)) / (long - short) / unit
