"""A copy of the sources in which one line at a time is broken: what tools/broken_rules and tools/planted_bugs do alike."""
import contextlib
import csv
import filecmp
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPIED = ("Makefile", "stack", "drivers", "simulator", "apps", "tools")


def read_table(path):
    """\\n in a field is an end of line."""
    with open(ROOT / path, newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [{name: text.replace(r"\n", "\n") for name, text in row.items()} for row in rows]


class Copy:
    """Lies in a folder of its own below `build`; `program` is what is built of it."""

    def __init__(self, build, name, program, flavour):
        self.name, self.flavour = name.split("/")[0].replace("_", " "), flavour
        self.folder = pathlib.Path(build).resolve() / name
        self.program = self.folder / program
        self.target = program
        self.folder.mkdir(parents=True, exist_ok=True)
        for it in COPIED:
            self.refresh(it)
        self.make()

    def refresh(self, name):
        """The objects of an earlier run stay: what has not changed is not compiled again."""
        for path in (self.folder / name).rglob("*.[ch]"):
            if not (ROOT / path.relative_to(self.folder)).exists():
                path.unlink()
        for path in [ROOT / name, *(ROOT / name).rglob("*")]:
            to = self.folder / path.relative_to(ROOT)
            if path.is_file() and not (to.exists() and filecmp.cmp(path, to, shallow=False)):
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, to)  # with a time of now, whatever it was

    def make(self):
        made = subprocess.run(["make", "-s", "-j2", self.target, f"FLAVOUR={self.flavour}", "WARN=-std=c11 -w"],
                              cwd=self.folder, capture_output=True, text=True)
        if made.returncode:
            sys.exit(f"{self.name}: the sources do not compile:\n{made.stderr}")

    def holds(self, row):
        """A line that stands no longer, or stands twice, cannot be broken: the table must follow the code."""
        return (self.folder / "stack" / row["file"]).read_text().count(row["line"]) == 1

    @contextlib.contextmanager
    def broken(self, row):
        """The program is built with the row's line broken; afterwards the line is as it was."""
        path = self.folder / "stack" / row["file"]
        source = path.read_text()
        try:
            path.write_text(source.replace(row["line"], row["broken"]))
            self.make()
            yield
        finally:
            path.write_text(source)
