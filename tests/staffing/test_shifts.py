"""Shifts, leave, swaps, rotas and editions: what is written, what is refused with which sentence."""

from datetime import date, timedelta

import pytest
from auditlog.models import LogEntry

from staffing import editions, leave, planned, rotations, shifts, swaps
from staffing.models import Absence, Day, Edition, Need, Rotation, Shift, Swap
from staffing.shifts import NotYours, Outdated, Refused, Slot
from tests import rosters

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 12, 14)
HOUR = timedelta(hours=1)


@pytest.fixture
def house(callcentre):
    """The call centre with an empty roster: two posts of its own, two people, three kinds of shift."""
    Need.objects.filter(post__site=callcentre).delete()
    return House(callcentre)


class House:
    def __init__(self, site):
        self.site = site
        self.guard, self.gate = rosters.post(site, "guard"), rosters.post(site, "gate")
        self.f, self.v = rosters.person(site, "示例安保F"), rosters.person(site, "示例安保V")
        self.day = rosters.kind(site, "day", "白", 8, 16)
        self.late = rosters.kind(site, "evening", "晚", 16, 24)
        self.now = planned.midnight(MONDAY) - 10 * HOUR

    def at(self, hour, day=0):
        return planned.midnight(MONDAY) + timedelta(days=day, hours=hour)

    def slot(self, person=None, starts=8, ends=16, day=0, **more):
        values = {"post_id": self.guard.pk, "person_id": (person or self.f).pk, "kind_id": self.day.pk, **more}
        return Slot(starts_at=self.at(starts, day), ends_at=self.at(ends, day), **values)

    def add(self, person=None, starts=8, ends=16, day=0, **more):
        options = {name: more.pop(name) for name in ("now", "reason", "double", "note") if name in more}
        return shifts.add(
            self.slot(person, starts, ends, day, **more), **{"site_id": self.site.pk, "now": self.now, **options}
        )

    def move(self, shift, *args, **more):
        options = {name: more.pop(name) for name in ("now", "reason", "double", "seen") if name in more}
        given = {"site_id": self.site.pk, "now": self.now, "seen": shift.sequence, **options}
        return shifts.move(self.slot(*args, **more), shift_id=shift.pk, **given)

    def remove(self, shift, **more):
        return shifts.remove(
            shift_id=shift.pk, **{"site_id": self.site.pk, "now": self.now, "seen": shift.sequence, **more}
        )


def sentence(act, field):
    """What is said beside the field."""
    with pytest.raises(Refused) as caught:
        act()
    assert list(caught.value.fields) == [field]
    return caught.value.fields[field]


def test_a_shift_is_planned_and_audited(house):
    made = house.add()
    assert (made.post, made.person, made.sequence, made.changed_at) == (house.guard, house.f, 0, house.now)
    assert LogEntry.objects.filter(object_pk=str(made.pk), content_type__model="shift").count() == 1


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"starts": 16, "ends": 8}, "ends", "晚于"),
        ({"starts": 8, "ends": 8}, "ends", "晚于"),
        ({"starts": 8, "ends": 33}, "ends", "24 小时"),
        ({"post_id": 0}, "post", "没有这个岗位"),
        ({"kind_id": 0}, "kind", "没有这个班次"),
        ({"person_id": 0}, "person", "不属于本站点"),
    ],
)
def test_a_slot_that_makes_no_sense(house, change, field, words):
    assert words in sentence(lambda: house.add(**change), field)
    assert not Shift.objects.filter(post=house.guard).exists()


def test_standby_may_last_a_month_but_not_longer(house):
    assert house.add(ends=8 + 24 * 7, standby=True)
    assert "31 天" in sentence(lambda: house.add(house.v, ends=8 + 24 * 32, standby=True), "ends")


def test_a_person_of_another_site(house, online):
    stranger = rosters.person(online, "示例外站")
    assert "不属于本站点" in sentence(lambda: house.add(stranger), "person")


