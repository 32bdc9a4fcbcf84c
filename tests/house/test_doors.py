"""Who may do what: every address of the console and every page that is pushed, against every role."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from dutyroom.models import ContactCheck
from incident.models import CallOut, Duty, Handover, Incident, LevelDecision, Summons
from notices import links
from notices.models import Notice
from planroom import drafts
from playbooks.law import Form, Item
from playbooks.models import Plan
from staffing import hours, planned, tokens
from staffing.exchange import links as feed_links
from staffing.models import Contact, Person, Swap, User
from tests import rosters
from tests.laws import bent

# What a bare request of each is answered with. 302: to the login. 404: an outsider does not learn that it is there.
# 403: a member without the right. 405: no such method. 422, 409: the right is there, the form is empty or too late.
WHO = ("nobody", "eve", "vera", "omar", "dana", "ada")
TABLE = {
    #                          GET                          POST
    "healthz":                ("200 200 200 200 200 200", "405 405 405 405 405 405"),
    "readyz":                 ("503 503 503 503 503 503", "405 405 405 405 405 405"),  # nothing sweeps in a test
    "login":                  ("200 302 302 302 302 302", "422 302 302 302 302 302"),
    "logout":                 ("405 405 405 405 405 405", "302 302 302 302 302 302"),
    "me":                     ("302 200 200 200 200 200", "302 422 422 422 422 422"),
    "me_password":            ("302 200 200 200 200 200", "302 422 422 422 422 422"),
    "me_theme":               ("302 405 405 405 405 405", "302 422 422 422 422 422"),
    "language":               ("405 405 405 405 405 405", "422 422 422 422 422 422"),
    "home":                   ("302 302 302 302 302 302", "405 405 405 405 405 405"),
    "desk":                   ("302 200 200 200 200 200", "302 422 403 422 422 403"),
    "desk_playbooks":         ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "desk_facts":             ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "desk_outcome":           ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "desk_mine":              ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "dashboard":              ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "dashboard_sweep":        ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "live":                   ("401 404 404 404 404 404", "405 405 405 405 405 405"),  # no page named
    "seats-push":             ("405 405 405 405 405 405", "401 401 401 401 401 401"),  # a machine with a token
    "incidents":              ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "room":                   ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "room-print":             ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "room-menu":              ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "room-chain":             ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "room-entries":           ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "room-correct":           ("302 404 403 200 200 403", "302 404 403 422 422 403"),
    "room-note":              ("405 405 405 405 405 405", "302 404 403 422 422 403"),
    "room-step take":         ("302 404 403 200 200 403", "302 404 403 303 303 403"),
    "room-step restore":      ("302 404 403 200 200 403", "302 404 403 409 409 403"),
    "room-step relapse":      ("302 404 403 200 200 403", "302 404 403 409 409 403"),
    "room-step declare_end":  ("302 404 403 403 200 403", "302 404 403 403 409 403"),
    "room-step close":        ("302 404 403 403 200 403", "302 404 403 403 409 403"),
    "room-step reopen":       ("302 404 403 403 200 403", "302 404 403 403 409 403"),
    "room-step cancel":       ("302 404 403 403 200 403", "302 404 403 403 422 403"),
    "room-step merge":        ("302 404 403 403 200 403", "302 404 403 403 422 403"),
    "room-step delete":       ("302 404 404 404 404 404", "302 404 404 404 404 404"),
    "room-duty":              ("302 404 403 200 200 403", "405 405 405 405 405 405"),
    "room-duty-done":         ("405 405 405 405 405 405", "302 404 403 303 303 403"),
    "room-duty-waive":        ("302 404 403 403 200 403", "302 404 403 403 422 403"),
    "room-record":            ("302 404 200 200 200 200", "302 404 403 422 422 403"),
    "room-facts":             ("302 404 403 200 200 403", "302 404 403 422 422 403"),
    "room-occurred":          ("302 404 403 403 200 403", "302 404 403 403 422 403"),
    "room-level":             ("302 404 403 403 200 403", "302 404 403 403 422 403"),
    "room-decision-confirm":  ("405 405 405 405 405 405", "302 404 403 403 409 403"),
    "room-decision-reject":   ("302 404 403 403 200 403", "302 404 403 403 422 403"),
    "room-call-out":          ("302 404 403 200 200 403", "302 404 403 422 422 403"),
    "room-call-out-quota":    ("302 404 403 200 200 403", "302 404 403 422 422 403"),
    "room-call-out-stop":     ("302 404 403 200 200 403", "302 404 403 303 303 403"),
    "room-summons":           ("302 404 403 200 200 403", "302 404 403 422 422 403"),
    "my-summons":             ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "summons-answer":         ("302 404 404 404 404 404", "302 404 404 404 404 404"),  # of somebody else
    "summons-answer own":     ("302 404 404 404 302 404", "302 404 404 404 422 404"),
    "call-outs":              ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "call-out-new":           ("302 200 403 302 302 403", "405 405 405 405 405 405"),  # to the only incident
    "inbox":                  ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "inbox-acknowledge":      ("405 405 405 405 405 405", "302 404 404 404 404 404"),  # a notice to somebody else
    "inbox-acknowledge own":  ("405 405 405 405 405 405", "302 404 404 404 302 404"),
    "playbooks":              ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "plan":                   ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "playbook":               ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "playbook-card":          ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "playbook-card-post":     ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "playbook-form":          ("302 200 200 200 200 200", "405 405 405 405 405 405"),  # eve's site runs HJ too
    "plan-versions":          ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "plan-version":           ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "plan-version draft":     ("302 404 403 403 403 200", "405 405 405 405 405 405"),
    "plan-file":              ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "plan-file draft":        ("302 404 403 403 403 200", "405 405 405 405 405 405"),
    "plan-edit":              ("302 404 403 403 403 302", "302 404 403 403 403 409"),  # published: a new draft instead
    "plan-edit draft":        ("302 404 403 403 403 200", "302 404 403 403 403 409"),  # without what it began with
    "plan-replay":            ("302 404 403 403 403 200", "405 405 405 405 405 405"),
    "plan-step submit":       ("405 405 405 405 405 405", "302 404 403 403 403 422"),
    "plan-step publish":      ("405 405 405 405 405 405", "302 404 403 403 403 403"),  # her own draft
    "plan-step send-back":    ("405 405 405 405 405 405", "302 404 403 403 403 422"),
    "plan-step discard":      ("405 405 405 405 405 405", "302 404 403 403 403 422"),
    "plan-step enact":        ("405 405 405 405 405 405", "302 404 404 404 404 404"),
    "plan-draft":             ("302 404 403 403 403 200", "302 404 403 403 403 422"),
    "plan-upload":            ("405 405 405 405 405 405", "302 404 403 403 403 422"),
    "plan-lint":              ("405 405 405 405 405 405", "302 404 403 403 403 200"),
    "roster":                 ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "roster-board":           ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "roster-print":           ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "roster-cell":            ("302 422 422 422 422 422", "405 405 405 405 405 405"),  # no day named
    "roster-publish":         ("302 403 403 403 200 200", "302 403 403 403 303 303"),
    "roster-copy":            ("302 403 403 403 200 200", "302 403 403 403 303 303"),
    "roster-rota":            ("302 403 403 403 200 200", "302 403 403 403 422 422"),
    "roster-leave":           ("302 403 403 403 200 200", "302 403 403 403 422 422"),
    "roster-leave-end":       ("405 405 405 405 405 405", "302 404 403 403 303 303"),
    "roster-add":             ("302 403 403 403 200 200", "302 403 403 403 422 422"),
    "roster-shift":           ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "roster-move":            ("302 404 403 403 200 200", "302 404 403 403 303 303"),
    "roster-remove":          ("302 404 403 403 200 200", "302 404 403 403 303 303"),
    "roster-stand-in":        ("302 404 403 403 200 200", "302 404 403 403 422 422"),
    "roster-swap":            ("302 404 403 200 200 200", "302 404 403 422 422 422"),
    "roster-swap-decide approve": ("302 404 403 403 200 200", "302 404 403 403 303 303"),
    "roster-swap-decide refuse": ("302 404 403 403 200 200", "302 404 403 403 422 422"),
    "roster-swap-decide withdraw": ("302 404 200 200 200 200", "302 404 403 303 403 403"),  # omar asked
    "roster-swap-decide sell": ("302 404 404 404 404 404", "302 404 404 404 404 404"),
    "contacts":               ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "contact-reveal":         ("405 405 405 405 405 405", "302 404 403 200 200 200"),
    "contact-tests":          ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "contact-test":           ("302 200 403 200 200 200", "302 422 403 422 422 422"),  # eve asks at her own site
    "contact-check":          ("405 405 405 405 405 405", "302 404 403 422 422 422"),
    "contact-sheet":          ("302 200 200 200 200 200", "302 200 403 200 200 200"),  # POST: with whole numbers
    "contact-sheet-file":     ("302 200 200 200 200 200", "302 200 403 200 200 200"),
    "contact-card":           ("405 405 405 405 405 405", "302 404 403 200 200 200"),
    "contact-cards":          ("405 405 405 405 405 405", "302 200 403 200 200 200"),
    "import":                 ("302 403 403 403 200 200", "302 403 403 403 422 422"),
    "import-preview":         ("302 404 404 404 409 409", "302 404 404 404 409 409"),  # no file of theirs
    "import-template":        ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "export":                 ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "export-file":            ("302 200 200 200 200 200", "302 200 403 200 200 200"),  # POST: with whole numbers
    "feeds":                  ("302 200 200 200 200 200", "302 404 404 404 404 404"),  # renews nothing that is named
    "feed":                   ("404 404 404 404 404 404", "405 405 405 405 405 405"),  # no token of ours
    "feed signed":            ("200 200 200 200 200 200", "405 405 405 405 405 405"),  # the token is the right
    "handover":               ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "handover-mine":          ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "handover-open":          ("405 405 405 405 405 405", "302 422 403 422 422 403"),  # eve at her own site
    "handover-one":           ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "handover-take":          ("405 405 405 405 405 405", "302 404 403 422 422 403"),  # nothing named, nothing read
    "handover-sign":          ("405 405 405 405 405 405", "302 404 403 303 303 403"),
    "handover-note":          ("405 405 405 405 405 405", "302 404 403 303 303 403"),
    "handover-print":         ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "seats":                  ("302 200 200 200 200 200", "405 405 405 405 405 405"),
    "seats-now":              ("302 404 200 200 200 200", "405 405 405 405 405 405"),  # eve's site has no queue
    "seats-needed":           ("302 404 200 200 200 200", "405 405 405 405 405 405"),
    "seat-reading":           ("405 405 405 405 405 405", "302 404 403 422 422 403"),
    "seat-queue-new":         ("302 403 403 403 403 200", "302 403 403 403 403 422"),
    "seat-queue":             ("302 404 403 403 403 200", "302 404 403 403 403 422"),
    "seat-tokens":            ("405 405 405 405 405 405", "302 403 403 403 403 422"),
    "seat-token-revoke":      ("405 405 405 405 405 405", "302 404 403 403 403 302"),
    "answer-link":            ("404 404 404 404 404 404", "404 404 404 404 404 404"),  # no token of ours
    "answer-link signed":     ("200 200 200 200 200 200", "200 200 200 200 200 200"),  # the token is the right
}  # fmt: skip
PAGES = {
    "desk": "401 200 200 200 200 200",
    "dashboard": "401 200 200 200 200 200",
    "list": "401 200 200 200 200 200",
    "room": "401 404 200 200 200 200",
    "nowhere": "401 404 404 404 404 404",
}


@pytest.fixture
def place(report, dana, ada, law, now):
    """The arguments of each address: an incident, a duty and a decision of it, a notice to dana and one to others."""
    paper = Form("paper", "记录", "Paper", items=(Item("what", "text", "什么", "What"),))
    with bent(law("HJ-2"), forms=(paper,)):
        incident = report("HJ-2", facts={"scope": "all_applications"})
        yield (
            _places(incident, dana)
            | _plans(ada, now)
            | _contacts(incident.site, now)
            | _seats(incident.site, now)
            | _roster(incident.site, now)
        )


def _places(incident, dana):
    duty = Duty.objects.filter(incident=incident, state="open", kind="task").first()
    decision = LevelDecision.objects.create(
        incident=incident, level="-", rank=1, status="confirmed", at=incident.reported_at,
        recorded_at=incident.reported_at,
    )  # fmt: skip
    to_dana = Notice.objects.filter(incident=incident, ladder__contains=[{"user_id": dana.pk}]).order_by("id").first()
    to_others = next(
        notice
        for notice in Notice.objects.filter(incident=incident)
        if not any(rung.get("user_id") for rung in notice.ladder)
    )
    number = [incident.number]
    call_out, others, own = _called(incident, dana)
    return _handover(incident.site, incident.recorded_at) | {
        "room-call-out-quota": [*number, call_out.pk],
        "room-call-out-stop": [*number, call_out.pk],
        "room-summons": [*number, others.pk],
        "summons-answer": [others.pk],
        "summons-answer own": [own.pk],
        "room-correct": [*number, 1],
        "room-record": [*number, "paper"],
        "room-duty": [*number, duty.pk],
        "room-duty-done": [*number, duty.pk],
        "room-duty-waive": [*number, duty.pk],
        "room-decision-confirm": [*number, decision.pk],
        "room-decision-reject": [*number, decision.pk],
        "inbox-acknowledge": [to_others.pk],
        "inbox-acknowledge own": [to_dana.pk],
        "import-preview": [0],
        "import-template": ["people", "csv"],
        "export-file": ["contacts", "csv"],
        "feed": ["no-token"],
        "feed signed": [feed_links.of_site(incident.site)],
        "answer-link": ["no-token"],
        "answer-link signed": [links.path(to_others, 0).rstrip("/").rsplit("/", 1)[-1]],
        "number": number,
    }


def _handover(site, now):
    """A handover from omar to dana with nothing left to take."""
    sides = {"from_user": User.objects.get(username="omar"), "to_user": User.objects.get(username="dana")}
    one = Handover.objects.create(
        site=site, post="team_leader", shift_at=now, opened_at=now, window_ends_at=now, **sides
    )
    return {f"handover-{name}": [one.pk] for name in ("one", "take", "sign", "note", "print")}


def _contacts(site, now):
    """A person of the site, and a test of their telephone."""
    phone = Contact.objects.filter(person__site=site, channel="phone").first()
    check = ContactCheck.objects.create(contact=phone, asked_at=now, due_at=now)
    return {
        "contact-reveal": [phone.person_id],
        "contact-card": [phone.person_id],
        "contact-check": [check.pk],
    }


def _roster(site, now):
    """A shift of tomorrow, a swap of it that omar asked for, one of this week, and somebody away."""
    post = rosters.post(site, "guard")
    mine, other = rosters.person(site, "示例安保F"), rosters.person(site, "示例安保V")
    shift = rosters.shift(post, mine, now + timedelta(days=1))
    rosters.shift(post, other, planned.midnight(hours.monday(now.astimezone(planned.ZONE).date())), 1)
    omar = User.objects.get(username="omar")
    swap = Swap.objects.create(shift=shift, to_person=other, asked_by=omar, asked_at=now)
    return {
        **{f"roster-{name}": [shift.pk] for name in ("shift", "move", "remove", "stand-in", "swap")},
        **{f"roster-swap-decide {name}": [swap.pk, name] for name in ("approve", "refuse", "withdraw", "sell")},
        "roster-leave-end": [rosters.leave(other, now + timedelta(days=9)).pk],
    }


def _called(incident, dana):
    """A call-out with a summons of somebody without a login, and one of dana."""
    at = incident.reported_at
    call_out = CallOut.objects.create(
        incident=incident, post="agent", quota=2, by_at=at + timedelta(hours=1), opened_at=at, waves=["off_shift"]
    )
    people = Person.objects.filter(site=incident.site)
    told = [
        Summons.objects.create(incident=incident, call_out=call_out, person=person, name=person.name, told_at=at)
        for person in (people.filter(user=None).first(), people.get(user=dana))
    ]
    Incident.objects.filter(pk=incident.pk).update(has_summons=True)
    return call_out, *told


def _plans(by, now):
    """The plan of the online service, which eve's site does not use, with a draft of its text."""
    plan = Plan.objects.get(key="KF")
    text = plan.versions.get(number=1).source_text + "# another remark\n"
    draft = drafts.create(plan=plan, actor=by, now=now, source=text, file="KF.yaml").number
    steps = ("submit", "publish", "send-back", "discard", "enact")
    return {
        **{row: [plan.key, 1] for row in ("plan-version", "plan-file", "plan-edit", "plan-replay")},
        **{f"{row} draft": [plan.key, draft] for row in ("plan-version", "plan-file", "plan-edit")},
        **{f"plan-step {step}": [plan.key, draft, step] for step in steps},
        **{row: [plan.key] for row in ("plan", "plan-versions", "plan-draft", "plan-upload", "plan-lint")},
        **{row: [plan.key, "KF-4"] for row in ("playbook", "playbook-card")},
        "playbook-card-post": [plan.key, "KF-4", "cs_supervisor"],
        "playbook-form": ["HJ", "HJ-2", "paper"],
    }


