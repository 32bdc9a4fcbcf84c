"""An administrator of one site sees, changes and gives nothing of another, and cannot rise by it."""

from datetime import UTC, datetime

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from staffing import granting
from staffing.models import (
    Absence,
    Contact,
    Day,
    Department,
    Disclosure,
    Holder,
    Membership,
    Need,
    Person,
    Post,
    Queue,
    ShiftKind,
    Site,
    User,
)
from tests import rosters

INLINE = {f"memberships-{name}": value for name, value in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0))}


def change(row) -> str:
    return reverse(f"admin:staffing_{row._meta.model_name}_change", args=[row.pk])


def listing(model: str) -> str:
    return reverse(f"admin:staffing_{model}_changelist")


def facts(user: User, **changed) -> dict:
    given = {"username": user.username, "name": user.name, "language": user.language, "is_active": "on"}
    return given | INLINE | changed


def memberships(*rows: tuple[Site, str]) -> dict:
    form = INLINE | {"memberships-TOTAL_FORMS": len(rows)}
    for number, (site, role) in enumerate(rows):
        form |= {f"memberships-{number}-site": site.pk, f"memberships-{number}-role": role}
    return form


@pytest.fixture
def admin(as_user, ada):
    return as_user(ada)


@pytest.mark.parametrize("name", ["omar", "dana", "vera", "eve"])
def test_who_is_no_administrator_stays_outside(world, as_user, name):
    inside = as_user(User.objects.get(username=name))
    assert inside.get("/admin/").status_code == 302
    assert inside.get("/admin/login/").status_code == 403
    assert inside.get(listing("user")).status_code == 302


def test_strangers_meet_the_one_login(client, db):
    response = client.get("/admin/staffing/post/")
    assert response["Location"] == "/admin/login/?next=/admin/staffing/post/"
    assert client.get(response["Location"])["Location"] == "/login/?next=%2Fadmin%2Fstaffing%2Fpost%2F"


@pytest.mark.parametrize("model", ["user", "site", "post", "person", "holder", "membership"])
def test_lists_hold_own_rows_only(admin, northside, eve, model):
    page = admin.get(listing(model))
    assert page.status_code == 200
    assert "示例呼叫中心" in page.content.decode()
    for foreign in ("城北", ">eve<", "示例班长W"):
        assert foreign not in page.content.decode()


@pytest.mark.parametrize(
    "path", ["staffing/post/add/", "staffing/person/add/", "staffing/holder/add/", "staffing/user/add/"]
)
def test_forms_open_and_offer_no_foreign_site(admin, northside, path):
    page = admin.get(f"/admin/{path}")
    assert page.status_code == 200
    assert "城北" not in page.content.decode()


@pytest.mark.parametrize("model", [User, Site, Post, Person, Holder])
def test_foreign_rows_cannot_be_reached(admin, northside, eve, model):
    path = {User: "pk", Site: "pk", Post: "site", Person: "site", Holder: "post__site"}[model]
    row = model.objects.filter(**{path: eve.pk if model is User else northside.pk}).first()
    for address in (change(row), change(row).replace("change/", "delete/"), change(row).replace("change/", "history/")):
        assert admin.get(address).status_code in (302, 403)
        assert admin.post(address, {"post": "yes"}).status_code in (302, 403)
    assert model.objects.filter(pk=row.pk).exists()
    assert not admin.get(change(row), follow=True).redirect_chain[:1] or admin.get(change(row))["Location"] == "/admin/"


def test_where_else_somebody_belongs_is_not_told(admin, omar, callcentre, northside):
    granting.grant(omar, northside, "viewer")
    page = admin.get(listing("user"))
    assert northside.zh not in page.content.decode()
    assert callcentre.zh in page.content.decode()
    assert omar.username not in results(admin.get(listing("user"), {"site": northside.key}))
    assert omar.username in results(admin.get(listing("user"), {"site": callcentre.key}))
    assert admin.get(listing("user"), {"memberships__site__id__exact": northside.pk}).status_code == 400


def results(page) -> list[str]:
    return [user.username for user in page.context["cl"].result_list]


