"""Tables in and out as pages: upload, preview, import whole or not at all, exports with their record."""

import threading
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from dutyroom import uploads
from dutyroom.models import Upload
from incident.live import topics
from staffing.exchange import files, tables
from staffing.models import Contact, Disclosure, Person, Shift
from tests import rosters
from tests.sheets import HEADS, as_csv, as_xlsx, planned

pytestmark = pytest.mark.django_db
ROSTER = "岗位,姓名,日期,班次\n值班组长,示例班长I,{day:%Y-%m-%d},晚\n呼叫业务员,示例座席J,{day:%Y-%m-%d},晚\n"


@pytest.fixture
def day(callcentre, now):
    rosters.kind(callcentre, "evening", "晚", 16, 24)
    return (now + timedelta(days=10)).date()


@pytest.fixture
def as_(world):
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def send(client, source, kind="shifts", site="callcentre", name="roster.csv"):
    source = source.encode() if isinstance(source, str) else source
    return client.post(reverse("import"), {"site": site, "kind": kind, "file": SimpleUploadedFile(name, source)})


def upload(client, *args, **kwargs):
    """The address of the preview and its page."""
    answer = send(client, *args, **kwargs)
    assert answer.status_code == 303, text(answer)
    return answer["Location"], client.get(answer["Location"])


def mark_of(page):
    return page.context["shown"].mark


def text(answer):
    return unescape(answer.content.decode())


# In


def test_a_file_is_shown_before_it_is_written_and_written_once(as_, dana, day, callcentre):
    client = as_(dana)
    address, page = upload(client, ROSTER.format(day=day))
    assert page.status_code == 200
    assert "导入 2 行" in text(page)
    assert not Shift.objects.filter(source="import").exists()
    done = client.post(address, {"do": "import", "mark": mark_of(page)}, follow=True)
    assert "“roster.csv”已导入：新增 2 行，变更 0 行。" in text(done)
    assert Shift.objects.filter(source="import", post__site=callcentre).count() == 2
    assert not Upload.objects.exists()
    again = client.post(address, {"do": "import", "mark": mark_of(page)})
    assert again.status_code == 409
    assert "已经导入" in text(again)
    assert Shift.objects.filter(source="import").count() == 2


def test_the_desk_and_the_dashboard_hear_of_it(as_, dana, day, callcentre, monkeypatch):
    told = []
    monkeypatch.setattr(topics, "touch", told.append)
    client = as_(dana)
    address, page = upload(client, ROSTER.format(day=day))
    client.post(address, {"do": "import", "mark": mark_of(page)})
    assert told == [{f"site:{callcentre.pk}": {"live-duty", "live-coverage"}}]


def test_every_wrong_row_is_named_and_the_button_waits(as_, dana, day):
    source = ROSTER.format(day=day) + f"运维员,示例班长I,{day},晚\n呼叫业务员,示例座席Q,{day},晚\n"
    client = as_(dana)
    address, page = upload(client, source)
    said = text(page)
    assert "4 行，2 行有误" in said
    assert "第 4 行" in said
    assert "岗位“运维员”不存在，应为“系统运维专员”？" in said
    assert "第 5 行" in said
    assert 'value="import"' not in said
    assert "导入（先改好 2 行）" in said
    answer = client.post(address, {"do": "import", "mark": mark_of(page)})
    assert answer.status_code == 409
    assert not Shift.objects.exists()


def test_a_last_row_that_fails_takes_all_before_it_back(as_, dana, day, callcentre, monkeypatch):
    """The database itself refuses the last row: the rows before it are not kept."""
    client = as_(dana)
    address, page = upload(client, ROSTER.format(day=day))
    judge = tables.ShiftsResource.judge

    def blind(resource):
        judge(resource)
        rosters.shift(rosters.post(callcentre, "agent"), rosters.person(callcentre, "示例座席J"),
                      resource.rows[1].wanted["starts_at"])  # fmt: skip

    monkeypatch.setattr(tables.ShiftsResource, "judge", blind)
    answer = client.post(address, {"do": "import", "mark": mark_of(page)})
    assert answer.status_code == 409
    assert not Shift.objects.filter(source="import").exists()
    assert Upload.objects.exists()


