"""Instructions of the engine under callgrind, both ends together: the difference of two runs of different length, per unit.
glibc's memcpy is told not to use `rep movsb`, which valgrind counts once for each byte and not as the processor does."""
import os
import re
import subprocess
from pathlib import Path

BENCH = Path(os.environ.get("BENCH", "build/release/bench"))
SEGMENT = 1448  # bytes of text in a full one with timestamps
COUNTS = {  # name: arguments, two lengths, units in one of the length
    "segment": (["bulk"], (5, 15), 2**20 / SEGMENT),
    "request-response": (["rr", "-c", "1"], (500, 2500), 1),
    "request-response-1000": (["rr", "-c", "1000"], (1000, 3000), 1),
    "connect-close": (["crr"], (500, 1500), 1),
}


def executed(arguments, length):
    tunables = {"GLIBC_TUNABLES": "glibc.cpu.x86_rep_movsb_threshold=2000000000"}
    said = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", BENCH / "engine", *arguments, "-n", str(length)],
                          env=os.environ | tunables, capture_output=True, text=True, timeout=120, check=True).stderr
    return int(re.search(r"Collected : (\d+)", said)[1])


def count(name):
    arguments, (short, long), unit = COUNTS[name]
    return (executed(arguments, long) - executed(arguments, short)) / (long - short) / unit
