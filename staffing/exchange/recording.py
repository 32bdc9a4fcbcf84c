"""The audit of rows that are written in bulk: the same entries as if each had been saved by itself."""

from collections.abc import Sequence

from auditlog.diff import model_instance_diff
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import models

from staffing.exchange.resources import Judged
from staffing.models import User

BATCH = 1000


def record(model: type[models.Model], rows: Sequence[Judged], actor: User) -> None:
    """Write what was new and what changed, if the model is audited at all. One statement for each thousand rows."""
    if not auditlog.contains(model):
        return
    kind = ContentType.objects.get_for_model(model)
    entries = [_entry(row, kind, actor) for row in rows if row.outcome in ("new", "changed")]
    LogEntry.objects.bulk_create(entries, batch_size=BATCH)


def _entry(row: Judged, kind: ContentType, actor: User) -> LogEntry:
    return LogEntry(
        content_type=kind,
        object_pk=str(row.instance.pk),
        object_id=row.instance.pk,
        object_repr=str(row.instance),
        action=LogEntry.Action.CREATE if row.outcome == "new" else LogEntry.Action.UPDATE,
        changes=model_instance_diff(row.old, row.instance),
        actor=actor,
        additional_data=row.instance.get_additional_data(),
    )
