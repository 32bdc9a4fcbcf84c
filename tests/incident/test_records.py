"""The plan's forms: written from a duty or by themselves, line by line, with what is wrong said beside each field."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command

from incident import clock, items, lifecycle, pages, records, story, work
from incident.models import Duty, Entry, Record
from incident.refusals import Invalid
from playbooks.law import Choice, FactSpec, Form, Item
from tests.laws import bent, duty

FAULT = Form(
    "fault_form", "系统故障情况处理表", "System-fault form",
    items=(
        Item("system", "text", "系统", "System", required=True),
        Item("at", "time", "发生时间", "Time of the event", source="occurred"),
        Item("place", "text", "地点", "Place", source="place"),
        Item("seats", "number", "受影响座席", "Seats", fact="affected_seats"),
        Item("safe", "check", "已确认安全", "Made safe", required=True),
        Item("hold", "date", "保存至", "Keep until", minimum_days=30),
        Item("cause", "choice", "原因", "Cause", choices=(Choice("a", "设备", "Plant"), Choice("b", "人为", "Human"))),
        Item("done", "long", "已做", "Done", source="done"),
    ),
)  # fmt: skip
CALLS = Form(
    "calls", "回访登记", "Call-backs", rows=True, outcome="result",
    items=(
        Item("phone", "phone", "电话", "Telephone", required=True),
        Item("result", "text", "处理结果", "Result"),
    ),
)  # fmt: skip


@pytest.fixture
def playbook(law):
    found = law("HJ-2")
    duties = (
        *found.duties,
        duty("T-form", kind="record", form="fault_form"),
        duty("T-calls", kind="record", form="calls", gate="end"),
    )
    spec = FactSpec("affected_seats", "count", unit="seats", zh="受影响座席", en="Seats affected")
    with bent(found, duties=duties, forms=(FAULT, CALLS), facts=(*found.facts, spec)) as changed:
        yield changed


@pytest.fixture
def incident(playbook, report):
    return report("HJ-2", facts={"scope": "all_applications", "affected_seats": 12})


def opened(incident, rule):
    return Duty.objects.get(incident=incident, rule=rule)


def paths(incident, rule):
    found = opened(incident, rule)
    return f"/incidents/{incident.number}/duties/{found.pk}/", f"/incidents/{incident.number}/duties/{found.pk}/done/"


def values(html):
    """What each input of the dialog holds, as a browser would send it back."""
    found = {}
    for tag in re.findall(r"<input[^>]*>|<textarea.*?</textarea>", html, re.DOTALL):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if not name or ('type="checkbox"' in tag or 'type="radio"' in tag) and "checked" not in tag:
            continue
        found[name[1]] = re.sub(r"^<textarea[^>]*>|</textarea>$", "", tag) if "<textarea" in tag else value[1]
    return found


def test_the_dialog_is_filled_with_what_is_known(client, omar, incident):
    client.force_login(omar)
    show, _ = paths(incident, "T-form")
    sent = values(client.get(show).content.decode())
    assert sent["item-place"] == incident.place
    assert sent["item-seats"] == "12"
    assert sent["item-at"] == f"{incident.occurred_at.astimezone(clock.ZONE):%Y-%m-%d %H:%M}"
    today = clock.wall_now().astimezone(clock.ZONE).date()
    assert sent["item-hold"] == (today + timedelta(days=30)).isoformat()
    assert sent["item-system"] == ""


def test_required_items_are_named_and_nothing_typed_is_lost(client, omar, incident):
    client.force_login(omar)
    _, done = paths(incident, "T-form")
    answer = client.post(
        done, {"do": "finish", "item-place": "三号机房<b>", "happened_at": ""}, headers={"HX-Request": "1"}
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写“系统”" in html
    assert "请填写“已确认安全”" in html
    assert "三号机房&lt;b&gt;" in html
    assert 'aria-invalid="true"' in html
    assert not Record.objects.exists()
    assert opened(incident, "T-form").state == "open"


def test_save_first_and_finish_later_makes_versions(client, omar, dana, incident):
    client.force_login(omar)
    show, done = paths(incident, "T-form")
    sent = values(client.get(show).content.decode())
    assert client.post(done, sent | {"do": "save", "item-system": "坐席系统"}).status_code == 303
    assert opened(incident, "T-form").state == "open"
    client.force_login(dana)
    again = values(client.get(show).content.decode())
    assert again["item-system"] == "坐席系统"
    assert client.post(done, again | {"do": "finish", "item-safe": "yes"}).status_code == 303
    assert opened(incident, "T-form").state == "done"
    first, second = Record.objects.order_by("version")
    assert (first.version, second.version, second.by) == (1, 2, dana)
    assert second.happened_at == first.happened_at
    written = Entry.objects.filter(incident=incident, kind="record_written").order_by("number")
    assert [entry.data["version"] for entry in written] == [1, 2]
    assert "坐席系统" not in json.dumps([entry.data for entry in written], ensure_ascii=False)
    assert written[1].data["sha256"] == items.digest(second.data)


def test_saving_what_stands_already_writes_nothing(client, omar, incident):
    client.force_login(omar)
    show, done = paths(incident, "T-form")
    client.post(done, values(client.get(show).content.decode()) | {"do": "save", "item-system": "坐席系统"})
    client.post(done, values(client.get(show).content.decode()) | {"do": "save"})
    assert Record.objects.count() == 1


def test_a_line_that_somebody_else_changed_is_not_overwritten(client, omar, dana, incident):
    client.force_login(omar)
    show, done = paths(incident, "T-form")
    client.post(done, values(client.get(show).content.decode()) | {"do": "save", "item-system": "一"})
    mine = values(client.get(show).content.decode())
    client.force_login(dana)
    client.post(done, values(client.get(show).content.decode()) | {"do": "save", "item-system": "二"})
    client.force_login(omar)
    answer = client.post(done, mine | {"do": "save", "item-system": "三"}, headers={"HX-Request": "1"})
    assert answer.status_code == 409
    assert str(dana) in answer.content.decode()
    retry = values(answer.content.decode())
    assert retry["item-system"] == "三"
    assert client.post(done, retry | {"do": "save"}).status_code == 303
    assert Record.objects.order_by("version").last().data["system"] == "三"


BAD = [
    ("item-seats", "很多", "请填数字"),
    ("item-seats", "1e99", "超出合理范围"),
    ("item-seats", "-3", "超出合理范围"),
    ("item-seats", "NaN", "超出合理范围"),
    ("item-at", "昨天", "格式填写"),
    ("item-hold", "2026-02-30", "格式填写日期"),
    ("item-hold", "2020-01-01", "至少 30 天"),
    ("item-cause", "c", "从列出的选项中选择"),
    ("item-safe", "maybe", "勾选"),
    ("item-system", "长" * 301, "最多 300 字"),
    ("happened_at", "2099-01-01 10:00", "将来"),
    ("happened_at", "2001-01-01 10:00", "早于"),
]


@pytest.mark.parametrize(("field", "typed", "said"), BAD)
def test_bad_input_is_said_and_writes_nothing(client, omar, incident, field, typed, said):
    client.force_login(omar)
    _, done = paths(incident, "T-form")
    answer = client.post(done, {"do": "save", "item-system": "x", field: typed}, headers={"HX-Request": "1"})
    assert answer.status_code == 422, answer.content.decode()
    assert said in answer.content.decode()
    assert not Record.objects.exists()


def test_control_characters_do_not_reach_the_database(client, omar, incident):
    client.force_login(omar)
    _, done = paths(incident, "T-form")
    assert client.post(done, {"do": "save", "item-system": "坐\x00席\u202e"}).status_code in (303, 400)
    assert all(record.data["system"] == "坐席" for record in Record.objects.all())


def test_a_ledger_is_written_line_by_line_with_its_own_times(client, omar, incident):
    client.force_login(omar)
    show, done = paths(incident, "T-calls")
    earlier = f"{incident.occurred_at.astimezone(clock.ZONE):%Y-%m-%d %H:%M:%S}"
    for place, phone in enumerate(("000-1234-5678", "13800001234")):
        sent = values(client.get(show).content.decode()) | {"item-phone": phone, "do": "save"}
        answer = client.post(done, sent, headers={"HX-Request": "1"})
        assert answer.status_code == 200, answer.content.decode()
        assert f"已记下，共 {place + 1} 行" in answer.content.decode()
    html = client.get(show).content.decode()
    assert "138****1234" in html
    assert "13800001234" not in html
    opened_line = client.get(show, {"row": 2}).content.decode()
    assert values(opened_line)["item-phone"] == "13800001234"  # whoever works sees the line they edit in full
    sent = values(opened_line) | {"item-result": "已回复", "happened_at": earlier, "do": "save"}
    client.post(done, sent)
    newest = records.current(Record.objects.order_by("id"), "calls")
    assert newest[2].version == 2
    assert newest[2].happened_at == incident.occurred_at


def test_a_gate_stays_shut_while_a_line_has_no_outcome(client, omar, incident):
    client.force_login(omar)
    show, done = paths(incident, "T-calls")
    empty = client.post(done, {"do": "finish"}, headers={"HX-Request": "1"})
    assert empty.status_code == 422
    assert "一行也没有" in empty.content.decode()
    client.post(done, values(client.get(show).content.decode()) | {"item-phone": "000-1234-5678", "do": "save"})
    refused = client.post(
        done, values(client.get(show).content.decode()) | {"do": "finish"}, headers={"HX-Request": "1"}
    )
    assert refused.status_code == 422
    assert "第 1（000****5678） 行没有填“处理结果”" in refused.content.decode()
    sent = values(client.get(show, {"row": 1}).content.decode()) | {"item-result": "已回复", "do": "save"}
    client.post(done, sent)
    assert client.post(done, values(client.get(show).content.decode()) | {"do": "finish"}).status_code == 303
    assert opened(incident, "T-calls").state == "done"


def test_the_same_line_sent_twice_is_one_line(client, omar, incident):
    client.force_login(omar)
    show, done = paths(incident, "T-calls")
    sent = values(client.get(show).content.decode()) | {"item-phone": "000-1234-5678", "do": "save"}
    client.post(done, sent)
    client.post(done, sent)
    assert Record.objects.count() == 1


def test_forms_stand_in_the_room_and_are_written_without_a_duty(client, omar, vera, incident):
    client.force_login(omar)
    room = client.get(f"/incidents/{incident.number}/").content.decode()
    assert "系统故障情况处理表" in room
    assert "未开始" in room
    path = f"/incidents/{incident.number}/records/calls/"
    sent = values(client.get(path).content.decode()) | {"item-phone": "13800001234"}
    assert client.post(path, sent).status_code == 303
    client.force_login(vera)
    seen = client.get(path).content.decode()
    assert "138****1234" in seen
    assert "13800001234" not in seen
    assert client.post(path, sent).status_code == 403
    assert client.get(f"/incidents/{incident.number}/records/nothing/").status_code == 404
    assert "1 行" in client.get(f"/incidents/{incident.number}/").content.decode()


def test_records_go_on_after_the_end_until_the_incident_is_closed(client, omar, dana, incident, playbook):
    now = clock.wall_now()
    with bent(playbook, duties=tuple(replace(one, gate=None) for one in playbook.duties)):
        Duty.objects.filter(incident=incident).update(gate="")
        lifecycle.take(incident_id=incident.pk, actor=omar, now=now)
        lifecycle.restore(incident_id=incident.pk, actor=omar, now=now)
        Duty.objects.filter(incident=incident).update(gate="")
        lifecycle.declare_end(incident_id=incident.pk, actor=dana, now=now)
        path = f"/incidents/{incident.number}/records/fault_form/"
        client.force_login(omar)
        assert client.post(path, {"item-system": "坐席系统"}).status_code == 303
        lifecycle.close(incident_id=incident.pk, actor=dana, now=now)
        answer = client.post(path, {"item-system": "又"})
    assert answer.status_code == 409
    assert Record.objects.count() == 1


def test_the_record_of_the_incident_masks_phones(client, omar, incident, capsys):
    client.force_login(omar)
    path = f"/incidents/{incident.number}/records/calls/"
    client.post(path, {"item-phone": "13800001234"})
    call_command("incident", incident.number, "--json")
    said = capsys.readouterr().out
    told = json.loads(said)["records"]
    assert told[0]["data"] == {"phone": "138****1234"}
    assert told[0]["sha256"]
    assert "13800001234" not in said
    printed = client.get(f"/incidents/{incident.number}/print/").content.decode()
    assert "138****1234" in printed
    assert "13800001234" not in printed


def test_a_bare_tick_does_not_finish_a_form(incident, omar, now):
    with pytest.raises(Invalid):
        work.complete(duty_id=opened(incident, "T-form").pk, actor=omar, now=now)


def test_what_a_record_moves_is_a_region_of_the_room():
    assert set(pages.PAGES["room"].regions) >= story.RECORDS
