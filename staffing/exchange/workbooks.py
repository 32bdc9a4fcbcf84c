"""Workbooks (xlsx): looked at as an archive first, then read; no macro is run, no link followed."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from lzma import LZMAError
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from staffing.exchange import files
from staffing.exchange.columns import Formula
from staffing.exchange.files import Flaw, Line, Sheet, UnreadableError

MOST_UNPACKED = 20 * 1024 * 1024
MOST_PARTS = 300
MOST_CELLS = files.MOST_ROWS * 40
READ = ("/worksheet", "/sharedStrings", "/styles", "/officeDocument")  # what is loaded, and so looked at before
LAST_ROW = files.MOST_ROWS * 2  # rows may be empty in between
BROKEN = (zipfile.BadZipFile, ParseError, InvalidFileException, KeyError, ValueError, TypeError, AttributeError,
          IndexError, EOFError, OSError, NotImplementedError, OverflowError, RecursionError, zlib.error,
          LZMAError)  # fmt: skip


def read(source: bytes) -> Sheet:
    """The first sheet of a workbook that holds anything. Raises UnreadableError."""
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            _check_archive(archive)
            last = _check_parts(archive)
        book = openpyxl.load_workbook(io.BytesIO(source), keep_vba=False, keep_links=False, data_only=False)
    except DefusedXmlException as error:
        raise UnreadableError(_("文件里有外部实体或内嵌声明，可能有害，未读取。")) from error
    except BROKEN as error:
        raise UnreadableError(_("文件已损坏，或者不是真正的 xlsx：请用表格软件打开后重新另存。")) from error
    return _sheet(book, last)


def _check_archive(archive: zipfile.ZipFile) -> None:
    """By the list of its parts alone: nothing is unpacked before this."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/workbook") for name in names):
        raise UnreadableError(_("这是一个压缩包，不是 xlsx 表格。"))
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableError(_("文件加了密码，请去掉密码再上传。"))
    if any("vbaproject" in name.lower() for name in names):
        raise UnreadableError(_("文件里有宏，不接收：请另存为不带宏的 xlsx。"))
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise UnreadableError(
            _("文件展开后有 %(size)d MB，超过上限 %(most)d MB，未读取。")
            % {"size": unpacked // 1024 // 1024, "most": MOST_UNPACKED // 1024 // 1024}
        )


@dataclass
class Count:
    """How much a sheet holds, before it is loaded."""

    rows: int = 0  # with something in them
    cells: int = 0
    last: int = 0  # the number of the last row with something in it
    place: int = 0
    filled: bool = False
    hidden: bool = False  # names a sheet that does not look like one, and was not counted for that

    def end_of_row(self, number: str | None) -> None:
        """A row was read; rows may come without their number."""
        self.place = int(number) if number else self.place + 1
        self.rows += self.filled
        self.last = self.place if self.filled else self.last
        self.filled = False


def _check_parts(archive: zipfile.ZipFile) -> int:
    """Go through every part once as a stream: no entities, and not more than a roster needs; the last row used."""
    last = 1
    for part in archive.infolist():
        if not part.filename.lower().endswith((".xml", ".rels")):
            continue
        with archive.open(part) as stream:
            count = _count(stream)
        if count.hidden:
            raise UnreadableError(_("文件已损坏，或者不是真正的 xlsx：请用表格软件打开后重新另存。"))
        if count.rows > files.MOST_ROWS + 1:
            raise UnreadableError(files.too_long(count.rows - 1))
        if count.cells > MOST_CELLS:
            raise UnreadableError(
                _("表里有 %(cells)d 个以上的格子，太多了：请只留需要的列和行。") % {"cells": MOST_CELLS}
            )
        if count.last > LAST_ROW:
            raise UnreadableError(_("数据一直散落到第 %d 行：请删去中间的空行。") % count.last)
        last = max(last, count.last)
    return last


def _count(stream: IO[bytes]) -> Count:
    count = Count()
    for _event, node in iterparse(stream, events=("end",), forbid_dtd=True):
        name = node.tag.rpartition("}")[2]
        if name in ("v", "is", "f"):
            count.filled = True
        elif name == "Relationship" and (node.get("Type") or "").endswith(READ):
            count.hidden = count.hidden or not (node.get("Target") or "").lower().endswith(".xml")
        elif name == "c":
            count.cells += 1
        elif name == "row":
            count.end_of_row(node.get("r"))
            node.clear()
        if count.cells > MOST_CELLS:
            break
    return count


def _sheet(book: Any, last: int) -> Sheet:
    filled = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and _has_content(sheet, last)]
    if not filled:
        raise UnreadableError(_("表里什么也没有。"))
    first: Worksheet = filled[0]
    notes = []
    if len(filled) > 1:
        notes.append(
            _("只读了第一张表“%(name)s”，其余 %(count)d 张没有读。") % {"name": first.title, "count": len(filled) - 1}
        )
    return files.assemble(_lines(first, last), "xlsx", flaws=_merged(first), notes=notes)


def _has_content(sheet: Worksheet, last: int) -> bool:
    return any(not line.is_empty for line in _lines(sheet, last))


def _lines(sheet: Worksheet, last: int) -> Iterator[Line]:
    most = min(sheet.max_column or 1, files.MOST_COLUMNS)
    rows = sheet.iter_rows(max_row=min(sheet.max_row or 1, last), max_col=most)
    for number, row in enumerate(rows, start=1):
        yield Line(number, tuple(_value(cell) for cell in row))


def _value(cell: Cell | MergedCell) -> Any:
    if isinstance(cell, MergedCell):
        return None
    if cell.data_type == "f":
        said = cell.value if isinstance(cell.value, str) else getattr(cell.value, "text", None) or "="
        return Formula(said)
    if cell.data_type == "e":
        return Formula(cell.value)  # #REF!, #N/A: what a formula came to
    return cell.value


def _merged(sheet: Worksheet) -> list[Flaw]:
    """Merged cells hold one value for several rows or columns: which of them is meant can't be known."""
    return [
        Flaw(one.min_row, one.coord, _("单元格 %s 是合并的：请取消合并，每格都填上。") % one.coord)
        for one in sorted(sheet.merged_cells.ranges, key=lambda one: (one.min_row, one.min_col))
    ]
