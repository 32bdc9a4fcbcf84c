"""Makes `console` an app so that Django finds its commands."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = "应急指挥台"
