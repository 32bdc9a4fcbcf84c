"""The duty room: who is on, who can be reached, who comes."""

from django.apps import AppConfig


class DutyroomConfig(AppConfig):
    name = "dutyroom"
    verbose_name = "值班室"
