"""Builders for files as people send them: CSV in any encoding, workbooks good and bad; and what becomes of them."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import openpyxl
from django.db import transaction

from staffing.exchange import tables, times
from staffing.exchange.tables import Preview
from staffing.models import Site, User

Rows = Iterable[Sequence[Any]]
NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)
HEADS = {
    "people": ["工号", "姓名", "部门", "语言", "可召集为", "在职"],
    "contacts": ["工号", "姓名", "通道", "地址", "顺序", "可用时段从", "可用时段到"],
    "shifts": ["岗位", "工号", "姓名", "日期", "班次", "开始", "结束", "备班", "临时顶替", "说明"],
}


def look(site: Site, kind: str, *rows: Sequence[Any], heads: Any = None, make: Any = None) -> Preview:
    """Look at rows of a kind under its own headers."""
    return tables.look((make or as_csv)([heads or HEADS[kind], *rows]), site=site, kind=kind, now=NOW)


def bring(site: Site, actor: User, kind: str, *rows: Sequence[Any], heads: Any = None) -> Preview:
    """Import rows of a kind, after a look."""
    source = as_csv([heads or HEADS[kind], *rows])
    mark = tables.look(source, site=site, kind=kind, now=NOW).mark
    with transaction.atomic():
        return tables.carry_out(source, site=site, kind=kind, actor=actor, now=NOW, mark=mark)


def planned(*, post: str = "值班组长", name: str = "示例班长I", **more: Any) -> list[Any]:
    """A row of a roster; what is not named stays empty."""
    return list((dict.fromkeys(HEADS["shifts"], "") | {"岗位": post, "姓名": name} | more).values())


def outcomes(preview: Preview) -> list[str]:
    return [row.outcome for row in preview.rows]


def why(preview: Preview, place: int = 0) -> str:
    """What is wrong with one row."""
    return " ".join(f"{column}：{sentence}" for column, sentence in preview.rows[place].problems)


def wall(text: str) -> datetime:
    """A date of a spreadsheet, which knows no zone."""
    return datetime.fromisoformat(text)


def local(text: str) -> datetime:
    """A moment in the zone of the sites."""
    return times.aware(wall(text))


def as_csv(rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """The rows as text."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Rows, change: Any = None) -> bytes:
    """The rows as a workbook; `change(sheet)` may spoil it before it is saved."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(source: bytes, **parts: bytes) -> bytes:
    """A workbook with some of its parts replaced or added; `__` in a name stands for /, `_dot_` for a point."""
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, named.pop(part.filename, None) or old.read(part))
        for name, content in named.items():
            new.writestr(name, content)
    return out.getvalue()