def test_who_has_left_and_who_is_away(house):
    house.v.is_active = False
    house.v.save()
    assert "离职" in sentence(lambda: house.add(house.v), "person")
    rosters.leave(house.f, house.at(12))
    assert sentence(house.add, "person") == "示例安保F在 12-14 12:00 至 12-15 12:00 请假，不能排班。"
    assert house.add(starts=4, ends=12)  # back to back is no clash


def test_the_same_post_twice_and_another_post_at_once(house):
    house.add()
    assert "已排在这个岗位" in sentence(lambda: house.add(starts=15, ends=23), "person")
    assert "时间重叠" in sentence(lambda: house.add(post_id=house.gate.pk), "double")
    assert house.add(post_id=house.gate.pk, double=True)
    assert house.add(starts=16, ends=24)


def test_an_import_that_was_first_is_noticed_by_the_table(house, monkeypatch):
    house.add()
    monkeypatch.setattr(shifts, "check", lambda *args, **kwargs: None)
    assert "刚刚" in sentence(lambda: house.add(starts=15, ends=23), "person")


def test_the_past_needs_a_reason_which_is_kept(house):
    later = house.at(9)
    assert "理由" in sentence(lambda: house.add(now=later), "reason")
    made = house.add(now=later, reason="原排班人迟到")
    assert made.note == "原排班人迟到"
    assert "理由" in sentence(lambda: house.move(made, house.f, 10, 18, now=later), "reason")
    assert "理由" in sentence(lambda: house.remove(made, now=later), "reason")
    assert house.remove(made, now=later, reason="错排").removed_at == later


def test_moving_within_the_week_keeps_the_event(house):
    made = house.add()
    moved = house.move(made, starts=16, ends=24, day=3, kind_id=house.late.pk, post_id=house.gate.pk)
    assert (moved.pk, moved.uid, moved.sequence, moved.post) == (made.pk, made.uid, 1, house.gate)
    assert moved.starts_at == house.at(16, day=3)


@pytest.mark.parametrize("other", [{"person": True}, {"day": 7}])
def test_another_person_or_week_is_another_event_and_the_old_one_is_gone(house, other):
    made = house.add()
    moved = house.move(made, house.v if other.pop("person", None) else house.f, **other)
    made.refresh_from_db()
    assert moved.pk != made.pk and moved.uid != made.uid
    assert (made.removed_at, made.sequence) == (house.now, 1)


def test_a_page_that_is_out_of_date_changes_nothing(house):
    made = house.add()
    house.move(made, starts=9, ends=17)
    with pytest.raises(Outdated):
        house.move(made, starts=10, ends=18, seen=0)
    with pytest.raises(Outdated):
        house.remove(made, seen=0)
    gone = Shift.objects.get(pk=made.pk)
    house.remove(gone)
    with pytest.raises(Outdated, match="移除"):
        house.remove(gone, seen=None)


def test_another_site_cannot_reach_the_shift(house, online):
    made = house.add()
    with pytest.raises(Shift.DoesNotExist):
        house.remove(made, site_id=online.pk)


def stand_in(house, shift, person, starts, ends):
    return shifts.stand_in(
        shift_id=shift.pk, site_id=house.site.pk, seen=shift.sequence, person_id=person.pk,
        starts_at=house.at(starts), ends_at=house.at(ends), now=house.now,
    )  # fmt: skip


def test_a_stand_in_goes_first_and_says_for_whom(house):
    made = house.add()
    other = stand_in(house, made, house.v, 12, 16)
    assert (other.is_override, other.note) == (True, "顶替示例安保F")
    assert "本人" in sentence(lambda: stand_in(house, made, house.f, 12, 16), "person")
    assert "之内" in sentence(lambda: stand_in(house, made, house.v, 12, 17), "starts")


# --- leave ----------------------------------------------------------------------------------------------------------


def away(house, person=None, starts=0, ends=24, **more):
    values = {"reason": "leave", "note": "", "now": house.now, "site_id": house.site.pk, **more}
    return leave.add(person_id=(person or house.f).pk, starts_at=house.at(starts), ends_at=house.at(ends), **values)


