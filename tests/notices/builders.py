"""Notices, ladders and an incident to hang them on, with the people every test knows."""

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from incident.models import Incident
from notices import outbox
from notices.models import Notice
from playbooks.models import Plan, PlanVersion, Playbook
from staffing.models import Site, User

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai
SITE = 1

DATA = {
    "number": "INC-261123-01",
    "path": "/incidents/INC-261123-01/",
    "title_zh": "核心系统故障",
    "title_en": "Core system fault",
    "site_zh": "客服中心",
    "site_en": "Service centre",
    "place": "三楼机房",
    "at": "2026-11-23T10:00:00+00:00",
    "post_zh": "值班班长",
    "post_en": "Shift lead",
    "duty_zh": "报告中心经理",
    "duty_en": "Report to the centre manager",
    "due": "2026-11-23T10:05:00+00:00",
    "late_post_zh": "值班组长",
    "late_post_en": "Team lead",
    "late_person": "Omar",
    "level_zh": "二级",
    "level_en": "Tier two",
    "colour": "orange",
    "clause_zh": "HJ 第二章",
    "clause_en": "HJ chapter two",
    "reason": "误报",
    "into_number": "INC-261123-02",
    "into_title_zh": "网络故障",
    "into_title_en": "Network fault",
}


def after(**span: float) -> datetime:
    return NOW + timedelta(**span)


def by_email(name: str, *, wait_seconds: int = 120, language: str = "zh-hans", address: str = "") -> dict[str, object]:
    return {
        "person": name,
        "person_id": 1,
        "user_id": None,
        "channel": "email",
        "address": address or f"{name.lower()}@example.org",
        "wait_seconds": wait_seconds,
        "language": language,
    }


def in_app(name: str, user_id: int | None, *, wait_seconds: int = 60, language: str = "zh-hans") -> dict[str, object]:
    return {
        "person": name,
        "person_id": 1,
        "user_id": user_id,
        "channel": "in_app",
        "address": "",
        "wait_seconds": wait_seconds,
        "language": language,
    }


def draft(key: str, *ladder: dict[str, object], **more: object) -> outbox.Draft:
    said = {"incident_id": None, "site_id": SITE, "mode": "real", "kind": "duty", "data": DATA, "post": "lead"} | more
    return outbox.Draft(key=key, person=str(ladder[0]["person"]) if ladder else "", ladder=ladder, **said)


def notice(key: str, *ladder: dict[str, object], now: datetime = NOW, **more: object) -> Notice:
    """Written in a transaction of its own, and read again as it stands in the table."""
    with transaction.atomic():
        return again(outbox.enqueue_many([draft(key, *ladder, **more)], now=now)[0])


def again(written: Notice) -> Notice:
    return Notice.objects.get(pk=written.pk)


def acknowledge(written: Notice, *, by: str, user_id: int | None = None, now: datetime = NOW) -> outbox.Answer:
    with transaction.atomic():
        return outbox.acknowledge(written.pk, by=by, user_id=user_id, via="screen", now=now)


def user(name: str) -> User:
    return User.objects.create(username=name)


def incident(number: str = "INC-261123-01") -> Incident:
    """As little of an incident as a notice can belong to."""
    site, _ = Site.objects.get_or_create(key="centre", defaults={"zh": "客服中心", "en": "Centre", "opened_at": NOW})
    plan, _ = Plan.objects.get_or_create(key="HJ")
    version, _ = PlanVersion.objects.get_or_create(plan=plan, number=1, defaults={"created_at": NOW})
    playbook, _ = Playbook.objects.get_or_create(version=version, key="hj-2", defaults={"position": 1})
    return Incident.objects.create(
        number=number,
        client_key=uuid5(NAMESPACE_URL, number),
        site=site,
        playbook=playbook,
        title="核心系统故障",
        reporter="Omar",
        occurred_at=NOW,
        reported_at=NOW,
        recorded_at=NOW,
    )