def test_own_post_can_be_changed_but_not_given_away(admin, callcentre, northside):
    post = Post.objects.get(site=callcentre, key="maintenance")
    form = {
        "site": callcentre.pk,
        "kind": "post",
        "key": post.key,
        "zh": "运维",
        "en": post.en,
        "holders-TOTAL_FORMS": 0,
        "holders-INITIAL_FORMS": 0,
    }
    assert admin.post(change(post), form).status_code == 302
    assert admin.post(change(post), form | {"site": northside.pk}).status_code == 200
    post.refresh_from_db()
    assert (post.zh, post.site_id) == ("运维", callcentre.pk)


def test_foreign_people_cannot_be_put_on_own_posts(admin, callcentre, northside):
    post, person = Post.objects.get(site=callcentre, key="agent"), Person.objects.filter(site=northside).first()
    form = {"post": post.pk, "person": person.pk, "rank": 0, "starts_at_0": "2026-01-01", "starts_at_1": "00:00"}
    assert admin.post("/admin/staffing/holder/add/", form).status_code == 200
    assert not Holder.objects.filter(post=post, person=person).exists()


def test_autocomplete_knows_no_foreign_people(admin, northside):
    query = {"app_label": "staffing", "model_name": "holder", "field_name": "person", "term": "示例"}
    names = [found["text"] for found in admin.get("/admin/autocomplete/", query).json()["results"]]
    assert names
    assert "示例班长W" not in names


def test_sites_are_opened_by_superusers(admin, as_user, root, callcentre):
    assert admin.get("/admin/staffing/site/add/").status_code == 403
    assert as_user(root).get("/admin/staffing/site/add/").status_code == 200
    form = {"zh": "新名", "en": "New name", "plans": "hj, KF", "key": "taken-over", "opened_at_0": "2030-01-01"}
    form |= {"handover_minutes": 15}
    assert admin.post(change(callcentre), form).status_code == 302
    callcentre.refresh_from_db()
    assert (callcentre.zh, callcentre.plans, callcentre.key) == ("新名", ["HJ", "KF"], "callcentre")
    assert callcentre.opened_at.year == 2019  # midnight of 2020 in Shanghai, in UTC


def test_new_user_with_a_role_on_an_own_site(admin, callcentre):
    secret = "harbour-lantern-42"
    form = {"username": "nils", "name": "新人", "language": "en", "password1": secret, "password2": secret}
    response = admin.post("/admin/staffing/user/add/", form | memberships((callcentre, "admin")))
    assert response.status_code == 302
    nils = User.objects.get(username="nils")
    assert nils.is_staff
    assert not nils.is_superuser
    assert nils.has_perm("staffing.manage", callcentre)


def test_new_user_needs_a_role_and_only_own_sites_count(admin, northside):
    secret = "harbour-lantern-42"
    form = {"username": "nils", "name": "新人", "language": "en", "password1": secret, "password2": secret}
    assert admin.post("/admin/staffing/user/add/", form | INLINE).status_code == 200
    assert admin.post("/admin/staffing/user/add/", form | memberships((northside, "viewer"))).status_code == 200
    assert not User.objects.filter(username="nils").exists()


def test_roles_are_given_on_own_sites_only(admin, omar, callcentre, northside):
    form = facts(omar)
    assert admin.post(change(omar), form | memberships((northside, "supervisor"))).status_code == 200
    assert admin.post(change(omar), form | memberships((callcentre, "supervisor"))).status_code == 302
    assert not omar.memberships.filter(site=northside).exists()
    assert omar.memberships.filter(site=callcentre, role="supervisor").exists()


def test_a_foreign_membership_cannot_be_taken_away(admin, omar, northside):
    granting.grant(omar, northside, "viewer")
    row = omar.memberships.get(site=northside)
    form = facts(omar) | {
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": row.pk,
        "memberships-0-user": omar.pk,
        "memberships-0-site": northside.pk,
        "memberships-0-role": "viewer",
        "memberships-0-DELETE": "on",
    }
    admin.post(change(omar), form)
    assert Membership.objects.filter(pk=row.pk).exists()


def test_nobody_becomes_superuser_through_the_form(admin, ada, omar):
    for user in (ada, omar):
        admin.post(change(user), facts(user, is_superuser="on", is_staff="on"))
        user.refresh_from_db()
        assert not user.is_superuser
    assert not omar.is_staff


