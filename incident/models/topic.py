"""Counters: of what viewers subscribe to, and of the numbers given to incidents."""

from django.db import models


class Topic(models.Model):
    """`incident:NUMBER`, `site:KEY` or `user:ID`; `number` is raised last in every transaction that changes it."""

    name = models.CharField(max_length=80, primary_key=True)
    number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "主题"
        verbose_name_plural = "主题"

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class NumberSeries(models.Model):
    """The last running number of a prefix and day, e.g. INC-261123."""

    prefix = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "编号"
        verbose_name_plural = "编号"

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last:02d}"


class Heartbeat(models.Model):
    """When a recurring piece of work last ran, and how it went: `sweep`, `deliver`."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()  # wall
    done = models.BigIntegerField(default=0)  # incidents settled or notices handled, ever
    failed = models.BigIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "心跳"
        verbose_name_plural = "心跳"

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"
