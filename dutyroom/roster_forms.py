"""Forms of the roster: what each asks, and what is read out of it; times are those of the sites."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from dutyroom.screens import roster_words as words
from incident.forms import Field, Option
from incident.refusals import Invalid
from incident.screens import room_words as say
from staffing import planned
from staffing.models import Absence, Person, Post, Shift, ShiftKind, Site
from staffing.rotations import MOST_PEOPLE, Rota
from staffing.shifts import Slot

DIGITS = 9
OTHER_TIMES = "-"
Raw = Mapping[str, str]


@dataclass(frozen=True)
class Choices:
    """What a form of the site offers. Three queries."""

    posts: list[Post]
    kinds: list[ShiftKind]
    people: list[Person]

    @classmethod
    def of(cls, site: Site, post_id: int | None = None) -> "Choices":
        """People of the post first, where one is named."""
        people = list(Person.objects.filter(site=site, is_active=True).order_by("name", "pk"))
        if post_id is not None:
            own = set(Person.objects.filter(site=site, held__post_id=post_id).values_list("pk", flat=True))
            people.sort(key=lambda person: person.pk not in own)
        return cls(
            posts=list(Post.objects.filter(site=site).order_by("pk")),
            kinds=list(ShiftKind.objects.filter(site=site)),
            people=people,
        )

    def kind(self, kind_id: int | None) -> ShiftKind | None:
        return next((kind for kind in self.kinds if kind.pk == kind_id), None)


def number(raw: Raw, name: str) -> int | None:
    """A row's id; None where it is empty or no number."""
    text = raw.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def day(raw: Raw, name: str, label: str) -> date:
    """A date. Raises Invalid."""
    text = raw.get(name, "").strip()
    if not text:
        raise Invalid({name: _("请填写%s。") % label})
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Invalid({name: _("%s应为日期，如 2026-12-15。") % label}) from None
    if not 2000 <= found.year < 2100:
        raise Invalid({name: _("%s应在 2000 年至 2099 年之间。") % label})
    return found


def clock(raw: Raw, name: str, label: str) -> time | None:
    """A time of day; 24:00 is midnight; None where it is empty. Raises Invalid."""
    text = raw.get(name, "").strip().replace("：", ":")
    if not text:
        return None
    try:
        hours, _colon, minutes = text.partition(":")
        return time(int(hours) % 24 if int(hours) == 24 and int(minutes) == 0 else int(hours), int(minutes))
    except ValueError:
        raise Invalid({name: _("%s应为时间，如 16:00。") % label}) from None


def moment(raw: Raw, name: str, label: str) -> datetime:
    """A date and a time in two fields, `name-day` and `name`."""
    on = day(raw, f"{name}-day", label)
    return datetime.combine(on, clock(raw, name, label) or time(), tzinfo=planned.ZONE)


# --- a shift --------------------------------------------------------------------------------------------------------


def shift_fields(found: Choices, raw: Raw) -> tuple[Field, ...]:
    """Post, day, kind or times, person; `raw` fills them in."""
    kinds = [Option(str(kind.pk), f"{words.kind_long(kind)} {words.hours_of(kind)}") for kind in found.kinds]
    focused = "kind" if raw.get("person") else "person"
    return (
        _list("post", _("岗位"), [Option(str(post.pk), say.pick(post)) for post in found.posts], raw, is_required=True),
        Field("day", _("日期"), "date", value=raw.get("day", ""), is_required=True),
        _list("kind", _("班次"), [*kinds, Option(OTHER_TIMES, _("其他时间"))], raw, is_focused=focused == "kind"),
        Field("from", _("从"), "time", value=raw.get("from", ""), help=_("留空为班次的时间；只排一部分的，填 18:00")),
        Field("to", _("到"), "time", value=raw.get("to", ""), help=_("早于开始的算次日")),
        person_field(found, raw, is_focused=focused == "person"),
    )


def after_fields(raw: Raw, *, is_past: bool, asks_double: bool) -> tuple[Field, ...]:
    """What is asked only where it matters: the reason for rewriting the past, and leave to be in two places."""
    found = []
    if is_past or raw.get("reason"):
        found.append(Field("reason", _("改动理由"), "long", value=raw.get("reason", ""), is_required=True))
    if asks_double or raw.get("double"):
        found.append(Field("double", _("仍要同时排在两处"), "check", value=raw.get("double", "")))
    return tuple(found)


