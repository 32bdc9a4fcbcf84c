"""Levels, the rules that lead into them, and the condition trees of rules and duties."""

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
    words_field,
)
from playbooks.models.playbook import Playbook


class Level(models.Model):
    """An ordered response level or accident class; a higher rank is graver."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="levels")
    key = key_field()
    rank = models.PositiveSmallIntegerField()
    colour = models.CharField(max_length=10)
    starts = models.CharField(max_length=12)
    zh = words_field()
    en = words_field()
    note_zh = prose_field()
    note_en = prose_field()
    site_rule = models.BooleanField(default=False)
    spacing_minutes = models.DecimalField(max_digits=12, decimal_places=3, null=True)

    class Meta:
        constraints: ClassVar = [
            key_unique("playbook", "level_key_once"),
            models.UniqueConstraint(fields=["playbook", "rank"], name="level_rank_once"),
            one_of("colour", vocabulary(law.Colour), "level_colour_known"),
            one_of("starts", vocabulary(law.Starts), "level_starts_known"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="level_rank_from_one"),
            models.CheckConstraint(
                condition=Q(spacing_minutes__isnull=True) | Q(spacing_minutes__gt=0, starts="proposed", rank__gt=1),
                name="level_spacing_of_proposed",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Rule(models.Model):
    """One way into a level, with its clause."""

    level = models.ForeignKey(Level, models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField()
    key = key_field()
    zh = models.TextField()
    en = models.TextField()
    clause_zh = prose_field()
    clause_en = prose_field()
    requirements = keys_field()
    site_rule = models.BooleanField(default=False)
    gap_zh = prose_field()
    gap_en = prose_field()

    class Meta:
        constraints: ClassVar = [key_unique("level", "rule_key_once")]

    def __str__(self) -> str:
        return self.key


class Condition(models.Model):
    """One node of a condition tree: a group (`mode`) or a comparison (`metric`, `op` and one of three values).

    A tree hangs on a rule or on a duty's trigger; its root is a group without parent.
    """

    rule = models.ForeignKey(Rule, models.CASCADE, null=True, related_name="conditions")
    duty = models.ForeignKey("playbooks.DutyRule", models.CASCADE, null=True, related_name="conditions")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="terms")
    position = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=3, blank=True, default="")
    metric = models.CharField(max_length=60, blank=True, default="")
    op = models.CharField(max_length=10, blank=True, default="")
    flag = models.BooleanField(null=True)
    number = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    keys = keys_field()
    hold_minutes = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    counts_expected = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rule__isnull=False, duty__isnull=True) | Q(rule__isnull=True, duty__isnull=False),
                name="condition_hangs_on_rule_or_duty",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=vocabulary(law.Mode), metric="", op="", flag=None, number=None, keys=[])
                | Q(mode="", op__in=vocabulary(law.Op), flag__isnull=False, number=None, keys=[]) & ~Q(metric="")
                | Q(mode="", op__in=vocabulary(law.Op), flag=None, number__isnull=False, keys=[]) & ~Q(metric="")
                | Q(mode="", op__in=vocabulary(law.Op), flag=None, number=None) & ~Q(metric="") & ~Q(keys=[]),
                name="condition_group_or_comparison",
            ),
            models.CheckConstraint(condition=Q(parent__isnull=False) | ~Q(mode=""), name="condition_root_is_group"),
            models.CheckConstraint(condition=Q(hold_minutes__gte=0), name="condition_hold_not_negative"),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(parent=None, rule__isnull=False), name="condition_one_root_per_rule"
            ),
            models.UniqueConstraint(
                fields=["duty"], condition=Q(parent=None, duty__isnull=False), name="condition_one_root_per_duty"
            ),
            position_unique("parent", "condition_position_once"),
        ]

    def __str__(self) -> str:
        return self.mode or f"{self.metric} {self.op}"
