"""Steps of the roster from a page: one transaction each, refusals as the console says them, a poke for who watches."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from dutyroom.screens import roster_words as words
from incident.live import topics
from incident.refusals import Denied, Invalid, NotNow
from notices import outbox
from staffing import directory, editions, planned, shifts
from staffing.models import Person, Shift, Site, User

R = TypeVar("R")
REGIONS = frozenset({"live-duty", "live-coverage", "live-annunciator"})
KIND = "roster_changed"
WAIT_SECONDS = 3600
MOST_SHIFTS = 14  # named in one message


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the roster refuses into Invalid, NotNow or Denied with its sentence, Http404 for what is not there."""
    try:
        yield
    except shifts.Outdated as outdated:
        raise NotNow(str(outdated)) from None
    except shifts.NotYours as denied:
        raise Denied(str(denied)) from None
    except shifts.Refused as refused:
        raise Invalid(refused.fields) from None
    except ObjectDoesNotExist:
        raise Http404 from None


def act(site_id: int, step: Callable[[], R]) -> R:
    """Take one step and tell who watches the site; refusals as in `refusing`."""
    with refusing(), transaction.atomic():
        done = step()
        topics.touch({topics.site(site_id): REGIONS})
    return done


def publish(*, site: Site, week: date, seen: int, reason: str, actor: User, now: datetime) -> editions.Published:
    """Publish the week and tell whom it concerns, each in their language, on the screen or by mail."""

    def step() -> editions.Published:
        published = editions.publish(site_id=site.pk, week=week, seen=seen, reason=reason, actor=actor, now=now)
        people = editions.people(published.concerned)
        drafts = [
            _draft(site, week, published.edition.number, people[one.person_id], one.shifts)
            for one in published.concerned
            if one.person_id in people
        ]
        outbox.enqueue_many([draft for draft in drafts if draft.ladder], now=now)
        return published

    return act(site.pk, step)


def _draft(site: Site, week: date, number: int, person: Person, own: Iterable[Shift]) -> outbox.Draft:
    named = list(own)
    data = {
        "site_zh": site.zh,
        "site_en": site.en,
        "path": f"{reverse('roster')}?site={site.key}&week={week}",
        "week_zh": f"{week.month}月{week.day}日",
        "week_en": f"{week.day} {week:%b}",
        "edition_zh": str(number),
        "edition_en": str(number),
        "shifts_zh": _shifts(named, "zh"),
        "shifts_en": _shifts(named, "en"),
    }
    return outbox.Draft(
        key=f"roster:{site.pk}:{week}:{number}:{person.pk}",
        incident_id=None,
        site_id=site.pk,
        mode="real",
        kind=KIND,
        data=data,
        person=person.name,
        ladder=directory.ladder([_held(person)], wait_seconds=WAIT_SECONDS),
        wants_answer=False,
    )


def _held(person: Person) -> directory.Held:
    account = person.user if person.user is not None and person.user.is_active else None
    contacts = sorted(person.contacts.all(), key=lambda one: (one.order, one.pk))
    return directory.Held(
        person_id=person.pk,
        name=person.name,
        user_id=account.pk if account else None,
        language=account.language if account else person.language,
        rank=0,
        contacts=tuple((one.channel, one.address) for one in contacts),
    )


def _shifts(own: list[Shift], language: str) -> str:
    """周一 14 白 值班班长；… in one language, whatever the reader's."""
    if not own:
        return {"zh": "本周没有您的班次", "en": "no shifts for you in this week"}[language]
    said = [_shift(shift, language) for shift in own[:MOST_SHIFTS]]
    rest = len(own) - MOST_SHIFTS
    if rest > 0:
        said.append({"zh": f"另有 {rest} 班", "en": f"{rest} more"}[language])
    return {"zh": "；", "en": "; "}[language].join(said)


def _shift(shift: Shift, language: str) -> str:
    starts = shift.starts_at.astimezone(planned.ZONE)
    kind = getattr(shift.kind, language) if shift.kind else ""
    day = f"{starts.month}月{starts.day}日" if language == "zh" else f"{starts.day} {starts:%b}"
    post = getattr(shift.post, language) or shift.post.zh
    return " ".join(filter(None, (day, words.plain_span(shift.starts_at, shift.ends_at), kind, post)))


def not_theirs() -> Denied:
    """Said to who may not ask for a swap of this shift."""
    return Denied(_("只有本人、值班班长、主管或管理员可以为这个班次申请换班。"))
