"""A table of people, contacts or shifts against the database: every row is new, changed, the same or refused.

The rows are judged together before the first is written, for a file may contradict itself; import-export then carries
them out, in one go or not at all.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export.resources import ModelResource
from tablib import Dataset

from staffing.exchange import headers, times
from staffing.exchange.columns import Column
from staffing.exchange.files import Line, Sheet
from staffing.exchange.world import World
from staffing.models import Site

PLACE = "row"  # the column of a dataset that says which row it was


@dataclass(frozen=True)
class Change:
    """One column of a row that differs from what is kept."""

    attribute: str
    column: str
    old: str
    new: str


@dataclass
class Judged:
    """One row and what becomes of it. `instance` is the row of the database, or a new one that is not saved yet."""

    line: Line
    cells: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)  # by column; a column that the file lacks is absent
    problems: list[tuple[str, str]] = field(default_factory=list)  # (title of the column, sentence)
    notes: list[str] = field(default_factory=list)
    instance: Any = None
    wanted: dict[str, Any] = field(default_factory=dict)  # attribute -> value
    changes: list[Change] = field(default_factory=list)
    old: Any = None  # the instance as it was, for the audit
    outcome: str = ""  # new, changed, same or refused

    @property
    def number(self) -> int:
        return self.line.number

    @property
    def exists(self) -> bool:
        """Whether it has its match in the database."""
        return self.instance is not None and self.instance.pk is not None

    def settle(self) -> None:
        """Everything is known about the row: what becomes of it."""
        if self.problems:
            self.outcome = "refused"
        else:
            self.outcome = ("changed" if self.changes else "same") if self.exists else "new"


class SheetResource(ModelResource):
    """What the three kinds of tables share. Subclasses say how a row finds its match and what contradicts what."""

    needed: ClassVar[headers.Needed] = ()
    model: ClassVar[type[models.Model]]

    class Meta:
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        report_skipped = True
        clean_model_instances = False
        import_id_fields = ()

    def __init__(self, site: Site, now: datetime) -> None:
        super().__init__()
        self.site, self.now = site, now
        self.rows: list[Judged] = []
        self.world: World

    # In

    @property
    def columns(self) -> dict[str, Column]:
        """Key -> column, in the order in which they stand."""
        return {key: self.fields[key] for key in self._meta.fields}

    def dataset(self, sheet: Sheet) -> Dataset:
        """The file under our own headers. Raises UnreadableError where its headers are wrong."""
        keys = headers.match(sheet.headers, self.columns, self.needed)
        kept = [(place, key) for place, key in enumerate(keys) if key]
        dataset = Dataset(headers=[*(key for _place, key in kept), PLACE])
        self.rows = []
        for line in sheet.lines:
            cells = [line.cells[place] if place < len(line.cells) else None for place, _key in kept]
            dataset.append([*cells, len(self.rows)])
            row = Judged(line, dict(zip((key for _place, key in kept), cells, strict=True)))
            _check_width(row, keys)
            self.rows.append(row)
        for flaw in sheet.flaws:
            self._at(flaw.line).problems.append((flaw.column, flaw.sentence))
        return dataset

    def _at(self, number: int) -> Judged:
        """The row of that number, else the next one: a merged header makes the first row unsure."""
        return next((row for row in self.rows if row.number >= number), self.rows[-1])

    def judge(self) -> None:
        """Say of every row what becomes of it. A fixed number of queries; nothing is written."""
        self.world = World(self.site)
        for row in self.rows:
            self._read(row)
        self.match([row for row in self.rows if row.values])  # of a sample row nothing was read
        for row in self.rows:
            if not row.problems:
                self._compare(row)
        self.check(self.rows)
        for row in self.rows:
            row.settle()

    def match(self, rows: Sequence[Judged]) -> None:
        """Find the row of the database for each, and what is wanted of it; problems are written into the rows."""
        raise NotImplementedError

    def check(self, rows: Sequence[Judged]) -> None:
        """Look for what contradicts something else; problems and notes are written into the rows."""

    def _read(self, row: Judged) -> None:
        if self._is_sample(row):
            row.problems.append(("", _("这是模板里的示例行，请删去。")))
            return
        for key, column in self.columns.items():
            if key not in row.cells:
                continue
            try:
                row.values[key] = column.clean(row.cells)
            except ValueError as error:
                row.problems.append((column.title, str(error)))

    def _is_sample(self, row: Judged) -> bool:
        said = {key: str(cell) for key, cell in row.cells.items() if cell not in (None, "")}
        return any(
            said == {key: column.samples[place] for key, column in self.columns.items() if column.samples[place]}
            for place in (0, 1)
        )

    def _compare(self, row: Judged) -> None:
        """Keep of `wanted` what differs."""
        if not row.exists:
            return
        for attribute, value in list(row.wanted.items()):
            old = getattr(row.instance, attribute)
            if self.is_same(attribute, old, value):
                del row.wanted[attribute]
                continue
            column = next(one for one in self.columns.values() if one.attribute.partition("__")[0] == attribute)
            row.changes.append(
                Change(attribute, column.title, self.shown(row, attribute, old), self.shown(row, attribute, value))
            )

    def is_same(self, attribute: str, old: Any, new: Any) -> bool:
        """Whether both mean the same."""
        return " ".join(old.split()) == new if isinstance(old, str) else old == new

    def shown(self, row: Judged, attribute: str, value: Any) -> str:
        """A value for the list of changes."""
        if isinstance(value, datetime):
            return times.shown(value)
        if isinstance(value, bool):
            return _("是") if value else _("否")
        return "" if value is None else str(value)

    def before_import_row(self, row: Mapping[str, Any], **kwargs: Any) -> None:
        judged = self.rows[row[PLACE]]
        if judged.problems:
            raise ValidationError([sentence for _column, sentence in judged.problems])

    def get_instance(self, instance_loader: Any, row: Mapping[str, Any]) -> models.Model | None:
        judged = self.rows[row[PLACE]]
        return judged.instance if judged.exists else None

    def init_instance(self, row: Mapping[str, Any] | None = None) -> models.Model:
        judged = self.rows[row[PLACE]] if row else Judged(Line(0, ()), {})
        judged.instance = judged.instance or super().init_instance(row)
        instance: models.Model = judged.instance
        return instance

    def import_instance(self, instance: models.Model, row: Mapping[str, Any], **kwargs: Any) -> None:
        judged = self.rows[row[PLACE]]
        judged.old = copy.copy(instance) if judged.outcome == "changed" else None
        for attribute, value in judged.wanted.items():
            setattr(instance, attribute, value)

    def skip_row(self, instance: Any, original: Any, row: Mapping[str, Any], *_errors: Any) -> bool:
        return self.rows[row[PLACE]].outcome == "same"

    def after_import(self, dataset: Dataset, result: Any, **kwargs: Any) -> None:
        """Not what the library does: setting the sequence back would give the same number to two people at once."""

    # Out

    def before_export(self, queryset: Any, **kwargs: Any) -> None:
        self.world = World(self.site)

    def get_export_order(self) -> tuple[str, ...]:
        return tuple(self._meta.fields)

    def get_export_headers(self, selected_fields: Any = None) -> list[str]:
        return [column.title for column in self.columns.values()]

    def sample(self) -> Dataset:
        """The table with one row that shows how to fill it."""
        dataset = Dataset(headers=self.get_export_headers())
        dataset.append([column.sample for column in self.columns.values()])
        return dataset


def _check_width(row: Judged, keys: Sequence[str]) -> None:
    """A value under no header: a comma too many, or a column without a name."""
    for place, cell in enumerate(row.line.cells):
        if (place >= len(keys) or not keys[place]) and cell is not None and str(cell).strip():
            sentence = _("第 %(place)d 格“%(text)s”没有表头。") % {"place": place + 1, "text": str(cell)[:20]}
            row.problems.append(("", sentence))
