"""What several elements of a plan file have in common: vocabularies, choices, lengths of time, sources."""

from decimal import Decimal
from typing import Any, Final, get_args

from playbooks import law
from playbooks.plantable import Table

SIMPLE_EVENTS: Final[tuple[Any, ...]] = ("report", "take", "restore", "relapse", "end")
_LONGEST_MINUTES: Final = 366 * 24 * 60


def words_of(literal: Any) -> tuple[Any, ...]:
    return tuple(get_args(literal))


def choices(entry: Table) -> tuple[law.Choice, ...]:
    found = []
    for table in entry.each("choices"):
        key = table.key()
        zh, en = table.zh_en(limit=200)
        found.append(law.Choice(key, zh, en, table.requirements()))
        table.close()
    return tuple(found)


def minutes(entry: Table, key: str) -> Decimal | None:
    value = entry.number(key, above=0)
    if value is not None and value > _LONGEST_MINUTES:
        entry.wrong(key, "超过一年", "longer than a year")
        return None
    return value


def need_source(entry: Table, requirements: tuple[str, ...], *, site_rule: bool) -> None:
    """Whatever is neither the plan's nor the site's own is a mistake."""
    if not requirements and not site_rule:
        entry.wrong("", "须注明条目编号（requirements）或标为 site_rule", "needs requirements, or site_rule: yes")