def test_superusers_are_out_of_reach(admin, root, callcentre):
    granting.grant(root, callcentre, "viewer")
    assert admin.get(change(root)).status_code == 200
    assert admin.post(change(root), facts(root, username="mine")).status_code == 403
    password = {"password1": "harbour-lantern-42", "password2": "harbour-lantern-42"}
    address = reverse("admin:auth_user_password_change", args=[root.pk])
    assert admin.get(address).status_code == 403
    assert admin.post(address, password).status_code == 403
    root.refresh_from_db()
    assert root.username == "root"
    assert root.check_password("root-demo")


def test_password_of_an_own_user_can_be_set(admin, omar):
    password = {"password1": "harbour-lantern-42", "password2": "harbour-lantern-42"}
    assert admin.post(reverse("admin:auth_user_password_change", args=[omar.pk]), password).status_code == 302
    omar.refresh_from_db()
    assert omar.check_password("harbour-lantern-42")


def test_a_member_of_another_site_keeps_name_and_password(admin, omar, northside):
    granting.grant(omar, northside, "viewer")
    address = reverse("admin:auth_user_password_change", args=[omar.pk])
    assert (
        admin.post(address, {"password1": "harbour-lantern-42", "password2": "harbour-lantern-42"}).status_code == 403
    )
    admin.post(change(omar), {**INLINE, "username": "taken", "name": "别人", "language": "en"})
    omar.refresh_from_db()
    assert (omar.username, omar.name, omar.is_active) == ("omar", "示例班长A", True)
    assert omar.check_password("omar-demo")


@pytest.mark.parametrize("name", ["omar", "ada"])
def test_accounts_are_switched_off_never_deleted(world, admin, name):
    user = User.objects.get(username=name)
    assert admin.post(change(user).replace("change/", "delete/"), {"post": "yes"}).status_code == 403
    assert admin.post(listing("user"), {"action": "delete_selected", "_selected_action": user.pk}).status_code < 500
    assert User.objects.filter(username=name).exists()


@pytest.mark.parametrize(
    ("channel", "address", "sentence"),
    [
        ("email", "not an address", "这不是邮箱地址"),
        ("email", "", "这不是邮箱地址"),
        ("phone", "call me", "电话只能有数字"),
    ],
)
def test_wrong_contacts_get_one_sentence(admin, callcentre, channel, address, sentence):
    person = Person.objects.filter(site=callcentre, user=None).first()
    form = {
        "site": callcentre.pk,
        "name": person.name,
        "language": "zh-hans",
        "contacts-TOTAL_FORMS": 1,
        "contacts-INITIAL_FORMS": 0,
        "contacts-0-order": 9,
        "contacts-0-channel": channel,
        "contacts-0-address": address,
    }
    page = admin.post(change(person), form)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not Contact.objects.filter(person=person, order=9).exists()


def test_posts_of_a_composite_must_exist_here(admin, callcentre):
    form = {"site": callcentre.pk, "key": "crew", "zh": "全组", "en": "Crew", "stands_for": "agent, cs_agent, crew"}
    form |= {"holders-TOTAL_FORMS": 0, "holders-INITIAL_FORMS": 0}
    page = admin.post("/admin/staffing/post/add/", form).content.decode()
    assert "岗位不能由它自己担任。" in page
    assert "本站没有这些岗位代号：cs_agent, crew。" in page


def test_numbers_are_masked_in_lists(admin):
    page = admin.get(listing("person")).content.decode()
    assert "000****0001" in page
    assert "000-0000-0001" not in page
    assert "lead.a@" not in page


# --- what a duty room stands on ---------------------------------------------------------------------------------------


def duty_rows(site) -> dict:
    """One row of each further table at a site."""
    post, person = Post.objects.filter(site=site).first(), Person.objects.filter(site=site).first()
    kind = rosters.kind(site, "late", "晚", 16, 0)
    at = datetime(2026, 12, 15, 8, tzinfo=UTC)
    return {
        "department": Department.objects.create(site=site, key="ops", zh=f"{site.zh}部门", en="Operations"),
        "shiftkind": kind,
        "need": Need.objects.create(post=post, kind=kind, count=2),
        "absence": rosters.leave(person, at),
        "queue": rosters.queue(site, "calls", zh=f"{site.zh}队列"),
        "disclosure": Disclosure.objects.create(
            site=site, user_name=f"{site.zh}看号人", kind="reveal", person=person, at=at
        ),
    }


