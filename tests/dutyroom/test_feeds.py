"""Calendar feeds: secret links that can be renewed, read back by those who read calendars."""

from datetime import UTC, timedelta

import icalendar
import pytest
import vobject
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from icalevents import icalevents

from dutyroom.views import feeds
from staffing import shifts
from staffing.exchange import calendars, links
from staffing.models import Disclosure, Person, Shift, Site
from tests import rosters

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _unhurried():
    cache.clear()


@pytest.fixture
def start(now):
    return (now + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def lead(omar, callcentre):
    return Person.objects.get(user=omar, site=callcentre)


@pytest.fixture
def planned(lead, callcentre, start):
    """Three evenings of the shift lead."""
    kind = rosters.kind(callcentre, "evening", "晚", 16, 24)
    post = rosters.post(callcentre, "team_leader")
    return [rosters.shift(post, lead, start + timedelta(days=n), kind=kind, note="000-0000-0001") for n in range(3)]


@pytest.fixture
def there(lead):
    return reverse("feed", args=[links.of_person(lead)])


def events(answer):
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


def test_one_event_a_shift(client, there, planned, start):
    answer = client.get(there)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert calendar["METHOD"] == "PUBLISH"
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    found = events(answer)
    assert [str(one["UID"]) for one in found] == [f"{shift.uid}@console.invalid" for shift in planned]
    first = found[0]
    assert str(first["SUMMARY"]) == "晚 值班组长"
    assert first["DTSTART"].dt == start
    assert first["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert first["DTEND"].dt - first["DTSTART"].dt == timedelta(hours=8)
    assert (first["SEQUENCE"], first["STATUS"], first["TRANSP"]) == (0, "CONFIRMED", "OPAQUE")
    assert first["LAST-MODIFIED"].dt == planned[0].changed_at.replace(microsecond=0)


def test_no_telephone_number_and_no_line_over_75_octets(client, there, planned, lead, callcentre):
    callcentre.posts.filter(key="team_leader").update(zh="很长的岗位名称" * 10)
    answer = client.get(there)
    assert b"000-0000" not in answer.content
    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75
    assert str(events(answer)[0]["SUMMARY"]) == "晚 " + "很长的岗位名称" * 10
    answer.content.decode()  # no character is cut in two lines that can't be joined


@pytest.mark.parametrize("name", ["a;b,c\\n\\,", "a\r\nX-EVIL:1", "a\nEND:VEVENT", '"a":b', "END:VCALENDAR", "x" * 80])
def test_a_name_is_never_more_than_a_name(client, there, planned, callcentre, name):
    callcentre.posts.filter(key="team_leader").update(zh=name)
    answer = client.get(there)
    found = events(answer)
    assert [str(one["SUMMARY"]).replace("\r\n", "\n") for one in found] == [f"晚 {name}".replace("\r\n", "\n")] * 3
    assert b"\nX-EVIL" not in answer.content
    assert len(vobject.readOne(answer.content.decode()).vevent_list) == 3


def test_vobject_reads_it_too(client, there, planned, start):
    found = vobject.readOne(client.get(there).content.decode())
    assert [event.summary.value for event in found.vevent_list] == ["晚 值班组长"] * 3
    assert found.vevent_list[0].dtstart.value == start


def test_a_change_raises_the_sequence_and_a_removed_shift_is_cancelled_for_a_month(
    client, there, planned, start, now, callcentre
):
    shifts_before = {str(one["UID"]) for one in events(client.get(there))}
    slot = shifts.Slot(
        post_id=planned[0].post_id, person_id=planned[0].person_id, kind_id=planned[0].kind_id,
        starts_at=start + timedelta(hours=1), ends_at=start + timedelta(hours=8),
    )  # fmt: skip
    shifts.move(slot, shift_id=planned[0].pk, site_id=callcentre.pk, seen=0, now=now)
    shifts.remove(shift_id=planned[1].pk, site_id=callcentre.pk, seen=0, now=now)
    found = events(client.get(there))
    assert [(one["SEQUENCE"], one["STATUS"]) for one in found] == [(1, "CONFIRMED"), (1, "CANCELLED"), (0, "CONFIRMED")]
    assert {str(one["UID"]) for one in found} == shifts_before
    Shift.objects.filter(pk=planned[1].pk).update(removed_at=now - timedelta(days=31))
    assert len(events(client.get(there))) == 2


def test_leave_is_there_without_its_reason_and_blocks_nothing(client, there, planned, lead, start):
    rosters.leave(lead, start + timedelta(days=5), reason="sick", note="000-0000-0001")
    away = events(client.get(there))[-1]
    assert (str(away["SUMMARY"]), away["TRANSP"]) == ("离岗", "TRANSPARENT")
    assert b"000-0000" not in client.get(there).content


def test_thirty_days_back_and_180_ahead(client, there, planned, lead, now):
    post = planned[0].post
    inside = [now - timedelta(days=29), now + timedelta(days=179)]
    for moment in [*inside, now - timedelta(days=32), now + timedelta(days=181)]:
        rosters.shift(post, lead, moment)
    assert len(events(client.get(there))) == 5


def test_nothing_new_costs_nothing(client, there, planned, lead, now):
    first = client.get(there)
    assert first["Cache-Control"] == "private, no-cache"
    headers = {"If-None-Match": first["ETag"]}
    again = client.get(there, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(there, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    shifts.remove(shift_id=planned[1].pk, site_id=lead.site_id, seen=0, now=now + timedelta(seconds=1))
    changed = client.get(there, headers=headers)
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert client.get(there, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 200


def test_only_get(client, there):
    for method in ("post", "put", "delete", "head"):
        assert getattr(client, method)(there).status_code == 405


@pytest.mark.parametrize("token", ["x", "p1-1", "p1-1.forged", "s1-1.AAAA", "p999999-1.x", "p-.", "."])
def test_without_the_secret_there_is_nothing(client, planned, token):
    assert client.get(f"/feeds/{token}.ics").status_code == 404


def test_a_renewed_link_makes_the_old_one_void(client, there, lead, omar, planned):
    own = Client()
    own.force_login(omar)
    assert links.of_person(lead) in own.get(reverse("feeds")).content.decode()
    assert own.post(reverse("feeds"), {"site": "callcentre", "what": str(lead.pk)}).status_code == 303
    assert client.get(there).status_code == 404
    lead = Person.objects.get(pk=lead.pk)
    assert client.get(reverse("feed", args=[links.of_person(lead)])).status_code == 200


def test_nobody_renews_the_link_of_another(lead, dana, planned):
    other = Client()
    other.force_login(dana)
    assert other.post(reverse("feeds"), {"site": "callcentre", "what": str(lead.pk)}).status_code == 404
    for what in ("", "0", "x", "９"):
        assert other.post(reverse("feeds"), {"site": "callcentre", "what": what}).status_code == 404


def test_who_has_left_has_no_calendar(client, there, lead, planned):
    Person.objects.filter(pk=lead.pk).update(is_active=False)
    assert client.get(there).status_code == 404


def test_the_sites_link_is_for_administrators_and_that_is_kept(client, planned, ada, dana, callcentre):
    other, admin = Client(), Client()
    other.force_login(dana)
    admin.force_login(ada)
    token = links.of_site(callcentre)
    assert token not in admin.get(reverse("feeds"), {"site": "callcentre"}).content.decode()
    for form in ({"do": "site"}, {"what": "site"}):
        assert other.post(reverse("feeds"), {"site": "callcentre", **form}).status_code == 403
    assert not Disclosure.objects.exists()
    assert token in admin.post(reverse("feeds"), {"site": "callcentre", "do": "site"}).content.decode()
    assert list(Disclosure.objects.values_list("kind", "user", "site")) == [("feed", ada.pk, callcentre.pk)]
    found = events(client.get(reverse("feed", args=[token])))
    assert str(found[0]["SUMMARY"]) == "晚 值班组长 · 示例班长A"
    admin.post(reverse("feeds"), {"site": "callcentre", "what": "site"})
    assert Disclosure.objects.count() == 2
    assert client.get(reverse("feed", args=[token])).status_code == 404
    assert Site.objects.get(pk=callcentre.pk).feed_serial == 2


def test_a_link_of_a_person_is_none_of_a_site(client, lead, callcentre):
    assert links.read(links.of_person(lead)).site is None
    assert links.read("s" + links.of_person(lead)[1:]) is None


def test_the_language_of_the_person_or_the_one_asked_for(client, there, planned, omar):
    assert "Evening Shift team leader" in client.get(there, {"lang": "en"}).content.decode()
    assert "晚 值班组长" in client.get(there, {"lang": "xx"}).content.decode()
    omar.language = "en"
    omar.save()
    assert "Evening Shift team leader" in client.get(there).content.decode()


def test_a_program_that_asks_without_end_is_slowed(client, there, planned, now, monkeypatch):
    monkeypatch.setattr("dutyroom.views.feeds.clock.wall_now", lambda: now)  # one minute
    answers = {client.get(there).status_code for _ in range(feeds.MOST_A_MINUTE)}
    assert answers == {200}
    slowed = client.get(there)
    assert (slowed.status_code, slowed["Retry-After"]) == (429, "60")


def test_a_site_with_too_many_shifts_shows_those_around_today(client, planned, callcentre, now, lead, monkeypatch):
    monkeypatch.setattr(calendars, "MOST", 4)
    for days in (20, 40, 100):
        rosters.shift(planned[0].post, lead, now + timedelta(days=days))
    found = events(client.get(reverse("feed", args=[links.of_site(callcentre)])))
    assert len(found) == 4
    assert max(one["DTSTART"].dt for one in found) < now + timedelta(days=30)


def test_a_feed_is_a_few_queries(client, there, planned, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        client.get(there)


@pytest.mark.django_db(transaction=True)
def test_a_calendar_program_fetches_and_reads_it(live_server, there, planned, start):
    """`icalevents` fetches over HTTP, unfolds, knows the zone and works out what is when."""
    found = icalevents.events(
        url=f"{live_server.url}{there}", start=start - timedelta(days=1), end=start + timedelta(days=4)
    )
    assert sorted((one.summary, one.start.astimezone(UTC)) for one in found) == [
        ("晚 值班组长", (start + timedelta(days=n)).astimezone(UTC)) for n in range(3)
    ]
    assert {one.end - one.start for one in found} == {timedelta(hours=8)}


def test_a_login_that_is_switched_off_takes_its_link_along(client, there, lead, planned):
    lead.user.is_active = False
    lead.user.save()
    assert client.get(there).status_code == 404
    lead.user.is_active = True
    lead.user.save()
    assert client.get(there).status_code == 200
