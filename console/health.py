"""Two questions a server is asked: are you alive, and are you ready."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from datetime import datetime

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from incident import clock
from incident.models import Heartbeat

SWEEP_STALE_SECONDS = 5
DATABASE_SECONDS = 2.0

# A database that is frozen, not dead, answers nothing at all; the question is put by a thread that may be left waiting.
_asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: the process answers. Asks nobody else."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: database, broker, and how old the last sweep is; 503 with the reasons when something is missing."""
    report: dict[str, object] = {"database": "ok", "broker": "ok", "sweep_age_seconds": None}
    wrong = []
    try:
        report["sweep_age_seconds"] = age = _asker.submit(_sweep_age_now).result(timeout=DATABASE_SECONDS)
        if age is None or age > SWEEP_STALE_SECONDS:
            wrong.append("sweep")
    except (Error, TooLong):
        report["database"] = "unreachable"
        wrong.append("database")
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as broker:
            broker.ping()
    except RedisError:
        report["broker"] = "unreachable"
        wrong.append("broker")
    return JsonResponse(
        {"status": "not ready" if wrong else "ok", "wrong": wrong, **report}, status=503 if wrong else 200
    )


def _sweep_age_now() -> float | None:
    """`sweep_age` on a connection of the asker's own thread, closed again: the question is rare."""
    try:
        return sweep_age(clock.wall_now())
    finally:
        connection.close()


def sweep_age(now: datetime) -> float | None:
    """Seconds since the last sweep; None before the first."""
    last = Heartbeat.objects.filter(name="sweep").values_list("at", flat=True).first()
    return round((now - last).total_seconds(), 3) if last else None
