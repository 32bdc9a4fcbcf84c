"""What people ask for: leave, and swaps with who decides them."""

from collections.abc import Callable
from datetime import date, datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dutyroom import door, roster_forms, rostering
from dutyroom.roster_forms import Choices, Raw
from dutyroom.screens import roster as screen
from dutyroom.screens import roster_words as words
from dutyroom.views import roster_dialogs as dialogs
from dutyroom.views.roster_dialogs import Place
from incident import clock, forms
from incident.forms import Dialog, Field, Option
from incident.refusals import Invalid, NotNow
from incident.screens import room_words as say
from incident.views.answers import Request, refuses
from staffing import coverage, leave, planned, rights, swaps
from staffing.models import Absence, Person, Post, Shift, Swap, User

MOST_TORN = 12
BACK_WEEKS = 4


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def away(request: Request) -> HttpResponse:
    """Leave: the first press shows which shifts it tears open, the second writes it."""
    raw = request.POST.dict() if request.method == "POST" else request.GET.dict()
    now = clock.wall_now()
    site = door.site(request.user, raw.get("site", ""), rights.ROSTER)
    place = Place(site, screen.monday(raw.get("week", ""), now), now)
    found = Choices.of(site)
    if request.method == "GET":
        return dialogs.show(request, place, _leave(place, found, raw))
    try:
        torn = _torn(place, raw)
    except Invalid as wrong:
        return dialogs.show(request, place, _leave(place, found, raw).answered(raw, wrong), wrong.status)
    mark = _mark(raw, torn)
    if torn and raw.get("mark") != mark:
        return dialogs.show(request, place, _leave(place, found, raw, torn=torn, mark=mark))

    def act() -> str:
        starts_at, ends_at = roster_forms.leave_span(raw)
        made = rostering.act(
            site.pk,
            lambda: leave.add(
                site_id=site.pk,
                person_id=roster_forms.number(raw, "person") or 0,
                starts_at=starts_at,
                ends_at=ends_at,
                reason=raw.get("why", ""),
                note=raw.get("note", ""),
                now=now,
            ),
        )
        said = _("已登记 %(name)s %(what)s") % {"name": made.person.name, "what": made.get_reason_display()}
        return said + (_("，有 %d 处缺岗要补") % len(torn) if torn else "")

    return dialogs.submit(request, place, lambda _wrong: _leave(place, found, raw), act)


@require_POST
@login_required
@never_cache
@refuses
def back(request: Request, absence_id: int) -> HttpResponse:
    """Back sooner: the leave ends now, or is taken out where it has not begun."""
    found = Absence.objects.select_related("person__site").filter(pk=absence_id).first()
    if found is None:
        raise Http404
    site = found.person.site
    door.need(request.user, site.pk, rights.ROSTER)
    now = clock.wall_now()
    rostering.act(site.pk, lambda: leave.end(absence_id=found.pk, site_id=site.pk, now=now))
    place = Place(site, screen.monday(request.POST.get("week", ""), now), now)
    return dialogs.done(request, place, _("%s 的离岗已结束") % found.person.name)


def _leave(place: Place, found: Choices, raw: Raw, *, torn: list[coverage.Gap] | None = None, mark: str = "") -> Dialog:
    return Dialog(
        title=_("登记离岗"),
        action=reverse("roster-leave"),
        submit=_("仍要登记") if torn else _("登记"),
        explain=_("离岗期间不顶任何岗位；已排的班保留，成为缺口，直到有人补上。"),
        fields=roster_forms.leave_fields(found, raw, place.now),
        signed=_gap_words(place, torn or []),
        said=_("这次离岗会空出 %d 处：") % len(torn) if torn else "",
        hidden={**place.hidden, "mark": mark},
    )


