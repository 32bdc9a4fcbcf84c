"""The one exception of the engines: its message is a sentence that says what to do."""


class EngineError(Exception):
    """PostgreSQL or Valkey cannot be started or reached; shown to the person as it is."""
