"""Writing, answering and withdrawing notices."""

import pytest
from django.db import connection, transaction

from notices import outbox
from notices.models import Notice
from tests.notices import builders
from tests.notices.builders import NOW, acknowledge, after, again, by_email, draft, in_app, notice


@pytest.mark.django_db
def test_a_notice_is_due_at_once() -> None:
    written = notice("a", by_email("Dana"))
    assert (written.state, written.due_at, written.rung, written.attempts) == ("queued", NOW, 0, 0)
    assert written.person == "Dana"
    assert written.trouble_at is None


@pytest.mark.django_db
def test_the_same_key_is_the_same_notice() -> None:
    first = notice("a", by_email("Dana"))
    second = notice("a", by_email("Omar"), now=after(minutes=1))
    assert second.pk == first.pk
    assert second.person == "Dana"
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_outside_a_transaction() -> None:
    with pytest.raises(outbox.NotInTransaction):
        outbox.enqueue_many([draft("a", by_email("Dana"))], now=NOW)
    with pytest.raises(outbox.NotInTransaction):
        outbox.enqueue(
            key="a",
            incident_id=None,
            site_id=1,
            mode="real",
            kind="duty",
            data={},
            post="",
            person="Dana",
            ladder=[by_email("Dana")],
            wants_answer=True,
            now=NOW,
        )
    with pytest.raises(outbox.NotInTransaction):
        outbox.acknowledge(1, by="Dana", user_id=None, via="screen", now=NOW)
    with pytest.raises(outbox.NotInTransaction):
        outbox.withdraw(1, now=NOW, reason="")
    assert Notice.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_written() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.enqueue_many([draft("a", by_email("Dana"))], now=NOW)
        raise ZeroDivisionError
    assert Notice.objects.count() == 0


@pytest.mark.django_db
def test_many_cost_as_many_statements_as_one(django_assert_num_queries) -> None:
    with transaction.atomic():
        for count in (1, 200):
            drafts = [draft(f"{count}-{number}", by_email("Dana")) for number in range(count)]
            with django_assert_num_queries(1):
                written = outbox.enqueue_many(drafts, now=NOW)
            assert [row.key for row in written] == [one.key for one in drafts]
        with django_assert_num_queries(0):
            assert outbox.enqueue_many([], now=NOW) == []


@pytest.mark.django_db
def test_many_with_some_written_before_come_back_in_order() -> None:
    kept = notice("b", by_email("Dana"))
    with transaction.atomic():
        keys = ["c", "b", "a", "c"]
        written = outbox.enqueue_many([draft(key, by_email("Omar")) for key in keys], now=NOW)
    assert [row.key for row in written] == keys
    assert written[1].pk == kept.pk
    assert Notice.objects.get(pk=kept.pk).person == "Dana"
    assert Notice.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_that_write_the_same_key_at_once_get_one_notice(together) -> None:
    writers = [lambda: notice("a", by_email("Dana")).pk] * 4
    assert len(set(together(*writers))) == 1
    assert Notice.objects.count() == 1


@pytest.mark.django_db
def test_an_empty_ladder_is_a_trouble_from_the_start() -> None:
    written = notice("a")
    assert (written.state, written.due_at, written.trouble_at) == ("exhausted", None, NOW)
    assert outbox.troubles(now=NOW, limit=10) == [written]


@pytest.mark.django_db
def test_troubles_are_taken_over_once_oldest_first() -> None:
    late, early = notice("b", now=after(seconds=5)), notice("a")
    assert outbox.troubles(now=after(seconds=9), limit=10) == [early, late]
    assert outbox.troubles(now=after(seconds=1), limit=10) == [early]
    assert outbox.troubles(now=after(seconds=9), limit=1) == [early]
    outbox.clear_trouble([early.pk])
    assert outbox.troubles(now=after(seconds=9), limit=10) == [late]


@pytest.mark.django_db
def test_an_answer_ends_the_climb() -> None:
    dana = builders.user("dana")
    written = notice("a", by_email("Dana"))
    answer = acknowledge(written, by="Dana", user_id=dana.pk, now=after(minutes=2))
    assert (answer.result, answer.by, answer.at, answer.via) == ("first", "Dana", after(minutes=2), "screen")
    kept = again(written)
    assert (kept.state, kept.due_at, kept.acknowledged_user_id) == ("acknowledged", None, dana.pk)


@pytest.mark.django_db
def test_a_second_answer_learns_of_the_first() -> None:
    dana, omar = builders.user("dana"), builders.user("omar")
    written = notice("a", by_email("Dana"))
    acknowledge(written, by="Dana", user_id=dana.pk)
    other = acknowledge(written, by="Omar", user_id=omar.pk, now=after(minutes=1))
    assert (other.result, other.by, other.at) == ("before", "Dana", NOW)
    same = acknowledge(written, by="Dana", user_id=dana.pk, now=after(minutes=1))
    assert (same.result, same.at) == ("again", NOW)
    assert again(written).acknowledged_user_id == dana.pk


@pytest.mark.django_db
def test_somebody_without_a_login_is_known_by_name() -> None:
    written = notice("a", by_email("Dana"))
    acknowledge(written, by="Dana")
    assert acknowledge(written, by="Dana").result == "again"
    assert acknowledge(written, by="Omar").result == "before"


