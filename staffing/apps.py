"""The staffing app: who is there."""

from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class StaffingConfig(AppConfig):
    name = "staffing"
    verbose_name = _("人员与岗位")

    def ready(self) -> None:
        import_string("staffing.auditing.register")()  # by name: models can't be imported before they are loaded
