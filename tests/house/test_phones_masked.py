"""Whole numbers stand on three kinds of page only: what was asked for by name, forms of the admin, own entries."""

import re

import pytest

from dutyroom.models import ContactCheck
from staffing.models import Contact, Disclosure, User
from tests.house.test_doors import TABLE, WHO, address, place, seen_by  # noqa: F401 - a fixture

WHOLE = re.compile(r"000-\d{4}-\d{4}|00000000\d{3}")
# Where a whole number is the answer to somebody who may have it, each time with a line in the list of disclosures.
ANSWERS = {"contact-reveal", "contact-sheet", "contact-sheet-file", "contact-card", "contact-cards"}


def pages() -> list[str]:
    return [row for row in TABLE if row.split()[0] not in ("logout", "language")]


@pytest.fixture
def busy(place, dana, now):  # noqa: F811
    """Tests of contacts run, so that their pages have something to show."""
    for contact in Contact.objects.filter(person__site__key="callcentre").exclude(channel="in_app"):
        ContactCheck.objects.get_or_create(
            contact=contact, asked_at=now, due_at=now, asked_by=dana, result="missed", result_at=now
        )
    return place


@pytest.mark.parametrize("who", WHO)
def test_no_page_that_is_opened_shows_a_whole_number(who, busy):
    client, shown = seen_by(who), []
    for row in pages():
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address(row, busy), headers=headers)
            if answer.status_code == 200 and not answer.streaming:
                shown += [row] if WHOLE.search(answer.content.decode("utf-8", "replace")) else []
    assert shown == []
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("row", sorted(ANSWERS))
def test_a_whole_number_is_never_given_without_a_line_about_it(row, busy):
    path = address(row, busy)
    for who in WHO:
        before = Disclosure.objects.count()
        answer = seen_by(who).post(path)
        shown = answer.status_code == 200 and bool(WHOLE.search(answer.content.decode()))
        assert Disclosure.objects.count() - before == shown, who
        if shown:
            assert "no-store" in answer["Cache-Control"]
            assert Disclosure.objects.latest("pk").user == User.objects.get(username=who)


def test_lists_of_the_admin_are_masked_and_its_forms_are_not(busy):
    client = seen_by("ada")
    person = Contact.objects.filter(person__site__key="callcentre", channel="phone").first().person
    for name in ("person", "contact", "post", "holder", "disclosure"):
        answer = client.get(f"/admin/staffing/{name}/")
        assert answer.status_code in (200, 404)
        assert not WHOLE.search(answer.content.decode()), name
    assert not WHOLE.search(client.get("/admin/auditlog/logentry/").content.decode())
    assert WHOLE.search(client.get(f"/admin/staffing/person/{person.pk}/change/").content.decode())