def test_the_world_changed_between_preview_and_import(as_, dana, day, callcentre, now):
    client = as_(dana)
    address, page = upload(client, ROSTER.format(day=day))
    start = now + timedelta(days=10)
    rosters.leave(rosters.person(callcentre, "示例座席J"), start - timedelta(days=1), 72)
    answer = client.post(address, {"do": "import", "mark": mark_of(page)})
    assert answer.status_code == 409
    assert "您核对之后，名册或值班表有了变动" in text(answer)
    assert "此人请假" in text(answer)
    assert not Shift.objects.exists()


def test_a_change_that_makes_no_difference_does_not_stop_the_import(as_, dana, day, callcentre):
    client = as_(dana)
    address, page = upload(client, ROSTER.format(day=day))
    Person.objects.create(site=callcentre, name="示例新人")
    assert client.post(address, {"do": "import", "mark": mark_of(page)}).status_code == 303


def test_people_and_contacts_come_in(as_, ada, callcentre):
    client = as_(ada)
    address, page = upload(client, as_xlsx([HEADS["people"], ["1001", "示例班长A"], ["1002", "示例新人"]]), "people")
    assert client.post(address, {"do": "import", "mark": mark_of(page)}).status_code == 303
    rows = [HEADS["contacts"], ["1001", "", "手机", "000-0000-9999", 3], ["1002", "", "邮件", "n@example.invalid", ""]]
    address, page = upload(client, as_csv(rows, "gbk"), "contacts")
    assert "编码为 GBK" in text(page)
    assert "000****0001" in text(page)
    assert "000-0000-0001" not in text(page)
    assert client.post(address, {"do": "import", "mark": mark_of(page)}).status_code == 303
    found = Contact.objects.filter(person__site=callcentre, person__number__in=["1001", "1002"])
    assert {"000-0000-9999", "n@example.invalid"} <= {one.address for one in found}


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"", "文件是空的"),
        ("岗为,姓名\na,b\n".encode(), "不认识表头“岗为”，应为“岗位”？"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, ".xls"),
        (b"a" * (files.MOST_BYTES + 1), "上限 2 MB"),
        ("姓名\n" + "x\n" * 6000, "6000 行"),
    ],
)
def test_a_file_that_cannot_be_read_is_answered_in_place(as_, dana, source, sentence):
    answer = send(as_(dana), source)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Upload.objects.exists()


def test_no_file_and_no_kind(as_, dana):
    client = as_(dana)
    assert "请先选择一个文件" in text(client.post(reverse("import"), {"site": "callcentre", "kind": "shifts"}))
    assert "请选择要导入什么" in text(client.post(reverse("import"), {"site": "callcentre", "kind": "x"}))


def test_rights(as_, vera, omar, dana, eve, ada):
    assert send(as_(vera), "x").status_code == 403
    assert send(as_(omar), "x").status_code == 403
    assert send(as_(eve), "x").status_code == 404
    assert send(as_(dana), "姓名\n示例新人\n", "people").status_code == 403
    assert send(as_(dana), "姓名\n示例新人\n", site="heating").status_code == 404
    page = text(as_(dana).get(reverse("import")))
    assert 'value="shifts"' in page
    assert 'value="people"' not in page
    assert 'value="people"' in text(as_(ada).get(reverse("import")))


def test_a_file_belongs_to_whoever_sent_it_for_an_hour(as_, dana, ada, vera, day, now):
    client = as_(dana)
    address, _page = upload(client, ROSTER.format(day=day))
    assert as_(ada).get(address).status_code == 409  # may import, but this is not hers
    assert as_(vera).get(address).status_code == 404
    Upload.objects.update(expires_at=now - timedelta(seconds=1))
    assert client.get(address).status_code == 409
    upload(client, ROSTER.format(day=day))
    assert Upload.objects.count() == 1  # the old one is gone


