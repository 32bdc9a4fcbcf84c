"""The Celery application: workers run the sweep and the deliveries, beat only says when."""

from typing import Any

from celery import Celery, Task
from django.db import close_old_connections


class Checked(Task):
    """A task that looks at its database connection first, as a request does.

    Celery keeps connections from task to task (CELERY_DB_REUSE_MAX) and never asks whether they still work: after
    a restart of the database a worker would fail for half an hour.
    """

    abstract = True

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        close_old_connections()


app = Celery("console", task_cls=Checked)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["incident"])
