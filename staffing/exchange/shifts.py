"""The table of shifts: one row a person on a post for a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from staffing import shifts
from staffing.exchange import clashes, headers, texts, times
from staffing.exchange.clashes import Span
from staffing.exchange.columns import Column, Flag, Text, When
from staffing.exchange.resources import Judged, SheetResource
from staffing.models import Absence, Person, Shift, ShiftKind

Day = tuple[int, int, int | None, date]  # post, person, kind, day of the start


class ShiftsResource(SheetResource):
    """The roster of some days. Nothing is taken away by a file; a shift with the same start is changed."""

    needed: ClassVar[headers.Needed] = (("post",), ("number", "name"), ("kind", "start"))

    post = Column("post", ("岗位", "Post"), also=("职位", "岗位名称"), sample=("值班组长", "Shift team leader"))
    number = Column("person__number", ("工号", "Staff number"), Text(40), also=("编号", "No.", "ID"), sample="9001")
    name = Column("person__name", ("姓名", "Name"), also=("名字", "人员"), sample=("示例人员甲", "Sample Person A"))
    day = Column("day", ("日期", "Date"), When(), also=("值班日期",), sample="2026-12-15")
    kind = Column("kind", ("班次", "Shift"), Text(20), also=("班",), sample=("晚", "Evening"))
    start = Column(
        "starts_at", ("开始", "Start"), When(), also=("开始时间", "上班", "Starts"), sample="2026-12-15 16:00"
    )
    end = Column("ends_at", ("结束", "End"), When(), also=("结束时间", "下班", "Ends"), sample="2026-12-16 00:00")
    standby = Column("standby", ("备班", "Standby"), Flag(), sample=("否", "No"))
    is_override = Column("is_override", ("临时顶替", "Stand-in"), Flag(), also=("顶替",), sample=("否", "No"))
    note = Column("note", ("说明", "Note"), Text(120), also=("备注", "Remark"))

    model = Shift

    class Meta(SheetResource.Meta):
        model = Shift
        fields = ("post", "number", "name", "day", "kind", "start", "end", "standby", "is_override", "note")

    def __init__(self, *args: Any, span: tuple[datetime, datetime] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.span = span  # what is exported: shifts that touch it
        self.kept: list[Shift] = []
        self.away: list[Absence] = []

    def get_queryset(self) -> "QuerySet[Shift]":
        found = Shift.objects.filter(post__site=self.site, removed_at__isnull=True)
        if self.span:
            found = found.filter(starts_at__lt=self.span[1], ends_at__gt=self.span[0])
        return found.select_related("post__site", "person", "kind").order_by(
            "starts_at", "post_id", "person__name", "pk"
        )

    def get_bulk_update_fields(self) -> list[str]:
        return ["kind", "starts_at", "ends_at", "standby", "is_override", "note", "source", "sequence", "changed_at"]

    def dehydrate_post(self, shift: Shift) -> str:
        """The post in the reader's language."""
        return self.world.posts.writing(shift.post)

    def dehydrate_kind(self, shift: Shift) -> str:
        """The kind of shift in the reader's language."""
        return self.world.kinds.writing(shift.kind) if shift.kind else ""

    def dehydrate_day(self, shift: Shift) -> str:
        """The day on which it starts."""
        return times.shown(shift.starts_at)[:10]

    def shown(self, row: Judged, attribute: str, value: Any) -> str:
        return texts.pick(value.zh, value.en) if isinstance(value, ShiftKind) else super().shown(row, attribute, value)

    # What a row wants

    def match(self, rows: Sequence[Judged]) -> None:
        for row in rows:
            self._want(row)
        self._look(rows)
        by_start = {(one.post_id, one.person_id, one.starts_at): one for one in self.kept}
        by_day: dict[Day, list[Shift]] = defaultdict(list)
        for one in self.kept:
            by_day[one.post_id, one.person_id, one.kind_id, _local_day(one.starts_at)].append(one)
        sound = [row for row in rows if not row.problems]
        for row in sound:
            row.instance = by_start.get((row.values["at"].pk, row.values["person"].pk, row.values["starts_at"]))
        taken = {row.instance.pk for row in sound if row.exists}
        for row in sound:
            row.instance = row.instance or _moved(row, by_day, taken)
            self._fill(row)

    def _want(self, row: Judged) -> None:
        values = row.values
        person = self._try(row, "number" if values.get("number") else "name", self._person)
        post = self._try(row, "post", self._post)
        kind = self._try(row, "kind", self._kind)
        if person:
            values["person"] = person
        if post:
            values["at"] = post
        if not self._is_broken(row, "day", "kind", "start", "end"):
            self._try(row, "start", lambda one: self._times(one, kind))
        row.wanted = {key: values[key] for key in ("note",) if key in values}
        if "kind" in values and not self._is_broken(row, "kind"):
            row.wanted["kind"] = kind

    def _try(self, row: Judged, key: str, ask: Any) -> Any:
        """What was asked for; None and a problem of that column where it can't be had."""
        if self._is_broken(row, key):
            return None
        try:
            return ask(row)
        except ValueError as error:
            row.problems.append((self.fields[key].title, str(error)))
            return None

    def _is_broken(self, row: Judged, *keys: str) -> bool:
        broken = {column for column, _said in row.problems}
        return any(self.fields[key].title in broken for key in keys)

    def _person(self, row: Judged) -> Person:
        number, name = row.values.get("number", ""), row.values.get("name", "")
        if not number and not name:
            raise ValueError(_("请填写姓名或工号。"))
        person = self.world.people.find(number, name)
        if not person.is_active:
            raise ValueError(_("%(name)s已离职或停用，不能排班。") % {"name": person.name})
        return person

    def _post(self, row: Judged) -> Any:
        word = row.values.get("post", "")
        if not word:
            raise ValueError(_("请填写岗位。"))
        return self.world.posts.find(word, _("岗位“%s”不存在"), _("叫“%s”的岗位不止一个，请填代号。"))

    def _kind(self, row: Judged) -> ShiftKind | None:
        word = row.values.get("kind", "")
        if not word:
            return None
        return self.world.kinds.find(word, _("班次“%s”不存在"), _("叫“%s”的班次不止一个，请填代号。"))

    def _times(self, row: Judged, kind: ShiftKind | None) -> None:
        """From when until when: as written, else as that kind of shift goes on that day."""
        values = row.values
        start = _moment(values.get("start"), values.get("day"), _("开始"))
        if start is None:
            if kind is None:
                raise ValueError(_("请填写开始和结束，或者日期和班次。"))
            start = _moment(kind.starts, values.get("day"), _("班次"))
        assert start is not None
        end = _end(values.get("end"), start)
        if end is None and kind is not None:
            end = _end(kind.ends, start)
        if end is None:
            raise ValueError(_("请填写结束时间。"))
        if end <= start:
            raise ValueError(
                _("结束（%(end)s）早于开始（%(start)s）。") % {"end": times.shown(end), "start": times.shown(start)}
            )
        values["starts_at"], values["ends_at"] = start, end

    def _fill(self, row: Judged) -> None:
        values, wanted = row.values, row.wanted
        wanted["starts_at"], wanted["ends_at"] = values["starts_at"], values["ends_at"]
        for key in ("standby", "is_override"):
            if values.get(key) is not None:
                wanted[key] = values[key]
        if not row.exists:
            wanted["post"], wanted["person"] = values["at"], values["person"]
            wanted.setdefault("standby", bool(wanted.get("kind") and wanted["kind"].standby))

    # What is there already

    def _look(self, rows: Iterable[Judged]) -> None:
        """Read the shifts and the leave around those of the file."""
        sound = [row.values for row in rows if "starts_at" in row.values]
        if sound:
            since = min(one["starts_at"] for one in sound)
            until = max(one["ends_at"] for one in sound)
            self.span = (since - times.DAY, until + times.DAY)
            self.kept = list(self.get_queryset())
            around = {"starts_at__lt": until, "ends_at__gt": since}
            self.away = list(Absence.objects.filter(person__site=self.site, **around))

    def check(self, rows: Sequence[Judged]) -> None:
        """A person is in one place at a time, not away, and what has begun is changed only with a reason."""
        sound = [row for row in rows if not row.problems]
        taken = {row.instance.pk for row in sound if row.exists}
        spans = [_planned(row) for row in sound]
        spans += [_kept(one) for one in self.kept if one.pk not in taken]
        for row in sound:
            if row.changes or not row.exists:
                self._check_alone(row)
        for later, other in clashes.meeting(spans):
            _clash(later, other, self.fields["start"].title)
        self._check_leave(sound)

    def _check_alone(self, row: Judged) -> None:
        starts_at, ends_at = row.values["starts_at"], row.values["ends_at"]
        standby = row.wanted.get("standby", row.exists and row.instance.standby)
        most = shifts.LONGEST_STANDBY if standby else shifts.LONGEST_ON_DUTY
        if ends_at - starts_at > most:
            sentence = _("一次备班最长 31 天，请分成几次。") if standby else _("一个班次最长 24 小时，请分成几个班次。")
            row.problems.append((self.fields["end"].title, sentence))
        began = min(starts_at, row.instance.starts_at) if row.exists else starts_at
        if began < self.now and not row.values.get("note"):
            row.problems.append((self.fields["note"].title, _("这个班次已经开始或已过去，改动须在“说明”里写明理由。")))

    def _check_leave(self, sound: Iterable[Judged]) -> None:
        away: dict[int, list[Absence]] = defaultdict(list)
        for one in self.away:
            away[one.person_id].append(one)
        for row in sound:
            if row.exists and not row.changes:
                continue
            for one in away[row.values["person"].pk]:
                if one.starts_at < row.values["ends_at"] and one.ends_at > row.values["starts_at"]:
                    words = {"what": one.get_reason_display(), "span": _shown(one.starts_at, one.ends_at)}
                    row.problems.append((self.fields["name"].title, _("此人%(what)s：%(span)s。") % words))

    def import_instance(self, instance: Any, row: Mapping[str, Any], **kwargs: Any) -> None:
        super().import_instance(instance, row, **kwargs)
        instance.sequence += instance.pk is not None
        instance.source, instance.changed_at = Shift.Source.IMPORT, self.now


