"""How addresses and secrets are shown where only somebody's being reachable matters."""

ABSENT = ("", "None")  # the audit writes an empty value as "None"


def contact(address: str) -> str:
    """Mask a telephone number as 000****0001 and an e-mail address as z***@example.invalid."""
    if address in ABSENT:
        return address
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    digits = "".join(character for character in address if character.isdigit())
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) > 7 else "****"


def secret(value: str) -> str:
    """Mask all of it, its length too."""
    return value if value in ABSENT else "******"