def _seats(site, now):
    """A queue of the site and a token for a machine that pushes."""
    queue = rosters.queue(site)
    token, _secret = tokens.make(site, "示例话务系统", None, now)
    return {"seat-reading": [queue.pk], "seat-queue": [queue.pk], "seat-token-revoke": [token.pk]}


def address(row, place):
    name, _, more = row.partition(" ")
    if name == "room-step":
        return reverse(name, args=[*place["number"], more])
    if row in place:
        return reverse(name, args=place[row])
    return reverse(name, args=place["number"] if name.startswith("room") else ())


def seen_by(who):
    client = Client(raise_request_exception=False)
    if who != "nobody":
        client.force_login(User.objects.get(username=who))
    return client


@pytest.mark.parametrize("row", TABLE)
def test_every_address_against_every_role(row, place):
    path = address(row, place)
    answers = {who: asked(path, who) for who in WHO}
    for method, expected in zip(("get", "post"), TABLE[row], strict=True):
        assert " ".join(str(answers[who][method].status_code) for who in WHO) == expected, method
    for answer in answers["nobody"].values():
        assert answer.status_code != 302 or "/login/" in answer["Location"]


def asked(path, who):
    """Both answers to one person; what they changed is taken back."""
    with transaction.atomic():
        client = seen_by(who)
        answers = {"get": client.get(path), "post": client.post(path)}
        transaction.set_rollback(True)
    return answers


