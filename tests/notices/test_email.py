"""E-mail through a real server on loopback: taken, refused, busy, silent, absent."""

import time

import pytest

from notices import compose, delivery, policy
from notices.models import Attempt
from notices.transports import base
from notices.transports import email as email_transport
from tests.notices.builders import DATA, NOW, after, by_email, notice
from tests.notices.conftest import Sink


def message(address: str = "dana@example.org", **more: object) -> base.Message:
    plain: dict[str, object] = {
        "key": "a/0",
        "address": address,
        "person": "王岚",
        "user_id": None,
        "language": "zh-hans",
        "mode": "real",
        "subject": "事件 核心系统故障",
        "text": "正文\n",
        "html": "<p>正文</p>",
        "link": "http://127.0.0.1/a/x/",
    }
    return base.Message(**(plain | more))  # type: ignore[arg-type]


@pytest.fixture
def transport():
    made = email_transport.Email()
    yield made
    made.close()


def test_it_is_taken_as_text_and_simple_html(sink: Sink, transport: email_transport.Email) -> None:
    transport.send(message())
    mail = sink.one()
    assert mail["Subject"] == "事件 核心系统故障"
    assert mail["To"] == "王岚 <dana@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<notices.example.invalid>"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("plain",)).get_content().strip() == "正文"


def test_a_batch_uses_one_connection(sink: Sink, transport: email_transport.Email) -> None:
    for number in range(5):
        transport.send(message(key=f"{number}/0"))
    assert (len(sink.mails), sink.sessions) == (5, 1)


def test_a_connection_the_server_finds_too_long_is_opened_anew(sink: Sink, transport: email_transport.Email) -> None:
    sink.mails_a_session = 2
    for number in range(5):
        transport.send(message(key=f"{number}/0"))
    assert (len(sink.mails), sink.sessions) == (5, 3)


def test_the_same_key_has_the_same_message_id(sink: Sink, transport: email_transport.Email) -> None:
    for key in ("a/0", "a/0", "a/1"):
        transport.send(message(key=key))
    first, again, other = (mail["Message-ID"] for mail in sink.mails)
    assert first == again != other
    assert first.endswith("@example.invalid>")


@pytest.mark.parametrize(("address", "permanent"), [("450-dana@example.org", False), ("550-dana@example.org", True)])
def test_what_the_server_says_decides(
    sink: Sink, transport: email_transport.Email, address: str, permanent: bool
) -> None:
    with pytest.raises(base.TransportError) as caught:
        transport.send(message(address))
    assert (caught.value.permanent, caught.value.channel_down) == (permanent, False)
    assert caught.value.detail == f"{address[:3]} as you asked"
    transport.send(message())
    assert sink.sessions == 1


def test_nobody_listens(nobody_listens: None, transport: email_transport.Email) -> None:
    with pytest.raises(base.TransportError) as caught:
        transport.send(message())
    assert (caught.value.permanent, caught.value.channel_down) == (False, True)


def test_a_server_that_hangs_is_left_in_time(sink: Sink, transport: email_transport.Email, monkeypatch) -> None:
    monkeypatch.setattr(email_transport, "SECONDS", 0.3)
    sink.slow = 2
    started = time.monotonic()
    with pytest.raises(base.TransportError) as caught:
        transport.send(message())
    assert time.monotonic() - started < 1
    assert (caught.value.permanent, caught.value.channel_down) == (False, True)


@pytest.mark.parametrize(
    "address", ["", "dana", "dana@", "a b@example.org", "dana@example.org\r\nBcc: eve@example.org"]
)
def test_what_is_no_address_is_refused_without_asking(transport: email_transport.Email, address: str) -> None:
    with pytest.raises(base.TransportError) as caught:
        transport.send(message(address))
    assert caught.value.permanent


@pytest.mark.parametrize("field", ["subject", "person"])
def test_a_header_never_breaks(sink: Sink, transport: email_transport.Email, field: str) -> None:
    with pytest.raises(base.TransportError) as caught:
        transport.send(message(**{field: "x\r\nBcc: eve@example.org"}))
    assert caught.value.permanent
    assert sink.mails == []


