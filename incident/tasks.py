"""Celery's muscle: one line each; every run does whatever is due, so a lost or doubled message changes nothing."""

from celery import shared_task

from incident import clock, sweep
from notices import delivery
from staffing import intake


@shared_task(name="incident.tasks.sweep")
def run_sweep() -> None:
    sweep.sweep(now=clock.wall_now())


@shared_task(name="incident.tasks.deliver")
def deliver() -> None:
    now = clock.wall_now()
    sweep.beat("deliver", now=now, done=delivery.deliver(now=now))


@shared_task(name="incident.tasks.purge")
def purge() -> None:
    now = clock.wall_now()
    sweep.beat("purge", now=now, done=intake.purge(now=now))