def test_leave_shows_first_what_it_tears(house):
    Need.objects.create(post=house.guard, kind=house.day)
    Need.objects.create(post=house.guard, kind=house.late)
    house.add()
    (torn,) = leave.tears(site_id=house.site.pk, person_id=house.f.pk, starts_at=house.at(12), ends_at=house.at(30))
    assert (torn.starts_at, torn.ends_at, torn.missing) == (house.at(12), house.at(16), 1)
    away(house, starts=12, ends=30)
    assert len(planned.gather(house.site.pk, MONDAY, MONDAY).gaps()) == 2


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"starts": 9, "ends": 9}, "ends", "晚于"),
        ({"ends": 24 * 400}, "ends", "366 天"),
        ({"starts": -40, "ends": -20}, "ends", "已经过去"),
        ({"reason": "whim"}, "why", "原因"),
    ],
)
def test_leave_that_makes_no_sense(house, change, field, words):
    assert words in sentence(lambda: away(house, **change), field)


def test_leave_twice_and_back_sooner(house):
    first = away(house, starts=-20, ends=30)
    assert "已登记离岗" in sentence(lambda: away(house, starts=29, ends=60), "person")
    leave.end(absence_id=first.pk, site_id=house.site.pk, now=house.now)
    first.refresh_from_db()
    assert first.ends_at == house.now
    with pytest.raises(Outdated):
        leave.end(absence_id=first.pk, site_id=house.site.pk, now=house.now)
    second = away(house)
    leave.end(absence_id=second.pk, site_id=house.site.pk, now=house.now)
    assert not Absence.objects.filter(pk=second.pk).exists()


# --- swaps ----------------------------------------------------------------------------------------------------------


def ask(house, shift, to, actor, back=None, **more):
    values = {"seen": shift.sequence, "reason": "家中有事", "now": house.now, "site_id": house.site.pk, **more}
    return swaps.ask(
        shift_id=shift.pk, to_person_id=to.pk, back_shift_id=back.pk if back else None, actor=actor, **values
    )


def approve(house, swap, actor, now=None):
    return swaps.approve(swap_id=swap.pk, site_id=house.site.pk, actor=actor, now=now or house.now)


def who(house, starts, day=0):
    return Shift.objects.get(post=house.guard, starts_at=house.at(starts, day), removed_at__isnull=True).person


def test_a_swap_there_and_back(house, omar, dana):
    mine, theirs = house.add(), house.add(house.v, day=2)
    swap = approve(house, ask(house, mine, house.v, omar, theirs), dana)
    assert (swap.state, swap.decided_by) == (Swap.State.APPROVED, dana)
    assert who(house, 8) == house.v
    assert who(house, 8, day=2) == house.f
    with pytest.raises(Outdated, match="已批准"):
        approve(house, swap, dana)


def test_who_may_ask(house, vera, eve):
    mine = house.add()
    for user in (vera, eve):
        with pytest.raises(NotYours):
            ask(house, mine, house.v, user)
    house.f.user = vera
    house.f.save()
    mine.refresh_from_db()
    assert ask(house, mine, house.v, vera).asked_by == vera


def test_who_asked_or_gains_does_not_decide(house, dana, ada, omar):
    swap = ask(house, house.add(), house.v, dana)
    for user in (dana, omar):  # omar has no right to plan
        with pytest.raises(NotYours):
            approve(house, swap, user)
    for person in (house.f, house.v):  # whose shift it is, and who would take it
        person.user = ada
        person.save()
        with pytest.raises(NotYours):
            approve(house, swap, ada)
        person.user = None
        person.save()