def test_the_table_names_every_address():
    named = {row.partition(" ")[0] for row in TABLE}
    assert {name for path, name in addresses() if not path.startswith(("admin/", "static/"))} == named


def addresses(patterns=None, prefix="") -> Iterator[tuple[str, str]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), str(pattern.name)


@pytest.mark.parametrize("page", PAGES)
def test_every_pushed_page_against_every_role(page, place):
    """The socket asks the same door for the same audience (tests/live)."""
    asking = {"page": page, "number": place["number"][0]}
    answers = [seen_by(who).get(reverse("live"), asking).status_code for who in WHO]
    assert " ".join(map(str, answers)) == PAGES[page]


@pytest.mark.parametrize("who", WHO[:-1])
def test_the_admin_is_closed_to_all_but_administrators(who, world):
    client = seen_by(who)
    inside = sorted(
        path for path, _ in addresses() if path.startswith("admin/") and "<" not in path and "^" not in path
    )
    assert len(inside) > 10
    for path in inside:
        if path in ("admin/login/", "admin/jsi18n/", "admin/logout/"):
            continue
        answer = client.get(f"/{path}")
        assert answer.status_code == 302, path
        assert "login" in answer["Location"]


def test_an_administrator_of_a_site_gets_in(ada):
    assert seen_by("ada").get("/admin/").status_code == 200
