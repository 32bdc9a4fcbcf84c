"""As whom PostgreSQL runs: as we are, or - since it refuses root - behind a user namespace, or as `nobody`."""

import ctypes
import enum
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from console.engines.errors import EngineError

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_STAND_IN = "nobody"

_libc = ctypes.CDLL(None, use_errno=True)


class Identity(enum.Enum):
    """How a child that must not be root is started."""

    SELF = "as the user who started the console"
    NAMESPACE = "in a user namespace, where root's files belong to an ordinary user"
    STAND_IN = "as the user `nobody`, with its data in a folder of its own"


def choose(home: Path) -> Identity:
    """Say how PostgreSQL can run here, the way its data was made; raises EngineError where no way is open."""
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return Identity.SELF
    if _succeeds(_enter_namespace) and not _own_folder(home).exists():
        return Identity.NAMESPACE
    if os.geteuid() == 0 and _succeeds(_become_stand_in):
        return Identity.STAND_IN
    raise EngineError(
        "PostgreSQL does not run as root, and this machine allows neither a user namespace nor a change of user: "
        "run the console as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
    )


def entry(identity: Identity, *, dies_by: signal.Signals) -> Callable[[], None]:
    """Return what the child runs between fork and exec: take the identity, then tie its life to its parent's.

    The order matters: the kernel forgets the death signal when a process changes its user.
    """
    parent = os.getpid()
    take = {Identity.SELF: None, Identity.NAMESPACE: _enter_namespace, Identity.STAND_IN: _become_stand_in}[identity]

    def run() -> None:
        if take is not None:
            take()
        die_with_parent(parent, dies_by)

    return run


def die_with_parent(parent: int, dies_by: signal.Signals) -> None:
    """Ask the kernel to send us a signal when the parent dies, also by kill -9 (Linux only)."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(_PR_SET_PDEATHSIG, int(dies_by), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def own_folder(home: Path) -> Path:
    """Return the folder, outside the home, that `nobody` may own when it cannot pass through the home."""
    folder = _own_folder(home)
    if not folder.exists():
        folder.mkdir(mode=0o700)
        give(folder)
    return folder


def give(folder: Path) -> None:
    """Hand a folder that we made to the stand-in."""
    stand_in = pwd.getpwnam(_STAND_IN)
    os.chown(folder, stand_in.pw_uid, stand_in.pw_gid)


def reachable_programs(binaries: Path, beside: Path) -> Path:
    """Return a `bin` folder the stand-in can run: the installed one, or a copy in its own folder."""
    if _succeeds(_become_stand_in, program=str(binaries / "postgres"), argument="--version"):
        return binaries
    package = binaries.parent.parent
    version = hashlib.sha256(str((binaries / "postgres").stat().st_mtime_ns).encode()).hexdigest()[:8]
    copy = beside / f"programs-{version}"
    if not copy.exists():
        for old in beside.glob("programs-*"):
            shutil.rmtree(old)
        draft = beside / "programs-new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(package, draft / package.name)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(copy)
    return copy / binaries.relative_to(package.parent)


def _own_folder(home: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path("/var/lib") / f"console-{digest}"


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _succeeds(take: Callable[[], None], program: str = "/bin/true", argument: str = "") -> bool:
    try:
        done = subprocess.run([program, argument], preexec_fn=take, capture_output=True, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _enter_namespace() -> None:
    """Give ourselves an ordinary number in a new user namespace; on disk we stay who we are."""
    stand_in = pwd.getpwnam(_STAND_IN)
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{stand_in.pw_uid} {uid} 1")
    _write("/proc/self/gid_map", f"{stand_in.pw_gid} {gid} 1")


def _become_stand_in() -> None:
    stand_in = pwd.getpwnam(_STAND_IN)
    os.setgroups([])
    os.setgid(stand_in.pw_gid)
    os.setuid(stand_in.pw_uid)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
