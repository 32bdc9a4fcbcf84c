"""Writing a draft, in the page with the linter beside it or by upload; what can't be kept comes back as typed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from incident import clock
from incident.refusals import Invalid, Refusal
from incident.views.answers import Request, is_htmx, refuses
from planroom import differences, drafts, linter
from planroom.drafts import Conflict, Unreadable
from planroom.findings import Finding
from planroom.screens import law as screen
from planroom.screens import law_people
from planroom.views import law
from playbooks import models
from playbooks.plannodes import MAX_BYTES


@dataclass
class Editor:
    """What the editor shows: the text, what is wrong with it, and the draft it belongs to (none yet: a new one)."""

    text: str
    seen: str = ""
    number: int | None = None
    base: int | None = None
    file: str = ""
    findings: tuple[Finding, ...] = ()
    unreadable: bool = False
    error: str = ""
    conflict: Conflict | None = None
    theirs: tuple[differences.TextLine, ...] = field(default=())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@refuses
def new(request: Request, plan: str) -> HttpResponse:
    """A new draft, beginning with the text of a version (`from`, else the one in force)."""
    room = screen.room(request.user, plan)
    law.check_may_manage(room)
    if request.method != "POST":
        base = _base(request, room)
        text = base.source_text if base else ""
        return _show(request, room, _linted(request, room, Editor(text, base=base.number if base else None)))
    text = _typed(request)

    def act() -> models.PlanVersion:
        return drafts.create(
            plan=room.plan, actor=request.user, now=clock.wall_now(), source=text, file=_file(request, room)
        )

    return _store(request, room, Editor(text, file=request.POST.get("file", "")[:120]), act)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@refuses
def edit(request: Request, plan: str, number: int) -> HttpResponse:
    """The text of a draft. A published version is never edited: its text begins a new draft."""
    room = screen.room(request.user, plan)
    law.check_may_manage(room)
    if request.method == "POST" and not room.plan.versions.filter(number=min(number, law.LARGEST_NUMBER)).exists():
        editor = Editor(_typed(request), error=_("这份草案已被废弃。您的文本还在下面，可存为新草案。"))
        return _show(request, room, _linted(request, room, editor), 409)
    found = law.find(room, number)
    if request.method != "POST":
        if found.state == models.PlanVersion.State.PUBLISHED:
            return redirect(f"{reverse('plan-draft', args=[plan])}?from={number}")
        return _show(request, room, _linted(request, room, Editor(found.source_text, found.digest, found.number)))
    text = _typed(request)
    editor = Editor(text, request.POST.get("seen", "")[:64], found.number)
    seen = request.POST.get("over", "")[:64] or editor.seen

    def act() -> models.PlanVersion:
        return drafts.save(version_id=found.pk, actor=request.user, now=clock.wall_now(), text=text, seen=seen)

    return _store(request, room, editor, act)


@require_POST
@login_required
@never_cache
@refuses
def upload(request: Request, plan: str) -> HttpResponse:
    """A file from outside, distrusted: a draft only where it reads; else its text is shown to be put right."""
    room = screen.room(request.user, plan)
    law.check_may_manage(room)
    sent = request.FILES.get("file")
    if sent is None:
        return law.show_versions(request, room, status=422, wrong=_("请先选择一个预案文件（YAML）。"))
    if sent.size is None or sent.size > MAX_BYTES:
        said = _("文件过大，上限 %d 字节，未读取。") % MAX_BYTES
        return law.show_versions(request, room, status=422, wrong=said)
    source, name = sent.read(), (sent.name or "plan.yaml")[:120]
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        findings = linter.check(source, file=name).findings
        return law.show_versions(request, room, status=422, wrong=_("文件没有保存。"), findings=findings, file=name)

    def act() -> models.PlanVersion:
        return drafts.create(plan=room.plan, actor=request.user, now=clock.wall_now(), source=source, file=name)

    return _store(request, room, Editor(text, file=name), act)


@require_POST
@login_required
@never_cache
@refuses
def lint(request: Request, plan: str) -> HttpResponse:
    """What the linter says about a text that is being written; stores nothing."""
    room = screen.room(request.user, plan)
    law.check_may_manage(room)
    editor = _linted(request, room, Editor(_typed(request)))
    return render(request, "planroom/law/_findings.html", {"editor": editor, "room": room})


def _store(request: Request, room: screen.Room, editor: Editor, act: Callable[[], models.PlanVersion]) -> HttpResponse:
    """Keep the text; what can't be kept comes back as it was typed, with the reason."""
    try:
        version = act()
    except Unreadable as wrong:
        editor.findings, editor.unreadable, editor.error = wrong.findings, True, str(wrong)
        return _show(request, room, editor, wrong.status)
    except Conflict as conflict:
        editor.conflict, editor.error = conflict, str(conflict)
        editor.theirs = differences.lines(conflict.version.source_text, editor.text)[: screen.MOST_LINES]
        return _show(request, room, _linted(request, room, editor), conflict.status)
    except Invalid as wrong:
        editor.error = " ".join(wrong.fields.values())
        return _show(request, room, _linted(request, room, editor), wrong.status)
    except Refusal as gone:
        # The draft is law or discarded: the text may still begin a new one.
        editor.error, editor.number, editor.seen = str(gone), None, ""
        return _show(request, room, _linted(request, room, editor), gone.status)
    messages.success(request, _("第 %d 版草案已保存。") % version.number)
    target = reverse("plan-version", args=[room.plan.key, version.number])
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponse(status=303, headers={"Location": target})


def _linted(request: Request, room: screen.Room, editor: Editor) -> Editor:
    """With what the linter says, about people too."""
    if not editor.text.strip():
        return editor
    checked = linter.check(editor.text, file=_file(request, room))
    editor.findings, editor.unreadable = checked.findings, checked.document is None
    if checked.document is not None:
        sites = law_people.staffed(checked.document, room.sites, clock.wall_now())
        editor.findings = linter.lint(checked.document, sites=sites)
    return editor


def _show(request: Request, room: screen.Room, editor: Editor, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {**law.context(request), "room": room, "editor": editor}
    return render(request, "planroom/law/edit.html", context, status=status)


def _base(request: Request, room: screen.Room) -> models.PlanVersion | None:
    asked = request.GET.get("from", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 9:
        return law.find(room, int(asked))
    return drafts.in_force(room.plan)


def _typed(request: Request) -> str:
    """A browser sends line ends as CR LF; the file keeps its own."""
    return request.POST.get("text", "").replace("\r\n", "\n").replace("\r", "\n")


def _file(request: Request, room: screen.Room) -> str:
    return request.POST.get("file", "")[:120] or f"{room.plan.key}.yaml"
