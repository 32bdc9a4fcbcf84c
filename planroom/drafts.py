"""What people do with a draft of a plan: write it, change it, submit it, approve it, send it back, discard it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from incident.refusals import Denied, Invalid, NotNow, Refusal
from planroom import linter
from planroom.findings import Finding
from planroom.models import PlanEvent
from playbooks import models, planfile, storing
from playbooks.planfile import PlanDocument
from playbooks.plannodes import MAX_BYTES

if TYPE_CHECKING:
    from staffing.models import User

Kind = PlanEvent.Kind
State = models.PlanVersion.State
LONGEST_NOTE = 2000


class Unreadable(Refusal):
    """The text has mistakes; nothing was stored."""

    status = 422

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(_("这份文本有 %d 处错误，没有保存。") % len(findings))
        self.findings = findings


class SamePerson(Denied):
    """Whoever wrote or submitted a draft may not approve it."""


@dataclass
class Conflict(Refusal):
    """Somebody else changed the draft since it was opened; `version` holds what stands now."""

    version: models.PlanVersion
    who: str
    when: datetime
    status = 409

    def __str__(self) -> str:
        return _("“%s”在您打开之后保存过这份草案。您的文本还在下面，没有保存，也没有覆盖对方的。") % self.who


def read(plan: models.Plan, source: str | bytes, *, file: str) -> PlanDocument:
    """The document of a text that may become a version of this plan. Raises Unreadable."""
    if isinstance(source, bytes) and len(source) > MAX_BYTES:
        source = source[: MAX_BYTES + 1]
    found = planfile.read(source, file=file)
    if found.document is None:
        raise Unreadable(linter.of_mistakes(found.mistakes))
    foreign = _foreign(plan, found.document)
    if foreign:
        raise Unreadable(linter.findings_placed(foreign, found.document.text))
    return found.document


def _foreign(plan: models.Plan, document: PlanDocument) -> tuple[Finding, ...]:
    """What is right in itself, and yet no version of this plan."""
    if document.key != plan.key:
        zh, en = f"这是预案 {document.key}，不是 {plan.key}", f"this is plan {document.key}, not {plan.key}"
        return (Finding("error", "plan.key", zh, en),)
    versions = models.PlanVersion.objects.published().exclude(plan=plan).newest_per_plan()
    taken = models.Playbook.objects.filter(version__in=[version.pk for version in versions])
    owners = dict(taken.values_list("key", "version__plan__key"))
    return tuple(
        Finding(
            "error",
            f"playbooks[{book.key}].key",
            f"“{book.key}”已是预案 {owners[book.key]} 的处置方案",
            f"{book.key} is a playbook of plan {owners[book.key]} already",
        )
        for book in document.playbooks
        if book.key in owners
    )


def in_force(plan: models.Plan) -> models.PlanVersion | None:
    """The newest published version."""
    return plan.versions.filter(state=State.PUBLISHED).order_by("-number").first()


@transaction.atomic
def create(*, plan: models.Plan, actor: "User", now: datetime, source: str | bytes, file: str) -> models.PlanVersion:
    """Store a text as a new draft. Raises Unreadable, Invalid."""
    document = read(plan, source, file=file)
    plan = models.Plan.objects.select_for_update().get(pk=plan.pk)
    _need_difference(plan, document)
    version = storing.draft(document, now=now, by=actor)
    _note(version, Kind.DRAFTED, actor, now)
    return version


@transaction.atomic
def save(*, version_id: int, actor: "User", now: datetime, text: str, seen: str) -> models.PlanVersion:
    """Put another text in a draft; `seen` is the digest of the one it began with. Raises Unreadable, Conflict, NotNow.

    A submitted draft goes back to being written: what is approved is what was submitted.
    """
    version = _locked(version_id)
    _need_seen(version, seen)
    document = read(version.plan, text, file=f"{version.plan.key}.yaml")
    if document.digest == version.digest:
        raise Invalid({"text": _("没有改动，未重复保存。")})
    _need_difference(version.plan, document, but=version)
    storing.rewrite(version, document)
    version.drafted_by, version.submitted_at = actor, None
    version.save(update_fields=["drafted_by", "submitted_at"])
    _note(version, Kind.SAVED, actor, now)
    return version


@transaction.atomic
def submit(*, version_id: int, actor: "User", now: datetime, seen: str, note: str) -> models.PlanVersion:
    """Ask for a second person's approval, saying what changed and why. Raises Invalid, Conflict, NotNow, Unreadable.

    A draft that was overtaken by a published version takes the next number: the newest number is the law.
    """
    note = _said(note, "note", _("请写明改了什么、为什么改。"))
    version = _locked(version_id)
    _need_seen(version, seen)
    if version.submitted_at is not None:
        raise NotNow(_("这份草案已经提交，正等待另一人审批。"))
    document = read(version.plan, version.source_text, file=f"{version.plan.key}.yaml")
    _need_difference(version.plan, document, but=version)
    newest = in_force(version.plan)
    if newest is not None and newest.number > version.number:
        version.number = (version.plan.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version.submitted_at = now
    if version.drafted_by is None:
        version.drafted_by = actor  # shipped with the console: whoever submits it answers for it
    version.save(update_fields=["number", "submitted_at", "drafted_by"])
    _note(version, Kind.SUBMITTED, actor, now, note)
    return version


@transaction.atomic
def publish(*, version_id: int, actor: "User", now: datetime, seen: str, note: str = "") -> models.PlanVersion:
    """Approve what was submitted: from now on it is the law. Raises SamePerson, Conflict, NotNow, Unreadable.

    Nobody who wrote or submitted any of it may approve it, whatever other rights they have.
    """
    version = _locked(version_id)
    if actor.pk in authors(version):
        raise SamePerson(_("这份草案由您起草、修改或提交，须由另一位管理员审批。"))
    _need_submitted(version)
    _need_seen(version, seen)
    newest = in_force(version.plan)
    if newest is not None and newest.number > version.number:
        raise NotNow(_("提交之后第 %d 版已经发布。请先退回，由起草人对照新版再提交。") % newest.number)
    document = read(version.plan, version.source_text, file=f"{version.plan.key}.yaml")
    storing.rewrite(version, document)  # the rows are what the approver read, whatever was done to them since
    published = storing.publish(version, by=actor, now=now)
    models.Plan.objects.filter(pk=version.plan_id).update(zh=document.zh, en=document.en)
    _note(published, Kind.PUBLISHED, actor, now, note.strip()[:LONGEST_NOTE])
    return published


@transaction.atomic
def send_back(*, version_id: int, actor: "User", now: datetime, note: str) -> models.PlanVersion:
    """Give a submitted draft back with a reason; its own drafter may withdraw it so. Raises Invalid, NotNow."""
    note = _said(note, "note", _("请写明退回的理由。"))
    version = _locked(version_id)
    _need_submitted(version)
    version.submitted_at = None
    version.save(update_fields=["submitted_at"])
    _note(version, Kind.SENT_BACK, actor, now, note)
    return version


@transaction.atomic
def discard(*, version_id: int, actor: "User", now: datetime, seen: str, note: str) -> None:
    """Take a draft away with a reason; its text stays in the record. Raises Invalid, Conflict, NotNow."""
    note = _said(note, "note", _("请写明废弃的理由。"))
    version = _locked(version_id)
    _need_seen(version, seen)
    _note(version, Kind.DISCARDED, actor, now, note, text=version.source_text)
    version.delete()


def authors(version: models.PlanVersion) -> set[int]:
    """Ids of everybody who wrote or submitted any of the version."""
    wrote = PlanEvent.objects.filter(
        version_row=version.pk, kind__in=[Kind.DRAFTED, Kind.SAVED, Kind.SUBMITTED], by__isnull=False
    )
    found = {user_id for user_id in wrote.values_list("by_id", flat=True) if user_id is not None}
    return found | ({version.drafted_by_id} if version.drafted_by_id else set())


def _locked(version_id: int) -> models.PlanVersion:
    """The draft under its plan's lock: one step at a time on one plan."""
    list(models.Plan.objects.select_for_update().filter(versions=version_id))
    version = models.PlanVersion.objects.select_for_update(of=("self",)).select_related("plan", "drafted_by")
    found = version.filter(pk=version_id).first()
    if found is None:
        raise NotNow(_("这份草案已被废弃，未作任何改动。"))
    if found.state != State.DRAFT:
        raise NotNow(_("第 %d 版已经发布，不能再改。要改动请另起草案。") % found.number)
    return found


