"""A change of shift while others work: whoever opens a handover waits for them before it holds anything they need."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from incident import acting, handover_opening
from incident.live import topics
from incident.models import Handover
from incident.refusals import NotNow
from staffing.models import Holder, Person, Post
from tests import rosters

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def change(callcentre, omar, now):
    """omar leads until in ten minutes, then somebody without a login."""
    post = Post.objects.get(site=callcentre, key="team_leader")
    Post.objects.filter(pk=post.pk).update(hands_over=True)
    Holder.objects.filter(post=post).delete()
    people = {person.name[-1]: person for person in Person.objects.filter(site=callcentre)}
    at = now + 10 * MINUTE
    rosters.shift(post, people["A"], at - 480 * MINUTE)
    rosters.shift(post, people["I"], at)
    return at


def test_a_handover_opens_while_somebody_works_on_the_incident(change, report, omar):
    """The items name the incident: were that lock taken at the commit, each would wait for what the other holds."""
    incident = report("HJ-2", facts={"scope": "all_applications"})
    failed = []

    def open_it():
        try:
            failed.extend(handover_opening.open_due(now=change))
        finally:
            connection.close()

    thread = threading.Thread(target=open_it)
    with transaction.atomic():
        acting.locked(incident.pk)
        thread.start()
        thread.join(1)  # it has come as far as it can
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
        topics.touch({topics.user(omar.pk): (), topics.incident(incident.number): ()})
    thread.join(20)
    assert not thread.is_alive()
    assert failed == []
    assert Handover.objects.get().items.count() >= 1


def test_two_who_press_at_once_open_one(change, report, omar, dana, callcentre):
    """A second apart they belong to two moments, and the roster tells none of them apart."""
    report("HJ-2", facts={"scope": "all_applications"})
    at = change - 180 * MINUTE  # no change of shift is near
    take = partial(handover_opening.open_by_hand, site_id=callcentre.pk, post="team_leader", gives=False)
    raised = []

    def second():
        try:
            take(actor=dana, now=at + timedelta(seconds=1))
        except NotNow as late:
            raised.append(late)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        take(actor=dana, now=at)
        thread.start()
        thread.join(1)
    thread.join(20)
    assert len(raised) == 1
    assert Handover.objects.count() == 1
