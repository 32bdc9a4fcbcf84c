"""What is typed about seats: a reading by hand, the load that seats are worked out for, the settings of a queue."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from django.forms import ModelForm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from incident import readings
from incident.refusals import Invalid
from staffing import erlang
from staffing.models import Queue
from staffing.seatrows import COUNTS, MOST

WAIT: Final = "longest_wait"
MOST_CALLS: Final = 100_000.0  # in an hour
MOST_SECONDS: Final = 36_000.0


@dataclass(frozen=True, slots=True)
class Load:
    """The calculator's form: what was typed, what it means, and one sentence for each field that means nothing.

    A field left empty where a figure is needed is not wrong: `is_complete` says whether there is an answer.
    """

    raw: Mapping[str, str]
    values: Mapping[str, float]
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def named_wrong(self) -> list[tuple[str, str]]:
        """Each sentence with the name of its field."""
        names = {
            "calls": _("每小时来电"),
            "handle": _("平均处理（秒，含话后）"),
            "seats": _("现有座席"),
            "within": _("限时（秒）"),
            "target": _("服务水平目标（百分比）"),
            "missing": _("缺员（人）"),
        }
        return [(names[name], sentence) for name, sentence in self.wrong.items()]

    @property
    def is_complete(self) -> bool:
        return not self.wrong and {"calls", "handle", "seats", "within", "target"} <= set(self.values)

    @property
    def load(self) -> erlang.Load:
        return erlang.Load(self.values["calls"], self.values["handle"])

    @property
    def seats(self) -> int:
        return int(self.values["seats"])

    @property
    def within(self) -> float:
        return self.values["within"]

    @property
    def target(self) -> erlang.Target:
        return erlang.Target(self.values["target"] / 100, self.within)

    @property
    def missing(self) -> int:
        """How many of the seats there are will be without anybody."""
        return int(self.values.get("missing", 0))


def reading(raw: Mapping[str, str], queue: Queue, now: datetime) -> dict[str, Any]:
    """One row for `saturation.receive`; an empty field is not known. Raises Invalid with a sentence a field."""
    counts: dict[str, int | None] = {}
    wrong: dict[str, str] = {}
    for name in COUNTS:
        try:
            counts[name] = _count(raw.get(name, ""), is_time=name == WAIT)
        except ValueError as sentence:
            wrong[name] = str(sentence)
    at = now
    if raw.get("at", "").strip():
        try:
            at = readings.moment(raw["at"], at=now, what=_("时间"))
        except ValueError as sentence:
            wrong["at"] = str(sentence)
    if not wrong and all(value is None for value in counts.values()):
        wrong["staffed"] = _("至少填一项；不清楚的留空。")
    if wrong:
        raise Invalid(wrong)
    return {"queue": queue.key, "at": at.isoformat(), **counts}


def load(raw: Mapping[str, str], usual: Mapping[str, str]) -> Load:
    """The calculator's form; what was not sent at all is as usual."""
    given = {name: raw.get(name, usual.get(name, "")).strip() for name in LIMITS}
    values: dict[str, float] = {}
    wrong: dict[str, str] = {}
    for name, text in given.items():
        if not text:
            continue
        try:
            values[name] = _number(text, *LIMITS[name])
        except ValueError as sentence:
            wrong[name] = str(sentence)
    if "missing" in values and "seats" in values and values["missing"] > values["seats"]:
        wrong["missing"] = _("缺员不能多于现有座席。")
    return Load(given, values, wrong)


HINTS: Final = {
    "key": n_("字母、数字和连字符；建立后不再改，推送时用它指明队列"),
    "outside_name": n_("Asterisk 或推送方所用的名称；与代号相同可不填"),
    "dip_seconds": n_("座席空闲且无人排队不超过这么久，占满计时不清零"),
    "stale_seconds": n_("超过这么久没有读数，计时冻结；手工填报建议 900 以上"),
    "formula": n_("接通率、服务水平、放弃率都按此口径，并随数字注明"),
}

# Least, most, whole: what each field of the calculator may hold.
LIMITS: Final[Mapping[str, tuple[float, float, bool]]] = {
    "calls": (0, MOST_CALLS, False),
    "handle": (1, MOST_SECONDS, False),
    "seats": (0, erlang.MOST_SEATS, True),
    "within": (0, 3600, True),
    "target": (1, 100, True),
    "missing": (0, erlang.MOST_SEATS, True),
}


class QueueForm(ModelForm):
    """The settings of a queue; never the columns that readings fill."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, one in self.fields.items():
            one.widget.attrs["class"] = "input"
            if name in HINTS:
                one.help_text = _(HINTS[name])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("source") == Queue.Source.AMI and not given.get("outside_name"):
            self.add_error("outside_name", _("从 Asterisk 取数时，须填它里面的队列名。"))
        if given.get("answer_seconds") == 0:
            self.add_error("answer_seconds", _("服务水平的秒数至少为 1。"))
        return given

    class Meta:
        model = Queue
        fields: ClassVar = [
            "zh", "en", "seats", "source", "outside_name", "starts", "dip_seconds", "stale_seconds", "connect_target",
            "answer_target", "answer_seconds", "formula",
        ]  # fmt: skip


class NewQueueForm(QueueForm):
    """The same with the key, which stays: machines push to it."""

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if Queue.objects.filter(site=self.instance.site, key=given.get("key", "")).exists():
            self.add_error("key", _("本站已有这个代号的队列。"))
        return given

    class Meta(QueueForm.Meta):
        fields: ClassVar = ["key", *QueueForm.Meta.fields]


def _count(text: str, *, is_time: bool) -> int | None:
    """A whole number, or None for an empty field; of a wait also as MM:SS. Raises ValueError with a sentence."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return None
    if is_time and ":" in text:
        minutes, _mark, seconds = text.partition(":")
        if minutes.isdecimal() and seconds.isdecimal() and len(minutes) <= 4 and int(seconds) < 60:
            return int(minutes) * 60 + int(seconds)
        raise ValueError(_("请填秒数，或按 04:10 的格式填写。"))
    if not text.isdecimal() or len(text) > len(str(MOST)):
        raise ValueError(_("请填 0 或正整数；不清楚的留空。"))
    return int(text)


def _number(text: str, least: float, most: float, whole: bool) -> float:
    text = unicodedata.normalize("NFKC", text).replace(",", "")
    try:
        value = float(text) if len(text) <= 12 else float("nan")
    except ValueError:
        value = float("nan")
    if not least <= value <= most or (whole and value != int(value)):
        shape = _("%(least)s 到 %(most)s 之间的整数") if whole else _("%(least)s 到 %(most)s 之间的数")
        raise ValueError(_("请填 %s。") % shape % {"least": f"{least:g}", "most": f"{most:,.0f}"})
    return value