def _moved(row: Judged, by_day: Mapping[Day, list[Shift]], taken: set[int]) -> Shift | None:
    """The one shift of that post, person, kind and day that no row names: its times are changed."""
    kind, values = row.wanted.get("kind"), row.values
    if kind is None:
        return None
    day = _local_day(values["starts_at"])
    found = [one for one in by_day.get((values["at"].pk, values["person"].pk, kind.pk, day), ()) if one.pk not in taken]
    if len(found) != 1:
        return None
    taken.add(found[0].pk)
    return found[0]


def _moment(value: times.Written | None, day: times.Written | None, what: str) -> datetime | None:
    """A start as it is written; a time alone is of the day of the row. Raises ValueError."""
    if isinstance(value, datetime):
        return times.aware(value)
    if isinstance(value, date):
        raise ValueError(_("%s只有日期，请写上时刻。") % what)
    if value is None:
        return None
    if isinstance(day, datetime):
        day = day.date()
    if not isinstance(day, date):
        raise ValueError(_("请填写日期，或者把开始写成 2026-12-15 16:00。"))
    return times.joined(day, value)


def _end(value: times.Written | None, start: datetime) -> datetime | None:
    """An end as it is written; a time alone is the next one after the start."""
    if isinstance(value, time | timedelta):
        end = times.joined(_local_day(start), value)
        return end if end > start else times.joined(_local_day(start) + times.DAY, value)
    return _moment(value, None, _("结束"))


