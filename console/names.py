"""Where the console listens and by which names it is reached, out of the environment."""

import os
import socket
import sys

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - recognised, not chosen
HERE = ("localhost", "127.0.0.1", "[::1]")


def port(name: str, default: int) -> int:
    """A port number of the environment; anything else ends the command with a sentence."""
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"{name}={text!r}：请填 1 到 65535 之间的数字，例如 {name}={default}。 / must be a port number.")
    return int(text)


def host() -> str:
    return os.environ.get("HOST", "").strip() or "127.0.0.1"


def allowed() -> list[str]:
    """The names that requests may use: those given, else this machine's own where it listens to the network."""
    given = [name.strip() for name in os.environ.get("ALLOWED_HOSTS", "").split(",") if name.strip()]
    if given:
        return given
    if host() not in EVERYWHERE:
        return [*HERE, *([host()] if host() not in HERE else [])]
    return list(dict.fromkeys([*HERE, socket.gethostname(), *_own_addresses()]))


def base_url() -> str:
    """What links in messages begin with."""
    given = os.environ.get("BASE_URL", "").strip().rstrip("/")
    reached = socket.gethostname() if host() in EVERYWHERE else host()
    if ":" in reached:
        reached = f"[{reached}]"
    return given or f"http://{reached}:{port('PORT', 8000)}"


def _own_addresses() -> list[str]:
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [f"[{where[0]}]" if ":" in str(where[0]) else str(where[0]) for *_, where in found]
