"""The timeline from the screen: notes and corrections, each once."""

import pytest

from incident.models import Entry

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def incident(report):
    return report()


def _notes(incident):
    return Entry.objects.filter(incident=incident, kind="note")


def test_a_note(client, omar, incident):
    client.force_login(omar)
    url = f"/incidents/{incident.number}/notes/"
    assert client.post(url, {"text": "现场秩序正常", "key": "a"}, headers=HTMX).status_code == 204
    assert _notes(incident).get().data["text"] == "现场秩序正常"


def test_the_same_note_twice_is_one(client, omar, incident):
    client.force_login(omar)
    for _ in range(2):
        client.post(f"/incidents/{incident.number}/notes/", {"text": "一次", "key": "b"}, headers=HTMX)
    assert _notes(incident).count() == 1


@pytest.mark.parametrize("text", ["", "  ", "长" * 1001])
def test_an_empty_or_endless_note_is_refused(client, omar, incident, text):
    client.force_login(omar)
    answer = client.post(f"/incidents/{incident.number}/notes/", {"text": text, "key": "c"}, headers=HTMX)
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#form-errors"
    assert not _notes(incident).exists()


def test_markup_stays_text(client, omar, incident):
    client.force_login(omar)
    client.post(f"/incidents/{incident.number}/notes/", {"text": "<script>x</script>", "key": "d"})
    assert "<script>x" not in client.get(f"/incidents/{incident.number}/").content.decode()


def test_correct_an_entry(client, omar, incident):
    client.force_login(omar)
    url = f"/incidents/{incident.number}/entries/1/correct/"
    assert "原文保留" in client.get(url, headers=HTMX).content.decode()
    assert client.post(url, {"text": ""}, headers=HTMX).status_code == 422
    assert client.post(url, {"text": "其实是网络故障"}, headers=HTMX).status_code == 204
    assert Entry.objects.get(incident=incident, kind="correction").corrects == 1


def test_an_entry_that_is_not_there(client, omar, incident):
    client.force_login(omar)
    assert client.get(f"/incidents/{incident.number}/entries/999/correct/").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("ada", 403), ("eve", 404)])
def test_who_may(client, request, incident, who, status):
    client.force_login(request.getfixturevalue(who))
    for url in ("notes/", "entries/1/correct/"):
        answer = client.post(f"/incidents/{incident.number}/{url}", {"text": "x"}, headers=HTMX)
        assert answer.status_code == status


def test_a_note_is_no_link(client, omar, incident):
    client.force_login(omar)
    assert client.get(f"/incidents/{incident.number}/notes/").status_code == 405


@pytest.mark.parametrize("before", ["", "x", "-1", "99999999999999999999"])
def test_strange_places_in_the_timeline(client, vera, incident, before):
    client.force_login(vera)
    assert client.get(f"/incidents/{incident.number}/entries/?before={before}").status_code == 200
