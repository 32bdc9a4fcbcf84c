"""How many notices a second leave by mail, records included, beside the raw rate of the same mail server."""

import re
import subprocess
import sys

from bench.figures import Figure
from bench.stage import ROOT

COUNT = 1000
LINE = re.compile(r"^(?P<name>.+?) +(?P<rate>\d+) /s$", re.MULTILINE)


def run() -> list[Figure]:
    """Measure in a process of its own, which forks its senders."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "notices.py"), str(COUNT)], capture_output=True, text=True, check=False
    )
    rates = {found["name"]: float(found["rate"]) for found in LINE.finditer(done.stdout)}
    if done.returncode or len(rates) < 2:
        raise RuntimeError(done.stdout + done.stderr)
    (_, raw), *others = rates.items()
    note = "more is better; raw: one SMTP connection, nothing recorded"
    return [Figure(name, rate, "/s", None, raw, note) for name, rate in others]
