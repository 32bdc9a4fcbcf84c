"""What a post must do, when it opens, and what its lateness brings about."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from playbooks import law
from playbooks.models.fields import (
    key_field,
    key_unique,
    keys_field,
    one_of,
    position_unique,
    prose_field,
    vocabulary,
)
from playbooks.models.playbook import Playbook


def _minutes_field() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(max_digits=12, decimal_places=3, null=True)


class DutyRule(models.Model):
    """A duty of the plan; the meaning of each field stands at `law.DutyRule`."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="duties")
    position = models.PositiveSmallIntegerField()
    key = key_field()
    kind = models.CharField(max_length=16)
    post = key_field()
    zh = models.TextField()
    en = models.TextField()
    detail_zh = prose_field()
    detail_en = prose_field()
    clause_zh = prose_field()
    clause_en = prose_field()
    requirements = keys_field()
    opens_event = models.CharField(max_length=10)
    opens_argument = models.CharField(max_length=60, blank=True, default="")
    opens_only = models.BooleanField(default=False)
    minutes = _minutes_field()
    target_minutes = _minutes_field()
    every_minutes = _minutes_field()
    anchor = models.CharField(max_length=10, default="opened")
    tell = keys_field()
    answers = models.CharField(max_length=3, default="all")
    lapses_on = models.CharField(max_length=10, blank=True, default="")
    replaces = keys_field()
    life_safety = models.BooleanField(default=False)
    site_rule = models.BooleanField(default=False)
    gate = models.CharField(max_length=10, blank=True, default="")
    choices = models.JSONField(default=list)  # [{key, zh, en, requirements}]
    fact = models.CharField(max_length=60, blank=True, default="")
    phase = models.CharField(max_length=10, default="first")
    outside = keys_field()
    form = models.CharField(max_length=60, blank=True, default="")
    signers = models.PositiveSmallIntegerField(default=1)
    apart_from = keys_field()
    restricted = models.BooleanField(default=False)
    calls_out = models.JSONField(default=dict)  # {post, quota, waves}; empty: nobody

    class Meta:
        constraints: ClassVar = [
            key_unique("playbook", "dutyrule_key_once"),
            one_of("kind", vocabulary(law.DutyKind), "dutyrule_kind_known"),
            one_of("opens_event", vocabulary(law.Event), "dutyrule_event_known"),
            one_of("anchor", vocabulary(law.Anchor), "dutyrule_anchor_known"),
            one_of("answers", vocabulary(law.Answers), "dutyrule_answers_known"),
            one_of("lapses_on", ["", *vocabulary(law.Event)], "dutyrule_lapses_on_known"),
            one_of("gate", ["", *vocabulary(law.Gate)], "dutyrule_gate_known"),
            one_of("phase", vocabulary(law.Phase), "dutyrule_phase_known"),
            models.CheckConstraint(condition=Q(signers__gte=1, signers__lte=5), name="dutyrule_signers_one_to_five"),
            models.CheckConstraint(condition=~Q(kind="call") | Q(outside__len=1), name="dutyrule_call_has_one_party"),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(target_minutes__isnull=True),
                name="dutyrule_plan_or_internal_time",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gt": 0}),
                    name=f"dutyrule_{name}_positive",
                )
                for name in ("minutes", "target_minutes", "every_minutes")
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Effect(models.Model):
    """What happens when the duty goes late."""

    duty = models.ForeignKey(DutyRule, models.CASCADE, related_name="effects")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    argument = key_field()

    class Meta:
        constraints: ClassVar = [
            one_of("kind", vocabulary(law.EffectKind), "effect_kind_known"),
            position_unique("duty", "effect_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.argument}"
