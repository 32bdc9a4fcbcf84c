"""Tables out: as xlsx, every cell text; as CSV, with a mark by which spreadsheet programs know the encoding."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from tablib import Dataset

from staffing.exchange import texts
from staffing.exchange.contacts import ContactsResource
from staffing.exchange.people import PeopleResource
from staffing.exchange.resources import SheetResource
from staffing.exchange.shifts import ShiftsResource
from staffing.models import Site

TYPES: Mapping[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
KINDS = ("people", "contacts", "shifts")
TEXT = "@"  # the format of a cell that stays as it is written: telephone numbers, leading zeros
NARROWEST, WIDEST = 8, 40


def title(kind: str) -> str:
    """What a kind of table is called."""
    return {"people": _("人员表"), "contacts": _("联系方式表"), "shifts": _("班次表")}[kind]


def people(site: Site, now: datetime) -> Dataset:
    """Everybody of the site, those who left too."""
    return _export(PeopleResource(site, now))


def contacts(site: Site, now: datetime, *, whole: bool) -> Dataset:
    """How everybody is reached; `whole`: with full numbers, for which the caller asks the right and keeps record."""
    return _export(ContactsResource(site, now, whole=whole))


def roster(site: Site, now: datetime, span: tuple[datetime, datetime]) -> Dataset:
    """The shifts that touch the span."""
    return _export(ShiftsResource(site, now, span=span))


def sample(site: Site, kind: str, now: datetime) -> Dataset:
    """An empty table with one row that shows how to fill it."""
    made: dict[str, type[SheetResource]] = {
        "people": PeopleResource, "contacts": ContactsResource, "shifts": ShiftsResource
    }  # fmt: skip
    return made[kind](site, now).sample()


def as_bytes(dataset: Dataset, form: str, name: str) -> bytes:
    """The file; `form` is xlsx or csv, `name` that of its sheet."""
    write: Mapping[str, Callable[[Sequence[Sequence[str]], str], bytes]] = {"xlsx": _xlsx, "csv": _csv}
    rows = [[texts.escaped(str(cell or "")) for cell in row] for row in (dataset.headers, *dataset)]
    return write[form](rows, name)


def _export(resource: SheetResource) -> Dataset:
    found: Dataset = resource.export()
    return found


def _csv(rows: Sequence[Sequence[str]], name: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[Sequence[str]], name: str) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    for place, width in enumerate(_widths(rows), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.column_dimensions[get_column_letter(place)].number_format = TEXT
    for number, row in enumerate(rows):
        sheet.append([_cell(sheet, text, is_head=number == 0) for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Worksheet, text: str, *, is_head: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text or None)
    cell.number_format = TEXT
    if text:
        cell.data_type = "s"  # whatever it looks like
    if is_head:
        cell.font = Font(bold=True)
    return cell


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Wide enough for what stands in each column; a Chinese character takes two places."""
    columns = zip(*rows, strict=True)
    return [min(WIDEST, max(NARROWEST, *(sum(1 + (sign > "⺀") for sign in text) for text in column)) + 2)
            for column in columns]  # fmt: skip
