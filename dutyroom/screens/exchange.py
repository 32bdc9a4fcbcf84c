"""The pages of import and export: what may be brought in, and what a file would do, row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from dutyroom import uploads
from dutyroom.models import Upload
from staffing import rights
from staffing.exchange import columns, tables, times, writing
from staffing.exchange.resources import Judged
from staffing.exchange.tables import Preview
from staffing.models import Site, User

SHOWN = 200  # rows of one sort; a page that nobody reads to its end helps nobody
LONGEST_EXPORT = timedelta(days=366)
USUAL_EXPORT = timedelta(days=28)


@dataclass(frozen=True)
class Kind:
    """A kind of table, with what its columns are called."""

    key: str
    title: str
    columns: tuple[str, ...]
    hint: str


def kinds(keys: Sequence[str]) -> list[Kind]:
    """The kinds of tables of these keys."""
    return [
        Kind(key, writing.title(key), tuple(one.title for one in tables.columns(key).values()), _hint(key))
        for key in keys
    ]


def _hint(key: str) -> str:
    return {
        "people": _("凭工号认人，没有工号的凭姓名；离职的填“在职：否”，不会删除任何人。"),
        "contacts": _("同一人同一通道、顺序相同的，换成新地址；顺序留空的，加在后面。"),
        "shifts": _("开始时间相同的班次按文件修改，其余为新增，不会删除任何班次；也可以只填日期和班次。"),
    }[key]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one row."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Row:
    """A row of the file as it is shown."""

    line: int
    who: str
    when: str = ""  # of a shift: what was made of its dates and times
    cells: tuple[str, ...] = ()
    changes: tuple[object, ...] = ()
    notes: tuple[str, ...] = ()


class PreviewScreen:
    """What a file would do: what is wrong first, then what changes, then what is new."""

    def __init__(self, upload: Upload, preview: Preview) -> None:
        self.upload, self.preview = upload, preview
        self.counts = preview.counts
        self.total = len(preview.rows)
        self.mark = preview.mark
        self.title = writing.title(upload.kind)
        self.may_import = preview.may_import
        self.notes = preview.sheet.notes
        self.headers = preview.sheet.headers
        self.problems = list(self._problems())
        self.changed = [self._row(one) for one in self._of("changed")[:SHOWN]]
        self.new = [self._row(one) for one in self._of("new")[:SHOWN]]
        self.remarks = [self._row(one) for one in preview.rows if one.notes and not one.problems][:SHOWN]

    @property
    def to_do(self) -> int:
        """How many rows would be written."""
        return self.counts["new"] + self.counts["changed"]

    @property
    def more_problems(self) -> int:
        """Rows with problems that are not shown."""
        return self.counts["refused"] - len({one.line for one in self.problems})

    @property
    def more_changed(self) -> int:
        return self.counts["changed"] - len(self.changed)

    @property
    def more_new(self) -> int:
        return self.counts["new"] - len(self.new)

    def _of(self, outcome: str) -> list[Judged]:
        return [row for row in self.preview.rows if row.outcome == outcome]

    def _problems(self) -> Iterator[Problem]:
        for row in self._of("refused")[:SHOWN]:
            for column, sentence in row.problems:
                yield Problem(row.number, column, sentence)

    def _row(self, row: Judged) -> Row:
        cells = tuple(columns.plain(cell) for cell in row.line.cells[: len(self.headers)])
        padded = cells + ("",) * (len(self.headers) - len(cells))
        person = row.values.get("person")
        name = person.name if person else row.values.get("name", "")
        return Row(row.number, name, _when(row), padded, tuple(row.changes), tuple(row.notes))


def _when(row: Judged) -> str:
    if "starts_at" not in row.values:
        return ""
    starts, ends = (times.shown(row.values[key]) for key in ("starts_at", "ends_at"))
    return f"{starts}–{ends[11:] if ends[:10] == starts[:10] else ends[5:]}"


@dataclass(frozen=True)
class Span:
    """Whole days of the roster, both ends included, as a form shows them."""

    first: str
    last: str
    starts_at: datetime
    ends_at: datetime


def span(first: str, last: str, now: datetime) -> Span:
    """The days asked for, else four weeks from this Monday. Raises ValueError with a sentence."""
    today = timezone.localtime(now).date()
    start = _day(first) or today - timedelta(days=today.weekday())
    end = _day(last) or start + USUAL_EXPORT - timedelta(days=1)
    if end < start:
        raise ValueError(_("结束日期早于开始日期。"))
    if end - start >= LONGEST_EXPORT:
        raise ValueError(_("一次最多导出 366 天，请缩短日期范围。"))
    moments = [times.joined(day, time()) for day in (start, end + timedelta(days=1))]
    return Span(start.isoformat(), end.isoformat(), *moments)


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    found = times.written(text)
    if isinstance(found, datetime):
        return found.date()
    if isinstance(found, date):
        return found
    raise ValueError(_("“%s”不是日期。") % text[:20])


def may_see_numbers(user: User, site: Site) -> bool:
    """Whether whole telephone numbers may leave with this user."""
    return rights.is_allowed(user, rights.CONTACTS, site.pk)


def may_import(user: User, site: Site) -> bool:
    """Whether there is anything that the user may bring in here."""
    return bool(uploads.allowed(user, site))
