"""Finds people by name, its pinyin or initials, by a post, or by the last digits of a number."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from pypinyin import lazy_pinyin

LONGEST: Final = 40
SHOWN_DIGITS: Final = 4  # of a masked number: whoever may not see more may not guess more


def is_found(query: str, *, name: str, posts: Iterable[str], numbers: Iterable[str], whole: bool) -> bool:
    """Tell whether somebody answers every word of the query. `whole`: a whole number may be asked, who is calling?

    Nobody asks for some digits more than a mask shows: one by one they would be felt out, and no line would say so.
    """
    tokens = fold(query).split()
    texts = [fold(text) for text in (name, *posts)]
    digits = ["".join(filter(str.isdigit, number)) for number in numbers]
    return all(_hits(token, texts, fold(name), digits, whole) for token in tokens)


def _hits(token: str, texts: list[str], name: str, digits: list[str], whole: bool) -> bool:
    if any(token in text for text in texts):
        return True
    asked = token.replace("-", "").removeprefix("+")
    if asked.isascii() and asked.isdigit():
        if len(asked) > SHOWN_DIGITS:
            return whole and any(_is_whole(asked, number) for number in digits)
        return any(number.endswith(asked) for number in digits)
    return token.isascii() and any(spelling.startswith(token) for spelling in _spellings(name))


def _is_whole(asked: str, number: str) -> bool:
    """The same number, with or without the prefix of the country."""
    return asked == number or f"86{asked}" == number or asked == f"86{number}"


@lru_cache(maxsize=8192)
def _spellings(name: str) -> tuple[str, ...]:
    """The name from each of its characters on, in full pinyin and in initials."""
    syllables = [syllable for syllable in lazy_pinyin(name) if syllable.strip()]
    initials = [syllable if syllable in name else syllable[0] for syllable in syllables]  # Latin letters stay together
    return tuple("".join(parts[start:]).lower() for parts in (syllables, initials) for start in range(len(syllables)))


def place(name: str) -> tuple[tuple[int, int | str], ...]:
    """Where a name stands in a list: S2 before S10."""
    parts = re.split(r"([0-9]+)", fold(name))
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


def fold(text: str) -> str:
    """Small letters and half-width digits, without space around; no longer than anybody types."""
    return unicodedata.normalize("NFKC", text[:LONGEST]).casefold().strip()
