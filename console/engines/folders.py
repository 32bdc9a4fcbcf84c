"""Where the console keeps its things: the home folder of a checkout and the short folder of its sockets."""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from console.engines.errors import EngineError

KEEPER_SOCKET = "keeper.sock"
# A unix socket's path may have 107 bytes; this is the longest name placed in the folder.
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"
SOCKET_PATH_LIMIT = 107
LOG_LIMIT_BYTES = 5_000_000


def locate_home(root: Path | None) -> Path:
    """Say where the home folder is: CONSOLE_HOME, or `.console` in the checkout."""
    given = os.environ.get("CONSOLE_HOME")
    if given:
        return Path(given).absolute()
    return (root or Path(__file__).resolve().parents[2]) / ".console"


def prepare_home(home: Path) -> None:
    """Make the home folder, private, or raise EngineError if it cannot be used."""
    try:
        if not home.exists():
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "logs").mkdir(mode=0o700, exist_ok=True)
    except PermissionError as error:
        raise EngineError(
            f"No permission to write {error.filename}: make the folder writable, or set CONSOLE_HOME to another one."
        ) from error
    except OSError as error:
        raise EngineError(
            f"The folder {home} cannot be used ({error.strerror}): set CONSOLE_HOME to another."
        ) from error
    owner = home.stat().st_uid
    if owner != os.geteuid():
        raise EngineError(
            f"The folder {home} belongs to user {owner} and you are user {os.geteuid()}: "
            "run the console as that user, or set CONSOLE_HOME to another folder."
        )
    if not os.access(home, os.W_OK):
        raise EngineError(f"No permission to write {home}: make it writable, or set CONSOLE_HOME to another folder.")


def state_file(home: Path) -> Path:
    return home / "engines.json"


def read_state(home: Path) -> dict[str, object]:
    """Return what the running (or last) engines wrote about themselves; empty if unreadable."""
    try:
        state = json.loads(state_file(home).read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(home: Path, state: dict[str, object]) -> None:
    draft = home / f"engines.json.{os.getpid()}"
    draft.write_text(json.dumps(state))
    draft.replace(state_file(home))


def socket_folder(home: Path, *, only_public_parents: bool) -> Path:
    """Return an empty private folder for sockets: the one used last time if it is still ours, else a new one.

    Call it only while holding the lock of this home: everything in the folder is removed.
    `only_public_parents` leaves out folders that another user could not pass through.
    """
    known = read_state(home).get("sockets")
    if isinstance(known, str) and _is_private(Path(known)):
        folder = Path(known)
        for left in folder.iterdir():
            left.unlink()
        return folder
    for parent in _parents(only_public=only_public_parents):
        try:
            return Path(tempfile.mkdtemp(prefix="console-", dir=parent))
        except OSError:
            continue
    raise EngineError("No short folder for sockets could be made: set XDG_RUNTIME_DIR to a short folder of your own.")


def remove_socket_folder(folder: Path) -> None:
    if _is_private(folder):
        shutil.rmtree(folder, ignore_errors=True)


def open_log(home: Path, name: str) -> int:
    """Open `logs/NAME.log` for appending and return its descriptor; a large one is put aside first."""
    path = home / "logs" / f"{name}.log"
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def last_lines(path: Path, count: int = 3) -> str:
    """Return the last lines of a log on one line, for an error message."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return " / ".join(line.strip() for line in lines[-count:] if line.strip())


def _parents(*, only_public: bool) -> Iterator[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    given = [] if only_public or not runtime else [Path(runtime)]
    for parent in (*given, Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        room = len(os.fsencode(parent / "console-12345678" / LONGEST_SOCKET_NAME))
        # PostgreSQL reads its list of socket folders by commas and quotes.
        if room <= SOCKET_PATH_LIMIT and parent.is_dir() and not set(str(parent)) & set(",\"'"):
            yield parent


def _is_private(folder: Path) -> bool:
    """Say whether the folder is one that only this console can have made: a real one, closed to others."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    closed = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    # Owned by root's stand-in where PostgreSQL runs under another user (see identity).
    return closed and folder.name.startswith("console-") and (found.st_uid == os.geteuid() or os.geteuid() == 0)