@pytest.mark.django_db(transaction=True)
class TestThroughDelivery:
    def test_a_title_with_line_breaks_goes_out_as_one_line(self, sink: Sink) -> None:
        data = DATA | {"duty_zh": "报告\r\nBcc: eve@example.org\r\n\r\n正文"}
        notice("a", by_email("Dana\nBcc: eve@example.org", address="dana@example.org"), data=data)
        delivery.deliver(now=NOW)
        mail = sink.one()
        assert sink.recipients == ["dana@example.org"]
        assert mail["Bcc"] is None
        assert "Bcc: eve@example.org" in mail["Subject"]

    def test_html_in_a_title_is_text(self, sink: Sink) -> None:
        notice("a", by_email("Dana"), data=DATA | {"duty_zh": "<img src=http://evil.example/x>"})
        delivery.deliver(now=NOW)
        html = sink.one().get_body(("html",)).get_content()
        assert "<img" not in html
        assert "&lt;img" in html

    def test_the_mail_carries_the_link_and_nothing_remote(self, sink: Sink, settings) -> None:
        settings.BASE_URL = "https://console.example"
        written = notice("a", by_email("Dana"))
        delivery.deliver(now=NOW)
        mail = sink.one()
        link = compose.message(written, 0).link
        assert link.startswith("https://console.example/a/")
        for kind in ("plain", "html"):
            assert link in mail.get_body((kind,)).get_content()
        assert "src=" not in mail.get_body(("html",)).get_content()

    def test_everybody_reads_their_own_language(self, sink: Sink) -> None:
        notice("a", by_email("Dana"))
        notice("b", by_email("Eve", language="en"), now=after(seconds=1))
        delivery.deliver(now=after(seconds=2))
        first, second = sorted(sink.mails, key=lambda mail: mail["To"])
        assert first["Subject"].strip() == "INC-261123-01 报告中心经理（11月23日 18:05 前）"
        assert second["Subject"].strip() == "INC-261123-01 Report to the centre manager (by 23 Nov 18:05 Beijing time)"
        assert "确认收到" in first.get_body(("plain",)).get_content()
        assert "Confirm receipt" in second.get_body(("plain",)).get_content()

    def test_accepted_busy_and_refused_take_their_ways(self, sink: Sink) -> None:
        for number, code in enumerate(("", "450-", "550-")):
            notice(code or "fine", by_email(f"P{number}", address=f"{code}p@example.org"), by_email("Omar"))
        delivery.deliver(now=NOW)
        assert sorted(sink.recipients) == ["omar@example.org", "p@example.org"]
        assert sorted(Attempt.objects.values_list("outcome", flat=True)) == [
            "accepted",
            "accepted",
            "failed",
            "refused",
        ]

    def test_nobody_listening_is_tried_again(self, nobody_listens: None) -> None:
        written = notice("a", by_email("Dana"))
        delivery.deliver(now=NOW)
        written.refresh_from_db()
        assert written.state == "queued"
        assert after(seconds=1) < written.due_at < after(seconds=4)
        assert Attempt.objects.get().outcome == "failed"

    def test_a_slow_server_holds_up_nobody_else(self, sink: Sink, monkeypatch) -> None:
        monkeypatch.setattr(email_transport, "SECONDS", 0.3)
        sink.slow = 1
        for number in range(5):
            notice(str(number), by_email("Dana"))
        started = time.monotonic()
        delivery.deliver(now=NOW)
        assert time.monotonic() - started < 1.2
        assert Attempt.objects.filter(outcome="failed").count() == 5

    def test_a_mail_sent_twice_has_the_same_id_over_a_killed_sender(self, sink: Sink, monkeypatch) -> None:
        notice("a", by_email("Dana"))
        with monkeypatch.context() as patch:
            patch.setattr(policy, "tried", _die)
            with pytest.raises(SystemExit):
                delivery.deliver(now=NOW)
        delivery.deliver(now=NOW + delivery.LEASE)
        first, second = sink.mails
        assert first["Message-ID"] == second["Message-ID"]
        assert Attempt.objects.count() == 1


def _die(*args: object) -> policy.Step:
    raise SystemExit("killed")
