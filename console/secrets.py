"""The secrets of this installation: made on first use, kept in one file that only its owner can read."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE_NAME = "secrets.json"
DEMO_ACCOUNTS = ("omar", "dana", "vera", "ada", "abel", "hana", "ruth", "iris", "eve")


@dataclass(frozen=True)
class Secrets:
    """What signs sessions, what signs the links in messages, and passwords of the demo accounts."""

    secret_key: str = field(repr=False)
    link_key: str = field(repr=False)
    demo_passwords: dict[str, str] = field(repr=False, default_factory=dict)


def load(home: Path) -> Secrets:
    """Return the secrets of this home, made on first use.

    SECRET_KEY in the environment wins, and then no file is needed: processes on several machines that share it
    agree on the link key as well (LINK_KEY, or derived).
    """
    given = os.environ.get("SECRET_KEY")
    if given:
        return Secrets(secret_key=given, link_key=os.environ.get("LINK_KEY") or _derive(given, "links"))
    return from_file(home)


def from_file(home: Path) -> Secrets:
    """Return the secrets in the file of this home, made on first use."""
    path = home / FILE_NAME
    if not path.exists():
        _create(path)
    path.chmod(0o600)
    kept = json.loads(path.read_text())
    # A file made before an account came to the demo gives that account a password of its own all the same.
    later = {name: _derive(kept["secret_key"], f"demo {name}")[:12] for name in DEMO_ACCOUNTS}
    return Secrets(kept["secret_key"], kept["link_key"], later | kept["demo_passwords"])


def demo_passwords(home: Path, *, only_this_machine: bool) -> dict[str, str]:
    """Return the password of each demo account: easy ones where only this machine can reach the console."""
    if only_this_machine:
        return {name: f"{name}-demo" for name in DEMO_ACCOUNTS}
    return from_file(home).demo_passwords


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Secrets(
        secret_key=secrets.token_urlsafe(48),
        link_key=secrets.token_urlsafe(48),
        demo_passwords={name: secrets.token_urlsafe(9) for name in DEMO_ACCOUNTS},
    )
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(made), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link, not a rename: of two commands that start together, the first one's secrets stand.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _derive(key: str, purpose: str) -> str:
    digest = hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()
