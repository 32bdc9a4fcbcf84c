"""Planning one shift: add, move, remove, stand in."""

from dataclasses import replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dutyroom import door, roster_forms, rostering
from dutyroom.roster_forms import Choices, Raw
from dutyroom.screens import roster as screen
from dutyroom.screens import roster_words as words
from dutyroom.views import roster_dialogs as dialogs
from dutyroom.views.roster_dialogs import Place
from incident import clock, forms
from incident.forms import Dialog, Field
from incident.refusals import Invalid, NotNow
from incident.screens import room_words as say
from incident.views.answers import Request, refuses
from staffing import coverage, planned, rights, shifts
from staffing.models import Shift

FROM_GAP = "gap"
FIELDS = {"starts": "from", "ends": "to"}  # of a stand-in's form, which asks for times of day


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def add(request: Request) -> HttpResponse:
    """Plan somebody, or fill a gap in one step (`gap`): refused where somebody has filled it."""
    raw = request.POST.dict() if request.method == "POST" else request.GET.dict()
    now = clock.wall_now()
    site = door.site(request.user, raw.get("site", ""), rights.ROSTER)
    place = Place(site, screen.monday(raw.get("week") or raw.get("day", ""), now), now)
    found = Choices.of(site, roster_forms.number(raw, "post"))
    if request.method == "GET":
        today = now.astimezone(planned.ZONE).date()
        usual = today if place.week <= today < place.week + planned.WEEK else place.week
        return dialogs.show(request, place, _adding(place, found, {"day": usual.isoformat(), **raw}))

    def act() -> str:
        slot = roster_forms.slot(found, raw)
        if raw.get(FROM_GAP):
            slot = _of_gap(place, slot)
        made = rostering.act(
            site.pk,
            lambda: shifts.add(
                slot, site_id=site.pk, now=now, reason=raw.get("reason", ""), double=raw.get("double") == "yes"
            ),
        )
        return _("已排 %s") % _said(made)

    return dialogs.submit(request, place, lambda wrong: _adding(place, found, raw, wrong), act)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def move(request: Request, shift_id: int) -> HttpResponse:
    """Another day, time, post or person; what the form does not send stays as it is, which is how a drag sends it."""
    found, place = _found(request, shift_id)
    given = request.POST.dict() if request.method == "POST" else request.GET.dict()
    raw = {**roster_forms.of_shift(found), **given}
    choices = Choices.of(place.site, found.post_id)
    if request.method == "GET":
        return dialogs.show(request, place, _moving(place, choices, found, raw))

    def act() -> str:
        slot = roster_forms.slot(choices, raw, standby=found.standby)
        seen = forms.seen(request)
        moved = rostering.act(
            place.site.pk,
            lambda: shifts.move(
                slot,
                shift_id=found.pk,
                site_id=place.site.pk,
                seen=seen,
                now=place.now,
                reason=raw.get("reason", ""),
                double=raw.get("double") == "yes",
            ),
        )
        return _("已改为 %s") % _said(moved)

    return dialogs.submit(request, place, lambda wrong: _moving(place, choices, found, raw, wrong), act)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def remove(request: Request, shift_id: int) -> HttpResponse:
    """Take a shift out; one that has begun needs a reason."""
    found, place = _found(request, shift_id)
    dialog = Dialog(
        title=_("移除这个班次？"),
        action=reverse("roster-remove", args=[found.pk]),
        submit=_("移除"),
        explain=_said(found),
        fields=roster_forms.after_fields({}, is_past=found.starts_at < place.now, asks_double=False),
        seen=found.sequence,
        is_grave=True,
    )
    if request.method == "GET":
        return dialogs.show(request, place, dialog)
    seen, reason = forms.seen(request), request.POST.get("reason", "")

    def act() -> str:
        rostering.act(
            place.site.pk,
            lambda: shifts.remove(shift_id=found.pk, site_id=place.site.pk, seen=seen, now=place.now, reason=reason),
        )
        return _("已移除 %s") % _said(found)

    return dialogs.submit(request, place, lambda _wrong: dialog, act)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def stand_in(request: Request, shift_id: int) -> HttpResponse:
    """Somebody stands in for a part or the whole of a shift."""
    found, place = _found(request, shift_id)
    raw = request.POST.dict()
    choices = Choices.of(place.site, found.post_id)
    if request.method == "GET":
        return dialogs.show(request, place, _standing_in(place, choices, found, raw))

    def act() -> str:
        starts_at, ends_at = _part(found, raw)
        person_id = roster_forms.number(raw, "person")
        if person_id is None:
            raise Invalid({"person": _("请选择人员。")})
        try:
            made = rostering.act(
                place.site.pk,
                lambda: shifts.stand_in(
                    shift_id=found.pk,
                    site_id=place.site.pk,
                    seen=forms.seen(request),
                    person_id=person_id,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    now=place.now,
                    note=raw.get("note", ""),
                    reason=raw.get("reason", ""),
                    double=raw.get("double") == "yes",
                ),
            )
        except Invalid as wrong:
            raise Invalid({FIELDS.get(name, name): said for name, said in wrong.fields.items()}) from None
        return _("已安排顶替：%s") % _said(made)

    return dialogs.submit(request, place, lambda wrong: _standing_in(place, choices, found, raw, wrong), act)


