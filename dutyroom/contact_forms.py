"""What is asked for a test of contacts: of whom, and how long they have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.http import Http404
from django.utils.translation import gettext as _

from dutyroom import checks, present
from dutyroom.models import ContactCheck
from incident.refusals import Invalid
from staffing.models import Contact, Person, Site

Scope = Literal["ways", "duty", "all"]
MOST_ID: Final = 2**62


@dataclass(frozen=True, slots=True)
class TestForm:
    """`person`: whose ways are offered one by one; without one, everybody on duty or everybody."""

    person: Person | None
    ways: tuple[Contact, ...]
    chosen: frozenset[int]
    scope: Scope
    minutes: str
    wrong: Mapping[str, str]

    @property
    def windows(self) -> list[tuple[int, bool]]:
        return [(window, str(window) == self.minutes) for window in checks.WINDOWS]


def read(site: Site, raw: Mapping[str, str], ways: list[str] | None = None) -> TestForm:
    """The form as it was filled in, or fresh. Raises Http404 for a person of another site. Two queries."""
    person = _person(site, raw.get("person", ""))
    able = (
        tuple(
            contact
            for contact in person.contacts.select_related("person__user").order_by("order", "pk")
            if checks.can_be_tested(contact)
        )
        if person
        else ()
    )
    own = {contact.pk for contact in able}
    picked = {int(way) for way in ways or () if is_id(way)} & own
    return TestForm(
        person=person,
        ways=able,
        chosen=frozenset(own if ways is None else picked),
        scope="ways" if person else "all" if raw.get("scope") == "all" else "duty",
        minutes=raw.get("minutes", str(checks.USUAL_WINDOW)),
        wrong={},
    )


def contacts(form: TestForm, site: Site, raw: Mapping[str, str], now: datetime) -> tuple[list[int], int]:
    """The contacts to test and the minutes they have. Raises Invalid."""
    wrong = {}
    if form.minutes not in {str(window) for window in checks.WINDOWS}:
        wrong["minutes"] = _("请从 5、10、30、60 分钟中选一个。")
    if form.person is not None and not form.chosen:
        wrong["ways"] = (
            _("请至少选一种联系方式。") if form.ways else _("此人没有可以测试的联系方式，请先在管理中补上。")
        )
    if form.person is None and raw.get("scope") not in ("duty", "all"):
        wrong["scope"] = _("请选在岗人员或全员。")
    if wrong:
        raise Invalid(wrong)
    return list(form.chosen) if form.person else _of_many(site, form.scope, now), int(form.minutes)


def result(raw: Mapping[str, str]) -> str:
    """How a call ended. Raises Invalid."""
    if raw.get("result") not in ContactCheck.Result.values:
        raise Invalid({"result": _("请选“接通”或“未接通”。")})
    return raw["result"]


def _person(site: Site, text: str) -> Person | None:
    if not text:
        return None
    found = Person.objects.filter(site=site, pk=int(text), is_active=True).first() if is_id(text) else None
    if found is None:
        raise Http404
    return found


def is_id(text: str) -> bool:
    """Tell whether the text can be the id of a row."""
    return text.isascii() and text.isdigit() and int(text[:20]) < MOST_ID


def _of_many(site: Site, scope: Scope, now: datetime) -> list[int]:
    people = Contact.objects.filter(person__site=site, person__is_active=True)
    if scope == "duty":
        people = people.filter(person__in=present.at(site.pk, now).on_duty())
    return list(people.values_list("pk", flat=True))
