"""The plan room: the library, the playbook pages, drafts and their publication."""

from django.apps import AppConfig


class PlanroomConfig(AppConfig):
    name = "planroom"
    verbose_name = "预案室"