def person_field(found: Choices, raw: Raw, *, label: str = "", is_focused: bool = False) -> Field:
    options = [Option("", _("请选择")), *(Option(str(one.pk), person_words(one)) for one in found.people)]
    return _list("person", label or _("人员"), options, raw, is_required=True, is_focused=is_focused)


def person_words(person: Person) -> str:
    return f"{person.name} {person.number}".strip()


def slot(found: Choices, raw: Raw, *, standby: bool | None = None) -> Slot:
    """Who is to be where, when. Raises Invalid."""
    post_id, person_id = number(raw, "post"), number(raw, "person")
    if post_id is None:
        raise Invalid({"post": _("请选择岗位。")})
    if person_id is None:
        raise Invalid({"person": _("请选择人员。")})
    kind = _kind(found, raw)
    starts_at, ends_at = _times(kind, raw)
    is_standby = standby if standby is not None else bool(kind and kind.standby)
    return Slot(
        post_id=post_id,
        person_id=person_id,
        starts_at=starts_at,
        ends_at=ends_at,
        kind_id=kind.pk if kind else None,
        standby=is_standby,
    )


def _kind(found: Choices, raw: Raw) -> ShiftKind | None:
    if raw.get("kind") in (OTHER_TIMES, "", None):
        return None
    kind = found.kind(number(raw, "kind"))
    if kind is None:
        raise Invalid({"kind": _("本站没有这个班次，请重新选择。")})
    return kind


def _times(kind: ShiftKind | None, raw: Raw) -> tuple[datetime, datetime]:
    """Those of the kind, or what was typed; an end at or before the start is one of the next day.

    The same end as start is no span: it is refused, rather than taken for a whole day.
    """
    on = day(raw, "day", _("日期"))
    starts, ends = clock(raw, "from", _("开始时间")), clock(raw, "to", _("结束时间"))
    if kind is None and (starts is None or ends is None):
        raise Invalid({"kind": _("请选择班次，或者填写从几点到几点。")})
    if kind is not None:
        usual = planned.span(kind, on)
        starts = kind.starts if starts is None else starts
        ends = kind.ends if ends is None else ends
        if (starts, ends) == (kind.starts, kind.ends):
            return usual
    assert starts is not None and ends is not None
    if starts == ends:
        raise Invalid({"to": _("结束时间须晚于开始时间。")})
    starts_at = datetime.combine(on, starts, tzinfo=planned.ZONE)
    return starts_at, datetime.combine(on + planned.DAY if ends < starts else on, ends, tzinfo=planned.ZONE)


def of_shift(shift: Shift) -> dict[str, str]:
    """A form filled with a shift as it stands."""
    starts, ends = shift.starts_at.astimezone(planned.ZONE), shift.ends_at.astimezone(planned.ZONE)
    filled = {
        "post": str(shift.post_id),
        "person": str(shift.person_id),
        "day": starts.date().isoformat(),
        "kind": str(shift.kind_id or OTHER_TIMES),
    }
    if shift.kind is None or planned.span(shift.kind, starts.date()) != (shift.starts_at, shift.ends_at):
        filled |= {"from": f"{starts:%H:%M}", "to": f"{ends:%H:%M}"}
    return filled


# --- leave ----------------------------------------------------------------------------------------------------------


def leave_fields(found: Choices, raw: Raw, now: datetime) -> tuple[Field, ...]:
    today = now.astimezone(planned.ZONE).date().isoformat()
    reasons = [Option(key, str(label)) for key, label in Absence.Reason.choices]
    return (
        person_field(found, raw, is_focused=not raw.get("person")),
        Field("starts-day", _("从哪天"), "date", value=raw.get("starts-day", today), is_required=True),
        Field("starts", _("几点"), "time", value=raw.get("starts", ""), help=_("留空为 0:00")),
        Field("ends-day", _("到哪天"), "date", value=raw.get("ends-day", today), is_required=True),
        Field("ends", _("几点"), "time", value=raw.get("ends", ""), help=_("留空为当天 24:00")),
        Field("why", _("原因"), "choice", value=raw.get("why", "leave"), options=tuple(reasons)),
        Field("note", _("说明（可不填）"), value=raw.get("note", "")),
    )


