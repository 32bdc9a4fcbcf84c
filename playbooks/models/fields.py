"""Field and constraint shapes that the tables of the law share."""

from collections.abc import Iterable
from typing import Any, get_args

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


def key_field(**extra: Any) -> "models.CharField[str, str]":
    """A short name written in plan files: `HJ-2-05`, `team_leader`."""
    return models.CharField(max_length=60, **extra)


def words_field() -> "models.CharField[str, str]":
    return models.CharField(max_length=200)


def prose_field() -> "models.TextField[str, str]":
    return models.TextField(blank=True, default="")


def keys_field() -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=60), default=list, blank=True)


def vocabulary(literal: Any) -> tuple[str, ...]:
    """The words of a Literal, so that the table's check and the type can't drift apart."""
    return tuple(get_args(literal))


def one_of(field: str, words: Iterable[str], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": list(words)}), name=name)


def position_unique(parent: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=[parent, "position"], name=name)


def key_unique(parent: str, name: str, key: str = "key") -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=[parent, key], name=name)
