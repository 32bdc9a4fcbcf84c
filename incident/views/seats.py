"""Readings of seats pushed by a machine: a bearer token, JSON in, and an answer that says what became of each row."""

import json
import threading
from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from incident import clock, saturation
from staffing import intake, tokens

MOST_BYTES: Final = 1024 * 1024
MOST_TOLD: Final = 100  # refused rows named in one answer; the rest are counted
# A site's batches wait for each other in the database; what waits here would hold the threads of the shift.
AT_ONCE: Final = threading.BoundedSemaphore(6)
TYPES: Final = ("application/json", "application/x-ndjson", "application/jsonl")


class _Refused(Exception):
    """The request as a whole cannot be taken; nothing was kept."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@csrf_exempt
@never_cache
@require_POST
def push(request: HttpRequest) -> HttpResponse:
    """Take in one reading, a list of them, or one a line. 200 says what was kept; 422 that nothing was."""
    if not AT_ONCE.acquire(blocking=False):
        answer = _sentence(429, _("同时推送太多，请一秒后重发；没有收下任何一行。"))
        answer["Retry-After"] = "1"
        return answer
    try:
        return _taken(request)
    except _Refused as refused:
        answer = _sentence(refused.status, str(refused))
        if refused.status == 401:
            answer["WWW-Authenticate"] = 'Bearer realm="seats"'
        return answer
    finally:
        AT_ONCE.release()


def _taken(request: HttpRequest) -> HttpResponse:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    token = tokens.find(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise _Refused(401, _("令牌不对或已撤销。请在请求头写 Authorization: Bearer 加本站的推送令牌。"))
    rows = _rows(request)
    now = clock.wall_now()
    tokens.used(token, now)
    try:
        taken = saturation.receive(token.site_id, rows, now=now, source=token.name)
    except intake.TooManyRows as reason:
        raise _Refused(413, str(reason)) from None
    is_kept = taken.accepted or taken.duplicates
    said = {
        "accepted": taken.accepted,
        "refused": len(taken.refused),
        "duplicates": taken.duplicates,
        "errors": [
            {"index": index, "field": field, "error": sentence} for index, field, sentence in taken.refused[:MOST_TOLD]
        ],
    }
    return _answer(said, status=200 if is_kept else 422)


def _rows(request: HttpRequest) -> Sequence[Any]:
    if request.content_type not in TYPES:
        raise _Refused(415, _("请用 Content-Type: application/json 或 application/x-ndjson 发送。"))
    too_long = _Refused(413, _("内容超过 1 MB，请分批发送。"))
    try:
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
            raise too_long
        body = request.body
    except RequestDataTooBig:
        raise too_long from None
    try:
        found = json.loads(body) if request.content_type == TYPES[0] else _lines(body)
    except (ValueError, RecursionError):  # wrong JSON, wrong encoding
        raise _Refused(422, _("内容不是 UTF-8 的 JSON，没有收下任何一行。")) from None
    rows = found if isinstance(found, list) else [found]
    if not rows:
        raise _Refused(422, _("内容里没有读数。"))
    return rows


def _lines(body: bytes) -> list[Any]:
    """One reading a line; empty lines are skipped."""
    return [json.loads(line) for line in body.splitlines() if line.strip()]


def _sentence(status: int, sentence: str) -> HttpResponse:
    return _answer({"error": sentence}, status=status)


def _answer(said: dict[str, Any], *, status: int) -> HttpResponse:
    """The words as they are; a half of a pair that some sender wrote, which no encoding knows, as a question mark."""
    text = json.dumps(said, ensure_ascii=False).encode(errors="replace")
    return HttpResponse(text, status=status, content_type="application/json")
