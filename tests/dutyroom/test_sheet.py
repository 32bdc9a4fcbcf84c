"""The contact sheet and the telephone tree: complete, dated, masked for most, readable without network (KF-3-02)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyroom import phonetree
from dutyroom.phonetree import Branch
from incident import clock
from staffing.models import Contact, Disclosure, Edition, Person, Post, Site
from tests import rosters

WHOLE = re.compile(r"000-\d{4}-\d{4}")


@pytest.fixture
def sheet(client, dana):
    """The sheet as somebody gets it; `whole` by POST."""

    def get(user=None, *, whole=False, file=False, site="callcentre", status=200):
        client.force_login(user or dana)
        ask = client.post if whole else client.get
        answer = ask("/contacts/sheet/file/" if file else "/contacts/sheet/", {"site": site})
        assert answer.status_code == status
        return answer

    return get


def text(answer) -> str:
    return unescape(answer.content.decode())


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# --- what stands on it -----------------------------------------------------------------------------------------------


def test_every_member_stands_on_it_with_mobile_and_office_number(sheet, callcentre):
    person = Person.objects.get(site=callcentre, name="示例经理C")
    Contact.objects.create(person=person, channel="office", address="000-0000-4003", order=5)
    html = text(sheet(whole=True))
    for one in Person.objects.filter(site=callcentre, is_active=True):
        assert one.name in html
        assert one.contacts.get(channel="phone").address in html
    assert "000-0000-4003" in html


def test_posts_stand_in_the_order_of_the_plan_with_holders_and_deputies(sheet, callcentre, now):
    agent = Person.objects.get(site=callcentre, name="示例座席K")
    rosters.shift(rosters.post(callcentre, "team_leader"), agent, now - timedelta(hours=1), is_override=True)
    Post.objects.filter(site=callcentre, key="team_leader").update(next_post="cc_supervisor")
    said = plain(text(sheet()).split("<tbody")[0] + "".join(text(sheet()).split("<tbody")[1:]))
    assert said.index("呼叫业务员") < said.index("值班组长") < said.index("主管领导")
    part = said[said.index("值班组长") :]
    assert part.index("示例座席K 顶替") < part.index("示例班长A") < part.index("示例班长I 代理")
    assert "无人应答 → 呼叫中心主管" in said


def test_composite_posts_say_who_holds_them_and_vacant_ones_that_nobody_does(sheet, callcentre):
    rosters.vacant(rosters.post(callcentre, "maintenance"))
    said = plain(text(sheet()))
    assert "由 中心经理、呼叫中心主管 担任" in said
    assert "空缺" in said


def test_it_says_when_it_was_made_from_what_and_until_when_it_holds(sheet, callcentre, now, dana):
    today = now.astimezone(clock.ZONE).date()
    Edition.objects.create(
        site=callcentre, week=today - timedelta(days=today.weekday()), number=3, by=dana, by_name="-", at=now
    )
    leader = Person.objects.get(site=callcentre, name="示例班长A")
    rosters.shift(rosters.post(callcentre, "team_leader"), leader, now - timedelta(hours=1), hours=3)
    said = plain(text(sheet()))
    assert "由 示例主管B 制作" in said and "预案 HJ 第 1 版" in said
    assert re.search(r"有效期至 \d{4}-\d\d-\d\d", said) and "当班人员有效至" in said
    assert "本周值班表第 3 版" in said


def test_the_duty_telephone_of_the_site_stands_first(sheet, callcentre):
    Site.objects.filter(pk=callcentre.pk).update(duty_phone="000-0000-1100")
    said = plain(text(sheet()))
    assert said.index("24 小时值班电话 000-0000-1100") < said.index("联系表 岗位")


@pytest.mark.parametrize(("site", "who"), [("online", "dana"), ("heating", "ruth"), ("hall", "ruth")])
def test_every_plan_has_a_tree(sheet, request, site, who):
    if not Site.objects.filter(key=site).exists():
        pytest.skip("no such site in the demo")
    html = text(sheet(request.getfixturevalue(who), site=site))
    tree = html.split('class="tree"')[1]
    assert tree.count('class="twig"') >= 3


def test_the_tree_follows_the_notifications_of_the_plan(sheet):
    tree = text(sheet()).split('class="tree"')[1]
    assert re.search(r"呼叫业务员.*<ul><li><div class=\"twig\"><b>值班组长", tree, re.S)


# --- who gets whole numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [True, False])
def test_opened_it_is_masked_for_everybody(sheet, file, vera, ada):
    for user in (vera, ada, None):
        html = text(sheet(user, file=file))
        assert not WHOLE.search(html) and "号码已隐去" in html
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("file", [True, False])
def test_whole_numbers_are_written_down_each_time(sheet, file, dana):
    for count in (1, 2):
        answer = sheet(whole=True, file=file)
        assert "000-0000-0002" in text(answer)
        assert "no-store" in answer["Cache-Control"]
        assert Disclosure.objects.filter(kind="sheet", user=dana).count() == count
    assert not WHOLE.search(Disclosure.objects.first().detail)


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("eve", 404)])
def test_others_get_none(sheet, request, who, status):
    sheet(request.getfixturevalue(who), whole=True, status=status)
    sheet(request.getfixturevalue(who), whole=True, file=True, status=status)
    assert not Disclosure.objects.exists()


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_file_needs_nothing_but_itself(sheet):
    answer = sheet(whole=True, file=True)
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert re.search(r"callcentre-\d{8}\.html", answer["Content-Disposition"])
    assert answer["X-Content-Type-Options"] == "nosniff"
    html = answer.content.decode()
    assert "<script" not in html and "<link" not in html and "<img" not in html and "url(" not in html
    assert not re.search(r"\bsrc=|\bhref=\"(?!tel:)", html)
    assert not re.search(r"\son\w+=|\sstyle=", html)
    assert "csrfmiddlewaretoken" not in html
    assert html.count("<style>") == 1 and ".sheet .tree" in html
    assert "default-src 'none'" in html


def test_the_page_has_no_style_of_its_own(sheet):
    assert "<style" not in text(sheet())


def test_names_cannot_break_out_of_it(sheet, callcentre):
    rosters.person(callcentre, "<script>alert(1)</script>")
    assert "<script>alert" not in sheet(file=True).content.decode()


def test_it_is_cheap(client, dana, callcentre, django_assert_max_num_queries):
    for number in range(80):
        person = rosters.person(callcentre, f"示例很多{number}")
        Contact.objects.create(person=person, channel="phone", address=f"000-0001-{number:04d}")
    client.force_login(dana)
    client.get("/contacts/sheet/")
    with django_assert_max_num_queries(20):
        client.get("/contacts/sheet/")


# --- the tree --------------------------------------------------------------------------------------------------------


def drawn(branches) -> list:
    return [(one.post, drawn(one.calls)) if one.calls else one.post for one in branches]


@pytest.mark.parametrize(
    ("calls", "tree"),
    [
        ([], []),
        ([("a", "b"), ("b", "c")], [("a", [("b", ["c"])])]),
        ([("a", "b"), ("a", "c"), ("b", "c")], [("a", ["b", "c"])]),
        ([("b", "c"), ("a", "b"), ("a", "c")], [("a", ["b", "c"])]),
        ([("a", "b"), ("b", "a")], [("a", ["b"])]),
        ([("a", "a")], []),
        ([("a", "c"), ("b", "c")], [("a", ["c"]), "b"]),
        ([("a", "b"), ("c", "d")], [("a", ["b"]), ("c", ["d"])]),
    ],
)
def test_everybody_is_called_by_the_shortest_way(calls, tree):
    assert drawn(phonetree.grow(calls)) == tree


def test_who_else_calls_is_said():
    (root,) = phonetree.grow([("a", "b"), ("a", "c"), ("b", "c")])
    assert root.calls[1] == Branch("c", also_by=("b",))


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=30))
def test_every_post_stands_once_whatever_the_plans_say(calls):
    def posts(branches):
        return [post for one in branches for post in (one.post, *posts(one.calls))]

    found = posts(phonetree.grow(calls))
    assert sorted(found) == sorted({post for pair in calls if pair[0] != pair[1] for post in pair})
