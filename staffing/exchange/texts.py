"""Small words of tables: what counts as the same text, what is no formula, which word was meant."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.utils.translation import get_language

# What a spreadsheet program would take for a formula; with apostrophes before it, it is our own writing of such a text.
# Programs in Chinese take the full-width signs for the same.
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")  # noqa: RUF001
_ESCAPED = re.compile(r"'+[=+\-@＝＋－＠\t\r\n]")  # noqa: RUF001
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PLAIN = re.compile(r"[+\-]?[\d\s().\-]*")  # a number or a telephone number may begin with a sign
_WIDE = str.maketrans("＝＋－＠", "=+-@")  # noqa: RUF001
CLOSE = 0.5  # how alike two words must be for one to be suggested for the other


def is_english() -> bool:
    """Whether the reader reads English."""
    return (get_language() or "").startswith("en")


def pick(zh: str, en: str) -> str:
    """The word in the reader's language; the other one where it is empty."""
    return (en or zh) if is_english() else (zh or en)


def squash(text: str) -> str:
    """The text without space around it and with single spaces inside."""
    return " ".join(text.split())


def fold(text: str) -> str:
    """What two writings of a word have in common: width, case and spaces do not matter."""
    return squash(unicodedata.normalize("NFKC", text)).casefold()


def digits(text: str) -> str:
    """The digits of a text, full-width ones too."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isdecimal())


def escaped(text: str) -> str:
    """The text as it may stand in a cell: nothing that a spreadsheet program would run, nothing that XML refuses."""
    clean = _NO_XML.sub("\ufffd", text)
    return f"'{clean}" if _FORMULA.match(clean) else clean


def unescaped(text: str) -> str:
    """The text that `escaped` made such a cell of."""
    return text[1:] if _ESCAPED.match(text) else text


def is_formula(text: str) -> bool:
    """Whether a cell of plain text would be run by a spreadsheet program; signed numbers are none."""
    text = text[:1].translate(_WIDE) + text[1:]
    return text[:1] in ("=", "@") or (text[:1] in ("+", "-") and not _PLAIN.fullmatch(text))


def has_control(text: str) -> bool:
    """Whether characters are in it that nobody can see or type."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def meant(word: str, known: Iterable[tuple[str, Sequence[str]]]) -> str:
    """The name whose writings come closest to the word; empty where nothing comes close.

    `known`: names as they are shown, each with every way of writing it.
    """
    shown = {fold(writing): name for name, writings in known for writing in writings if writing}
    close = difflib.get_close_matches(fold(word), list(shown), n=1, cutoff=CLOSE)
    return shown[close[0]] if close else ""
