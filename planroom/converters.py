"""How a playbook's key looks in an address: `HJ-5.1`; words such as `versions` are no keys."""


class PlaybookKey:
    regex = r"[A-Z][A-Za-z0-9]*-[A-Za-z0-9._-]{1,59}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
