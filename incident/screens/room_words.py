"""Small words of the room: the reader's language, spans of time, numbers and conditions."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incident import readings
from playbooks import rules

SIGNS = {"at_least": "≥", "more_than": ">", "less_than": "<", "at_most": "≤"}


def is_english() -> bool:
    return (get_language() or "").startswith("en")


def pick(item: Any, stem: str = "") -> str:
    """`zh`/`en` of a pair of words, or `STEM_zh`/`STEM_en`; the other language where one is empty."""
    names = ("en", "zh") if is_english() else ("zh", "en")
    for name in names:
        found: str = getattr(item, f"{stem}_{name}" if stem else name)
        if found:
            return found
    return ""


def colour(key: str) -> str:
    """The colour of a level as a word."""
    return {"blue": _("蓝"), "yellow": _("黄"), "orange": _("橙"), "red": _("红")}.get(key, _("未定"))


def is_site_rule(rule: Any) -> bool:
    """Whether the label "site rule" must be added: its clause may say so already."""
    return rule is not None and rule.site_rule and "本站规则" not in rule.clause_zh


def clock_span(span: timedelta) -> str:
    """`MM:SS`, or `H:MM:SS` from an hour on."""
    seconds = int(abs(span).total_seconds())
    hours, rest = divmod(seconds, 3600)
    tail = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{tail}" if hours else tail


def minutes(amount: Any) -> str:
    """Plan minutes in words."""
    return _("%s 分钟") % number(amount)


def number(value: Any) -> str:
    """A number without trailing zeros and with thousands set apart."""
    if isinstance(value, Decimal):
        value = value.quantize(Decimal("0.1")) if value % 1 else value.to_integral_value()
        value = value.normalize() if value % 1 else int(value)
    return f"{value:,}" if isinstance(value, int) else format(value, "f") if isinstance(value, Decimal) else str(value)


def value(spec: rules.FactSpec, have: rules.Value) -> str:
    """A value of a fact in words, with its unit."""
    if have is None:
        return _("不清楚")
    if spec.kind == "flag":
        return _("是") if have else _("否")
    if spec.kind == "choice":
        return next((pick(choice) for choice in spec.choices if choice.key == have), str(have))
    if spec.kind in ("count", *readings.DECIMAL):
        return f"{number(have)} {readings.unit(spec)}".strip()
    return str(have)


def condition(spec: rules.FactSpec, condition: rules.Condition) -> str:
    """One condition of a rule as a reader would say it."""
    name, need = pick(spec), condition.value
    if spec.kind == "flag":
        wanted = bool(need) is (condition.op == "is")
        text = name if wanted else _("%s：否") % name
    elif condition.op in SIGNS:
        text = f"{name} {SIGNS[condition.op]} {value(spec, need)}"  # type: ignore[arg-type]
    elif isinstance(need, tuple):
        text = _("%(name)s：%(need)s") % {"name": name, "need": " / ".join(value(spec, key) for key in need)}
    else:
        text = _("%(name)s：%(need)s") % {"name": name, "need": value(spec, need)}
        text = text if condition.op == "is" else _("不是 %s") % text
    if condition.hold_minutes:
        text = _("%(text)s，持续 %(minutes)s") % {"text": text, "minutes": minutes(condition.hold_minutes)}
    return text
