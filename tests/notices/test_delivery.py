"""Delivery: up the ladder until somebody answers, through crashes, rivals and hanging channels."""

from datetime import timedelta

import pytest
from django.db import transaction

from notices import delivery, outbox, policy
from notices.models import Attempt, Notice
from notices.transports import base
from notices.transports.memory import Memory
from tests.notices import builders
from tests.notices.builders import NOW, acknowledge, after, again, by_email, in_app, notice

pytestmark = pytest.mark.django_db(transaction=True)

SOON = timedelta(seconds=30)
REFUSED = base.TransportError("550 no such user", permanent=True)
BUSY = base.TransportError("451 later", permanent=False)
DOWN = base.TransportError("connection refused", permanent=False, channel_down=True)


@pytest.fixture
def memory():
    """The e-mail channel, kept in memory."""
    twin = Memory()
    with base.replaced("email", twin):
        yield twin


def outcomes(written: Notice) -> list[tuple[str, str]]:
    return list(written.tries.order_by("pk").values_list("person", "outcome"))


def test_it_reaches_the_first_and_waits(memory: Memory) -> None:
    written = notice("a", by_email("Dana", wait_seconds=120), by_email("Omar"))
    assert delivery.deliver(now=NOW) == 1
    (sent,) = memory.sent
    assert sent.address == "dana@example.org"
    kept = again(written)
    assert (kept.state, kept.rung, kept.lease) == ("accepted", 0, None)
    assert after(seconds=120) <= kept.due_at < after(seconds=121)
    assert delivery.deliver(now=after(seconds=60)) == 0
    assert outcomes(written) == [("Dana", "accepted")]


def test_without_an_answer_it_climbs_and_ends_in_trouble(memory: Memory) -> None:
    written = notice("a", by_email("Dana", wait_seconds=120), by_email("Omar", wait_seconds=300))
    delivery.deliver(now=NOW)
    delivery.deliver(now=after(seconds=122))
    assert [sent.person for sent in memory.sent] == ["Dana", "Omar"]
    with transaction.atomic():
        outbox.clear_trouble([written.pk])
    assert outbox.troubles(now=after(seconds=400), limit=9) == []
    delivery.deliver(now=after(seconds=424))
    kept = again(written)
    assert (kept.state, kept.due_at) == ("exhausted", None)
    assert [row.pk for row in outbox.troubles(now=after(seconds=430), limit=9)] == [written.pk]
    assert delivery.deliver(now=after(days=1)) == 0


def missed(written: Notice) -> list[tuple[str, str, bool]]:
    return [(one["person"], one["next"], one["reached"]) for one in again(written).missed]


def test_who_should_have_answered_is_kept_with_the_notice(memory: Memory) -> None:
    written = notice(
        "a", by_email("Dana", wait_seconds=60), by_email("Dana", wait_seconds=60, address="d@example.org"),
        by_email("Omar", wait_seconds=120) | {"post": "deputy"},
    )  # fmt: skip
    delivery.deliver(now=NOW)
    delivery.deliver(now=after(seconds=62))
    assert missed(written) == []  # only another channel
    delivery.deliver(now=after(seconds=124))
    assert missed(written) == [("Dana", "Omar", True)]
    kept = again(written).missed[0]
    assert (kept["post"], kept["next_post"]) == ("lead", "deputy")
    assert kept["since"] == NOW.isoformat()
    assert [row.pk for row in outbox.troubles(now=after(seconds=130), limit=9)] == [written.pk]
    delivery.deliver(now=after(seconds=250))
    assert missed(written) == [("Dana", "Omar", True), ("Omar", "", True)]
    assert again(written).missed[1]["since"] == kept["at"]


def test_whom_no_channel_reached_is_passed_over_and_told_apart(memory: Memory) -> None:
    memory.errors = [REFUSED]
    written = notice("a", by_email("Dana"), by_email("Omar"))
    delivery.deliver(now=NOW)
    assert missed(written) == [("Dana", "Omar", False)]


def test_a_climb_is_written_down_once_however_many_senders_die_over_it(memory: Memory, monkeypatch) -> None:
    written = notice("a", by_email("Dana", wait_seconds=60), by_email("Omar"))
    delivery.deliver(now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "claim_step", _die)
        for crash in range(3):
            with pytest.raises(SystemExit):
                delivery.deliver(now=after(seconds=62) + crash * delivery.LEASE)
    delivery.deliver(now=after(seconds=62) + 3 * delivery.LEASE)
    assert missed(written) == [("Dana", "Omar", True)]


def test_two_deliverers_at_one_climb_write_it_once(memory: Memory, together) -> None:
    written = notice("a", by_email("Dana", wait_seconds=60), by_email("Omar", wait_seconds=600))
    delivery.deliver(now=NOW)
    together(*[lambda: delivery.deliver(now=after(seconds=62))] * 4)
    assert missed(written) == [("Dana", "Omar", True)]


def test_an_answer_stops_it(memory: Memory) -> None:
    written = notice("a", by_email("Dana", wait_seconds=120), by_email("Omar"))
    delivery.deliver(now=NOW)
    acknowledge(written, by="Dana", now=after(seconds=60))
    assert delivery.deliver(now=after(days=1)) == 0
    assert [sent.person for sent in memory.sent] == ["Dana"]


