"""Files from outside, distrusted: whatever is wrong with one is said in a sentence, and nothing of it is believed."""

import contextlib
import io
import zipfile
from datetime import time, timedelta

import pytest

from staffing.exchange import files, tables, workbooks
from staffing.exchange.columns import Formula, Number
from staffing.exchange.files import UnreadableError
from staffing.exchange.times import DAY, written
from tests.sheets import as_csv, as_xlsx, repacked, wall

ROWS = [["姓名", "部门"], ["示例人员B", ""], ["示例人员C", "客服部"]]
SHEET = "xl__worksheets__sheet1_dot_xml"


def said(source):
    with pytest.raises(UnreadableError) as caught:
        tables.read(source)
    return str(caught.value)


# Encodings


@pytest.mark.parametrize(
    ("encoding", "note"),
    [("utf-8", ""), ("utf-8-sig", ""), ("gbk", "GBK"), ("gb18030", "GBK"), ("utf-16", "UTF-16")],
)
def test_the_usual_encodings_are_known_and_the_odd_ones_are_said(encoding, note):
    sheet = tables.read(as_csv(ROWS, encoding))
    assert sheet.headers == ("姓名", "部门")
    assert [line.cells for line in sheet.lines] == [("示例人员B", ""), ("示例人员C", "客服部")]
    assert (note in " ".join(sheet.notes)) if note else sheet.notes == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_usual_separators_are_known(delimiter):
    assert tables.read(as_csv(ROWS, delimiter=delimiter)).headers == ("姓名", "部门")


def test_rows_keep_the_numbers_of_the_spreadsheet():
    sheet = tables.read("\n姓名\n\n示例人员B\n,\n示例人员C\n".encode())
    assert [line.number for line in sheet.lines] == [4, 6]


# What is no table


def test_a_byte_that_no_encoding_has():
    assert "编码" in said(b"\xff,\x80\n\xff" * 3)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"", "文件是空的"),
        (b"\n \n,,\n", "什么也没有"),
        ("姓名\n".encode(), "只有表头"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "编码"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "二进制"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"),
        (b"%PDF-1.7\n1 0 obj", "PDF"),
        (b"PK\x03\x04" + b"\0" * 80, "损坏"),
        ('姓名\n"示例'.encode(), "引号"),
        ("姓名,姓名\n甲,乙\n".encode(), "两次"),
    ],
)
def test_what_is_no_table_is_named(source, sentence):
    assert sentence in said(source)


def test_an_old_workbook_under_a_new_name_is_known_by_its_content():
    """The name is never asked: `read` gets bytes alone."""
    assert "改名没有用" in said(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)


def test_too_large_is_refused_before_it_is_read():
    assert "上限 2 MB" in said(b"a" * (files.MOST_BYTES + 1))


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_too_many_rows(make):
    assert "6000 行" in said(make([["姓名"], *([f"示例{n}"] for n in range(6000))]))


def test_five_thousand_rows_are_read():
    assert len(tables.read(as_xlsx([["姓名"], *([f"示例{n}"] for n in range(5000))])).lines) == 5000


# Workbooks as archives


def test_an_archive_that_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert "压缩包" in said(out.getvalue())


def test_a_zip_bomb_is_not_unpacked(monkeypatch):
    bomb = repacked(as_xlsx(ROWS), xl__media__image1_dot_xml=b" " * (workbooks.MOST_UNPACKED + 1))
    assert len(bomb) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("unpacked"))
    assert "展开后" in said(bomb)


def test_an_archive_that_lies_about_its_sizes_is_damaged():
    honest = repacked(as_xlsx(ROWS), xl__media__image1_dot_xml=b" " * 3_000_000)
    size = (3_000_000).to_bytes(4, "little")
    assert honest.count(size) >= 1
    assert "损坏" in said(honest.replace(size, (100).to_bytes(4, "little")))


def test_a_sheet_of_a_million_styled_cells():
    cells = "".join(f'<row r="{r}">' + '<c r="A1" s="0"/>' * 50 + "</row>" for r in range(1, 5001))
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    assert "格子" in said(repacked(as_xlsx(ROWS), **{SHEET: sheet.encode()}))


def test_a_value_a_million_rows_down():
    assert "1000000" in said(as_xlsx(ROWS, lambda sheet: sheet.cell(1_000_000, 1, "x")))


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ],
)
def test_entities_are_not_followed(text):
    assert "外部实体" in said(repacked(as_xlsx(ROWS), xl__sharedStrings_dot_xml=text.encode()))


