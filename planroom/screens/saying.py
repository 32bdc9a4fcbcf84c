"""The law in sentences: what opens a duty, when it is due, and conditions with their and and or."""

from decimal import Decimal

from django.utils.translation import gettext as _

from incident import readings
from incident.screens import room_words as say
from playbooks import law

NESTED = "（{}）"
NESTED_EN = "({})"


def unit(spec: law.FactSpec) -> str:
    """The unit of a number; empty for what is no number."""
    return readings.unit(spec) if spec.kind in ("count", "measure", "stopwatch", "countdown") else ""


def value(spec: law.FactSpec, have: law.Value) -> str:
    """A value with its unit."""
    if spec.kind == "countdown" and have is not None:
        return f"{say.number(have)} {unit(spec)}"
    return say.value(spec, have)


def condition(one: law.Condition, specs: dict[str, law.FactSpec]) -> str:
    """One comparison in words; a metric that the playbook does not declare stands for itself."""
    spec = specs.get(one.metric)
    if spec is None:
        return one.metric
    if spec.kind == "countdown" and one.op in say.SIGNS and isinstance(one.value, int | Decimal):
        return f"{say.pick(spec)} {say.SIGNS[one.op]} {value(spec, one.value)}"
    return say.condition(spec, one)


def group(terms: law.Group, specs: dict[str, law.FactSpec], *, inner: bool = False) -> str:
    """Conditions joined by "and" or "or", groups inside them in brackets; empty for what always holds."""
    shut_out = _shut_out(terms, specs)
    said = [
        group(term, specs, inner=True) if isinstance(term, law.Group) else condition(term, specs)
        for term in terms.terms
        if isinstance(term, law.Group) or term.metric not in shut_out
    ]
    said = [one for one in [*said, *shut_out.values()] if one]
    word = _("且") if terms.mode == "all" else _("或")
    joined = f" {word} ".join(said)
    if inner and len(said) > 1:
        return (NESTED_EN if say.is_english() else NESTED).format(joined)
    return joined


def _shut_out(terms: law.Group, specs: dict[str, law.FactSpec]) -> dict[str, str]:
    """Answers of one choice that are excluded one after the other, said together: "Type: none of A / B"."""
    excluded: dict[str, list[law.Condition]] = {}
    for term in terms.terms if terms.mode == "all" else ():
        if isinstance(term, law.Condition) and term.op == "is_not" and not term.hold_minutes:
            spec = specs.get(term.metric)
            if spec is not None and spec.kind == "choice":
                excluded.setdefault(term.metric, []).append(term)
    return {
        metric: _("%(name)s：不是 %(need)s")
        % {
            "name": say.pick(specs[metric]),
            "need": " / ".join(say.value(specs[metric], str(one.value)) for one in found),
        }
        for metric, found in excluded.items()
        if len(found) > 1
    }


def opens(duty: law.DutyRule, book: law.Playbook) -> str:
    """What opens a duty, as a reader would say it."""
    trigger = duty.opens
    when = group(trigger.when, book.specs) if trigger.when is not None else ""
    if trigger.event == "facts":
        return when
    event = _event(trigger, book)
    return _("%(event)s，且 %(when)s") % {"event": event, "when": when} if when else event


def _event(trigger: law.Trigger, book: law.Playbook) -> str:
    plain = {
        "report": _("报告时"),
        "take": _("接手后"),
        "restore": _("恢复后"),
        "relapse": _("复发时"),
        "end": _("宣布结束后"),
    }
    if trigger.event in plain:
        return plain[trigger.event]
    if trigger.event in ("level", "confirmed"):
        level = say.pick(book.level(trigger.argument))
        if trigger.event == "confirmed":
            return _("“%s”经确认后") % level
        return _("仅在“%s”时") % level if trigger.only else _("达到“%s”时") % level
    duty = next((duty for duty in book.duties if duty.key == trigger.argument), None)
    words = brief(duty) if duty else trigger.argument
    return _("“%s”超时后") % words if trigger.event == "late" else _("“%s”完成后") % words


def brief(duty: law.DutyRule) -> str:
    """A duty named inside another one; a restricted one is not told there."""
    return _("受限步骤") if duty.restricted else say.pick(duty)


def due(duty: law.DutyRule) -> str:
    """By when: the plan's number, or the site's target and rhythm."""
    said = []
    if duty.minutes is not None:
        said.append(_("%s 分钟内") % say.number(duty.minutes) if duty.minutes else _("立即"))
    elif duty.target_minutes is not None:
        said.append(_("内部目标 %s 分钟") % say.number(duty.target_minutes))
    if said:
        said += [anchor for anchor in [_anchor(duty)] if anchor]
    if duty.every_minutes is not None:
        said.append(_("每 %s 分钟一次（内部）") % say.number(duty.every_minutes))
    return _("，").join(said)


def _anchor(duty: law.DutyRule) -> str:
    return {"occurred": _("自发生起"), "reported": _("自报告起")}.get(duty.anchor, "")


def clause(duty: law.DutyRule) -> str:
    """Where the plan says so; a site's own rule is called that."""
    return _("本站规则") if duty.site_rule and not duty.clause_zh else say.pick(duty, "clause")


def kind(duty: law.DutyRule) -> str:
    """What kind of act a duty is, as a word; empty for a plain task."""
    return {
        "call": _("呼叫"),
        "report": _("上报"),
        "notification": _("通知"),
        "acknowledgement": _("确认收悉"),
        "arrival": _("到场"),
        "decision": _("决定"),
        "record": _("记录"),
        "prohibition": _("禁止"),
    }.get(duty.kind, "")


def phase(key: str) -> str:
    return {"first": _("先期"), "during": _("处置中"), "after": _("恢复与善后")}[key]


def gate(duty: law.DutyRule) -> str:
    """Which step of the road waits for the duty."""
    return {
        "restore": _("完成后才能宣布恢复"),
        "end": _("完成后才能宣布结束"),
        "close": _("完成后才能关闭"),
    }.get(duty.gate or "", "")


def tells(duty: law.DutyRule, book: law.Playbook) -> tuple[str, ...]:
    """Who is told: posts of the plan, and parties outside."""
    posts = {post.key: say.pick(post) for post in book.posts}
    special = {law.TOLD: _("此前通知过的每一位"), law.HOLDER: posts.get(duty.post, duty.post)}
    parties = {party.key: party_words(party) for party in book.parties}
    inside = [special.get(key) or posts.get(key, key) for key in duty.tell]
    return tuple(inside + [parties.get(key, key) for key in duty.outside])


def party_name(party: law.Party) -> str:
    """A party without its number, where that stands beside it."""
    return say.pick(party).removesuffix(party.number).strip() if party.number else say.pick(party)


def party_words(party: law.Party) -> str:
    """A party with its public number, said once: "消防救援 119"."""
    name = say.pick(party)
    return name if not party.number or party.number in name else f"{name} {party.number}"


def post(book: law.Playbook, key: str) -> str:
    """The name of a post; a key the plan does not know stands for itself."""
    return next((say.pick(one) for one in book.posts if one.key == key), key)
