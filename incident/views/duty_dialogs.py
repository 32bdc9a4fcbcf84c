"""What a duty asks for, as a dialog: a call, a form, signatures, a decision, or just a word."""

from dataclasses import replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from incident import access, apart, clock, confirming, records, work
from incident.forms import Dialog, Field, Option
from incident.models import Duty, Incident, Signature
from incident.screens import record_form, room_clocks
from incident.screens import room_words as say
from incident.screens.record_form import Sheet
from incident.story import Story
from playbooks import library, rules
from staffing.models import User

SAVE, FINISH = "save", "finish"


def rule_of(incident: Incident, duty: Duty) -> rules.DutyRule | None:
    """The rule that opened the duty; None where the plan no longer holds it."""
    playbook = library.playbook(incident.playbook_id)
    own = confirming.rule(playbook, duty.rule)
    return own or next((rule for rule in playbook.duties if rule.key == duty.rule), None)


def words(incident: Incident, duty: Duty) -> str:
    rule = rule_of(incident, duty)
    return say.pick(rule) if rule else duty.rule


def sheet(incident: Incident, duty: Duty, row: int | None, now: datetime) -> Sheet | None:
    """The form that the duty writes; None for a duty without one."""
    rule = rule_of(incident, duty)
    if rule is None or not rule.form:
        return None
    return record_form.gather(incident, rule.form, row=row, duty=duty, now=now)


def dialog(incident: Incident, duty: Duty, found: Sheet | None, user: User) -> Dialog:
    """The dialog of one duty for this person."""
    rule = rule_of(incident, duty)
    if rule is not None and rule.kind == "call":
        return _call(incident, duty, rule)
    base = _plain(incident, duty, rule, user)
    if rule is None:
        return base
    if found is not None:
        base = _with_form(base, found, rule)
    if rule.signers > 1:
        base = _with_signatures(base, duty, rule, found.edition if found else 0)
    return _kept_apart(base, incident, duty, rule, user)


def _call(incident: Incident, duty: Duty, rule: rules.DutyRule) -> Dialog:
    party = next((party for party in library.playbook(incident.playbook_id).parties if party.key in rule.outside), None)
    number = party.number if party else ""
    explain = say.pick(rule, "detail")
    if not incident.is_real:
        explain = " ".join(filter(None, (_("这是练习：不要真的拨打，只记录。"), explain)))
    return Dialog(
        title=say.pick(rule),
        action=reverse("room-duty-done", args=[incident.number, duty.pk]),
        submit=_("已拨打 %s") % number if number else _("已拨打"),
        does=work.CALLED,
        second=_("不需要"),
        second_does=work.NOT_NEEDED,
        explain=explain,
        fields=(
            Field("called_at", _("拨打时间"), "time", help=_("留空为现在；更早拨打的，填 14:30"), is_focused=True),
            Field("reason", _("不需要的理由"), help=_("选“不需要”时必填")),
        ),
        number=number,
        may_dial=bool(number) and incident.is_real,
    )


def _plain(incident: Incident, duty: Duty, rule: rules.DutyRule | None, user: User) -> Dialog:
    options = tuple(Option(choice.key, say.pick(choice)) for choice in rule.choices) if rule else ()
    fields = []
    if options:
        fields.append(Field("choice", _("决定"), "choice", options=options, is_required=True, is_focused=True))
    tells = not options and room_clocks.tells(rule)
    label = _("告知了谁、怎样告知的") if tells else _("说明（可不填）")
    fields.append(Field("note", label, "long", is_focused=not options))
    fields.append(Field("done_at", _("完成时间"), "time", help=_("留空为现在；更早完成的，填 14:30")))
    may_waive = "incident.decide" in access.verbs(user, incident.site_id)
    return Dialog(
        title=say.pick(rule) if rule else duty.rule,
        action=reverse("room-duty-done", args=[incident.number, duty.pk]),
        submit=_("作出决定") if options else _("已告知") if tells else _("完成"),
        explain=say.pick(rule, "detail") if rule else "",
        fields=tuple(fields),
        other_url=reverse("room-duty-waive", args=[incident.number, duty.pk]) if may_waive else "",
        other_words=_("不做，写明理由"),
        also_url=_calling(incident, duty) if rule and rule.calls_out and incident.is_running else "",
        also_words=_("召集"),
    )


def _calling(incident: Incident, duty: Duty) -> str:
    """Where people are called in for the duty, with its number and waves filled in."""
    return f"{reverse('room-call-out', args=[incident.number])}?duty={duty.pk}"


def _with_form(base: Dialog, found: Sheet, rule: rules.DutyRule) -> Dialog:
    """The form's inputs instead of a note; a ledger is written line by line and then finished."""
    asked = tuple(field for field in base.fields if field.name == "choice")
    inputs = record_form.fields(found)
    hidden = dict(record_form.hidden(found))
    if not found.form.rows:
        finish = _("保存并签字") if rule.signers > 1 else _("保存并完成")
        return replace(
            base, fields=(*asked, *inputs), hidden=hidden, submit=finish, does=FINISH, second=_("只保存"),
            second_does=SAVE,
        )  # fmt: skip
    note = Field("note", _("说明（可不填）"), "long", help=_("一行也没有时，写明为什么"))
    is_new = found.record is None
    return replace(
        base,
        fields=(*inputs, *asked, note),
        hidden=hidden,
        table=record_form.table(found, record_form.address(found), is_gate=bool(rule.gate)),
        submit=_("记下这一行") if is_new else _("保存第 %d 行") % (found.row or 0),
        does=SAVE,
        second=_("登记完毕，签字") if rule.signers > 1 else _("登记完毕"),
        second_does=FINISH,
    )


def _with_signatures(base: Dialog, duty: Duty, rule: rules.DutyRule, edition: int) -> Dialog:
    signatures = Signature.objects.filter(duty=duty).order_by("id")
    counted = records.signed(signatures, duty, edition)
    said = [
        _("%(who)s 已于 %(when)s 签字") % {"who": one.name, "when": f"{one.at.astimezone(clock.ZONE):%H:%M:%S}"}
        for one in counted
    ]
    left = rule.signers - len(counted)
    said.append(
        _("须 %(all)d 人各自登录签字，还差 %(left)d 人；内容改动后须重新签字。") % {"all": rule.signers, "left": left}
    )
    submit = base.submit if rule.form else _("签字")
    return replace(base, signed=tuple(said), submit=submit, hidden={"edition": str(edition), **base.hidden})


def _kept_apart(base: Dialog, incident: Incident, duty: Duty, rule: rules.DutyRule, user: User) -> Dialog:
    """Whoever finished the other duty is told so before filling anything in."""
    if not rule.apart_from or duty.state != Duty.State.OPEN:
        return base
    story = Story(incident=incident, actor=user, now=duty.opened_at)
    before = apart.finished_before(story.duties, story.signatures, rule, user)
    if before is None:
        return base
    sentence = apart.why_not(story, before, rule)
    if "incident.decide" not in access.verbs(user, incident.site_id):
        return replace(base, missing=(sentence,))
    deputed = Field("deputed", _("受权代行的理由"), "long", help=sentence, is_required=True)
    return replace(base, fields=(*base.fields, deputed))
