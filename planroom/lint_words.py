"""Texts that were not translated, or only seem to be."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

from planroom.elements import walk
from planroom.findings import Finding
from playbooks.planfile import PlanDocument

_HAN: Final = re.compile(r"[㐀-鿿]")
_WORD: Final = re.compile(r"[A-Za-z]{2,}.*[a-z]")  # UPS, 119 or CCTV say the same in both languages


def check(document: PlanDocument) -> Iterator[Finding]:
    """Every text of the plan whose two languages can't both be right."""
    yield from _of("plan", "", document.zh, document.en)
    for element in walk(document):
        yield from _within(element.path, element.part)


def _within(path: str, part: Any) -> Iterator[Finding]:
    names = {field.name for field in fields(part)}
    for name in sorted(names):
        if name == "zh" and "en" in names:
            yield from _of(path, "", part.zh, part.en)
        elif name.endswith("_zh") and f"{name[:-3]}_en" in names:
            yield from _of(path, f".{name[:-3]}", getattr(part, name), getattr(part, f"{name[:-3]}_en"))
        elif name == "choices":
            for choice in part.choices:
                yield from _within(f"{path}.choices[{choice.key}]", choice)


def _of(path: str, rest: str, zh: str, en: str) -> Iterator[Finding]:
    if not zh and not en:
        return
    if not zh or not en:
        missing = ("中文", "Chinese") if not zh else ("英文", "English")
        yield Finding("warning", path + rest, f"缺少{missing[0]}", f"The {missing[1]} text is missing")
    elif _HAN.search(en):
        found = "".join(_HAN.findall(en))[:12]
        yield Finding(
            "warning", path + rest, f"英文里有汉字“{found}”", f"The English text holds Chinese characters: {found}"
        )
    elif zh == en and _WORD.search(zh):
        said = zh[:40]
        yield Finding("warning", path + rest, f"中英文相同：“{said}”", f"Chinese and English are the same: {said}")
