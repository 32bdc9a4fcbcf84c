"""The incident app: the centre, where plans, people and notices meet."""

from django.apps import AppConfig


class IncidentConfig(AppConfig):
    name = "incident"
    verbose_name = "事件"
