"""The staffing app: who is there."""

from django.apps import AppConfig


class StaffingConfig(AppConfig):
    name = "staffing"
    verbose_name = "人员与岗位"