def test_macros_are_refused():
    assert "宏" in said(repacked(as_xlsx(ROWS), xl__vbaProject_dot_bin=b"x"))


def test_broken_xml_inside():
    assert "损坏" in said(repacked(as_xlsx(ROWS), **{SHEET: b"<worksheet><sheetData>"}))


def test_a_byte_gone_wrong_on_the_way():
    source = bytearray(as_xlsx([["姓名"], *([f"示例人员{number}"] for number in range(200))]))
    for place in range(40, len(source), 7):
        spoilt = bytes([*source[:place], source[place] ^ 0x5A, *source[place + 1 :]])
        with contextlib.suppress(UnreadableError):  # refused or read, never anything else
            tables.read(spoilt)


def test_a_sheet_under_another_name_is_not_read_uncounted():
    """What is loaded is looked at before; a part that does not look like a sheet would pass by that."""
    source = as_xlsx(ROWS)
    with zipfile.ZipFile(io.BytesIO(source)) as book:
        rels = book.read("xl/_rels/workbook.xml.rels").replace(b"sheet1.xml", b"sheet1.bin")
        sheet = book.read("xl/worksheets/sheet1.xml")
    parts = {"xl___rels__workbook_dot_xml_dot_rels": rels, "xl__worksheets__sheet1_dot_bin": sheet}
    assert "损坏" in said(repacked(source, **parts))


def test_no_sheet_inside():
    assert "什么也没有" in said(repacked(as_xlsx(ROWS), xl__workbook_dot_xml=b"<workbook/>"))


# Workbooks as tables


def test_merged_cells_are_named():
    sheet = tables.read(as_xlsx([*ROWS, ["示例人员D", ""]], lambda one: one.merge_cells("B2:B4")))
    assert [(flaw.line, flaw.column) for flaw in sheet.flaws] == [(2, "B2:B4")]
    assert "取消合并" in sheet.flaws[0].sentence


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x.invalid")', "=cmd|'/c calc'!A1"])
def test_formulas_are_never_worked_out(text):
    rows = [["姓名"], [text]]
    for source in (as_csv(rows), as_xlsx(rows)):
        assert isinstance(tables.read(source).lines[0].cells[0], Formula)


@pytest.mark.parametrize("text", ["@SUM(1)", "+1+cmd|x", "-2+3+cmd|x", "＝1+1", "＠SUM(1)", "＋1+cmd|x"])  # noqa: RUF001
def test_text_that_a_spreadsheet_would_run_is_a_formula_too(text):
    assert isinstance(tables.read(as_csv([["姓名"], [text]])).lines[0].cells[0], Formula)


@pytest.mark.parametrize("text", ["+86 000-0000-0001", "-1", "+1 (000) 000-0000"])
def test_a_telephone_number_may_begin_with_a_sign(text):
    assert tables.read(as_csv([["号码"], [text]])).lines[0].cells[0] == text


def test_dates_and_numbers_come_as_they_are():
    sheet = tables.read(as_xlsx([["a", "b", "c"], [wall("2026-12-15T16:00"), 13800000001, True]]))
    assert sheet.lines[0].cells == (wall("2026-12-15T16:00"), 13800000001, True)


@pytest.mark.parametrize(
    ("span", "meant"), [(timedelta(hours=8, minutes=30), time(8, 30)), (timedelta(), time()), (DAY, DAY)]
)
def test_a_time_in_a_column_that_shows_hours(span, meant):
    """[h]:mm is a span to the spreadsheet and a time of the day to whoever typed it."""
    assert written(span) == meant


@pytest.mark.parametrize("span", [timedelta(hours=25), timedelta(days=999_999_999), timedelta(seconds=-1)])
def test_a_span_that_is_no_time_of_the_day(span):
    with pytest.raises(ValueError, match="不是日期或时间"):
        written(span)


def test_a_number_that_begins_with_many_zeros_is_as_large_as_it_is():
    with pytest.raises(ValueError, match="1 到 99"):
        Number(1, 99).clean("00000000199999")


def test_only_the_first_sheet_is_read_and_that_is_said():
    def second(sheet):
        other = sheet.parent.create_sheet("别的")
        other.append(["x"])
        empty = sheet.parent.create_sheet("空的", 0)
        assert empty.max_row == 1

    sheet = tables.read(as_xlsx(ROWS, second))
    assert sheet.headers == ("姓名", "部门")
    assert "其余 1 张没有读" in sheet.notes[0]
