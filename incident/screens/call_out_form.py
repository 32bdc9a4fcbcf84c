"""The form that calls people in: whom, how many, by when, and how many people each wave holds right now."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incident import access, callout_words, callouts, clock, offers, readings
from incident.callouts import Wanted
from incident.forms import Option
from incident.models import Duty, Incident
from incident.refusals import Denied, Invalid
from incident.screens import room_words as say
from incident.story import Story
from staffing import pool
from staffing.callouts import Candidate, Wave
from staffing.models import Post

if TYPE_CHECKING:
    from staffing.models import User

LEAD = timedelta(minutes=30)  # until people are wanted, where nobody said
ROUND = timedelta(minutes=5)
STAY = timedelta(hours=3)
LONGER = timedelta(hours=1)  # the usual overtime of a day
NAMED = 8  # people of a wave that are listed; the rest are counted
WAITS = (60, 120, 180, 300, 600)
MOST_DIGITS = 5
DEFAULT_WAVES = (Wave.STANDBY, Wave.OFF_SHIFT, Wave.RESERVE)
SIX_HOURS = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a wave: hours of this week, and what the offer adds up to."""

    name: str
    week: str
    overtime: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class WaveRow:
    key: str
    words: str
    count: int
    is_chosen: bool
    rows: tuple[Row, ...]
    over: int  # of them beyond a limit of overtime

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass
class Form:
    """The form as it stands, with what is wrong beside each question."""

    incident: Incident
    duty: Duty | None
    title: str
    explain: str
    key: str
    post: str
    posts: tuple[Option, ...]
    quota: str
    is_all: bool
    by: str
    until: str
    wait: int
    waits: tuple[Option, ...]
    waves: tuple[WaveRow, ...]
    limits: str
    may: str = ""  # why this person may not call in as many
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(wave.count for wave in self.waves if wave.is_chosen)

    @property
    def error(self) -> str:
        """What is wrong with none of the questions."""
        return " ".join(
            sentence
            for name, sentence in self.errors.items()
            if name not in ("post", "quota", "by_at", "until_at", "waves")
        )


