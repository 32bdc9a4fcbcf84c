"""A real Asterisk for the tests: one found on this machine, or one of Debian's, unpacked into a folder of its own.

`python -m tests.asterisk FOLDER [SUITE]` unpacks one (50 s, 0.5 GB, needs root, debootstrap and Debian's packages);
then `ASTERISK_ROOT=FOLDER` makes the tests use it. `ASTERISK=1` alone unpacks one for a single run.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUITES = ("bullseye", "forky")  # Asterisk 16 and 22: Debian's stable releases between them have none
BUILD_SECONDS = 400
START_SECONDS = 20
USER, SECRET = "console", "not-a-secret"  # noqa: S105
MODULES = ("pbx_config", "app_queue", "app_dial", "app_stack", "func_devstate", "func_channel", "func_callerid")
MODULES += ("bridge_simple", "bridge_builtin_features", "bridge_holding", "bridge_softmix", "res_musiconhold")
MODULES += ("codec_ulaw", "format_pcm", "res_timing_timerfd")
CLASSES = "system,call,agent,command,originate,reporting"
FILES = {
    "manager.conf": "[general]\nenabled=yes\nbindaddr=127.0.0.1\nport={port}\n\n"
    f"[{USER}]\nsecret={SECRET}\nread={CLASSES}\nwrite={CLASSES}\n",
    "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES),
    # Queues of three static seats; a seat that is in use is not rung.
    "queues.conf": "[general]\npersistentmembers=no\n\n"
    "[support]\nstrategy=linear\ntimeout=5\nretry=1\nringinuse=no\nservicelevel=20\n"
    "member => Local/a1@agents/n,0,示例座席J,Custom:a1\n"
    "member => Local/a2@agents/n,0,示例座席K,Custom:a2\n"
    "member => Local/a3@agents/n,0,Agent Three,Custom:a3\n\n"
    "[spare]\nstrategy=linear\n",
    "extensions.conf": "[agents]\n"
    "exten => _aX,1,Set(SEAT=${{EXTEN}})\n"
    " same => n,Set(DEVICE_STATE(Custom:${{SEAT}})=INUSE)\n"
    " same => n,Answer()\n"
    " same => n,Wait(600)\n"
    "exten => h,1,Set(DEVICE_STATE(Custom:${{SEAT}})=NOT_INUSE)\n\n"
    "[callers]\nexten => caller,1,Answer()\n same => n,Wait(600)\n\n"
    "[incoming]\nexten => support,1,Answer()\n same => n,Queue(support)\n",
    "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
} | {
    f"{name}.conf": "[general]\n"
    for name in (
        "musiconhold",
        "features",
        "cdr",
        "cel",
        "udptl",
        "acl",
        "ccss",
        "indications",
        "stasis",
        "rtp",
        "http",
    )
}


class LeftOut(Exception):
    """There is no Asterisk here, and why."""


class Asterisk:
    """One running Asterisk on a port of this machine; `root` is the tree it lives in, None this machine's own."""

    def __init__(self, root: Path | None, folder: Path) -> None:
        self.root, self.folder = root, folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    @property
    def url(self) -> str:
        return f"ami://{USER}:{SECRET}@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Write its settings and wait until its manager interface listens."""
        inside = self._settings()
        program = ["asterisk", "-C", f"{inside}/asterisk.conf"]
        words = [*program, "-f"]
        if self.root is not None:
            program = ["chroot", str(self.root), *program]
            words = [*program, "-f", "-U", "root"]
        self.log = (self.folder / "said.txt").open("wb")
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                # It listens before it knows of queues.
                wait = [*program, "-rx", "core waitfullybooted"]
                subprocess.run(wait, check=True, capture_output=True, timeout=START_SECONDS)
                return
            except (OSError, subprocess.CalledProcessError):
                time.sleep(0.1)
        self.stop()
        said = (self.folder / "said.txt").read_text(errors="replace")
        raise RuntimeError(f"Asterisk did not listen within {START_SECONDS} s:\n{said[-2000:]}")

    def stop(self) -> None:
        """End it, politely first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        self.log.close()
        if self.root is not None:
            shutil.rmtree(self.root / self._name, ignore_errors=True)

    @property
    def _name(self) -> str:
        return f"console-{self.port}"

    def _settings(self) -> str:
        """Write the files; the folder with them as Asterisk sees it."""
        folder = self.folder if self.root is None else self.root / self._name
        inside = str(self.folder) if self.root is None else f"/{self._name}"
        for name in ("run", "log", "spool", "db"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        modules = next((self.root or Path("/")).glob("usr/lib*/**/asterisk/modules"))
        seen = "/" + str(modules.relative_to(self.root or "/"))
        places = {"etc": inside, "mod": seen, "run": f"{inside}/run", "log": f"{inside}/log", "db": f"{inside}/db"}
        places |= {"spool": f"{inside}/spool", "varlib": "/usr/share/asterisk", "data": "/usr/share/asterisk"}
        lines = [f"ast{name}dir => {place}\n" for name, place in places.items()]
        (folder / "asterisk.conf").write_text("[directories]\n" + "".join(lines))
        for name, text in FILES.items():
            (folder / name).write_text(text.format(port=self.port), encoding="utf-8")
        return inside


def find(spare: Path) -> Path | None:
    """The tree with an Asterisk, None for this machine's own; one is unpacked into `spare` where that was asked for.

    Raises LeftOut where there is none.
    """
    if given := os.environ.get("ASTERISK_ROOT"):
        return Path(given)
    if shutil.which("asterisk"):
        return None
    if os.environ.get("ASTERISK") != "1":
        raise LeftOut(
            "left out: there is no Asterisk on this machine. ASTERISK=1 unpacks Debian's into a folder for the run"
            " (50 s, 0.5 GB, needs root, debootstrap and a network); docs/howto-connect-a-pbx.md"
        )
    build(spare)
    return spare


def build(folder: Path, suite: str = SUITES[0]) -> None:
    """Unpack a small Debian with an Asterisk in it. Raises LeftOut, with the step that failed."""
    if os.geteuid() != 0:
        raise LeftOut("left out: unpacking an Asterisk needs root (debootstrap, chroot)")
    if not shutil.which("debootstrap"):
        raise LeftOut("left out: unpacking an Asterisk needs debootstrap (apt-get install debootstrap)")
    tree = ["debootstrap", "--variant=minbase", suite, str(folder)]
    if not Path(f"/usr/share/debootstrap/scripts/{suite}").exists():
        tree += ["", "/usr/share/debootstrap/scripts/sid"]  # the usual mirror, the script of all newer suites
    _run(tree, "debootstrap")
    _run(["chroot", str(folder), "apt-get", "install", "-qy", "--no-install-recommends", "asterisk"], "apt-get")


def _run(words: list[str], step: str) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=quiet, timeout=BUILD_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise LeftOut(f"left out: {step} took longer than {BUILD_SECONDS} s") from None
        said.seek(0)
        if done.returncode:
            last = said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise LeftOut(f"left out: {step} failed ({done.returncode}): {' '.join(last)}")


if __name__ == "__main__":
    build(Path(sys.argv[1]), *sys.argv[2:])
