"""Registers the playbooks app."""

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "playbooks"
    verbose_name = "预案 / Plans"
    default_auto_field = "django.db.models.BigAutoField"
