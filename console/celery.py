"""The Celery application: workers run the sweep and the deliveries, beat only says when."""

from celery import Celery

app = Celery("console")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["incident"])
