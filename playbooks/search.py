"""Finds playbooks by Chinese, pinyin, initials, key, English words or keywords; best first, with spans to mark."""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal, cast

from pypinyin import lazy_pinyin

from playbooks.law import Playbook

Field = Literal["key", "zh", "en", "keyword"]
Span = tuple[int, int]

# Higher is better; a match at the start of a text gains _AT_START.
_SCORES: Final = {"key": 100, "zh": 80, "keyword": 66, "pinyin": 60, "keyword_pinyin": 50, "en": 56, "inside": 30}
_AT_START: Final = 5
_WHOLE: Final = 15


@dataclass(frozen=True, slots=True)
class Match:
    """One playbook found; `spans` are half-open character ranges by field, for marking in the page."""

    playbook: Playbook
    score: int
    spans: dict[Field, tuple[Span, ...]] = field(default_factory=dict)
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class _Hit:
    score: int
    field: Field
    span: Span
    keyword: str = ""


def index_text(playbook: Playbook) -> str:
    """What is stored beside a playbook: the pinyin of its name and of its keywords, one syllable a character."""
    return json.dumps({"zh": _syllables(playbook.zh), "keywords": [_syllables(word) for word in playbook.keywords]})


def _syllables(text: str) -> list[str]:
    return [syllable.lower() for syllable in lazy_pinyin(text, errors=cast(Any, list))]


@lru_cache(maxsize=1024)
def _index(text: str) -> tuple[list[str], list[list[str]]]:
    stored = json.loads(text)
    return stored["zh"], stored["keywords"]


def find(playbooks: Iterable[Playbook], query: str) -> list[Match]:
    """The playbooks that answer every word of the query, best first; all of them, in their order, for no query."""
    tokens = _fold(query).split()
    if not tokens:
        return [Match(playbook, 0) for playbook in playbooks]
    found = [match for playbook in playbooks if (match := _match(playbook, tokens)) is not None]
    return sorted(found, key=lambda match: -match.score)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:200]).casefold().strip()


def _match(playbook: Playbook, tokens: list[str]) -> Match | None:
    spans: dict[Field, tuple[Span, ...]] = {}
    score, keyword = 0, ""
    for token in tokens:
        best = max(_hits(playbook, token), key=lambda hit: hit.score, default=None)
        if best is None:
            return None
        score += best.score
        spans[best.field] = tuple(sorted({*spans.get(best.field, ()), best.span}))
        keyword = keyword or best.keyword
    return Match(playbook, score, spans, keyword)


def _hits(playbook: Playbook, token: str) -> Iterator[_Hit]:
    name, keywords = _index(playbook.search_text or index_text(playbook))
    yield from _key_hits(playbook.key, token)
    yield from _text_hits("zh", playbook.zh, token, _SCORES["zh"])
    yield from _pinyin_hits("zh", name, token, _SCORES["pinyin"])
    for word, syllables in zip(playbook.keywords, keywords, strict=True):
        yield from _text_hits("keyword", word, token, _SCORES["keyword"], keyword=word)
        yield from _pinyin_hits("keyword", syllables, token, _SCORES["keyword_pinyin"], keyword=word)
    yield from _english_hits(playbook.en, token)


def _key_hits(key: str, token: str) -> Iterator[_Hit]:
    """`HJ-2`, `hj2` and `hj-2` are one key; a beginning of it will do."""
    places = [place for place, letter in enumerate(key) if letter.isalnum()]
    bare = "".join(key[place].lower() for place in places)
    wanted = "".join(letter for letter in token if letter.isalnum())
    if wanted and bare.startswith(wanted):
        gain = _WHOLE if bare == wanted else _AT_START
        yield _Hit(_SCORES["key"] + gain, "key", (0, places[len(wanted) - 1] + 1))


def _text_hits(where: Field, text: str, token: str, score: int, *, keyword: str = "") -> Iterator[_Hit]:
    folded = _fold(text)
    start = folded.find(token)
    if start < 0 or len(folded) != len(text):
        return
    gain = _WHOLE if folded == token else _AT_START if start == 0 else 0
    yield _Hit(score + gain, where, (start, start + len(token)), keyword)


def _pinyin_hits(where: Field, syllables: list[str], token: str, score: int, *, keyword: str = "") -> Iterator[_Hit]:
    if not (token.isascii() and token.isalnum()):
        return
    for start in range(len(syllables)):
        if not syllables[start].isalnum():
            continue
        end = _spell(syllables, start, token)
        if end is not None:
            yield _Hit(score + (_AT_START if start == 0 else 0), where, (start, end), keyword)
            return


def _spell(syllables: list[str], start: int, token: str) -> int | None:
    """Where the token ends when it spells syllables from `start`, each in full or by its first letters."""
    if not token:
        return start
    if start >= len(syllables):
        return None
    syllable = syllables[start]
    if not syllable.isalnum():
        return _spell(syllables, start + 1, token)
    for length in range(min(len(syllable), len(token)), 0, -1):
        if syllable[:length] == token[:length]:
            end = _spell(syllables, start + 1, token[length:])
            if end is not None:
                return end
    return None


def _english_hits(text: str, token: str) -> Iterator[_Hit]:
    folded = text.casefold()
    start = folded.find(token)
    while start >= 0:
        begins_word = start == 0 or not folded[start - 1].isalnum()
        score = _SCORES["en"] + (_AT_START if start == 0 else 0) if begins_word else _SCORES["inside"]
        yield _Hit(score, "en", (start, start + len(token)))
        start = folded.find(token, start + 1)