MODELS = ["department", "shiftkind", "need", "absence", "queue", "disclosure"]


@pytest.mark.parametrize("model", MODELS)
def test_rows_of_the_duty_room_are_those_of_own_sites(admin, callcentre, northside, model):
    own, foreign = duty_rows(callcentre)[model], duty_rows(northside)[model]
    page = admin.get(listing(model))
    assert page.status_code == 200
    assert [row.pk for row in page.context["cl"].result_list if row.pk in (own.pk, foreign.pk)] == [own.pk]
    assert admin.get(change(own)).status_code == 200
    assert admin.get(change(foreign)).status_code in (302, 404)


@pytest.mark.parametrize("model", [one for one in MODELS if one != "disclosure"])
def test_their_forms_open_and_offer_no_foreign_site(admin, callcentre, northside, model):
    duty_rows(northside)
    page = admin.get(f"/admin/staffing/{model}/add/")
    assert page.status_code == 200
    assert "城北" not in page.content.decode()


def test_disclosures_are_read_and_never_written(admin, as_user, root, callcentre):
    line = duty_rows(callcentre)["disclosure"]
    assert "看号人" in admin.get(listing("disclosure")).content.decode()
    for person in (admin, as_user(root)):
        assert person.get("/admin/staffing/disclosure/add/").status_code == 403
        assert person.post(change(line), {"detail": "别的"}).status_code == 403
        assert person.post(change(line).replace("change/", "delete/"), {"post": "yes"}).status_code == 403
    assert Disclosure.objects.get(pk=line.pk).detail == ""


def test_days_hold_everywhere_and_are_changed_by_who_runs_everything(admin, as_user, root):
    Day.objects.create(date="2027-02-08", kind="holiday", zh="示例假日")
    assert "示例假日" in admin.get(listing("day")).content.decode()
    form = {"date": "2027-02-09", "kind": "workday"}
    assert admin.post("/admin/staffing/day/add/", form).status_code == 403
    assert as_user(root).post("/admin/staffing/day/add/", form).status_code == 302
    assert Day.objects.count() == 2


def test_who_administers_every_site_changes_days(admin, ada):
    for site in Site.objects.all():
        granting.grant(ada, site, "admin")
    assert admin.post("/admin/staffing/day/add/", {"date": "2027-02-09", "kind": "workday"}).status_code == 302


def test_a_queue_that_was_heard_of_stays(admin, callcentre):
    queue = duty_rows(callcentre)["queue"]
    Queue.objects.filter(pk=queue.pk).update(heard_at=datetime(2026, 12, 15, tzinfo=UTC))
    assert admin.post(change(queue).replace("change/", "delete/"), {"post": "yes"}).status_code == 403
    admin.post(listing("queue"), {"action": "delete_selected", "_selected_action": queue.pk, "post": "yes"})
    assert Queue.objects.filter(pk=queue.pk).exists()


POST = {"key": "crew", "zh": "全组", "en": "Crew", "kind": "post", "holders-TOTAL_FORMS": 0, "holders-INITIAL_FORMS": 0}
QUEUE = {
    "key": "q", "zh": "队列", "en": "Queue", "seats": 9, "source": "hand", "starts": "auto", "dip_seconds": 60,
    "stale_seconds": 30, "answer_seconds": 20, "answer_target": 80, "connect_target": 85, "formula": "all",
}  # fmt: skip
LEAVE = {"reason": "leave", "starts_at_0": "2026-12-15", "starts_at_1": "08:00", "ends_at_0": "2026-12-16"}


