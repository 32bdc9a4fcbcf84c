"""A playbook of a plan version, the facts it knows, the notes it shows and the forms it asks for."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from playbooks import law
from playbooks.models.fields import (
    key_field,
    key_unique,
    keys_field,
    one_of,
    prose_field,
    vocabulary,
    words_field,
)
from playbooks.models.plan import PlanVersion


class Playbook(models.Model):
    """One kind of incident inside a plan version."""

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="playbooks")
    position = models.PositiveSmallIntegerField()
    key = key_field()
    zh = words_field()
    en = words_field()
    summary_zh = prose_field()
    summary_en = prose_field()
    icon = models.CharField(max_length=40)
    life_safety = models.BooleanField(default=False)
    silent = models.BooleanField(default=False)
    twin_minutes = models.PositiveIntegerField(default=30)
    statutory = models.BooleanField(default=False)
    restricted = models.BooleanField(default=False)
    requirements = keys_field()
    keywords = keys_field()
    search_text = models.TextField(default="")  # see search.index_text

    class Meta:
        constraints: ClassVar = [key_unique("version", "playbook_key_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.zh}"


class Metric(models.Model):
    """A typed fact that the playbook asks for or reads."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="metrics")
    position = models.PositiveSmallIntegerField()
    metric = key_field()
    kind = models.CharField(max_length=10)
    unit = models.CharField(max_length=20, blank=True, default="")
    choices = models.JSONField(default=list)  # [{key, zh, en, requirements}]
    asked = models.BooleanField(default=False)
    required = models.BooleanField(default=False)
    zh = words_field()
    en = words_field()
    help_zh = prose_field()
    help_en = prose_field()
    minimum = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    maximum = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    requirements = keys_field()
    from_report = models.BooleanField(default=False)
    feed = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            key_unique("playbook", "metric_once", key="metric"),
            one_of("kind", vocabulary(law.FactKind), "metric_kind_known"),
            one_of("feed", vocabulary(law.Feed), "metric_feed_known"),
            models.CheckConstraint(
                condition=Q(minimum__isnull=True) | Q(maximum__isnull=True) | Q(minimum__lte=F("maximum")),
                name="metric_range_in_order",
            ),
            models.CheckConstraint(
                condition=Q(from_report=False) | Q(kind="stopwatch"), name="metric_from_report_is_stopwatch"
            ),
        ]

    def __str__(self) -> str:
        return self.metric


class Note(models.Model):
    """A principle, a safety rule, a shown gap of the plan, or reference text."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="notes")
    position = models.PositiveSmallIntegerField()
    key = key_field()
    kind = models.CharField(max_length=10)
    zh = models.TextField()
    en = models.TextField()
    clause_zh = prose_field()
    clause_en = prose_field()
    requirements = keys_field()
    restricted = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            key_unique("playbook", "note_key_once"),
            one_of("kind", vocabulary(law.NoteKind), "note_kind_known"),
        ]

    def __str__(self) -> str:
        return self.key


class Form(models.Model):
    """A record that the plan asks for; the meaning of its items stands at `law.Item`."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="forms")
    position = models.PositiveSmallIntegerField()
    key = key_field()
    zh = words_field()
    en = words_field()
    rows = models.BooleanField(default=False)
    outcome = models.CharField(max_length=60, blank=True, default="")
    items = models.JSONField(default=list)  # [{key, kind, zh, en, required, source, fact, choices, ...}]
    requirements = keys_field()

    class Meta:
        constraints: ClassVar = [
            key_unique("playbook", "form_key_once"),
            models.CheckConstraint(condition=Q(outcome="") | Q(rows=True), name="form_outcome_of_rows"),
        ]

    def __str__(self) -> str:
        return self.key
