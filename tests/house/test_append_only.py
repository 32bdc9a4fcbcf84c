"""The record stays: rows that nobody may change or take away, and a chain that shows who did it all the same."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from incident import chain, sweep
from incident.models import Duty, Entry, Fact, Incident, LevelDecision, Record, Signature

RESTRICT = "23001"


@pytest.fixture
def incident(report, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    sweep.sweep(now=now + minutes(6))
    return Incident.objects.get(pk=incident.pk)


def refused(act):
    """The database refuses in so many words, and nothing has changed."""
    with pytest.raises(DatabaseError) as found, transaction.atomic():
        act()
    assert getattr(found.value.__cause__, "sqlstate", "") == RESTRICT


def by_sql(statement):
    def run():
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


def written(incident, by, now):
    """One record and one signature."""
    of = {"recorded_at": now, "incident": incident}
    Record.objects.create(form="-", data={"a": "b"}, happened_at=now, by=by, by_name=str(by), **of)
    Signature.objects.create(duty=incident.duties.first(), user=by, name=str(by), at=now, recorded_at=now)


@pytest.mark.parametrize("model", [Entry, Fact, Record, Signature])
def test_entries_facts_records_and_signatures_are_neither_changed_nor_deleted(incident, model, omar, now):
    written(incident, omar, now)
    row, table = model.objects.order_by("id").last(), model._meta.db_table
    refused(row.delete)
    refused(lambda: row.save(force_update=True))
    refused(lambda: model.objects.filter(pk=row.pk).update(recorded_at=now))
    refused(model.objects.filter(pk=row.pk).delete)
    refused(by_sql(f"UPDATE {table} SET recorded_at = now() WHERE id = {row.pk}"))
    refused(by_sql(f"DELETE FROM {table} WHERE id = {row.pk}"))
    refused(by_sql(f"DELETE FROM {table}"))
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("table", ["incident_incident", "incident_duty"])
def test_incidents_and_their_duties_are_never_deleted(incident, table):
    refused(by_sql(f"DELETE FROM {table}"))
    assert Incident.objects.filter(pk=incident.pk).exists()


def test_nor_by_the_models(incident):
    with pytest.raises(DatabaseError), transaction.atomic():
        incident.delete()
    refused(Duty.objects.filter(incident=incident, told=None).first().delete)


def test_nor_is_a_decision(incident, dana, now):
    decision = LevelDecision.objects.create(
        incident=incident, level="general", rank=1, status="confirmed", at=now, recorded_at=now
    )
    refused(decision.delete)
    refused(by_sql("DELETE FROM incident_leveldecision"))


def test_what_was_late_stays_late(incident):
    duty = Duty.objects.filter(incident=incident, late_at__isnull=False).first()
    refused(lambda: Duty.objects.filter(pk=duty.pk).update(late_at=None))
    refused(by_sql(f"UPDATE incident_duty SET late_at = late_at + interval '1 hour' WHERE id = {duty.pk}"))
    Duty.objects.filter(pk=duty.pk).update(holder="another")  # the rest of the row lives on


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE incident_entry SET data = data || \'{"reporter": "-"}\' WHERE number = %(number)s',
        "UPDATE incident_entry SET at = at + interval '1 second' WHERE number = %(number)s",
        "UPDATE incident_entry SET recorded_at = recorded_at - interval '1 second' WHERE number = %(number)s",
        "UPDATE incident_entry SET actor_name = 'X' WHERE number = %(number)s",
        "UPDATE incident_entry SET kind = 'note' WHERE number = %(number)s",
        "UPDATE incident_entry SET hash = md5(hash) WHERE number = %(number)s",
        "DELETE FROM incident_entry WHERE number = %(number)s",
    ],
)
@pytest.mark.parametrize("number", [1, 3, "last"])
def test_tampering_by_the_master_of_the_database_is_found_where_it_was_done(incident, number, change):
    assert chain.broken_at(incident) is None
    number = incident.entries_count if number == "last" else number
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger fires
        cursor.execute(change, {"number": number})
        assert cursor.rowcount == 1
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert chain.broken_at(incident) == number


def test_an_entry_slipped_in_is_found(incident):
    forged = Entry(
        incident=incident, number=incident.entries_count + 1, kind="note", at=incident.reported_at,
        recorded_at=incident.recorded_at, data={"text": "-"}, previous_hash=incident.last_hash,
    )  # fmt: skip
    forged.hash = chain.digest(forged, number=incident.number)
    forged.save()
    assert chain.broken_at(incident) == forged.number


def test_a_last_entry_written_anew_with_its_hash_is_found(incident):
    last = Entry.objects.get(incident=incident, number=incident.entries_count)
    last.data = {"duty": "another"}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE incident_entry SET data = %s, hash = %s WHERE id = %s",
            [json.dumps(last.data), chain.digest(last, number=incident.number), last.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert chain.broken_at(incident) == last.number