def build(incident: Incident, user: "User", raw: Mapping[str, str], chosen: list[str], now: datetime) -> Form:
    """The form as typed so far, or prefilled from the duty of the plan that it serves."""
    story = Story(incident=incident, actor=user, now=now)
    duty = _duty(story, raw)
    rule = callouts.rule_of(story, duty)
    is_new = "client_key" not in raw
    posts = _posts(incident.site_id)
    post = raw.get("post") or (rule.post if rule else "") or (posts[0].key if posts else "")
    found = pool.gather(incident.site_id, post, now=now)
    waves = tuple(chosen) if not is_new else tuple(rule.waves) if rule else DEFAULT_WAVES
    by_at = _moment(raw, "by_at", story.at) or _rounded(story.at + LEAD)
    until_at = _moment(raw, "until_at", story.at) or _until(incident, found, by_at, waves, now)
    preview = callouts.preview(story, found, by_at=by_at, until_at=until_at)
    quota = raw.get("quota", str(rule.quota) if rule and rule.quota else "")
    return Form(
        incident=incident,
        duty=duty,
        title=say.pick(_rule(story, duty)) if duty else _("召集人员"),
        explain=_explain(story, duty),
        key=raw.get("client_key") or str(uuid.uuid4()),
        post=post,
        posts=posts,
        quota=quota,
        is_all="all" in raw or bool(is_new and rule is not None and rule.quota is None),
        by=raw.get("by_at") or _hm(by_at),
        until=raw.get("until_at") or _hm(until_at),
        wait=_wait(raw),
        waits=tuple(Option(str(seconds), _("%d 分钟") % (seconds // 60)) for seconds in WAITS),
        waves=tuple(_wave_row(wave, people, wave in waves) for wave, people in _in_order(preview, waves)),
        limits=offers.LIMITS_EN if say.is_english() else offers.LIMITS_ZH,
        may=_may(user, incident, story, duty),
    )


def wanted(form: Form, raw: Mapping[str, str], chosen: list[str], now: datetime) -> Wanted:
    """What was typed, as the action takes it. Raises Invalid with all that cannot be read."""
    wrong: dict[str, str] = {}
    at = clock.at(form.incident, now)
    times: dict[str, datetime | None] = {}
    for name, what in (("by_at", _("到岗时间")), ("until_at", _("到几点"))):
        try:
            times[name] = future(raw.get(name, ""), at=at, what=what)
        except ValueError as sentence:
            wrong[name] = str(sentence)
    by_at = times.get("by_at")
    if by_at is None and "by_at" not in wrong:
        wrong["by_at"] = _("请填到岗时间，如 15:10。")
    quota = None
    if not form.is_all:
        text = raw.get("quota", "").strip()
        if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
            quota = int(text)
        else:
            wrong["quota"] = _("请填人数，如 12。")
    if wrong or by_at is None:
        raise Invalid(wrong)
    until_at = times.get("until_at")
    if until_at is not None and until_at <= by_at and _is_clock_time(raw.get("until_at", "")):
        until_at += timedelta(days=1)  # past midnight
    return Wanted(
        post=form.post,
        quota=quota,
        by_at=by_at,
        until_at=until_at,
        waves=chosen,
        duty_id=form.duty.pk if form.duty else None,
        wait_seconds=form.wait,
    )


def key(raw: Mapping[str, str]) -> uuid.UUID:
    """The key that makes a second submit find the first; a new one where none was sent."""
    try:
        return uuid.UUID(raw.get("client_key", ""))
    except ValueError:
        return uuid.uuid4()


def future(text: str, *, at: datetime, what: str) -> datetime | None:
    """A time that is to come: 15:10 of today, or of tomorrow where today's is long past; None where left empty.

    Raises ValueError with a sentence.
    """
    if not text.strip():
        return None
    found = readings.moment(text, at=at, what=what, may_come=True)
    if _is_clock_time(text) and found < at - SIX_HOURS:
        found += timedelta(days=1)
    return found


def _is_clock_time(text: str) -> bool:
    return "-" not in text


def _moment(raw: Mapping[str, str], name: str, at: datetime) -> datetime | None:
    """What was typed, where it can be read; the preview does without what cannot."""
    try:
        return future(raw.get(name, ""), at=at, what="")
    except ValueError:
        return None


def _rounded(moment: datetime) -> datetime:
    over = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + (ROUND if over else timedelta(0))


def _until(incident: Incident, found: pool.Pool, by_at: datetime, waves: tuple[str, ...], now: datetime) -> datetime:
    """For whom is on shift an hour beyond its end; else three hours."""
    if Wave.EXTEND not in waves:
        return by_at + STAY
    ends = [
        stint.ends_at
        for one in found.people
        for stint in one.stints
        if stint.covers(now) and stint.post in found.posts and not stint.standby
    ]
    latest = clock.at(incident, max(ends)) if ends else by_at
    return max(by_at, latest) + LONGER


def _in_order(
    preview: Mapping[Wave, tuple[Candidate, ...]], chosen: tuple[str, ...]
) -> list[tuple[Wave, tuple[Candidate, ...]]]:
    """The waves chosen, in their order, then the others."""
    first = [Wave(key) for key in chosen if key in set(Wave)]
    return [(wave, preview[wave]) for wave in [*first, *(wave for wave in Wave if wave not in first)]]


def _wave_row(wave: Wave, people: tuple[Candidate, ...], is_chosen: bool) -> WaveRow:
    english = say.is_english()
    rows = tuple(
        Row(one.name, offers.hours(one.week), offers.overtime(one)[1 if english else 0], bool(one.warnings))
        for one in people[:NAMED]
    )
    over = sum(bool(one.warnings) for one in people)
    return WaveRow(wave.value, callout_words.waves([wave.value]), len(people), is_chosen, rows, over)


def _posts(site_id: int) -> tuple[Option, ...]:
    rows = Post.objects.filter(site_id=site_id).order_by("pk")
    return tuple(Option(row.key, say.pick(row)) for row in rows)


def _duty(story: Story, raw: Mapping[str, str]) -> Duty | None:
    text = raw.get("duty", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return next((duty for duty in story.duties if duty.pk == int(text)), None)


def _rule(story: Story, duty: Duty) -> object:
    return next((rule for rule in story.playbook.duties if rule.key == duty.rule), story.playbook)


def _explain(story: Story, duty: Duty | None) -> str:
    if duty is None:
        return _("按波次逐批通知，够数即止；有人不能来、不应答或未到，自动找下一位。")
    clause = say.pick(_rule(story, duty), "clause")
    return _("%s。按波次逐批通知，够数即止；有人不能来、不应答或未到，自动找下一位。") % clause


def _wait(raw: Mapping[str, str]) -> int:
    text = raw.get("wait", "")
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else callouts.WAIT_SECONDS
    return found if found in WAITS else callouts.WAIT_SECONDS


def _may(user: "User", incident: Incident, story: Story, duty: Duty | None) -> str:
    """How far this person's right reaches, said before the button is pressed."""
    if "incident.decide" in access.verbs(user, incident.site_id):
        return ""
    rule = callouts.rule_of(story, duty)
    try:
        callouts.check_right(user, incident.site_id, rule, rule.quota if rule else 1)
    except Denied as no:
        return str(no)
    if rule is None or rule.quota is None:
        return ""
    return _("您可以召集预案写明的 %d 人；超过的需要主管。") % rule.quota


def _hm(moment: datetime) -> str:
    return f"{moment.astimezone(clock.ZONE):%H:%M}"
