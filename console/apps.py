"""Makes `console` an app so that Django finds its commands, and its Celery application the one that tasks go to."""

from django.apps import AppConfig

from console import celery

__all__ = ["ConsoleConfig", "celery"]


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = "应急指挥台"