@pytest.mark.django_db
def test_somebody_who_answered_by_link_is_known_on_the_screen() -> None:
    dana = builders.user("dana")
    written = notice("a", by_email("Dana"))
    acknowledge(written, by="Dana")
    assert acknowledge(written, by="Dana", user_id=dana.pk).result == "again"
    assert acknowledge(written, by="Omar", user_id=dana.pk).result == "before"


@pytest.mark.django_db
def test_a_late_answer_still_counts_and_ends_the_trouble() -> None:
    written = notice("a")
    assert acknowledge(written, by="Dana", now=after(hours=1)).result == "first"
    assert outbox.troubles(now=after(hours=2), limit=10) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_is_first(together) -> None:
    written = notice("a", by_email("Dana"))
    dana, omar = builders.user("dana"), builders.user("omar")
    answers = together(
        lambda: acknowledge(written, by="Dana", user_id=dana.pk),
        lambda: acknowledge(written, by="Omar", user_id=omar.pk),
    )
    assert sorted(answer.result for answer in answers) == ["before", "first"]
    assert answers[0].by == answers[1].by == again(written).acknowledged_by


@pytest.mark.django_db
def test_withdrawing_ends_what_waits_and_leaves_the_rest() -> None:
    ours, other = builders.incident("A-1"), builders.incident("A-2")
    waiting = notice("waiting", by_email("Dana"), incident_id=ours.pk)
    answered = notice("answered", by_email("Dana"), incident_id=ours.pk)
    acknowledge(answered, by="Dana")
    nobody = notice("nobody", incident_id=ours.pk)
    information = notice("information", by_email("Dana"), incident_id=ours.pk, wants_answer=False)
    Notice.objects.filter(pk=information.pk).update(state="accepted", due_at=None)
    elsewhere = notice("elsewhere", by_email("Dana"), incident_id=other.pk)
    with transaction.atomic():
        assert outbox.withdraw(ours.pk, now=after(minutes=1), reason="误报") == 2
    assert [again(row).state for row in (waiting, answered, nobody, information, elsewhere)] == [
        "cancelled",
        "acknowledged",
        "cancelled",
        "accepted",
        "queued",
    ]
    kept = again(waiting)
    assert (kept.due_at, kept.withdrawn_at, kept.withdrawn_reason) == (None, after(minutes=1), "误报")
    assert outbox.troubles(now=after(hours=1), limit=10) == []


@pytest.mark.django_db
def test_a_withdrawn_notice_says_so_to_who_answers() -> None:
    ours = builders.incident()
    written = notice("a", by_email("Dana"), incident_id=ours.pk)
    with transaction.atomic():
        outbox.withdraw(ours.pk, now=after(minutes=1), reason="误报")
    answer = acknowledge(written, by="Dana", now=after(minutes=2))
    assert (answer.result, answer.at) == ("withdrawn", after(minutes=1))
    assert again(written).state == "cancelled"


@pytest.mark.django_db
def test_the_inbox_shows_what_has_reached_this_user_newest_first() -> None:
    dana, omar = builders.user("dana"), builders.user("omar")
    first = notice("first", in_app("Dana", dana.pk))
    notice("not yet", by_email("Omar"), in_app("Dana", dana.pk))
    climbed = notice("climbed", in_app("Omar", omar.pk), by_email("Omar"), in_app("Dana", dana.pk))
    Notice.objects.filter(pk=climbed.pk).update(rung=2)
    acknowledge(notice("answered", in_app("Dana", dana.pk)), by="Dana")
    mail = by_email("Dana") | {"user_id": dana.pk}
    notice("by mail only", mail)
    assert [row.key for row in outbox.open_for(dana.pk)] == ["climbed", first.key]
    assert [row.key for row in outbox.open_for(omar.pk)] == ["climbed"]


@pytest.mark.django_db
def test_the_inbox_is_one_query(django_assert_num_queries) -> None:
    dana, ours = builders.user("dana"), builders.incident()
    for number in range(5):
        notice(str(number), in_app("Dana", dana.pk), incident_id=ours.pk)
    with django_assert_num_queries(1):
        assert {row.incident.number for row in outbox.open_for(dana.pk)} == {ours.number}


@pytest.mark.django_db
def test_the_notices_of_an_incident_in_the_order_written(django_assert_num_queries) -> None:
    ours = builders.incident()
    keys = [notice(key, by_email("Dana"), incident_id=ours.pk).key for key in "cab"]
    with django_assert_num_queries(2):
        assert [(row.key, list(row.tries.all())) for row in outbox.for_incident(ours.pk)] == [(key, []) for key in keys]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "index"),
    [
        (lambda: Notice.objects.due(NOW).order_by("due_at")[:50], "notice_due"),
        (lambda: Notice.objects.filter(trouble_at__lte=NOW).order_by("trouble_at", "id")[:50], "notice_trouble"),
        (lambda: Notice.objects.in_inbox_of(7), "notice_inbox"),
    ],
)
def test_the_partial_indexes_are_used(query, index: str) -> None:
    with transaction.atomic():
        ladder = [in_app("Dana", 3)]
        rows = [draft(str(number), *ladder) for number in range(3000)]
        outbox.enqueue_many(rows, now=after(days=1))
        Notice.objects.filter(key="5").update(due_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notices_notice")
    assert index in query().explain()