def _local_day(moment: datetime) -> date:
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def _planned(row: Judged) -> Span:
    standby = row.wanted.get("standby", row.exists and row.instance.standby)
    values = row.values
    return Span(values["starts_at"], values["ends_at"], values["person"].pk, row, (values["at"], standby))


def _kept(shift: Shift) -> Span:
    return Span(shift.starts_at, shift.ends_at, shift.person_id, None, (shift.post, shift.standby))


def _clash(later: Span, other: Span, title: str) -> None:
    """On the same post it can't be; on another one it is said, as in the roster."""
    (post, standby), (other_post, other_standby) = later.what, other.what
    words = {"line": getattr(other.row, "number", 0), "span": _shown(other.starts_at, other.ends_at)}
    if post == other_post:
        said = _("与第 %(line)d 行重叠：%(span)s。") if other.row else _("与已排的班次重叠：%(span)s。")
        later.row.problems.append((title, said % words))
    elif not (standby or other_standby):
        words["post"] = texts.pick(other_post.zh, other_post.en)
        later.row.notes.append(_("同时在两处：%(post)s %(span)s。") % words)


def _shown(starts_at: datetime, ends_at: datetime) -> str:
    return f"{times.shown(starts_at)[5:]}–{times.shown(ends_at)[5:]}"