def test_a_swap_that_cannot_be(house, omar, dana):
    mine, theirs = house.add(), house.add(house.v, day=1)
    assert "另一个人" in sentence(lambda: ask(house, mine, house.f, omar), "person")
    assert "不是对方的" in sentence(lambda: ask(house, mine, house.v, omar, mine), "back")
    assert "已经开始" in sentence(lambda: ask(house, mine, house.v, omar, now=house.at(8)), "shift")
    rosters.leave(house.v, house.at(8))
    assert "请假" in sentence(lambda: ask(house, mine, house.v, omar), "person")
    swap = ask(house, theirs, house.f, omar)
    with pytest.raises(Outdated, match="已有一份"):
        ask(house, theirs, house.f, omar)
    rosters.leave(house.f, house.at(0, day=1))
    assert "请假" in sentence(lambda: approve(house, swap, dana), "person")
    assert Swap.objects.get(pk=swap.pk).state == Swap.State.ASKED


def test_refusing_needs_a_reason_and_withdrawing_the_asker(house, omar, dana):
    swap = ask(house, house.add(), house.v, omar)
    both = {"swap_id": swap.pk, "site_id": house.site.pk, "now": house.now}
    assert "理由" in sentence(lambda: swaps.refuse(**both, reason=" ", actor=dana), "reason")
    with pytest.raises(NotYours):
        swaps.withdraw(**both, actor=dana)
    assert swaps.withdraw(**both, actor=omar).state == Swap.State.WITHDRAWN
    with pytest.raises(Outdated):
        swaps.refuse(**both, reason="人手不足", actor=dana)


def test_a_shift_that_goes_takes_its_swap_along(house, omar):
    mine = house.add()
    swap = ask(house, mine, house.v, omar)
    house.remove(mine)
    assert Swap.objects.get(pk=swap.pk).state == Swap.State.WITHDRAWN


# --- rotas ----------------------------------------------------------------------------------------------------------


def rota(house, **more):
    values = {"people": (house.f.pk, house.v.pk), "pattern": ("day", "evening", ""), "starts_on": MONDAY,
              "until": MONDAY + timedelta(days=5), "post_id": house.guard.pk, **more}  # fmt: skip
    return rotations.Rota(**values)


def test_a_rota_turns_and_says_what_finds_no_place(house, dana):
    rosters.leave(house.f, house.at(0), 24)
    house.add(house.v, 20, 28, post_id=house.gate.pk)
    found = rotations.preview(rota(house), site_id=house.site.pk, now=house.now)
    assert [(one.person.name[-1], one.day.day, one.why) for one in found.left_out] == [
        ("F", 14, "away"),
        ("V", 14, "busy"),
    ]
    assert len(found.placed) == 6
    made, _ = rotations.write(rota(house), site_id=house.site.pk, mark=found.mark, actor=dana, now=house.now)
    rows = Shift.objects.filter(post=house.guard, source=Shift.Source.ROTATION).order_by("starts_at", "person")
    assert rows.count() == 6
    assert (made.made_by, made.people) == (dana, [house.f.pk, house.v.pk])
    with pytest.raises(Outdated):  # pressed twice
        rotations.write(rota(house), site_id=house.site.pk, mark=found.mark, actor=dana, now=house.now)


def test_a_rota_of_workdays_skips_holidays_and_works_the_weekend_that_pays(house):
    Day.objects.create(date=MONDAY, kind=Day.Kind.HOLIDAY, zh="示例节")
    Day.objects.create(date=MONDAY + timedelta(days=5), kind=Day.Kind.WORKDAY)
    every = rota(house, people=(house.f.pk,), pattern=("day",), workdays_only=True, until=MONDAY + timedelta(days=6))
    found = rotations.preview(every, site_id=house.site.pk, now=house.now)
    assert [one.day.day for one in found.left_out] == [14, 20]


