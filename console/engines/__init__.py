"""The console's own PostgreSQL and Valkey, for machines that have neither (see `attach`)."""

from console.engines.client import Engines, attach, hold, release
from console.engines.errors import EngineError

__all__ = ["EngineError", "Engines", "attach", "hold", "release"]