@pytest.mark.parametrize(
    ("model", "form", "sentence"),
    [
        ("post", POST | {"next_post": "crew"}, "不能上转给岗位自己。"),
        ("post", POST | {"next_post": "nobody"}, "本站没有这些岗位代号：nobody。"),
        ("queue", QUEUE | {"source": "ami"}, "须填它里面的队列名"),
        ("queue", QUEUE | {"answer_seconds": 0}, "服务水平的秒数至少为 1。"),
        ("queue", QUEUE | {"stale_seconds": 1}, "大于或等于"),
        ("need", {"count": 0}, "至少需要 1 人"),
        ("need", {"count": 1, "weekdays": "0,8"}, "星期填 1 到 7"),
        ("absence", LEAVE | {"ends_at_1": "09:00", "ends_at_0": "2026-12-14"}, "结束必须晚于开始。"),
        ("absence", LEAVE | {"ends_at_1": "09:00"}, "起已登记离岗，请改那一条。"),
        ("shiftkind", {"key": "late", "zh": "晚", "en": "Late", "starts": "25:00", "ends": "1"}, "有效的时间"),
    ],
)
def test_what_cannot_be_gets_one_sentence(admin, callcentre, model, form, sentence):
    rows = duty_rows(callcentre)
    post, kind = rows["need"].post, rows["shiftkind"]
    form = {"site": callcentre.pk, "post": post.pk, "kind": kind.pk, "person": rows["absence"].person_id, **form}
    page = admin.post(f"/admin/staffing/{model}/add/", form)
    assert page.status_code == 200
    assert sentence in page.content.decode()


def test_a_call_is_not_passed_on_in_a_ring(admin, callcentre):
    first, second = Post.objects.filter(site=callcentre, stands_for=[]).order_by("pk")[:2]
    Post.objects.filter(site=callcentre).update(next_post="")
    Post.objects.filter(pk=second.pk).update(next_post=first.key)
    form = POST | {"site": callcentre.pk, "key": first.key, "zh": first.zh, "en": first.en, "next_post": second.key}
    page = admin.post(change(first), form)
    assert page.status_code == 200
    assert "这样会转回本岗位" in page.content.decode()


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ({"from_time": "08:00"}, "起止要么都填，要么都不填"),
        ({"from_time": "08:00", "to_time": "08:00"}, "全天可用请都留空"),
        ({"channel": "office", "address": "call me"}, "电话只能有数字"),
    ],
)
def test_hours_of_a_contact_are_whole(admin, callcentre, hours, sentence):
    person = Person.objects.filter(site=callcentre, user=None).first()
    way = {"order": 9, "channel": "phone", "address": "000-0000-9999"} | hours
    form = {"site": callcentre.pk, "name": person.name, "language": "zh-hans", "is_active": "on"}
    form |= {"contacts-TOTAL_FORMS": 1, "contacts-INITIAL_FORMS": 0}
    page = admin.post(change(person), form | {f"contacts-0-{name}": value for name, value in way.items()})
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not Contact.objects.filter(person=person, order=9).exists()


def test_changes_of_the_duty_room_are_in_the_audit_and_readings_are_not(admin, callcentre):
    rows = duty_rows(callcentre)
    queue = rows["queue"]
    before = LogEntry.objects.count()
    admin.post(change(queue), QUEUE | {"site": callcentre.pk, "key": queue.key, "zh": "改名", "seats": 31})
    assert LogEntry.objects.count() == before + 1
    assert set(LogEntry.objects.latest("pk").changes_dict) >= {"zh", "seats"}
    queue.refresh_from_db()
    queue.newest = {"staffed": 3}
    queue.save()
    assert LogEntry.objects.count() == before + 1
    assert {"department", "shiftkind", "need", "absence"} <= set(
        LogEntry.objects.values_list("content_type__model", flat=True)
    )
    assert Absence.objects.get(pk=rows["absence"].pk).get_additional_data() == {"site_id": callcentre.pk}
    assert ShiftKind.objects.get(pk=rows["shiftkind"].pk).get_additional_data() == {"site_id": callcentre.pk}


def test_who_opens_the_form_of_a_person_has_seen_the_numbers(admin, ada, callcentre):
    """The form holds them in whole; the list masks them and leaves no line."""
    person = Person.objects.filter(site=callcentre, contacts__channel="phone").first()
    number = person.contacts.filter(channel="phone").first().address
    assert number not in admin.get(listing("person")).content.decode()
    assert not Disclosure.objects.exists()
    assert number in admin.get(change(person)).content.decode()
    line = Disclosure.objects.get()
    assert (line.user, line.person, line.site, line.kind) == (ada, person, callcentre, "reveal")
    assert "管理页面" in line.detail


def test_whose_form_is_refused_was_not_seen(admin):
    other = Person.objects.filter(site__key="hall").first()
    Membership.objects.filter(user__username="ada", site__key="hall").delete()
    admin.get(change(other))
    assert not Disclosure.objects.exists()