def _torn(place: Place, raw: Raw) -> list[coverage.Gap]:
    person_id = roster_forms.number(raw, "person")
    if person_id is None:
        raise Invalid({"person": _("请选择人员。")})
    starts_at, ends_at = roster_forms.leave_span(raw)
    if ends_at <= starts_at or ends_at - starts_at > leave.LONGEST:
        return []  # refused by the step itself, with its sentence
    found = leave.tears(site_id=place.site.pk, person_id=person_id, starts_at=starts_at, ends_at=ends_at)
    return [gap for gap in found if gap.ends_at > place.now]


def _mark(raw: Raw, torn: list[coverage.Gap]) -> str:
    """What was shown: the same gaps for the same person."""
    return f"{raw.get('person', '')}:" + ",".join(f"{gap.turn.post}.{gap.starts_at:%m%d%H%M}" for gap in torn)


def _gap_words(place: Place, torn: list[coverage.Gap]) -> tuple[str, ...]:
    posts = Post.objects.in_bulk({gap.turn.post for gap in torn})
    said = [
        f"{words.date_words(gap.turn.day)} {words.weekday(gap.turn.day)} {words.span(gap.starts_at, gap.ends_at)} "
        f"{say.pick(posts[gap.turn.post])}"
        for gap in torn[:MOST_TORN]
    ]
    if len(torn) > MOST_TORN:
        said.append(_("另有 %d 处") % (len(torn) - MOST_TORN))
    return tuple(said)


# --- swaps ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def ask(request: Request, shift_id: int) -> HttpResponse:
    """Ask that somebody else take the shift, perhaps for one of theirs."""
    found = dialogs.shift(request, shift_id, rights.VIEW)
    now = clock.wall_now()
    if not swaps.may_ask(request.user, found):
        raise rostering.not_theirs()
    if found.removed_at is not None:
        raise NotNow(_("这个班次已被移除，未作任何改动。请看过最新的值班表后再操作。"))
    place = Place(found.post.site, screen.monday(_day(found).isoformat(), now), now)
    raw = request.POST.dict()
    dialog = _asking(place, found, raw)
    if request.method == "GET":
        return dialogs.show(request, place, dialog)

    def act() -> str:
        person_id, back_id = _partner(raw)
        rostering.act(
            place.site.pk,
            lambda: swaps.ask(
                shift_id=found.pk,
                site_id=place.site.pk,
                seen=forms.seen(request),
                to_person_id=person_id,
                back_shift_id=back_id,
                reason=raw.get("reason", ""),
                actor=request.user,
                now=now,
            ),
        )
        return _("换班申请已提交，等另一位有排班权限的人批准")

    return dialogs.submit(request, place, lambda _wrong: dialog, act)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def decide(request: Request, swap_id: int, name: str) -> HttpResponse:
    """Approve, refuse with a reason, or withdraw."""
    if name not in STEPS:
        raise Http404
    found = Swap.objects.select_related("shift__post__site", "shift__person", "to_person").filter(pk=swap_id).first()
    if found is None:
        raise Http404
    site = found.shift.post.site
    door.need(request.user, site.pk, rights.VIEW if name == "withdraw" else rights.ROSTER)
    now = clock.wall_now()
    place = Place(site, screen.monday(_day(found.shift).isoformat(), now), now)
    dialog = _deciding(found, name)
    if request.method == "GET":
        return dialogs.show(request, place, dialog)
    reason = request.POST.get("reason", "")
    step = STEPS[name]

    def act() -> str:
        rostering.act(site.pk, lambda: step(found.pk, site.pk, request.user, now, reason))
        return DONE[name]()

    return dialogs.submit(request, place, lambda _wrong: dialog, act)


def _approve(swap_id: int, site_id: int, actor: User, now: datetime, reason: str) -> Swap:
    return swaps.approve(swap_id=swap_id, site_id=site_id, actor=actor, now=now)


def _refuse(swap_id: int, site_id: int, actor: User, now: datetime, reason: str) -> Swap:
    return swaps.refuse(swap_id=swap_id, site_id=site_id, actor=actor, now=now, reason=reason)


