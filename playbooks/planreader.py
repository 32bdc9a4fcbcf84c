"""Builds the frozen values of the law from the checked tables of a plan file."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, cast, get_args

from playbooks import law
from playbooks.conditionreader import group
from playbooks.mistakes import Ledger
from playbooks.plantable import Table

# fmt: off
ICONS: Final = (
    "alert", "book", "broadcast", "camera", "clock", "file", "flame", "headset", "help", "lock", "medical", "message",
    "people", "person", "phone", "pipe", "place", "power", "press", "screen", "server", "shield", "surge",
)
# fmt: on
_SIMPLE_EVENTS: Final[tuple[Any, ...]] = ("report", "take", "restore", "relapse", "end")


def words_of(literal: Any) -> tuple[Any, ...]:
    return tuple(get_args(literal))


def posts(table: Table) -> tuple[law.Post, ...]:
    found = []
    for entry in once(table.tables("posts", required=True), table.ledger):
        key = entry.key()
        zh, en = entry.zh_en(limit=200)
        found.append(law.Post(key, zh, en, entry.names("aliases"), entry.requirements()))
        entry.close()
    return tuple(found)


def playbooks(table: Table, plan_key: str, named: tuple[law.Post, ...]) -> tuple[law.Playbook, ...]:
    entries = once(table.tables("playbooks", required=True), table.ledger)
    return tuple(_playbook(entry, plan_key, named) for entry in entries)


def _playbook(table: Table, plan_key: str, named: tuple[law.Post, ...]) -> law.Playbook:
    key = table.key()
    zh, en = table.zh_en(limit=200)
    summary_zh, summary_en = table.words("summary")
    facts = _facts(table)
    specs = {law.ELAPSED.metric: law.ELAPSED} | {spec.metric: spec for spec in facts}
    playbook = law.Playbook(
        id=0,
        key=key,
        plan_key=plan_key,
        version_number=0,
        zh=zh,
        en=en,
        icon=table.one_of("icon", ICONS),
        facts=facts,
        levels=_levels(table, specs),
        duties=_duties(table, specs),
        posts=named,
        notes=_notes(table),
        requirements=table.requirements(),
        keywords=table.names("keywords"),
        summary_zh=summary_zh,
        summary_en=summary_en,
        life_safety=table.flag("life_safety"),
        silent=table.flag("silent"),
        twin_minutes=table.integer("twin_minutes", 30),
    )
    table.close()
    return playbook


def once(tables: Sequence[Table], ledger: Ledger, named: str = "key") -> list[Table]:
    """The tables whose name is new; a second one of the same name is a mistake and left out."""
    seen: set[str] = set()
    kept = []
    for table in tables:
        node = table.scalar(named)
        name = node.value if node else ""
        if name and name in seen:
            line = node.line if node else table.line
            ledger.add(line, table.path, f"“{name}”重复", f"{name} is defined twice")
            continue
        seen.add(name)
        kept.append(table)
    return kept


def _facts(table: Table) -> tuple[law.FactSpec, ...]:
    found = []
    for entry in once(table.tables("facts", named="metric"), table.ledger, "metric"):
        metric = entry.key("metric")
        if metric == law.ELAPSED.metric:
            entry.wrong("metric", f"“{metric}”是内置事实", f"{metric} is built in")
        zh, en = entry.zh_en(limit=200)
        help_zh, help_en = entry.words("help")
        kind = entry.one_of("kind", words_of(law.FactKind))
        spec = law.FactSpec(
            metric=metric,
            kind=kind,
            unit=_unit(entry, kind),
            choices=choices(entry),
            asked=entry.flag("asked"),
            required=entry.flag("required"),
            zh=zh,
            en=en,
            help_zh=help_zh,
            help_en=help_en,
            minimum=entry.number("minimum"),
            maximum=entry.number("maximum"),
            requirements=entry.requirements(),
        )
        _check_fact(entry, spec)
        entry.close()
        found.append(spec)
    return tuple(found)


def _unit(entry: Table, kind: str) -> str:
    if kind == "stopwatch":
        return entry.one_of("unit", ("min", "h"))
    return entry.text("unit", required=False, limit=20)


def _check_fact(entry: Table, spec: law.FactSpec) -> None:
    if (spec.kind == "choice") is not (len(spec.choices) > 1):
        entry.wrong(
            "choices",
            "选择类事实须有至少两个选项，其他事实没有选项",
            "two or more choices for kind choice, else none",
        )
    if spec.required and not spec.asked:
        entry.wrong("required", "必填的事实必须在报告时询问（asked）", "a required fact must be asked at the report")
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        entry.wrong("maximum", "上限小于下限", "maximum is below minimum")


def choices(entry: Table) -> tuple[law.Choice, ...]:
    found = []
    for table in once(entry.tables("choices"), entry.ledger):
        key = table.key()
        zh, en = table.zh_en(limit=200)
        found.append(law.Choice(key, zh, en, table.requirements()))
        table.close()
    return tuple(found)


def _levels(table: Table, specs: dict[str, law.FactSpec]) -> tuple[law.Level, ...]:
    found = []
    ranks: set[int] = set()
    for entry in once(table.tables("levels"), table.ledger):
        key = entry.key()
        rank = entry.integer("rank", 0)
        if rank < 1 or rank in ranks:
            entry.wrong(
                "rank" if entry.has("rank") else "",
                "rank 从 1 起，不得重复",
                "each level needs its own rank, from 1",
            )
        ranks.add(rank)
        zh, en = entry.zh_en(limit=200)
        note_zh, note_en = entry.words("note")
        level = law.Level(
            key=key,
            rank=rank,
            colour=entry.one_of("colour", words_of(law.Colour)),
            starts=entry.one_of("starts", words_of(law.Starts)),
            zh=zh,
            en=en,
            rules=_rules(entry, specs),
            note_zh=note_zh,
            note_en=note_en,
            site_rule=entry.flag("site_rule"),
        )
        if not level.rules:
            entry.wrong("rules" if entry.has("rules") else "", "该等级没有规则", "the level has no rule")
        entry.close()
        found.append(level)
    return tuple(found)


def _rules(level: Table, specs: dict[str, law.FactSpec]) -> tuple[law.Rule, ...]:
    found = []
    for entry in once(level.tables("rules"), level.ledger):
        key = entry.key()
        clause_zh, clause_en = entry.words("clause", required=True)
        zh, en = entry.zh_en()
        rule = law.Rule(
            key=key,
            clause_zh=clause_zh,
            clause_en=clause_en,
            requirements=entry.requirements(),
            when=group(entry, "when", specs) or law.ALWAYS,
            zh=zh,
            en=en,
            site_rule=entry.flag("site_rule"),
        )
        _source(entry, rule.requirements, site_rule=rule.site_rule)
        entry.close()
        found.append(rule)
    return tuple(found)


def _source(entry: Table, requirements: tuple[str, ...], *, site_rule: bool) -> None:
    if not requirements and not site_rule:
        entry.wrong("", "须注明条目编号（requirements）或标为 site_rule", "needs requirements, or site_rule: yes")


def _duties(table: Table, specs: dict[str, law.FactSpec]) -> tuple[law.DutyRule, ...]:
    entries = once(table.tables("duties", required=True), table.ledger)
    return tuple(_duty(entry, order, specs) for order, entry in enumerate(entries, start=1))


def _duty(entry: Table, order: int, specs: dict[str, law.FactSpec]) -> law.DutyRule:
    zh, en = entry.zh_en()
    detail_zh, detail_en = entry.words("detail")
    clause_zh, clause_en = entry.words("clause", required=True)
    lapses_on = entry.one_of("lapses_on", ("", *_SIMPLE_EVENTS), "")
    gate = entry.one_of("gate", ("", *words_of(law.Gate)), "")
    duty = law.DutyRule(
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
        minutes=_minutes(entry, "minutes"),
        target_minutes=_minutes(entry, "target_minutes"),
        every_minutes=_minutes(entry, "every_minutes"),
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
    )
    _source(entry, duty.requirements, site_rule=duty.site_rule)
    entry.close()
    return duty


def _minutes(entry: Table, key: str) -> Decimal | None:
    value = entry.number(key, above=0)
    if value is not None and value > 366 * 24 * 60:
        entry.wrong(key, "超过一年", "longer than a year")
        return None
    return value


def _trigger(entry: Table, specs: dict[str, law.FactSpec]) -> law.Trigger:
    """`opens: report`, or a mapping with the event, its level or duty, and a condition."""
    node = entry.take("opens", required=True)
    if node is None:
        return law.Trigger("report")
    if not hasattr(node, "pairs"):
        return law.Trigger(entry.one_of("opens", _SIMPLE_EVENTS))
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


def _notes(table: Table) -> tuple[law.Note, ...]:
    found = []
    for entry in once(table.tables("notes"), table.ledger):
        zh, en = entry.zh_en()
        clause_zh, clause_en = entry.words("clause")
        kind = entry.one_of("kind", words_of(law.NoteKind))
        found.append(law.Note(entry.key(), kind, zh, en, entry.requirements(), clause_zh, clause_en))
        entry.close()
    return tuple(found)
