"""The library: the plans of one's own sites, found in four ways; the page of a plan with who stands for it."""

import re

import pytest
from django.utils import translation

from staffing.models import Holder, Membership, Site


@pytest.fixture
def page(client, omar):
    """A page as a user gets it, tags left out."""

    def get(path="/playbooks/", user=None, status=200, **query):
        client.force_login(user or omar)
        answer = client.get(path, query)
        assert answer.status_code == status
        return answer.content.decode()

    return get


def keys(html):
    return re.findall(r'<span class="book-key">([^<]+)', html)


def test_every_playbook_of_the_plans_of_my_sites_and_no_other(page, omar, eve):
    mine = keys(page())
    assert {key.split("-")[0] for key in mine} == {"HJ", "KF"}
    assert "HJ-2" in mine and len(mine) == len(set(mine))
    assert {key.split("-")[0] for key in keys(page(user=eve))} == {"HJ"}


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("火灾", "HJ-5.1"),
        ("huozai", "HJ-5.1"),
        ("hz", "HJ-5.1"),
        ("fire", "HJ-5.1"),
        ("hj2", "HJ-2"),
        ("断网", "HJ-2"),
        ("forum", "KF-4"),
    ],
)
def test_it_is_found_by_chinese_pinyin_initials_english_key_and_keyword(page, query, key):
    assert key in keys(page(q=query))[:3]


def test_the_best_match_comes_first_and_is_marked(page):
    html = page(q="火灾")
    assert keys(html)[0] == "HJ-5.1"
    assert "<mark>火灾</mark>" in html


def test_nothing_found_is_a_sentence_with_a_way_out(page):
    html = page(q="xyzzy<b>")
    assert keys(html) == []
    assert "没有找到“xyzzy&lt;b&gt;”" in html
    assert 'href="/playbooks/">列出全部' in html


def test_htmx_gets_the_list_alone(client, omar):
    client.force_login(omar)
    rows = client.get("/playbooks/", {"q": "fire"}, headers={"HX-Request": "true"}).content.decode()
    assert rows.lstrip().startswith('<div class="stack library" id="library" data-asked="fire"')
    tree = client.get("/playbooks/", {"as": "tree", "at": "HJ-2"}, headers={"HX-Request": "true"}).content.decode()
    assert '<div id="tree-list"' in tree
    assert re.search(r'aria-current="page"><span>HJ-2<', tree)


def test_whoever_has_no_site_is_told_whom_to_ask(page, omar):
    Membership.objects.filter(user=omar).delete()
    assert "还没有可读的预案" in page()


def test_in_english(page, omar):
    omar.language = "en"
    omar.save()
    html = page(q="fire")
    assert "<mark>Fire</mark>" in html
    assert not re.search("[一-鿿]", re.sub(r"<[^>]+>|中文|断电", "", html.split("<main", 1)[1].split("</main>")[0]))
    translation.activate("zh-hans")


def test_a_plan_names_its_posts_with_their_holders_and_the_vacant_ones(page, callcentre):
    assert "空缺" not in page("/playbooks/HJ/").split("岗位与在岗")[1]
    Holder.objects.filter(post__site=callcentre, post__key="maintenance").delete()
    html = page("/playbooks/HJ/").split("岗位与在岗")[1]
    post = html.split("系统运维专员")[1].split("</li>")[0]
    assert "空缺" in post
    assert "示例班长A" in html.split("值班组长")[1].split("</li>")[0]
    assert "000-" not in html


def test_a_plan_shows_version_gaps_and_standing_duties(page):
    html = page("/playbooks/KF/")
    assert "第 1 版" in html and "随系统提供" in html
    assert "预案没有写到的地方" in html


def test_each_site_is_listed_where_there_are_several(page, omar, callcentre):
    Membership.objects.create(user=omar, site=Site.objects.get(key="northside"), role="viewer")
    html = page("/playbooks/HJ/")
    assert "示例城北呼叫中心" in html and "示例呼叫中心" in html


def test_outsiders_learn_nothing(page, eve):
    page("/playbooks/KF/", user=eve, status=404)
    page("/playbooks/ZZ/", status=404)


def test_only_reading(client, omar):
    client.force_login(omar)
    assert client.post("/playbooks/").status_code == 405
    assert client.post("/playbooks/HJ/").status_code == 405


def test_strangers_go_to_the_login(client, world):
    for path in ("/playbooks/", "/playbooks/HJ/", "/playbooks/HJ/HJ-2/", "/playbooks/HJ/HJ-2/card/"):
        assert client.get(path)["Location"].startswith("/login/")
