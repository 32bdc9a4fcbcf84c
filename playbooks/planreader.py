"""Builds the frozen values of the law from a plan file: parties, posts, and playbooks joined with what is common."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from playbooks import dutyreader, factreader, formreader, law, levelreader
from playbooks.mistakes import Ledger, Mistake
from playbooks.planparts import words_of
from playbooks.plantable import Table

# fmt: off
ICONS: Final = (
    "alert", "book", "broadcast", "camera", "clock", "file", "flame", "headset", "help", "lock", "medical", "message",
    "people", "person", "phone", "pipe", "place", "power", "press", "screen", "server", "shield", "surge",
)
# fmt: on
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 -]{1,29}")
_COMMON: Final = "common"


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_Part = TypeVar("_Part", bound=_Keyed)


@dataclass(frozen=True, slots=True)
class Joined:
    """A playbook as read, which of its parts (`duties[KEY]`) are common ones, and the mistakes found in those."""

    playbook: law.Playbook
    common: frozenset[str]
    ledger: Ledger

    def path(self, part: str) -> str:
        """Where the part stands in the file: `common.duties[KEY]`, or under the playbook."""
        return f"{_COMMON}.{part}" if part in self.common else f"playbooks[{self.playbook.key}].{part}"


def posts(table: Table) -> tuple[law.Post, ...]:
    found = []
    for entry in table.each("posts", required=True):
        key = entry.key()
        zh, en = entry.zh_en(limit=200)
        found.append(law.Post(key, zh, en, entry.names("aliases"), entry.requirements()))
        entry.close()
    return tuple(found)


def parties(table: Table) -> tuple[law.Party, ...]:
    found = []
    for entry in table.each("parties"):
        key = entry.key()
        zh, en = entry.zh_en(limit=200)
        number = entry.text("number", required=False, limit=30)
        if number and not _NUMBER.fullmatch(number):
            entry.wrong("number", f"“{number}”不是电话号码", f"{number} is no telephone number")
        found.append(law.Party(key, zh, en, number, entry.requirements()))
        entry.close()
    return tuple(found)


def playbooks(
    top: Table, plan_key: str, named: tuple[law.Post, ...], outside: tuple[law.Party, ...]
) -> tuple[Joined, ...]:
    common = top.table(_COMMON)
    found = []
    for table in top.each("playbooks", required=True):
        # Common parts are read anew for each playbook: their conditions are about that playbook's facts.
        ledger = Ledger(top.ledger.file, top.ledger.lines)
        wanted = not table.has(_COMMON) or table.flag(_COMMON)
        again = common.again(ledger) if common is not None and wanted else None
        found.append(_Reader(table, again, ledger).playbook(plan_key, named, outside))
    if common is not None and not any(one.common for one in found) and not any(one.ledger.mistakes for one in found):
        common.wrong("", "没有处置方案采用共同部分", "no playbook takes anything of it")
    return tuple(found)


def common_mistakes(found: tuple[Joined, ...]) -> Iterable[Mistake]:
    """Each mistake in the common part once; with the playbooks that it is true of, unless it is true of all."""
    takers = sum(bool(one.common or one.ledger.mistakes) for one in found)
    by_mistake: dict[Mistake, list[str]] = {}
    for one in found:
        for mistake in set(one.ledger.mistakes):
            by_mistake.setdefault(mistake, []).append(one.playbook.key)
    for mistake, keys in by_mistake.items():
        names = ", ".join(keys)
        some = len(keys) < takers
        yield Mistake(
            mistake.file,
            mistake.line,
            mistake.path,
            f"{mistake.reason_zh}（{names}）" if some else mistake.reason_zh,
            f"{mistake.reason_en} (in {names})" if some else mistake.reason_en,
        )


class _Reader:
    """Reads one playbook and joins the common parts after its own; its own part of the same key wins."""

    def __init__(self, table: Table, common: Table | None, ledger: Ledger) -> None:
        self.table, self.common, self.ledger = table, common, ledger
        self.joined: set[str] = set()

    def playbook(self, plan_key: str, named: tuple[law.Post, ...], outside: tuple[law.Party, ...]) -> Joined:
        table = self.table
        key = table.key()
        zh, en = table.zh_en(limit=200)
        summary_zh, summary_en = table.words("summary")
        facts = self.facts()
        specs = factreader.specs_of(facts)
        playbook = law.Playbook(
            id=0,
            key=key,
            plan_key=plan_key,
            version_number=0,
            zh=zh,
            en=en,
            icon=table.one_of("icon", ICONS),
            facts=facts,
            levels=levelreader.levels(table, specs),
            duties=self.duties(specs),
            posts=named,
            notes=self.parts("notes", _note),
            requirements=table.requirements(),
            keywords=table.names("keywords"),
            summary_zh=summary_zh,
            summary_en=summary_en,
            life_safety=table.flag("life_safety"),
            silent=table.flag("silent"),
            twin_minutes=table.integer("twin_minutes", 30),
            parties=outside,
            forms=self.parts("forms", formreader.form),
            statutory=table.flag("statutory"),
            restricted=table.flag("restricted"),
        )
        for one in (table, self.common):
            if one is not None:
                one.close()
        return Joined(playbook, frozenset(self.joined), self.ledger)

    def facts(self) -> tuple[law.FactSpec, ...]:
        own = factreader.facts(self.table)
        shared = factreader.facts(self.common) if self.common else ()
        taken = {spec.metric for spec in own}
        added = tuple(spec for spec in shared if spec.metric not in taken)
        self.joined.update(f"facts[{spec.metric}]" for spec in added)
        return own + added

    def duties(self, specs: factreader.Specs) -> tuple[law.DutyRule, ...]:
        count = 0

        def numbered(entry: Table) -> law.DutyRule:
            nonlocal count
            count += 1
            return dutyreader.duty(entry, count, specs)

        if not self.table.has("duties") and (self.common is None or not self.common.has("duties")):
            self.table.take("duties", required=True)
        return self.parts("duties", numbered)

    def parts(self, name: str, read: Callable[[Table], _Part]) -> tuple[_Part, ...]:
        found = [read(entry) for entry in self.table.each(name)]
        taken = {part.key for part in found}
        for entry in self.common.each(name) if self.common else ():
            node = entry.scalar("key")
            if node is None or node.value.strip() not in taken:
                part = read(entry)
                found.append(part)
                self.joined.add(f"{name}[{part.key}]")
        return tuple(found)


def _note(entry: Table) -> law.Note:
    zh, en = entry.zh_en()
    clause_zh, clause_en = entry.words("clause")
    note = law.Note(
        key=entry.key(),
        kind=entry.one_of("kind", words_of(law.NoteKind)),
        zh=zh,
        en=en,
        requirements=entry.requirements(),
        clause_zh=clause_zh,
        clause_en=clause_en,
        restricted=entry.flag("restricted"),
    )
    entry.close()
    return note
