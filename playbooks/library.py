"""The shelf of playbooks: tables to frozen law, kept per process because a published version never changes."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from playbooks import law, loading, models, storing
from playbooks.planfile import PlanDocument

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

_kept: dict[int, law.Playbook] = {}
_posts: dict[int, dict[str, law.Post]] = {}


@transaction.atomic
def publish(document: PlanDocument, *, by: "AbstractBaseUser | None", now: datetime) -> models.PlanVersion:
    """Store the document as the next version of its plan and publish it at once."""
    return storing.publish(storing.draft(document, now=now), by=by, now=now)


def playbook(playbook_id: int) -> law.Playbook:
    """The playbook of that row, of whatever version; no query once it was read. Raises Playbook.DoesNotExist."""
    found = playbooks([playbook_id])
    if not found:
        raise models.Playbook.DoesNotExist(f"no playbook {playbook_id}")
    return found[0]


def is_published(playbook_id: int) -> bool:
    """Whether a playbook that was read belongs to a published version: only those are kept. No query."""
    return playbook_id in _kept


def playbooks(playbook_ids: Iterable[int]) -> list[law.Playbook]:
    """The playbooks of those rows in that order, unknown ids left out; at most 13 queries, none for known ones."""
    wanted = list(playbook_ids)
    found = {key: _kept[key] for key in wanted if key in _kept}
    fresh = loading.load([key for key in wanted if key not in found])
    if fresh:
        published = models.Playbook.objects.filter(pk__in=fresh, version__state=models.PlanVersion.State.PUBLISHED)
        _kept.update({key: fresh[key] for key in published.values_list("id", flat=True)})
    found.update(fresh)
    return [found[key] for key in wanted if key in found]


def current(plan_keys: Iterable[str] | None = None) -> list[law.Playbook]:
    """The playbooks of the newest published version of those plans (of all plans), in the order of the plans' keys."""
    versions = models.PlanVersion.objects.published().newest_per_plan()
    if plan_keys is not None:
        versions = versions.filter(plan__key__in=list(plan_keys))
    rows = models.Playbook.objects.filter(version__in=[version.pk for version in versions])
    return playbooks(rows.order_by("version__plan__key", "position").values_list("id", flat=True))


def find(plan_key: str, key: str) -> law.Playbook:
    """The playbook of that key in the plan's newest published version. Raises Playbook.DoesNotExist."""
    for one in current([plan_key]):
        if one.key == key:
            return one
    raise models.Playbook.DoesNotExist(f"no playbook {key} in a published version of {plan_key}")


def post_name(version_id: int, key: str) -> law.Post:
    """How that version names a post; a key it does not know stands for itself."""
    if version_id not in _posts:
        version = models.PlanVersion.objects.get(pk=version_id)
        named = {post.key: post for post in loading.read_posts([version_id])[version_id]}
        if version.state != models.PlanVersion.State.PUBLISHED:
            return named.get(key) or law.Post(key, key, key)
        _posts[version_id] = named
    return _posts[version_id].get(key) or law.Post(key, key, key)


def forget() -> None:
    """Drop what this process keeps; for tests that empty tables and start ids anew."""
    _kept.clear()
    _posts.clear()
