"""What rows of people and contacts would do to a site: found, changed, new, or refused with the reason."""

import functools
from datetime import time

import pytest
from auditlog.models import LogEntry

from staffing.exchange import tables
from staffing.exchange.files import UnreadableError
from staffing.models import Contact, Department, Person
from tests import sheets
from tests.sheets import NOW, as_csv, as_xlsx, outcomes, why

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(callcentre):
    return functools.partial(sheets.look, callcentre)


@pytest.fixture
def bring(callcentre, ada):
    return functools.partial(sheets.bring, callcentre, ada)


# Headers


def test_wrong_headers_are_all_named_with_what_was_meant(callcentre):
    with pytest.raises(UnreadableError) as caught:
        tables.look(as_csv([["岗为", "名称X", "天气", "班次"], ["", "", "", ""], list("abcd")]),
                    site=callcentre, kind="shifts", now=NOW)  # fmt: skip
    said = caught.value.sentences
    assert "不认识表头“岗为”，应为“岗位”？" in said
    assert "不认识表头“天气”。" in said
    assert "缺少表头“岗位”。" in said
    assert "缺少表头“工号”或“姓名”。" in said
    assert said[-1].startswith("这种表的表头是：岗位、工号、姓名")


@pytest.mark.parametrize(
    "heads",
    [["Staff number", "NAME"], ["工号（选填）", "姓名 *"], ["No.", "name"], [" 编号 ", "名字"], ["ＩＤ", "Name"]],
)
def test_headers_in_both_languages_and_as_people_write_them(look, heads):
    assert outcomes(look("people", ["9001", "示例新人"], heads=heads)) == ["new"]


def test_the_same_column_twice_under_two_names(look):
    with pytest.raises(UnreadableError, match="“姓名”这一列出现了两次"):
        look("people", ["a", "b"], heads=["姓名", "Name"])


def test_a_value_without_a_header(look):
    assert "没有表头" in why(look("people", ["示例新人", "x", "多了"], heads=["姓名", "工号"]))


def test_the_sample_row_of_the_template_is_refused(look):
    row = ["9001", "示例人员甲", "", "中文", "", "是"]
    assert "示例行" in why(look("people", row))


# People


def test_people_are_found_by_number_then_by_name(look, callcentre):
    Person.objects.filter(site=callcentre, name="示例班长A").update(number="1001")
    found = look("people", ["1001", "示例班长改名"], ["", "示例主管B"], ["1003", "示例经理C"], ["1004", "示例新人"],
                 ["１００１", "示例班长A"], heads=["工号", "姓名"])  # fmt: skip
    assert outcomes(found) == ["changed", "same", "changed", "new", "refused"]
    assert [(one.column, one.old, one.new) for one in found.rows[0].changes] == [("姓名", "示例班长A", "示例班长改名")]
    assert [(one.column, one.old, one.new) for one in found.rows[2].changes] == [("工号", "", "1003")]
    assert "工号与第 2 行相同" in why(found, 4)


def test_two_people_of_one_name_need_numbers(look, callcentre):
    Person.objects.create(site=callcentre, name="示例班长A")
    found = look("people", ["", "示例班长A"], heads=["工号", "姓名"])
    assert "本站有 2 位“示例班长A”，请填工号" in why(found)


def test_the_same_person_twice_in_a_file(look):
    found = look("people", ["", "示例班长A"], ["", "示例班长A"], ["", "示例新人"], ["", " 示例新人 "],
                 heads=["工号", "姓名"])  # fmt: skip
    assert outcomes(found) == ["same", "refused", "new", "refused"]
    assert "与第 2 行是同一个人" in why(found, 1)


def test_what_is_not_known_is_asked_about(look, callcentre):
    Department.objects.create(site=callcentre, key="service", zh="客户服务部", en="Customer service")
    found = look("people", ["", "示例新人", "客户服务科", "法文", "临时", "也许"])
    assert "部门“客户服务科”不存在，应为“客户服务部”？" in why(found)
    assert "没有“法文”，可填：中文、英文" in why(found)
    assert "请填“是”或“否”" in why(found)


def test_a_column_that_is_not_there_changes_nothing_and_an_empty_cell_clears(look, callcentre):
    department = Department.objects.create(site=callcentre, key="service", zh="客服部", en="Service")
    Person.objects.filter(site=callcentre, name="示例班长A").update(department=department, reserve="reserve")
    found = look("people", ["示例班长A", ""], heads=["姓名", "部门"])
    assert [(one.column, one.old, one.new) for one in found.rows[0].changes] == [("部门", "客服部", "")]


def test_a_name_has_its_limits(look):
    found = look("people", ["", "x" * 81], ["", "a\x7fb"], ["9009", ""], ["y" * 41, "示例新人"], heads=["工号", "姓名"])
    assert "最多 80 个字" in why(found)
    assert "控制字符" in why(found, 1)
    assert "请填写姓名" in why(found, 2)
    assert found.rows[3].problems == [("工号", "最多 40 个字，现在是 41 个。")]


