"""A change of shift in the middle of a fault: what the new lead takes is theirs, the rest the supervisor's."""

import pytest

from incident import catalogue, chain, handover, lifecycle, sweep, work
from incident.models import Duty, Entry, Handover, Incident
from notices.models import Notice
from playbooks import library
from staffing.models import Holder, Membership, Person, Post, User
from tests import rosters

pytestmark = pytest.mark.django_db


def test_the_fault_goes_on_through_the_change_of_shift(callcentre, omar, dana, report, now, minutes):
    # The roster: omar until six minutes after the fault, then iris; nobody else has the post.
    iris = User.objects.create(username="iris", name="示例班长I")
    Membership.objects.create(user=iris, site=callcentre, role=Membership.Role.SHIFT_LEAD)
    Person.objects.filter(site=callcentre, name="示例班长I").update(user=iris)
    Holder.objects.filter(post__site=callcentre, post__key="team_leader").delete()
    post = Post.objects.get(site=callcentre, key="team_leader")
    post.hands_over = True
    post.save()
    change = now + minutes(6)
    rosters.shift(post, Person.objects.get(site=callcentre, name="示例班长A"), change - minutes(480))
    rosters.shift(post, Person.objects.get(site=callcentre, name="示例班长I"), change)

    # Minute 0: the fault. Minute 2: omar leads it and has done one thing.
    incident = report("HJ-2", at=now, facts={"scope": "all_applications"})
    lifecycle.take(incident_id=incident.pk, actor=omar, now=now + minutes(2))
    mine = list(
        Duty.objects.filter(incident=incident, holder_user=omar, state="open")
        .exclude(kind="prohibition")
        .order_by("id")
    )
    done, kept, *left = mine
    work.complete(duty_id=done.pk, actor=omar, now=now + minutes(2))

    # Minute 6: the shift changes. The handover opens by itself, with everything that is still his.
    sweep.sweep(now=change)
    opened = Handover.objects.get()
    assert {item.duty_id for item in opened.items.all()} == {None, kept.pk, *(duty.pk for duty in left)}
    assert [row["number"] for row in opened.record["incidents"]] == [incident.number]
    assert done.rule in {row["rule"] for row in opened.record["done"]}

    # Minute 8: iris takes the incident and one duty by name, and no more.
    items = [opened.items.get(duty=None).pk, opened.items.get(duty=kept).pk]
    handover.take(handover_id=opened.pk, actor=iris, now=now + minutes(8), items=items)
    assert Incident.objects.get(pk=incident.pk).lead == iris
    assert Duty.objects.get(pk=kept.pk).holder_user == iris

    # Minute 21: the window is over; what nobody took is dana's, and she is told, once.
    for minute in range(9, 40):
        sweep.sweep(now=now + minutes(minute))
    assert {duty.holder_user for duty in Duty.objects.filter(pk__in=[duty.pk for duty in left])} <= {dana}
    assert Notice.objects.filter(incident=incident, kind="handover_passed").count() == (1 if left else 0)
    passed = Entry.objects.filter(incident=incident, kind="handover_passed")
    assert [entry.at for entry in passed] == [change + minutes(15)] * (1 if left else 0)

    # Both sign. The timeline says who had it when, and nothing else happened.
    handover.sign(handover_id=opened.pk, actor=omar, now=now + minutes(40))
    handover.sign(handover_id=opened.pk, actor=iris, now=now + minutes(40))
    law = library.playbook(incident.playbook_id)
    told = [catalogue.words(entry, law) for entry in Entry.objects.filter(incident=incident, kind="taken_over")]
    assert len(told) == 1
    assert told[0].startswith("接班：示例班长I 接手本事件（原由 示例班长A）；接班：示例班长I 接手 1 项职责")
    assert Incident.objects.get(pk=incident.pk).lead == iris  # never the supervisor's: it was taken
    assert not Entry.objects.filter(incident=incident, kind="handover_gap").exists()
    assert chain.broken_at(Incident.objects.get(pk=incident.pk)) is None