def _found(request: Request, shift_id: int) -> tuple[Shift, Place]:
    now = clock.wall_now()
    found = dialogs.shift(request, shift_id)
    if found.removed_at is not None:
        raise NotNow(_("这个班次已被移除，未作任何改动。请看过最新的值班表后再操作。"))
    day = found.starts_at.astimezone(planned.ZONE).date()
    return found, Place(found.post.site, screen.monday(day.isoformat(), now), now)


def _adding(place: Place, found: Choices, raw: Raw, wrong: Invalid | None = None) -> Dialog:
    return Dialog(
        title=_("排一个班"),
        action=reverse("roster-add"),
        submit=_("排上"),
        fields=(
            *roster_forms.shift_fields(found, raw),
            *_after(raw, wrong, is_past=_starts_before(found, raw, place.now)),
        ),
        hidden=place.hidden,
    )


def _moving(place: Place, choices: Choices, found: Shift, raw: Raw, wrong: Invalid | None = None) -> Dialog:
    past = found.starts_at < place.now or _starts_before(choices, raw, place.now)
    return Dialog(
        title=_("改动班次"),
        action=reverse("roster-move", args=[found.pk]),
        submit=_("改动"),
        explain=_("原来：%s") % _said(found),
        fields=(*roster_forms.shift_fields(choices, raw), *_after(raw, wrong, is_past=past)),
        seen=int(raw["seen"]) if raw.get("seen", "").isdigit() else found.sequence,
    )


def _standing_in(place: Place, choices: Choices, found: Shift, raw: Raw, wrong: Invalid | None = None) -> Dialog:
    person = roster_forms.person_field(choices, raw, label=_("由谁顶替"), is_focused=True)
    return Dialog(
        title=_("安排临时顶替"),
        action=reverse("roster-stand-in", args=[found.pk]),
        submit=_("安排"),
        explain=_("顶替：%s。原班次保留，顶替期间先找顶替的人。") % _said(found),
        fields=(
            person,
            Field("from", _("从"), "time", value=raw.get("from", ""), help=_("留空为整个班次")),
            Field("to", _("到"), "time", value=raw.get("to", "")),
            Field("note", _("说明（可不填）"), value=raw.get("note", "")),
            *_after(raw, wrong, is_past=found.starts_at < place.now),
        ),
        seen=found.sequence,
    )


def _after(raw: Raw, wrong: Invalid | None, *, is_past: bool) -> tuple[Field, ...]:
    asked = wrong.fields if wrong else {}
    return roster_forms.after_fields(raw, is_past=is_past or "reason" in asked, asks_double="double" in asked)


def _starts_before(found: Choices, raw: Raw, now: datetime) -> bool:
    """Whether what is filled in begins in the past; no, where it makes no sense yet."""
    try:
        return roster_forms.slot(found, {**raw, "person": raw.get("person") or "0"}).starts_at < now
    except Invalid:
        return False


def _part(found: Shift, raw: Raw) -> tuple[datetime, datetime]:
    """The part of the shift that is typed; an hour before its start is one of the next day."""
    starts = roster_forms.clock(raw, "from", _("开始时间"))
    ends = roster_forms.clock(raw, "to", _("结束时间"))
    begins = found.starts_at.astimezone(planned.ZONE)
    starts_at = begins.replace(hour=starts.hour, minute=starts.minute) if starts else begins
    if starts_at < begins:
        starts_at += planned.DAY
    if ends is None:
        return starts_at, found.ends_at
    ends_at = starts_at.replace(hour=ends.hour, minute=ends.minute)
    return starts_at, ends_at if ends_at > starts_at else ends_at + planned.DAY


def _of_gap(place: Place, slot: shifts.Slot) -> shifts.Slot:
    """What is left of the gap: from now on where it runs already. Somebody may have filled it meanwhile."""
    slot = replace(slot, starts_at=max(slot.starts_at, min(place.now, slot.ends_at)))
    first = slot.starts_at.astimezone(planned.ZONE).date()
    found = planned.gather(place.site.pk, first - planned.DAY, first + planned.DAY).gaps()
    wanted = coverage.Away(0, slot.starts_at, slot.ends_at)
    here = [gap for gap in found if (gap.turn.post, gap.turn.standby) == (slot.post_id, slot.standby)]
    if not any(coverage.overlaps(wanted, gap.starts_at, gap.ends_at) for gap in here):
        raise NotNow(_("这个缺口刚刚已有人排上，未作任何改动。请看过最新的值班表。"))
    return slot


def _said(shift: Shift) -> str:
    day = words.day(shift.starts_at.astimezone(planned.ZONE).date())
    return f"{day} {words.span(shift.starts_at, shift.ends_at)} {say.pick(shift.post)} {shift.person.name}"