def test_without_wish_for_an_answer_one_acceptance_is_enough(memory: Memory) -> None:
    written = notice("a", by_email("Dana"), by_email("Omar"), wants_answer=False)
    delivery.deliver(now=NOW)
    assert (again(written).state, again(written).due_at) == ("accepted", None)
    assert [sent.person for sent in memory.sent] == ["Dana"]


def test_in_app_is_accepted_at_once_and_needs_a_login(memory: Memory) -> None:
    dana = builders.user("dana")
    seen, unseen = notice("a", in_app("Dana", dana.pk)), notice("b", in_app("Zoe", None), by_email("Zoe"))
    delivery.deliver(now=NOW)
    assert outcomes(seen) == [("Dana", "accepted")]
    assert outcomes(unseen) == [("Zoe", "refused"), ("Zoe", "accepted")]


def test_a_refusal_climbs_in_the_same_call(memory: Memory) -> None:
    memory.errors = [REFUSED]
    written = notice("a", by_email("Dana"), by_email("Omar"))
    assert delivery.deliver(now=NOW) == 2
    assert outcomes(written) == [("Dana", "refused"), ("Omar", "accepted")]
    assert Attempt.objects.get(outcome="refused").detail == "550 no such user"


def test_a_failure_is_tried_again_then_left(memory: Memory) -> None:
    memory.errors = [BUSY] * policy.TRIES
    written = notice("a", by_email("Dana"), by_email("Omar"))
    for minute in range(policy.TRIES):
        delivery.deliver(now=after(minutes=minute))
    assert outcomes(written) == [("Dana", "failed")] * policy.TRIES + [("Omar", "accepted")]


def test_all_refused_is_a_trouble(memory: Memory) -> None:
    memory.errors = [REFUSED, REFUSED]
    written = notice("a", by_email("Dana"), by_email("Omar"))
    delivery.deliver(now=NOW)
    assert again(written).state == "exhausted"
    assert len(outbox.troubles(now=after(seconds=9), limit=9)) == 1


def test_a_channel_that_is_down_costs_a_batch_one_time_out(memory: Memory) -> None:
    memory.errors = [DOWN, AssertionError("a second one was sent into the same silence")]
    written = [notice(str(number), by_email("Dana")) for number in range(3)]
    dana = builders.user("dana")
    inside = notice("inside", in_app("Dana", dana.pk))
    delivery.deliver(now=NOW)
    assert [outcomes(row) for row in written] == [[("Dana", "failed")]] * 3
    assert outcomes(inside) == [("Dana", "accepted")]
    assert memory.closed == memory.made == 1


def test_a_channel_nobody_serves_is_refused() -> None:
    written = notice("a", by_email("Dana") | {"channel": "pigeon"})
    delivery.deliver(now=NOW)
    assert outcomes(written) == [("Dana", "refused")]


def test_addresses_are_masked_in_the_record(memory: Memory) -> None:
    notice("a", by_email("Dana"))
    delivery.deliver(now=NOW)
    assert Attempt.objects.get().address == "da***@example.org"


def test_one_bad_notice_never_holds_up_the_others(memory: Memory, caplog: pytest.LogCaptureFixture) -> None:
    memory.errors = [RuntimeError("a bug")]
    odd = notice("odd", by_email("Dana"))
    broken = notice("broken", by_email("Dana"))
    Notice.objects.filter(pk=broken.pk).update(ladder=["no rung at all"])
    fine = notice("fine", by_email("Omar"), now=after(seconds=1))
    delivery.deliver(now=after(seconds=2))
    assert outcomes(fine) == [("Omar", "accepted")]
    assert outcomes(odd) == [("Dana", "failed")]
    assert again(odd).due_at > after(seconds=2)
    kept = again(broken)
    assert kept.due_at == pytest.approx(after(seconds=2) + delivery.PUSHED, abs=timedelta(seconds=1))
    assert kept.trouble_at is not None
    assert len(caplog.records) == 2


def test_words_that_cannot_be_found_still_go_out(memory: Memory) -> None:
    notice("a", by_email("Dana"), kind="a kind from the future", data={"due": "soon", "path": "//evil.example/"})
    delivery.deliver(now=NOW)
    (sent,) = memory.sent
    assert sent.subject == "有一条应急通知"
    assert "evil" not in sent.text + sent.html


@pytest.mark.parametrize(("language", "mark"), [("zh-hans", "【练习】"), ("en", "[EXERCISE]")])
def test_an_exercise_goes_out_marked(memory: Memory, language: str, mark: str) -> None:
    notice("a", by_email("Dana", language=language), mode="exercise")
    delivery.deliver(now=NOW)
    (sent,) = memory.sent
    assert sent.subject.startswith(mark)
    assert sent.text.startswith(mark)
    assert mark in sent.html


