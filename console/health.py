"""Two questions a server is asked: are you alive, and are you ready."""

from datetime import datetime

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from incident import clock
from incident.models import Heartbeat

SWEEP_STALE_SECONDS = 5


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
        now = clock.wall_now()
        report["sweep_age_seconds"] = age = sweep_age(now)
        if age is None or age > SWEEP_STALE_SECONDS:
            wrong.append("sweep")
    except Error:
        report["database"] = "unreachable"
        wrong.append("database")
        connection.close()
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as broker:
            broker.ping()
    except RedisError:
        report["broker"] = "unreachable"
        wrong.append("broker")
    return JsonResponse(
        {"status": "not ready" if wrong else "ok", "wrong": wrong, **report}, status=503 if wrong else 200
    )


def sweep_age(now: datetime) -> float | None:
    """Seconds since the last sweep; None before the first."""
    last = Heartbeat.objects.filter(name="sweep").values_list("at", flat=True).first()
    return round((now - last).total_seconds(), 3) if last else None