def leave_span(raw: Raw) -> tuple[datetime, datetime]:
    """From when to when; without an hour the last day counts whole."""
    starts_at, ends_at = moment(raw, "starts", _("开始日期")), moment(raw, "ends", _("结束日期"))
    if not raw.get("ends", "").strip() or raw["ends"].strip() == "24:00":
        ends_at += planned.DAY
    return starts_at, ends_at


# --- rotas ----------------------------------------------------------------------------------------------------------


def rota_fields(found: Choices, raw: Raw, first: date) -> tuple[Field, ...]:
    """Post, people in their order, kinds in their order, from when to when."""
    keys = ", ".join(f"{kind.key}={say.pick(kind)}" for kind in found.kinds)
    until = first + 4 * planned.WEEK - planned.DAY
    return (
        _list("post", _("岗位"), [Option(str(post.pk), say.pick(post)) for post in found.posts], raw, is_required=True,
              is_focused=True),
        Field("people", _("人员（按轮班次序，每行一人）"), "long", value=raw.get("people", ""), is_required=True,
              help=_("写姓名或工号；也可用逗号分开")),
        Field("pattern", _("班次顺序"), value=raw.get("pattern", ""), is_required=True,
              help=_("依次写班次名称或代号，“休”为休息，如 白 晚 夜 休。本站班次：%s") % keys),
        Field("starts_on", _("从"), "date", value=raw.get("starts_on", first.isoformat()), is_required=True),
        Field("until", _("到"), "date", value=raw.get("until", until.isoformat()), is_required=True),
        Field("workdays_only", _("仅工作日（跳过周末和节假日，调休上班照排）"), "check",
              value=raw.get("workdays_only", "")),
    )  # fmt: skip


def rota(found: Choices, raw: Raw) -> Rota:
    """Raises Invalid."""
    post_id = number(raw, "post")
    if post_id is None:
        raise Invalid({"post": _("请选择岗位。")})
    return Rota(
        post_id=post_id,
        people=_people(found, raw.get("people", "")),
        pattern=_pattern(found, raw.get("pattern", "")),
        starts_on=day(raw, "starts_on", _("开始日期")),
        until=day(raw, "until", _("结束日期")),
        workdays_only=raw.get("workdays_only") == "yes",
    )


def _people(found: Choices, text: str) -> tuple[int, ...]:
    """Names or numbers, one a line or with commas; each must be one person."""
    wanted = [part.strip() for part in text.replace("，", "\n").replace(",", "\n").replace("、", "\n").splitlines()]
    wanted = list(filter(None, wanted))
    if len(wanted) > MOST_PEOPLE:
        raise Invalid({"people": _("请选择本站的人员，每人一次，最多 60 人。")})
    people = []
    for part in wanted:
        same = [one.pk for one in found.people if part in (one.name, one.number, person_words(one))]
        if len(same) != 1:
            sentence = _("找不到“%s”，请写本站在职人员的姓名或工号。") if not same else _("“%s”不止一人，请写工号。")
            raise Invalid({"people": sentence % part})
        people += same
    if len(set(people)) != len(people):
        raise Invalid({"people": _("每人只写一次。")})
    if not people:
        raise Invalid({"people": _("请写至少一个人。")})
    return tuple(people)


OFF = frozenset({"休", "off", "-", "—", "0", "休息"})


def _pattern(found: Choices, text: str) -> tuple[str, ...]:
    """Kinds by key or name, one after another; 休 is a day off."""
    keys: dict[str, str] = {}
    for kind in found.kinds:
        keys |= {name.casefold(): kind.key for name in (kind.key, kind.zh, f"{kind.zh}班", kind.en) if name}
    steps = []
    for part in text.replace("，", " ").replace(",", " ").replace("、", " ").split():
        if part.casefold() in OFF:
            steps.append("")
        elif part.casefold() in keys:
            steps.append(keys[part.casefold()])
        else:
            raise Invalid({"pattern": _("本站没有班次“%s”。") % part})
    if not any(steps):
        raise Invalid({"pattern": _("请写至少一个班次。")})
    return tuple(steps)


def _list(
    name: str, label: str, options: Sequence[Option], raw: Raw, *, is_required: bool = False, is_focused: bool = False
) -> Field:
    return Field(
        name, label, "list", value=raw.get(name, ""), options=tuple(options), is_required=is_required,
        is_focused=is_focused,
    )  # fmt: skip