def test_a_drill_never_leaves_the_house_and_climbs_all_the_same(memory: Memory) -> None:
    dana = builders.user("dana")
    written = notice("a", by_email("Dana", wait_seconds=60), in_app("Dana", dana.pk), mode="drill")
    delivery.deliver(now=NOW)
    delivery.deliver(now=after(seconds=62))
    assert memory.sent == []
    assert outcomes(written) == [("Dana", "held"), ("Dana", "accepted")]
    assert Attempt.objects.get(outcome="held").address == "da***@example.org"


def test_two_deliverers_at_once_send_each_once(memory: Memory, together) -> None:
    written = [notice(str(number), by_email(f"P{number}")) for number in range(60)]
    steps = together(*[lambda: delivery.deliver(now=NOW, limit=15)] * 4)
    assert sum(steps) == 60
    assert sorted(sent.person for sent in memory.sent) == sorted(row.person for row in written)
    assert Attempt.objects.count() == 60


def test_a_crash_between_send_and_mark_sends_the_same_message_again(memory: Memory, monkeypatch) -> None:
    written = notice("a", by_email("Dana"))
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "claim_step", _die)
        with pytest.raises(SystemExit):
            delivery.deliver(now=NOW)
    assert delivery.deliver(now=after(seconds=19)) == 0
    assert delivery.deliver(now=NOW + delivery.LEASE) == 1
    first, second = memory.sent
    assert first == second
    assert outcomes(written) == [("Dana", "accepted")]


def _die(*args: object, **kwargs: object) -> bool:
    raise SystemExit("killed")


def test_a_message_that_kills_its_sender_is_left_after_a_while(memory: Memory, monkeypatch) -> None:
    written = notice("a", by_email("Dana"), by_email("Omar"))
    poison = Memory(*[SystemExit("killed")] * 100)
    with base.replaced("email", poison):
        for crash in range(policy.TRIES + policy.SPARE_TRIES):
            with pytest.raises(SystemExit):
                delivery.deliver(now=NOW + crash * delivery.LEASE)
    delivery.deliver(now=NOW + 10 * delivery.LEASE)
    assert outcomes(written) == [("Omar", "accepted")]


def test_a_sender_back_from_the_dead_writes_nothing(memory: Memory) -> None:
    written = notice("a", by_email("Dana"), by_email("Omar"))
    (zombie,) = delivery.claim_due(now=NOW, limit=1)
    delivery.deliver(now=NOW + delivery.LEASE)
    before = again(written)
    tried = delivery.Try(outcome=policy.Outcome.REFUSED, detail="late", started_at=NOW, ended_at=after(minutes=1))
    step = policy.Step(state=policy.State.EXHAUSTED, rung=1, attempts=9, accepted_at=None, due_at=None)
    assert delivery.claim_step(zombie, step, tried=tried) is False
    kept = again(written)
    assert (kept.state, kept.rung, kept.due_at) == (before.state, before.rung, before.due_at)
    assert outcomes(written) == [("Dana", "accepted")]


@pytest.mark.parametrize("answered", [True, False])
def test_what_is_answered_or_withdrawn_while_it_leaves_stays_so(memory: Memory, answered: bool) -> None:
    ours = builders.incident()
    written = notice("a", by_email("Dana"), by_email("Omar"), incident_id=ours.pk)
    (claimed,) = delivery.claim_due(now=NOW, limit=1)
    if answered:
        acknowledge(written, by="Dana", now=after(seconds=1))
    else:
        with transaction.atomic():
            outbox.withdraw(ours.pk, now=after(seconds=1), reason="误报")
    tried = delivery.Try(outcome=policy.Outcome.ACCEPTED, detail="", started_at=NOW, ended_at=after(seconds=2))
    step = policy.Step(
        state=policy.State.ACCEPTED, rung=0, attempts=1, accepted_at=NOW, due_at=after(minutes=1), is_trouble=True
    )
    assert delivery.claim_step(claimed, step, tried=tried) is True
    kept = again(written)
    assert kept.state == ("acknowledged" if answered else "cancelled")
    assert (kept.due_at, kept.trouble_at, kept.lease) == (None, None, None)
    assert outcomes(written) == [("Dana", "accepted")]


def test_what_a_slow_batch_does_not_reach_is_given_back(memory: Memory, monkeypatch) -> None:
    written = [notice(str(number), by_email("Dana")) for number in range(3)]
    monkeypatch.setattr(delivery, "BUDGET", 0.5)  # far more than a busy machine takes to claim them
    monkeypatch.setattr(memory, "seconds", 0.6)
    delivery.deliver(now=NOW)
    left = [again(row) for row in written if again(row).state == "queued"]
    assert len(memory.sent) == 1
    assert len(left) == 2
    assert {(row.lease, row.attempts) for row in left} == {(None, 0)}


def test_it_refuses_to_send_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        delivery.deliver(now=NOW)


def test_a_step_costs_the_same_whatever_waits(memory: Memory, django_assert_num_queries) -> None:
    for number in range(10):
        notice(str(number), by_email("Dana"))
    # claim: begin, select, update, commit; each: begin, update, insert, commit; one empty look: begin, select, commit
    with django_assert_num_queries(4 + 10 * 4 + 3):
        delivery.deliver(now=NOW)
