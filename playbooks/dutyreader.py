"""Reads the duties of a plan file: who does what, when it opens, by when, and what its lateness brings about."""

from typing import Final, cast

from playbooks import law
from playbooks.callsout import CallsOut, Wave
from playbooks.conditionreader import group
from playbooks.factreader import Specs
from playbooks.mistakes import hint
from playbooks.planparts import SIMPLE_EVENTS, choices, minutes, need_source, words_of
from playbooks.plantable import Table

MOST_SIGNERS: Final = 5
MOST_CALLED: Final = 2000
EVERYBODY: Final = "all"


def duty(entry: Table, order: int, specs: Specs) -> law.DutyRule:
    zh, en = entry.zh_en()
    detail_zh, detail_en = entry.words("detail")
    clause_zh, clause_en = entry.words("clause", required=True)
    lapses_on = entry.one_of("lapses_on", ("", *SIMPLE_EVENTS), "")
    gate = entry.one_of("gate", ("", *words_of(law.Gate)), "")
    found = law.DutyRule(
        key=entry.key(),
        requirements=entry.requirements(),
        kind=entry.one_of("kind", words_of(law.DutyKind)),
        post=entry.key("post"),
        zh=zh,
        en=en,
        opens=_trigger(entry, specs),
        detail_zh=detail_zh,
        detail_en=detail_en,
        clause_zh=clause_zh,
        clause_en=clause_en,
        minutes=minutes(entry, "minutes"),
        target_minutes=minutes(entry, "target_minutes"),
        every_minutes=minutes(entry, "every_minutes"),
        anchor=entry.one_of("anchor", words_of(law.Anchor), "opened"),
        tell=entry.names("tell"),
        answers=entry.one_of("answers", words_of(law.Answers), "all"),
        on_late=_effects(entry),
        lapses_on=lapses_on or None,
        replaces=entry.names("replaces"),
        life_safety=entry.flag("life_safety"),
        site_rule=entry.flag("site_rule"),
        gate=gate or None,
        choices=choices(entry),
        fact=entry.text("fact", required=False, limit=60) or None,
        phase=entry.one_of("phase", words_of(law.Phase), "first"),
        order=order,
        outside=entry.names("outside"),
        form=entry.text("form", required=False, limit=60),
        signers=_signers(entry),
        apart_from=entry.names("apart_from"),
        restricted=entry.flag("restricted"),
        calls_out=_calls_out(entry),
    )
    need_source(entry, found.requirements, site_rule=found.site_rule)
    entry.close()
    return found


def _signers(entry: Table) -> int:
    number = entry.integer("signers", 1)
    if not 1 <= number <= MOST_SIGNERS:
        entry.wrong("signers", f"签字人数为 1 至 {MOST_SIGNERS}", f"between 1 and {MOST_SIGNERS} signers")
        return 1
    return number


def _calls_out(entry: Table) -> CallsOut | None:
    """`calls_out: {post: agent, quota: 2, waves: [standby, reserve]}`; `quota: all` is everybody who can be asked."""
    if not entry.has("calls_out"):
        return None
    table = entry.table("calls_out")
    if table is None:
        return None
    found = CallsOut(post=table.key("post"), quota=_quota(table), waves=_waves(table))
    table.close()
    return found


def _quota(table: Table) -> int | None:
    written = table.scalar("quota", required=True)
    if written is None or written.value == EVERYBODY:
        return None
    number = table.integer("quota", 0)
    if not 1 <= number <= MOST_CALLED:
        zh, en = f"人数为 1 至 {MOST_CALLED}，或 all", f"between 1 and {MOST_CALLED} people, or all"
        table.wrong("quota", zh, en)
    return number


def _waves(table: Table) -> tuple[Wave, ...]:
    names, known = table.names("waves"), words_of(Wave)
    if not names:
        table.wrong("", "须写明先后叫哪些人（waves）", "waves says who is asked in what order")
    for name in names:
        if name not in known:
            zh, en = hint(name, known)
            table.wrong(
                f"waves[{name}]",
                f"“{name}”不在 {'、'.join(known)} 之中{zh}",
                f"{name} is none of {', '.join(known)}{en}",
            )
    return cast(tuple[Wave, ...], names)


def _trigger(entry: Table, specs: Specs) -> law.Trigger:
    """`opens: report`, or a mapping with the event, its level or duty, and a condition."""
    node = entry.take("opens", required=True)
    if node is None:
        return law.Trigger("report")
    if not hasattr(node, "pairs"):
        return law.Trigger(entry.one_of("opens", SIMPLE_EVENTS))
    table = entry.table("opens")
    assert table is not None
    event = table.one_of("event", words_of(law.Event))
    argument = ""
    if event in ("level", "confirmed"):
        argument = table.text("level", limit=60)
    elif event in ("late", "done"):
        argument = table.text("duty", limit=60)
    when = group(table, "when", specs) if event == "facts" or table.has("when") else None
    only = table.flag("only") if event in ("level", "confirmed") else False
    table.close()
    return law.Trigger(event, argument, when, only)


def _effects(entry: Table) -> tuple[law.Effect, ...]:
    found = []
    for table in entry.tables("on_late"):
        kind = next((kind for kind in words_of(law.EffectKind) if table.has(kind)), None)
        if kind is None or len(table.entries) != 1:
            table.wrong("", "应为 tell、open、raise 之一", "must be one of tell, open, raise")
            continue
        argument = table.text(kind, limit=60)
        entry.ledger.lines.setdefault(f"{entry.path}.on_late[{argument}]", table.line)
        found.append(law.Effect(cast(law.EffectKind, kind), argument))
    return tuple(found)