def _need_seen(version: models.PlanVersion, seen: str) -> None:
    if version.digest != seen:
        last = PlanEvent.objects.filter(version_row=version.pk, kind__in=[Kind.DRAFTED, Kind.SAVED]).order_by("-id")
        event = last.first()
        raise Conflict(version, event.by_name if event else "-", event.at if event else version.created_at)


def _need_submitted(version: models.PlanVersion) -> None:
    if version.submitted_at is None:
        raise NotNow(_("这份草案还没有提交审批，或已被退回、改动。"))


def _need_difference(plan: models.Plan, document: PlanDocument, but: models.PlanVersion | None = None) -> None:
    newest = in_force(plan)
    if newest is not None and newest.digest == document.digest:
        raise Invalid({"text": _("与已发布的第 %d 版没有差别，未保存。") % newest.number})
    same = plan.versions.filter(state=State.DRAFT, digest=document.digest)
    twin = (same.exclude(pk=but.pk) if but else same).first()
    if twin is not None:
        raise Invalid({"text": _("与第 %d 版草案没有差别，未重复保存。") % twin.number})


def _said(note: str, name: str, sentence: str) -> str:
    note = note.strip()
    if not note:
        raise Invalid({name: sentence})
    if len(note) > LONGEST_NOTE:
        raise Invalid({name: _("太长，最多 %d 字。") % LONGEST_NOTE})
    return note


def _note(
    version: models.PlanVersion, kind: Kind, actor: "User", now: datetime, note: str = "", text: str = ""
) -> None:
    PlanEvent.objects.create(
        plan_id=version.plan_id,
        version_row=version.pk,
        number=version.number,
        kind=kind,
        by=actor,
        by_name=str(actor)[:80],
        at=now,
        note=note,
        digest=version.digest,
        text=text,
    )
