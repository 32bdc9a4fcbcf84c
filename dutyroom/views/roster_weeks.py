"""Steps of a whole week and more: publish it, copy it, lay a rota."""

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
from incident.refusals import Invalid
from incident.views.answers import Request, refuses
from staffing import editions, planned, rights, rotations

MOST_SAID = 12


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def publish(request: Request) -> HttpResponse:
    """Number the week and tell everybody whose shifts changed; with gaps only with a reason."""
    place = _place(request)
    dialog = _publishing(place)
    if request.method == "GET":
        return dialogs.show(request, place, dialog)
    seen, reason = forms.seen(request), request.POST.get("reason", "")

    def act() -> str:
        found = rostering.publish(
            site=place.site, week=place.week, seen=seen or 0, reason=reason, actor=request.user, now=place.now
        )
        words_ = {"number": found.edition.number, "people": len(found.concerned)}
        return _("第 %(number)d 版已发布，告知 %(people)d 人") % words_

    return dialogs.submit(request, place, lambda _wrong: dialog, act)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def copy(request: Request) -> HttpResponse:
    """Plan the next week as this one, as far as it fits."""
    place = _place(request)
    after = words.week(place.week + planned.WEEK)
    dialog = Dialog(
        title=_("复制到下周"),
        action=reverse("roster-copy"),
        submit=_("复制"),
        explain=_("把 %(this)s 的班次照样排到 %(next)s。已排的、离岗的、已过去的不动；顶替和召集不复制。")
        % {"this": words.week(place.week), "next": after},
        hidden=place.hidden,
    )
    if request.method == "GET":
        return dialogs.show(request, place, dialog)

    def act() -> str:
        found = rostering.act(
            place.site.pk,
            lambda: editions.copy(site_id=place.site.pk, week=place.week, actor=request.user, now=place.now),
        )
        said = _("已排到 %(next)s：%(count)d 班") % {"next": after, "count": found.count}
        names = words.listed(dict.fromkeys(one.person.name for one in found.left_out[:MOST_SAID]))
        left = {"count": len(found.left_out), "names": names}
        return said + (_("，%(count)d 班排不上（%(names)s）") % left if found.left_out else "")

    return dialogs.submit(request, place, lambda _wrong: dialog, act)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def rota(request: Request) -> HttpResponse:
    """A rota that repeats: the first press shows what it gives, the second writes it."""
    place = _place(request)
    raw = request.POST.dict()
    found = Choices.of(place.site)
    if request.method == "GET":
        return dialogs.show(request, place, _rota(place, found, raw))
    try:
        wanted = roster_forms.rota(found, raw)
        with rostering.refusing():
            preview = rotations.preview(wanted, site_id=place.site.pk, now=place.now)
    except Invalid as wrong:
        return dialogs.show(request, place, _rota(place, found, raw).answered(raw, wrong), wrong.status)
    if raw.get("mark") != preview.mark:
        return dialogs.show(request, place, _rota(place, found, raw, preview))

    def act() -> str:
        _made, done = rostering.act(
            place.site.pk,
            lambda: rotations.write(
                wanted, site_id=place.site.pk, mark=preview.mark, actor=request.user, now=place.now
            ),
        )
        said = _("轮班已排 %d 班") % len(done.placed)
        return said + (_("，%d 班排不上") % len(done.left_out) if done.left_out else "")

    return dialogs.submit(request, place, lambda _wrong: _rota(place, found, raw), act)


def _place(request: Request) -> Place:
    raw = request.POST if request.method == "POST" else request.GET
    now = clock.wall_now()
    site = door.site(request.user, raw.get("site", ""), rights.ROSTER)
    return Place(site, screen.monday(raw.get("week", ""), now), now)


def _publishing(place: Place) -> Dialog:
    edition = editions.latest(place.site.pk, place.week)
    plan = planned.gather(place.site.pk, place.week, place.week + planned.WEEK - planned.DAY)
    lacking = len([gap for gap in plan.gaps() if gap.ends_at > place.now])
    concerned = editions.changed_since(place.site.pk, place.week, edition)
    people = concerned.values("person_id").distinct().count()
    number = (edition.number if edition else 0) + 1
    return Dialog(
        title=_("发布 %(week)s 第 %(number)d 版") % {"week": words.week(place.week), "number": number},
        action=reverse("roster-publish"),
        submit=_("发布"),
        explain=_("班次有变化的 %d 人会收到通知。") % people,
        missing=() if people or edition is None else (_("自第 %d 版以来没有改动，不必再发布。") % (number - 1),),
        fields=(
            Field(
                "reason",
                _("带缺岗发布的理由"),
                "long",
                help=_("还有 %d 处缺岗。") % lacking,
                is_required=True,
                is_focused=True,
            ),
        )
        if lacking
        else (),
        hidden=place.hidden,
        seen=number - 1,
    )


def _rota(place: Place, found: Choices, raw: Raw, preview: rotations.Preview | None = None) -> Dialog:
    first = max(place.week, place.now.astimezone(planned.ZONE).date() + planned.DAY)
    said, left_out = "", []
    if preview is not None:
        said = _("可排 %(count)d 班，%(left)d 班排不上。") % {
            "count": len(preview.placed),
            "left": len(preview.left_out),
        }
        left_out = [_left_out(turn) for turn in preview.left_out[:MOST_SAID]]
        if len(preview.left_out) > MOST_SAID:
            left_out.append(_("另有 %d 班") % (len(preview.left_out) - MOST_SAID))
    return Dialog(
        title=_("按轮班排"),
        action=reverse("roster-rota"),
        submit=_("排上") if preview and preview.placed else _("预览"),
        explain=_("每人错开一天，按顺序循环。先看预览，确认后才写入。"),
        fields=roster_forms.rota_fields(found, raw, first),
        said=said,
        signed=tuple(left_out),
        hidden={**place.hidden, "mark": preview.mark if preview else ""},
    )


def _left_out(turn: rotations.Turn) -> str:
    day = f"{words.date_words(turn.day)} {words.weekday(turn.day)}"
    return words.headed(f"{day} {words.kind_long(turn.kind)} {turn.person.name}", words.why(turn.why))
