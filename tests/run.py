"""Runs every test in two pytest processes side by side, one a core: `python tests/run.py`.

The first lane uses the processor: tests of the code, then Chromium. The second mostly waits for real processes that are
started, cut off and killed, and takes some tests of the code at its end. Each has engines, ports and folders of its
own; within a lane one test follows the other.
"""

import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

TESTS = Path(__file__).resolve().parent
# `live` first: beside it runs what needs one core and no more. What follows `faults` makes the lanes equally long.
WAITING = ("live", "console", "faults", "house", "staffing", "missions")
LAST = "browser"
END_SECONDS = 30.0  # for engines to stop after Ctrl-C


class Lane:
    """One pytest process over folders in their order; what it says is kept and shown when it has ended."""

    def __init__(self, name: str, folders: Sequence[str], place: Path) -> None:
        self.name, self.folders = name, folders
        self.said, self.report = place / f"{name}.txt", place / f"{name}.xml"
        self.begun = time.monotonic()
        self.seconds = 0.0
        words = [sys.executable, "-m", "pytest", f"--junitxml={self.report}", *(f"tests/{one}" for one in folders)]
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                words,
                cwd=TESTS.parent,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is passed on once, by us
            )

    def has_ended(self) -> bool:
        """Say whether it has; the first time that it has, show what it said."""
        if self.seconds:
            return True
        if self.process.poll() is None:
            return False
        self.seconds = time.monotonic() - self.begun
        self.show()
        return True

    def show(self) -> None:
        print(f"\n######## {self.name}: {' '.join(self.folders)}\n{self.said.read_text(errors='replace')}", flush=True)

    def found(self) -> tuple[Counter[str], Counter[str]]:
        """How many tests ended how, and the seconds of each folder."""
        ends: Counter[str] = Counter()
        seconds: Counter[str] = Counter()
        if not self.report.exists():
            return ends, seconds
        for case in ElementTree.parse(self.report).iter("testcase"):
            seconds[case.get("classname", "").split(".")[1]] += float(case.get("time", 0))
            bad = {part.tag for part in case} & {"failure", "error", "skipped"}
            ends[min(bad, default="passed")] += 1
        return ends, seconds

    def left_out(self) -> list[str]:
        """Why tests did not run, each reason as often as it was given."""
        cases = ElementTree.parse(self.report).iter("skipped") if self.report.exists() else ()
        return [f"{self.name}: {case.get('message', 'left out')}" for case in cases]

    def interrupt(self) -> None:
        """Ask it to end as Ctrl-C does; it takes its engines away."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def stop(self) -> None:
        """Wait until it has ended."""
        if self.process.poll() is None:
            try:
                self.process.wait(END_SECONDS)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                self.process.kill()
        self.has_ended()


def main() -> int:
    """Run both lanes; 0 when every test passed."""
    others = sorted(one.name for one in TESTS.iterdir() if any(one.glob("test_*.py")))
    quick = [name for name in others if name not in (*WAITING, LAST)]
    for ending in (signal.SIGINT, signal.SIGTERM):  # also where whoever started us ignores Ctrl-C
        signal.signal(ending, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="console-run-") as place:
        lanes: list[Lane] = []
        try:
            for name, folders in (("working", [*quick, LAST]), ("waiting", WAITING)):
                lanes.append(Lane(name, folders, Path(place)))
                print(f"{name}: {' '.join(folders)} ...", flush=True)
            while sum(lane.has_ended() for lane in lanes) < len(lanes):  # each is asked every time
                time.sleep(0.1)
        except KeyboardInterrupt:
            print("\nEnding both lanes ...", flush=True)
            return 130
        finally:
            for lane in lanes:
                lane.interrupt()
            for lane in lanes:
                lane.stop()
        tell(lanes)
        return max(abs(lane.process.returncode) for lane in lanes)


def tell(lanes: Sequence[Lane]) -> None:
    """The totals, last, so that nobody has to look for them."""
    ends: Counter[str] = Counter()
    print("\n######## all")
    for lane in lanes:
        found, seconds = lane.found()
        ends += found
        folders = ", ".join(f"{name} {took:.0f}" for name, took in seconds.items())
        print(f"{lane.name}: {lane.seconds:.0f} s ({folders})")
    for words in sorted({words for lane in lanes for words in lane.left_out()}):
        print(words)
    code = max(abs(lane.process.returncode) for lane in lanes)
    counts = ", ".join(f"{count} {end}" for end, count in sorted(ends.items(), reverse=True))
    print(f"{'FAILED' if code else 'All green'}: {counts} in {max(lane.seconds for lane in lanes):.0f} s")


if __name__ == "__main__":
    sys.exit(main())
