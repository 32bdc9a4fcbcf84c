"""Plan files: YAML text to a plan document with all its mistakes at once, and a document back to text."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from playbooks import law, plannodes, planreader, planwriter
from playbooks.mistakes import Ledger, Mistake
from playbooks.planchecks import check
from playbooks.plantable import Table

__all__ = ["FORMAT", "Mistake", "PlanDocument", "PlanFile", "read", "write"]

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """One plan as a file holds it; `text` is that file and does not count when two documents are compared."""

    key: str
    zh: str
    en: str
    note: str
    posts: tuple[law.Post, ...]
    playbooks: tuple[law.Playbook, ...]
    text: str = field(default="", compare=False)
    parties: tuple[law.Party, ...] = ()

    @property
    def digest(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    def playbook(self, key: str) -> law.Playbook:
        """The playbook of that key; KeyError where the plan has none."""
        return {playbook.key: playbook for playbook in self.playbooks}[key]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What came of reading: a document, or every mistake there is."""

    document: PlanDocument | None
    mistakes: tuple[Mistake, ...]


def read(source: str | bytes, *, file: str = "plan.yaml") -> PlanFile:
    """Read a plan file; never raises on bad input. `file` is the name used in mistakes."""
    ledger = Ledger(file)
    root = plannodes.parse(source, ledger)
    document = None if root is None else _document(Table(root, "", ledger), source)
    if ledger.mistakes:
        return PlanFile(None, ledger.sorted())
    return PlanFile(document, ())


def _document(top: Table, source: str | bytes) -> PlanDocument:
    number = top.number("format") if top.has("format") else None
    if number != FORMAT:
        top.wrong("format" if top.has("format") else "", f"须写 format: {FORMAT}", f"format: {FORMAT} is required")
    top.take("format")
    plan = top.table("plan", required=True)
    key = zh = en = note = ""
    if plan is not None:
        key = plan.key()
        zh, en = plan.zh_en(limit=200)
        note = plan.text("note", required=False)
        plan.close()
    posts = planreader.posts(top)
    parties = planreader.parties(top)
    joined = planreader.playbooks(top, key, posts, parties)
    top.close()
    for one in joined:
        check(one, top.ledger)
    top.ledger.mistakes.extend(planreader.common_mistakes(joined))
    text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
    return PlanDocument(key, zh, en, note, posts, tuple(one.playbook for one in joined), text, parties)


def write(document: PlanDocument) -> str:
    """The document as a plan file; reading it gives an equal document."""
    return planwriter.write(
        {"format": FORMAT, "plan": {"key": document.key, "zh": document.zh, "en": document.en, "note": document.note}},
        document.posts,
        document.parties,
        document.playbooks,
    )
