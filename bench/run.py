"""`make bench`: measures the console on this machine and prints each figure beside its aim and the raw limit.

    make bench                       everything, in about five minutes
    make bench ARGS="pages rules"   some of it

The figures go to bench/last.json too. Nothing leaves the loopback; databases and clones are made and taken away.
"""

import contextlib
import io
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The folder of this file holds names that the standard library and packages have too.
sys.path[0] = str(ROOT)

import django  # noqa: E402

from console import engines  # noqa: E402

LAST = ROOT / "bench" / "last.json"
BUSY = 0.5  # load for each core above which the figures say more about the neighbours


def main(wanted: list[str]) -> int:
    home = tempfile.mkdtemp(prefix="console-bench-")
    os.environ |= {"CONSOLE_HOME": home, "DJANGO_SETTINGS_MODULE": "console.settings", "LOG_LEVEL": "ERROR"}
    for given in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(given, None)
    engines.attach()
    try:
        django.setup()
        return measure(wanted)
    finally:
        engines.release()
        shutil.rmtree(home, ignore_errors=True)


def measure(wanted: list[str]) -> int:
    """Run what is wanted, print the table, and keep the figures."""
    # Django is set up now.
    from bench import browsing, deadlines, deciding, fanout, figures, mail, readings, roster, start  # noqa: PLC0415

    benches: dict[str, Callable[[], list[figures.Figure]]] = {
        "rules": deciding.run,
        "pages": browsing.run,
        "deadlines": deadlines.run,
        "fanout": fanout.run,
        "mail": mail.run,
        "readings": readings.run,
        "roster": roster.run,
        "start": start.run,
    }
    unknown = set(wanted) - set(benches)
    if unknown:
        print(f"There is no bench {', '.join(sorted(unknown))}; there are {', '.join(benches)}.", file=sys.stderr)
        return 2
    loads, found = [os.getloadavg()[0]], []
    for name in wanted or benches:
        begun = time.monotonic()
        print(f"· {name} ...", end=" ", flush=True)
        with contextlib.redirect_stdout(io.StringIO()):
            found += benches[name]()
        print(f"{time.monotonic() - begun:.0f} s", flush=True)
    print(f"\nmake bench{' ARGS=' + repr(' '.join(wanted)) if wanted else ''}: {machine()}")
    if loads[0] > BUSY * (os.cpu_count() or 1):
        print(f"!! The machine was busy before it began (load {loads[0]:.1f}): measure again when it is quiet.")
    print("\n" + figures.table(found))
    kept = {"machine": machine(), "load": loads[0], "figures": [asdict(one) for one in found]}
    LAST.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
    return 0


def machine() -> str:
    """The machine in a few words."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