def test_a_second_file_takes_the_place_of_the_first(as_, dana, day):
    client = as_(dana)
    first, page = upload(client, ROSTER.format(day=day))
    upload(client, ROSTER.format(day=day + timedelta(days=1)))
    assert client.post(first, {"do": "import", "mark": mark_of(page)}).status_code == 409
    assert Upload.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_second_press_waits_for_the_first(dana, callcentre, now):
    """Two requests at once keep one file, and neither fails."""
    source = as_csv([HEADS["shifts"], planned()])
    failed = []

    def press():
        try:
            uploads.keep(SimpleUploadedFile("p.csv", source), site=callcentre, kind="shifts", owner=dana, now=now)
        except Exception as reason:
            failed.append(reason)
        finally:
            connection.close()

    thread = threading.Thread(target=press)
    with transaction.atomic():
        uploads.keep(SimpleUploadedFile("p.csv", source), site=callcentre, kind="shifts", owner=dana, now=now)
        thread.start()
        thread.join(1)
    thread.join(20)
    assert failed == []
    assert Upload.objects.count() == 1


def test_a_file_may_be_thrown_away(as_, dana, day):
    client = as_(dana)
    address, _page = upload(client, ROSTER.format(day=day))
    assert client.post(address, {"do": "discard"}).status_code == 303
    assert not Upload.objects.exists()
    assert not Shift.objects.exists()


def test_a_right_that_was_taken_away_stops_the_import(as_, dana, day):
    client = as_(dana)
    address, page = upload(client, ROSTER.format(day=day))
    dana.memberships.update(role="viewer")
    assert client.post(address, {"do": "import", "mark": mark_of(page)}).status_code == 403
    assert not Shift.objects.exists()


def test_the_preview_asks_the_same_for_many_rows(as_, dana, callcentre, day, django_assert_max_num_queries):
    lines = "".join(f"呼叫业务员,示例座席J,{day + timedelta(days=n)},晚\n" for n in range(60))
    client = as_(dana)
    address, _page = upload(client, "岗位,姓名,日期,班次\n" + lines)
    with django_assert_max_num_queries(24):
        page = client.get(address)
    assert "导入 60 行" in text(page)


# Out


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", ["people", "contacts", "shifts"])
def test_exports_and_templates_are_files(as_, vera, kind, form):
    client = as_(vera)
    for name in ("export-file", "import-template"):
        answer = client.get(reverse(name, args=[kind, form]), {"site": "callcentre"})
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"
        tables.read(answer.content) if (name, kind) != ("export-file", "shifts") else None


@pytest.mark.parametrize("path", ["people.pdf", "posts.csv", "people.html"])
def test_there_is_no_other_form_or_kind(as_, vera, path):
    assert as_(vera).get(f"/roster/export/{path}").status_code == 404
    assert as_(vera).get(f"/roster/import/{path}").status_code == 404


def test_numbers_leave_masked_unless_asked_for_with_the_right_and_that_is_kept(as_, vera, omar, callcentre):
    path = reverse("export-file", args=["contacts", "csv"])
    assert b"000-0000-0001" not in as_(omar).get(path, {"site": "callcentre"}).content
    assert not Disclosure.objects.exists()
    assert as_(vera).post(path, {"site": "callcentre"}).status_code == 403
    whole = as_(omar).post(path, {"site": "callcentre"})
    assert b"000-0000-0001" in whole.content
    kept = Disclosure.objects.get()
    assert (kept.kind, kept.user, kept.site, kept.detail) == ("export", omar, callcentre, "联系方式 24 行，csv")


def test_headers_are_in_the_readers_language(as_, omar):
    path = reverse("export-file", args=["people", "csv"])
    assert as_(omar).get(path).content.decode("utf-8-sig").startswith("工号,姓名")
    omar.language = "en"
    omar.save()
    assert as_(omar).get(path).content.decode("utf-8-sig").startswith("Staff number,Name")


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2026-12-15", "2026-12-01", "早于"),
        ("2026-01-01", "2027-06-01", "366"),
        ("昨天", "", "不是日期"),
        ("08:00", "", "不是日期"),
    ],
)
def test_days_that_make_no_sense(as_, vera, first, last, sentence):
    answer = as_(vera).get(reverse("export-file", args=["shifts", "csv"]), {"first": first, "last": last})
    assert answer.status_code == 422
    assert sentence in text(answer)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", ["import", "export", "feeds"])
def test_pages_in_both_languages(as_, ada, name, language):
    ada.language = language
    ada.save()
    answer = as_(ada).get(reverse(name))
    assert answer.status_code == 200
    if language == "en":
        assert "导" not in text(answer).split("<main")[1]
