"""A file from outside, distrusted: what it really is, its rows, and why it can't be read."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from staffing.exchange import texts
from staffing.exchange.columns import Formula

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 60
ZIP, OLE, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF"
DELIMITERS = (",", "\t", ";", "，")
_SEEN = frozenset("\t\r\n")  # the control characters that text files hold


class UnreadableError(Exception):
    """The file as a whole can't be read; `sentences` say why and what to do. Nothing of it was kept."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Line:
    """One row with its number as a spreadsheet program counts it: the headers are usually in row 1."""

    number: int
    cells: tuple[Any, ...]

    @property
    def is_empty(self) -> bool:
        return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in self.cells)


@dataclass(frozen=True)
class Flaw:
    """Something that is wrong at one place of the file."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Sheet:
    """What a file holds: headers, rows that are not empty, flaws of its form, and what was noticed while reading."""

    headers: tuple[str, ...]
    lines: tuple[Line, ...]
    kind: str  # xlsx or csv
    flaws: tuple[Flaw, ...] = ()
    notes: tuple[str, ...] = field(default=())


def check_size(size: int) -> None:
    """Raises UnreadableError."""
    if size > MOST_BYTES:
        raise UnreadableError(
            _("文件有 %(size).1f MB，上限 %(most)d MB，未读取。请分成几份。")
            % {"size": size / 1024 / 1024, "most": MOST_BYTES // 1024 // 1024}
        )
    if not size:
        raise UnreadableError(_("文件是空的。"))


def is_workbook(source: bytes) -> bool:
    """Whether the content is a zip archive, as every xlsx is; its name does not count."""
    return source.startswith(ZIP)


def check_type(source: bytes) -> None:
    """Raises UnreadableError for what is neither a workbook nor text, whatever its name says."""
    if source.startswith(OLE):
        raise UnreadableError(_("这是旧版 Excel（.xls）或加了密码的文件，改名没有用：请另存为不加密的 xlsx 或 CSV。"))
    if source.startswith(PDF):
        raise UnreadableError(_("这是 PDF，不是表格：请导出为 xlsx 或 CSV。"))


def assemble(rows: Iterable[Line], kind: str, *, flaws: Sequence[Flaw] = (), notes: Sequence[str] = ()) -> Sheet:
    """The first row with anything in it is the headers, the rest the lines. Raises UnreadableError."""
    filled = [line for line in rows if not line.is_empty]
    if not filled:
        raise UnreadableError(_("表里什么也没有。"))
    head, *lines = filled
    if len(lines) > MOST_ROWS:
        raise UnreadableError(too_long(len(lines)))
    if not lines:
        raise UnreadableError(_("只有表头，没有一行数据。"))
    headers = [texts.squash(str(cell)) if cell is not None else "" for cell in head.cells]
    while headers and not headers[-1]:
        headers.pop()
    twice = [name for name, count in Counter(filter(None, headers)).items() if count > 1]
    if twice:
        raise UnreadableError(_("表头“%s”出现了两次，请只留一列。") % twice[0])
    return Sheet(tuple(headers), tuple(lines), kind, tuple(flaws), tuple(notes))


def too_long(rows: int) -> str:
    """The sentence for a table with too many rows."""
    return _("表里有 %(rows)d 行，一次最多 %(most)d 行。请分成几份。") % {"rows": rows, "most": MOST_ROWS}


def read_text(source: bytes) -> Sheet:
    """A table as text, in whichever of the usual encodings. Raises UnreadableError."""
    text, notes = _decoded(source)
    if any(character < " " and character not in _SEEN for character in text):
        raise UnreadableError(_("这不是表格，而是二进制文件：请上传 xlsx 或 CSV。"))
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Line] = []
    try:
        for number, cells in enumerate(reader, start=1):
            rows.append(Line(number, tuple(_cell(cell) for cell in cells[:MOST_COLUMNS])))
            if number > MOST_ROWS * 2:
                raise UnreadableError(too_long(number - 1))
    except csv.Error as error:
        line = _("第 %d 行起引号没有成对，或者一格太长，读不下去。请用表格软件重新另存为 CSV。")
        raise UnreadableError(line % (len(rows) + 1)) from error
    return assemble(rows, "csv", notes=notes)


def _cell(text: str) -> str:
    return Formula(text) if texts.is_formula(text) else text


def _decoded(source: bytes) -> tuple[str, list[str]]:
    """The text, and a note where its encoding is not the usual one. Raises UnreadableError."""
    if source.startswith(codecs.BOM_UTF8):
        return _strictly(source, "utf-8-sig"), []
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(source, "utf-16"), [_("编码为 UTF-16，已转换。")]
    try:
        return source.decode("utf-8"), []
    except UnicodeDecodeError:
        return _strictly(source, "gb18030"), [_("编码为 GBK（GB18030），已转换；请看中文是否正确。")]


def _strictly(source: bytes, encoding: str) -> str:
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(
            _("文件的编码认不出来（既不是 UTF-8 也不是 GBK），或者它不是文本：请另存为 xlsx 或 UTF-8 的 CSV。")
        ) from error