def test_people_come_in_with_the_audit_naming_who(bring, callcentre, ada):
    bring("people", ["1001", "示例班长A"], ["1002", "示例新人"], heads=["工号", "姓名"])
    assert Person.objects.get(site=callcentre, number="1001").name == "示例班长A"
    entries = LogEntry.objects.filter(object_repr__in=["示例班长A", "示例新人"]).order_by("-pk")[:2]
    assert {(one.action, one.actor_id, one.additional_data["site_id"]) for one in entries} == {
        (LogEntry.Action.UPDATE, ada.pk, callcentre.pk),
        (LogEntry.Action.CREATE, ada.pk, callcentre.pk),
    }
    assert next(one for one in entries if one.action == LogEntry.Action.UPDATE).changes == {"number": ["", "1001"]}


# Contacts


def test_contacts_are_added_replaced_or_left(look, callcentre):
    found = look(
        "contacts",
        ["", "示例班长A", "手机", "00000000001", "3", "", ""],
        ["", "示例主管B", "手机", "000-0000-9999", "3", "", ""],
        ["", "示例经理C", "手机", "000-0000-8888", "", "", ""],
        ["", "示例运营D", "邮件", "new.d@example.invalid", "9", "08:00", "24:00"],
    )
    assert outcomes(found) == ["same", "changed", "new", "new"]
    (change,) = found.rows[1].changes
    assert (change.column, change.old, change.new) == ("地址", "000****0002", "000-0000-9999")
    assert found.rows[2].wanted["order"] == 3
    assert found.rows[3].wanted["to_time"] == time()


@pytest.mark.parametrize(
    ("channel", "address", "sentence"),
    [
        ("手机", "000-0000-001", "手机少 1 位：000-0000-001"),
        ("手机", "000-0000-00011", "手机多 1 位"),
        ("手机", "1.38E+10", "科学计数"),
        ("手机", "不知道", "不是电话号码"),
        ("手机", "000****0001", "打了码"),
        ("手机", "", "请填写地址"),
        ("手机", "+1 23", "位数不对"),
        ("办公电话", "12", "位数不对"),
        ("邮件", "a@", "不是邮箱地址"),
        ("站内", "x", "须留空"),
        ("传真", "000-0000-0001", "没有“传真”，可填：站内、邮件、手机、办公电话"),
        ("", "000-0000-0001", "请填写通道"),
    ],
)
def test_addresses_that_reach_nobody(look, channel, address, sentence):
    assert sentence in why(look("contacts", ["", "示例班长A", channel, address, "", "", ""]))


@pytest.mark.parametrize("address", ["+86 000-0000-0009", "０００－００００－０００９", "000 0000 0009"])
def test_numbers_as_people_write_them(look, address):
    assert outcomes(look("contacts", ["", "示例班长A", "手机", address, "7", "", ""])) == ["new"]


def test_a_number_kept_as_a_number_by_the_spreadsheet(look):
    found = look("contacts", ["", "示例班长A", "手机", 13800000001.0, 7, None, None], make=as_xlsx)
    assert outcomes(found) == ["new"]
    assert found.rows[0].wanted["address"] == "13800000001"


def test_hours_and_people_of_contacts(look, callcentre):
    Person.objects.filter(site=callcentre, name="示例班长A").update(number="1001")
    found = look(
        "contacts",
        ["", "示例班长A", "手机", "000-0000-0009", "", "08:00", ""],
        ["1001", "示例主管B", "手机", "000-0000-0009", "", "", ""],
        ["", "示例班长", "手机", "000-0000-0009", "", "", ""],
        ["7777", "", "手机", "000-0000-0009", "", "", ""],
        ["", "", "手机", "000-0000-0009", "", "", ""],
        ["", "示例座席J", "站内", "", "", "", ""],
        ["", "示例座席K", "手机", "00000000077", "9", "", ""],
        ["", "示例座席K", "手机", "000 0000 0077", "8", "", ""],
    )
    assert "要么都填" in why(found)
    assert "工号 1001 是“示例班长A”，不是“示例主管B”" in why(found, 1)
    assert "应为“示例班长A”？" in why(found, 2) or "应为“示例班长I”？" in why(found, 2)
    assert "没有工号“7777”" in why(found, 3)
    assert "请填写姓名或工号" in why(found, 4)
    assert outcomes(found)[5:] == ["new", "new", "refused"]
    assert "没有登录账号" in found.rows[5].notes[0]
    assert "与第 8 行是同一联系方式" in why(found, 7)


def test_a_replaced_number_is_audited_masked(bring, callcentre):
    bring("contacts", ["", "示例班长A", "手机", "000-0000-9999", "3", "", ""])
    assert (
        Contact.objects.get(person__name="示例班长A", person__site=callcentre, channel="phone").address
        == "000-0000-9999"
    )
    assert LogEntry.objects.order_by("-pk")[0].changes == {"address": ["000****0001", "000****9999"]}
