"""Two supervisors at one swap or shift: they wait for each other in one order, and the second learns of the first."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from staffing import planned, shifts, swaps
from staffing.models import Need, Shift, Swap
from staffing.shifts import Outdated, Slot
from tests import rosters

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
NOW = planned.midnight(date(2026, 12, 14)) - 10 * HOUR
EIGHT = NOW + 18 * HOUR


@pytest.fixture
def swap(callcentre, omar):
    """omar asks for 安保F that 安保V take the guard of Monday."""
    Need.objects.filter(post__site=callcentre).delete()
    shift = rosters.shift(rosters.post(callcentre, "guard"), rosters.person(callcentre, "示例安保F"), EIGHT)
    taker = rosters.person(callcentre, "示例安保V")
    return Swap.objects.create(shift=shift, to_person=taker, asked_by=omar, asked_at=NOW)


def beside(act):
    """Run it in a thread with a connection of its own; what it raised is the answer."""
    raised = []

    def run():
        try:
            with transaction.atomic():
                act()
        except Exception as reason:
            raised.append(reason)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(1)  # it has come as far as it can
    return thread, raised


def test_one_removes_the_shift_while_another_approves_its_swap(swap, dana, callcentre):
    """Both lock the people first: neither waits for what the other holds."""
    with transaction.atomic():
        shifts.locked([swap.shift.person_id], callcentre.pk)
        thread, raised = beside(lambda: swaps.approve(swap_id=swap.pk, site_id=callcentre.pk, actor=dana, now=NOW))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
        shifts.remove(shift_id=swap.shift_id, site_id=callcentre.pk, seen=None, now=NOW)
    thread.join(20)
    assert [type(one) for one in raised] == [Outdated]
    swap.refresh_from_db()
    assert swap.state == Swap.State.WITHDRAWN
    assert not Shift.objects.filter(removed_at=None, person=swap.to_person).exists()


def test_one_moves_the_shift_while_another_approves_its_swap(swap, dana, callcentre):
    """What is approved is the shift as it is, not as it was before the wait."""
    later = EIGHT + 2 * HOUR
    slot = Slot(
        post_id=swap.shift.post_id, person_id=swap.shift.person_id, starts_at=later, ends_at=later + 8 * HOUR
    )  # fmt: skip
    with transaction.atomic():
        shifts.locked([swap.shift.person_id], callcentre.pk)
        thread, raised = beside(lambda: swaps.approve(swap_id=swap.pk, site_id=callcentre.pk, actor=dana, now=NOW))
        shifts.move(slot, shift_id=swap.shift_id, site_id=callcentre.pk, seen=None, now=NOW)
    thread.join(20)
    assert raised == []
    assert Shift.objects.get(removed_at=None, person=swap.to_person).starts_at == later


def test_two_approve_at_once_and_one_learns_of_the_other(swap, dana, ada, callcentre):
    raised = []
    with transaction.atomic():
        swaps.approve(swap_id=swap.pk, site_id=callcentre.pk, actor=dana, now=NOW)
        thread, raised = beside(lambda: swaps.approve(swap_id=swap.pk, site_id=callcentre.pk, actor=ada, now=NOW))
    thread.join(20)
    assert [type(one) for one in raised] == [Outdated]
    assert Shift.objects.filter(removed_at=None, person=swap.to_person).count() == 1
