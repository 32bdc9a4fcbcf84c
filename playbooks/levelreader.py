"""Reads the levels of a playbook in a plan file, each with the rules that lead into it."""

from playbooks import law
from playbooks.conditionreader import group
from playbooks.factreader import Specs
from playbooks.planparts import minutes, need_source, words_of
from playbooks.plantable import Table


def levels(table: Table, specs: Specs) -> tuple[law.Level, ...]:
    found = []
    ranks: set[int] = set()
    for entry in table.each("levels"):
        rank = entry.integer("rank", 0)
        if rank < 1 or rank in ranks:
            entry.wrong(
                "rank" if entry.has("rank") else "",
                "rank 从 1 起，不得重复",
                "each level needs its own rank, from 1",
            )
        ranks.add(rank)
        found.append(_level(entry, rank, specs))
    return tuple(found)


def _level(entry: Table, rank: int, specs: Specs) -> law.Level:
    zh, en = entry.zh_en(limit=200)
    note_zh, note_en = entry.words("note")
    level = law.Level(
        key=entry.key(),
        rank=rank,
        colour=entry.one_of("colour", words_of(law.Colour)),
        starts=entry.one_of("starts", words_of(law.Starts)),
        zh=zh,
        en=en,
        rules=tuple(_rule(rule, specs) for rule in entry.each("rules")),
        note_zh=note_zh,
        note_en=note_en,
        site_rule=entry.flag("site_rule"),
        spacing_minutes=minutes(entry, "spacing_minutes"),
    )
    if not level.rules:
        entry.wrong("rules" if entry.has("rules") else "", "该等级没有规则", "the level has no rule")
    entry.close()
    return level


def _rule(entry: Table, specs: Specs) -> law.Rule:
    clause_zh, clause_en = entry.words("clause", required=True)
    gap_zh, gap_en = entry.words("gap")
    zh, en = entry.zh_en()
    rule = law.Rule(
        key=entry.key(),
        clause_zh=clause_zh,
        clause_en=clause_en,
        requirements=entry.requirements(),
        when=group(entry, "when", specs) or law.ALWAYS,
        zh=zh,
        en=en,
        site_rule=entry.flag("site_rule"),
        gap_zh=gap_zh,
        gap_en=gap_en,
    )
    need_source(entry, rule.requirements, site_rule=rule.site_rule)
    entry.close()
    return rule
