"""People as cards: what telephones and address books read, Chinese and folding included."""

import re
from datetime import timedelta

import pytest
import vobject
from django.urls import reverse
from icalendar.cal import Component

from dutyroom import cards
from staffing.models import Contact, Department, Disclosure, Person
from tests import rosters

WHOLE_SITE = "/contacts/cards/"


@pytest.fixture
def long_name(callcentre, now) -> Person:
    """Somebody with everything a card can hold, and words that must be folded and escaped."""
    department = Department.objects.create(site=callcentre, key="ops", zh="运行；维护，抢修部", en="Operations")
    person = rosters.person(callcentre, "示例" * 30 + "、甲;乙,丙\\丁", department=department)
    for order, (channel, address) in enumerate(
        [("phone", "000-0000-7001"), ("office", "000-7002"), ("email", "name@example.invalid"), ("in_app", "")]
    ):
        Contact.objects.create(person=person, channel=channel, address=address, order=order)
    rosters.shift(rosters.post(callcentre, "team_leader"), person, now - timedelta(hours=1))
    return person


def taken(client, user, path=WHOLE_SITE, **form):
    client.force_login(user)
    return client.post(path, {"site": "callcentre", **form})


def test_one_person_as_a_card(client, omar, long_name):
    answer = taken(client, omar, reverse("contact-card", args=[long_name.pk]))
    assert answer["Content-Type"] == "text/vcard; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    card = vobject.readOne(answer.content.decode())
    assert card.version.value == "3.0"
    assert card.fn.value == long_name.name
    assert card.org.value == ["示例呼叫中心", "运行；维护，抢修部"]
    assert (card.title.value, card.role.value) == ("值班组长", "值班组长")
    assert [(tel.value, tel.type_param) for tel in card.tel_list] == [("000-0000-7001", "cell"), ("000-7002", "work")]
    assert card.email.value == "name@example.invalid"
    assert re.fullmatch(r"\d{8}T\d{6}Z", card.rev.value)
    assert card.uid.value


def test_another_library_reads_the_same(client, omar, long_name):
    """The parser of icalendar knows nothing of vobject: folding, escaping and parameters must be right."""
    Person.objects.filter(pk=long_name.pk).update(
        name="示例" * 30 + "、甲,乙"
    )  # it takes a name apart at every semicolon
    answer = taken(client, omar, reverse("contact-card", args=[long_name.pk]))
    card = Component.from_ical(answer.content.decode())
    assert card.name == "VCARD"
    assert str(card["FN"]).replace("\\,", ",") == "示例" * 30 + "、甲,乙"
    numbers = {tel.params["TYPE"]: str(tel) for tel in card["TEL"]}
    assert numbers == {"cell": "000-0000-7001", "work": "000-7002"}
    assert str(card["EMAIL"]) == "name@example.invalid"


def test_lines_fold_at_75_octets_and_never_within_a_character(client, omar, long_name):
    raw = taken(client, omar, reverse("contact-card", args=[long_name.pk])).content
    lines = raw.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert sum(line.startswith(b" ") for line in lines) >= 2
    for line in lines:
        line.decode()


def test_the_same_person_keeps_the_same_card(client, omar, long_name):
    path = reverse("contact-card", args=[long_name.pk])
    first, second = (vobject.readOne(taken(client, omar, path).content.decode()).uid.value for _ in range(2))
    assert first == second


def test_the_whole_site_in_one_file_and_one_line(client, dana, callcentre):
    rosters.person(callcentre, "示例离职", is_active=False)
    answer = taken(client, dana)
    found = list(vobject.readComponents(answer.content.decode()))
    names = set(Person.objects.filter(site=callcentre, is_active=True).values_list("name", flat=True))
    assert {card.fn.value for card in found} == names
    assert len({card.uid.value for card in found}) == len(found)
    line = Disclosure.objects.get()
    assert (line.kind, line.user, line.person) == ("card", dana, None)
    assert str(len(found)) in line.detail


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("eve", 404)])
def test_cards_are_for_those_who_call(request, client, who, status):
    answer = taken(client, request.getfixturevalue(who))
    assert answer.status_code == status
    assert not Disclosure.objects.exists()


def test_nobody_of_that_number(client, omar):
    assert taken(client, omar, reverse("contact-card", args=[10**9])).status_code == 404


def test_a_person_without_contacts_or_posts_is_a_card_too(callcentre, now):
    person = rosters.person(callcentre, "示例空白")
    card = vobject.readOne(cards.write([(person, ())], now))
    assert card.fn.value == "示例空白"
    assert not hasattr(card, "tel") and not hasattr(card, "title")
