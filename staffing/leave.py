"""Leave: somebody is away, and which shifts that tears open. Every step needs a transaction and locks the person."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from staffing import coverage, planned, shifts
from staffing.models import Absence
from staffing.shifts import NOTE, Refused

LONGEST = timedelta(days=366)


def tears(*, site_id: int, person_id: int, starts_at: datetime, ends_at: datetime) -> list[coverage.Gap]:
    """The gaps of the span that this leave would make or widen, for showing before it is written. Four queries."""
    plan = planned.gather(site_id, _day(starts_at), _day(ends_at))
    before = set(plan.gaps())
    after = coverage.gaps(plan.turns, plan.work, [*plan.away, coverage.Away(person_id, starts_at, ends_at)])
    return [gap for gap in after if gap not in before and person_id in gap.away]


def add(
    *,
    site_id: int,
    person_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    note: str,
    now: datetime,
) -> Absence:
    """Write the leave down; the shifts in it stay, and are gaps until somebody takes them."""
    if ends_at <= starts_at:
        raise Refused({"ends": _("结束时间须晚于开始时间。")})
    if ends_at - starts_at > LONGEST:
        raise Refused({"ends": _("一次离岗最长 366 天。")})
    if ends_at <= now:
        raise Refused({"ends": _("这段时间已经过去。过去的离岗请管理员在后台补记。")})
    if reason not in Absence.Reason.values:
        raise Refused({"why": _("请选择离岗原因。")})
    (person,) = shifts.locked([person_id], site_id)
    other = Absence.objects.filter(person=person, starts_at__lt=ends_at, ends_at__gt=starts_at).first()
    if other is not None:
        words = {"name": person.name, **shifts.times(other.starts_at, other.ends_at)}
        raise Refused({"person": _("%(name)s在 %(from)s 至 %(to)s 已登记离岗，时间重叠。") % words})
    return Absence.objects.create(
        person=person, starts_at=starts_at, ends_at=ends_at, reason=reason, note=note.strip()[:NOTE]
    )


def end(*, absence_id: int, site_id: int, now: datetime) -> None:
    """Back sooner than planned: from now on. Leave that has not begun is taken out.

    Raises Absence.DoesNotExist for those of other sites, Outdated where the leave is over or gone.
    """
    absence = Absence.objects.select_related("person").get(pk=absence_id, person__site_id=site_id)
    shifts.locked([absence.person_id], site_id)
    absence.refresh_from_db()
    if absence.ends_at <= now:
        raise shifts.Outdated({"leave": _("这次离岗已经结束，未作任何改动。")})
    if absence.starts_at >= now:
        absence.delete()
        return
    absence.ends_at = now
    absence.save(update_fields=["ends_at"])


def _day(moment: datetime) -> date:
    return moment.astimezone(planned.ZONE).date()
