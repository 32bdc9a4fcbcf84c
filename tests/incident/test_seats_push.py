"""Readings pushed over HTTP: a token opens the door, good rows are kept, and every refusal is a clear sentence."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from incident.models import Incident
from incident.views import seats
from staffing import tokens
from staffing.models import FeedToken, Reading
from tests import rosters

SECOND = timedelta(seconds=1)
PATH = "/api/seats/"


@pytest.fixture
def hotline(online):
    return rosters.queue(online)


@pytest.fixture
def secret(online, hotline, ada, now):
    return tokens.make(online, "示例话务平台", ada, now)[1]


@pytest.fixture
def push(secret):
    client = Client(enforce_csrf_checks=True)

    def send(body, *, kind="application/json", token=secret, **headers):
        text = body if isinstance(body, bytes | str) else json.dumps(body)
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        return client.post(PATH, text, content_type=kind, headers=bearer | headers)

    return send


def row(at, **more):
    return {"queue": "hotline", "at": at.isoformat(), "staffed": 10, "busy": 10, "waiting": 1} | more


def test_a_list_of_readings_is_taken(push, now):
    answer = push([row(now - SECOND), row(now)])
    assert answer.status_code == 200
    assert answer.json() == {"accepted": 2, "refused": 0, "duplicates": 0, "errors": []}
    assert set(Reading.objects.values_list("source", flat=True)) == {"示例话务平台"}
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies  # no session


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/jsonl"])
def test_one_a_line_too(push, now, kind):
    text = "\n".join(json.dumps(row(now - second * SECOND)) for second in range(3)) + "\n\n"
    assert push(text, kind=kind).json()["accepted"] == 3


def test_or_just_one(push, now):
    assert push(row(now)).json()["accepted"] == 1


def test_good_rows_are_kept_and_bad_ones_named(push, now):
    answer = push([row(now), row(now, busy=11), row(now - SECOND)])
    assert answer.status_code == 200
    said = answer.json()
    assert (said["accepted"], said["refused"]) == (2, 1)
    assert said["errors"] == [{"index": 1, "field": "busy", "error": "忙座席 11 多于在班座席 10，请核对。"}]


def test_sent_again_is_no_mistake(push, now):
    push([row(now)])
    answer = push([row(now)])
    assert (answer.status_code, answer.json()["duplicates"]) == (200, 1)


def test_only_bad_rows_are_422(push, now):
    answer = push([row(now, busy=-1)], **{"Accept-Language": "en"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"index": 0, "field": "busy", "error": "It can't be negative."}]


def test_a_thousand_bad_rows_are_counted_and_some_of_them_named(push, now):
    said = push([row(now, busy=-1)] * 1000).json()
    assert (said["refused"], len(said["errors"])) == (1000, seats.MOST_TOLD)


@pytest.mark.parametrize(
    ("body", "kind", "status", "chinese", "english"),
    [
        ("[]", "application/json", 422, "没有读数", "no readings"),
        (" ", "application/json", 422, "JSON", "JSON"),
        ("{", "application/json", 422, "JSON", "JSON"),
        (b"\xff\xfe", "application/json", 422, "JSON", "JSON"),
        ("[" * 100_000, "application/json", 422, "JSON", "JSON"),
        ('{"a": 1}\n{', "application/x-ndjson", 422, "JSON", "JSON"),
        ("a=1", "application/x-www-form-urlencoded", 415, "Content-Type", "Content-Type"),
        ("<a/>", "text/xml", 415, "Content-Type", "Content-Type"),
        (b" " * (1024 * 1024 + 1), "application/json", 413, "1 MB", "1 MB"),
        (json.dumps([1] * 5001), "application/json", 413, "5000", "5000"),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_is_no_batch_is_refused_whole(push, body, kind, status, chinese, english, language):
    answer = push(body, kind=kind, **{"Accept-Language": language})
    assert answer.status_code == status
    assert (english if language == "en" else chinese) in answer.json()["error"]
    assert not Reading.objects.exists()


@pytest.mark.parametrize("token", [None, "", "seats_wrong", "x" * 10_000, "示例"])
def test_without_a_token_nothing_is_taken(push, now, token):
    answer = push([row(now)], token=token)
    assert answer.status_code == 401
    assert "令牌" in answer.json()["error"]
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert not Reading.objects.exists()


def test_a_revoked_token_opens_nothing(push, secret, now):
    tokens.revoke(FeedToken.objects.get(), now)
    assert push([row(now)]).status_code == 401


def test_a_token_is_for_one_site(push, callcentre, ada, now):
    rosters.queue(callcentre, "there")
    answer = push([row(now, queue="there")])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "queue")


def test_only_a_digest_is_kept_and_its_use_is_noted_once_a_minute(push, secret, now):
    token = FeedToken.objects.get()
    assert secret not in str(vars(token))
    assert token.used_at is None
    push([row(now)])
    noted = FeedToken.objects.get().used_at
    assert noted >= now
    push([row(now - SECOND)])
    assert FeedToken.objects.get().used_at == noted
    tokens.used(FeedToken.objects.get(), noted + timedelta(minutes=1))
    assert FeedToken.objects.get().used_at == noted + timedelta(minutes=1)


def test_nobody_waits_in_line_for_the_threads_of_the_shift(push, now):
    held = [seats.AT_ONCE.acquire(blocking=False) for _ in range(6)]
    try:
        assert all(held)
        answer = push([row(now)])
        assert (answer.status_code, answer["Retry-After"]) == (429, "1")
        assert "error" in answer.json()
    finally:
        for _ in held:
            seats.AT_ONCE.release()
    assert push([row(now)]).status_code == 200


def test_full_seats_start_the_plan_with_the_reading_that_says_so(push, now):
    told = [row(now - timedelta(minutes=15) + step * 15 * SECOND) for step in range(60)]
    assert push(told[:-1]).status_code == 200
    assert not Incident.objects.exists()  # nothing was heard for thirty seconds
    assert push([told[-1]]).status_code == 200
    incident = Incident.objects.get()
    assert (incident.level, incident.reported_at) == ("general", now)


@pytest.mark.parametrize("field", ["queue", "at"])
def test_half_a_character_is_refused_like_any_other_nonsense(push, now, field):
    """JSON can name what no encoding knows; the answer that repeats it can still be sent."""
    answer = push(json.dumps(row(now) | {field: "\ud800"}))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