def test_a_rota_into_2027_does_not_break(house):
    every = rota(house, people=(house.f.pk,), pattern=("day",), workdays_only=True, starts_on=date(2026, 12, 28),
                 until=date(2027, 1, 10))  # fmt: skip
    found = rotations.preview(every, site_id=house.site.pk, now=house.now)
    assert [(one.day.month, one.day.day) for one in found.left_out] == [(1, 2), (1, 3), (1, 9), (1, 10)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"until": MONDAY - timedelta(days=1)}, "until"),
        ({"until": MONDAY + timedelta(days=366)}, "until"),
        ({"pattern": ("day", "noon")}, "pattern"),
        ({"pattern": ("", "")}, "pattern"),
        ({"pattern": ("day",) * 32}, "pattern"),
        ({"people": ()}, "people"),
        ({"people": (0,)}, "people"),
        ({"post_id": 0}, "post"),
    ],
)
def test_a_rota_that_makes_no_sense(house, change, field):
    sentence(lambda: rotations.preview(rota(house, **change), site_id=house.site.pk, now=house.now), field)
    assert not Rotation.objects.filter(post=house.guard).exists()


def test_a_rota_that_places_nothing_is_not_written(house, dana):
    past = rota(house, starts_on=MONDAY - timedelta(days=30), until=MONDAY - timedelta(days=20))
    found = rotations.preview(past, site_id=house.site.pk, now=house.now)
    assert {one.why for one in found.left_out} == {"past"}
    with pytest.raises(Refused, match="没有可以排上"):
        rotations.write(past, site_id=house.site.pk, mark=found.mark, actor=dana, now=house.now)


# --- editions -------------------------------------------------------------------------------------------------------


def publish(house, actor, seen=0, reason="", now=None):
    return editions.publish(
        site_id=house.site.pk, week=MONDAY, seen=seen, reason=reason, actor=actor, now=now or house.now
    )


@pytest.fixture
def empty(house):
    """Nothing is planned in the week but what the test plans."""
    Shift.objects.filter(planned.in_week(MONDAY), post__site=house.site).delete()
    Shift.objects.filter(planned.in_week(MONDAY + planned.WEEK), post__site=house.site).delete()
    return house


def test_the_first_edition_concerns_everybody_in_it_and_the_next_who_changed(empty, dana):
    mine = empty.add()
    empty.add(empty.v, 16, 24)
    first = publish(empty, dana)
    assert (first.edition.number, first.edition.by_name, first.edition.gaps) == (1, "示例主管B", 0)
    assert {one.person_id for one in first.concerned} == {empty.f.pk, empty.v.pk}
    later = empty.now + HOUR
    with pytest.raises(Refused, match="没有改动"):
        publish(empty, dana, seen=1, now=later)
    empty.remove(mine, now=later)
    second = publish(empty, dana, seen=1, now=later + HOUR)
    assert [(one.person_id, one.shifts) for one in second.concerned] == [(empty.f.pk, ())]


def test_publishing_with_gaps_needs_a_reason_and_twice_is_noticed(empty, dana):
    Need.objects.create(post=empty.guard, kind=empty.day)
    empty.add()
    assert "6 处缺岗" in sentence(lambda: publish(empty, dana), "reason")
    assert publish(empty, dana, reason="等新人到岗").edition.gaps == 6
    with pytest.raises(Outdated, match="第 1 版"):
        publish(empty, dana, reason="等新人到岗")
    assert Edition.objects.get(site=empty.site, week=MONDAY).reason == "等新人到岗"


def test_a_week_is_copied_as_far_as_it_fits(empty, dana):
    empty.add()
    free = empty.add(empty.v, 8, 16, day=2)
    rosters.leave(empty.v, empty.at(0, day=9))
    found = editions.copy(site_id=empty.site.pk, week=MONDAY, actor=dana, now=empty.now)
    assert (found.count, [one.pk for one in found.left_out]) == (1, [free.pk])
    assert who(empty, 8, day=7) == empty.f
    again = editions.copy(site_id=empty.site.pk, week=MONDAY, actor=dana, now=empty.now)
    assert again.count == 0
    with pytest.raises(Refused, match="没有可复制"):
        editions.copy(site_id=empty.site.pk, week=MONDAY + 20 * planned.WEEK, actor=dana, now=empty.now)
