"""The guided tour of TCP: gdb runs tools/tour/ends.c, and stops where scenes.py has something to tell.

All that passes between the two ends comes from the stacks themselves (hearing.py). What scenes.py expects and what happens are
compared, in order: a tour that tells something else than the stacks do ends with a sentence that says so, and with status 1.

Where standard input is a terminal it waits at each stop, and gdb is there to look around; else it only tells."""
import os
import sys
import textwrap

import gdb

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "gdb")]
import hearing  # noqa: E402
import rill  # noqa: E402
import scenes  # noqa: E402

WIDTH = 100
INTERACTIVE = os.isatty(0)
HELP = "Enter goes on, q leaves, and all else goes to gdb: rill conns, backtrace, up, info locals, help rill"


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


def is_alive():
    return bool(gdb.selected_inferior().threads())


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
        begin = hearing.Halt("tour_begins")
        gdb.execute(f"run {self.scene.name}", to_string=True)
        if not begin.is_valid() or not is_alive():
            raise Differs(f"scene {self.scene.name} does not begin")
        begin.delete()
        end, ears = hearing.Halt("tour_ends"), hearing.ears_of(self, self.scene.shows_windows)
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
        if words[1] != "receives":  # it has been drawn when it was sent
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