def _withdraw(swap_id: int, site_id: int, actor: User, now: datetime, reason: str) -> Swap:
    return swaps.withdraw(swap_id=swap_id, site_id=site_id, actor=actor, now=now)


STEPS: dict[str, Callable[[int, int, User, datetime, str], Swap]] = {
    "approve": _approve,
    "refuse": _refuse,
    "withdraw": _withdraw,
}
DONE: dict[str, Callable[[], str]] = {
    "approve": lambda: _("换班已批准，值班表已改"),
    "refuse": lambda: _("换班未批准，班次照旧"),
    "withdraw": lambda: _("换班申请已撤回"),
}


def _asking(place: Place, found: Shift, raw: Raw) -> Dialog:
    """Whom to ask: a person alone, or one of their coming shifts for this one."""
    people = Person.objects.filter(site=place.site, is_active=True).exclude(pk=found.person_id)
    own = set(people.filter(held__post_id=found.post_id).values_list("pk", flat=True))
    listed = sorted(people, key=lambda one: (one.pk not in own, one.name, one.pk))
    options = [Option("", _("请选择"))]
    options += [Option(str(one.pk), roster_forms.person_words(one)) for one in listed]
    options += [Option(f"{one.person_id}-{one.pk}", _back_words(one)) for one in _theirs(place, found)]
    return Dialog(
        title=_("申请换班"),
        action=reverse("roster-swap", args=[found.pk]),
        submit=_("申请"),
        explain=_("换出：%s。批准之前班次不变。") % f"{_shift_words(found)} {found.person.name}",
        fields=(
            Field("with", _("由谁顶班，或者换对方的哪个班"), "list", value=raw.get("with", ""), options=tuple(options),
                  is_required=True, is_focused=True),
            Field("reason", _("理由（可不填）"), "long", value=raw.get("reason", "")),
        ),
        seen=found.sequence,
    )  # fmt: skip


def _theirs(place: Place, found: Shift) -> list[Shift]:
    """Coming shifts of others on the same post, which could be taken in return."""
    rows = Shift.objects.filter(
        post_id=found.post_id,
        removed_at__isnull=True,
        person__is_active=True,
        starts_at__gt=place.now,
        starts_at__lt=found.starts_at + BACK_WEEKS * planned.WEEK,
    ).exclude(person_id=found.person_id)
    return list(rows.select_related("person", "post", "kind").order_by("starts_at", "person__name")[:100])


def _partner(raw: Raw) -> tuple[int, int | None]:
    person, _dash, shift = raw.get("with", "").partition("-")
    person_id = roster_forms.number({"person": person}, "person")
    if person_id is None:
        raise Invalid({"with": _("请选择由谁顶班。")})
    return person_id, roster_forms.number({"shift": shift}, "shift") if shift else None


def _deciding(found: Swap, name: str) -> Dialog:
    title, submit = {
        "approve": (_("批准换班？"), _("批准")),
        "refuse": (_("不批准换班"), _("不批准")),
        "withdraw": (_("撤回换班申请？"), _("撤回")),
    }[name]
    who = {"name": found.shift.person.name, "taker": found.to_person.name}
    return Dialog(
        title=title,
        action=reverse("roster-swap-decide", args=[found.pk, name]),
        submit=submit,
        explain=words.headed(_shift_words(found.shift), _("%(name)s → %(taker)s") % who),
        fields=(forms.reason(),) if name == "refuse" else (),
    )


def _day(shift: Shift) -> date:
    return shift.starts_at.astimezone(planned.ZONE).date()


def _shift_words(shift: Shift) -> str:
    return f"{words.date_words(_day(shift))} {words.span(shift.starts_at, shift.ends_at)} {say.pick(shift.post)}"


def _back_words(shift: Shift) -> str:
    return _("换 %(name)s 的 %(shift)s") % {"name": shift.person.name, "shift": _shift_words(shift)}
