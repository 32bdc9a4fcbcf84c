"""Where the console listens and which names it answers to."""

import pytest

from console import names


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    for name in ("HOST", "PORT", "ALLOWED_HOSTS", "BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(names.socket, "gethostname", lambda: "desk-7")
    addresses = [(0, 0, 0, "", ("192.0.2.7", 0)), (0, 0, 0, "", ("2001:db8::7", 0, 0, 0))]
    monkeypatch.setattr(names.socket, "getaddrinfo", lambda *_, **__: addresses)


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80.5", "８０８０x"])
def test_a_port_that_is_none_is_one_sentence(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(SystemExit) as end:
        names.port("PORT", 8000)
    assert "PORT" in str(end.value)


def test_on_this_machine_alone():
    assert names.allowed() == ["localhost", "127.0.0.1", "[::1]"]
    assert names.base_url() == "http://127.0.0.1:8000"


def test_open_to_the_network_it_answers_to_its_own_names(monkeypatch):
    monkeypatch.setenv("HOST", "0.0.0.0")
    assert names.allowed() == ["localhost", "127.0.0.1", "[::1]", "desk-7", "192.0.2.7", "[2001:db8::7]"]
    assert names.base_url() == "http://desk-7:8000"


def test_names_that_are_given_are_the_only_ones(monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", "console.example, backup.example")
    monkeypatch.setenv("BASE_URL", "https://console.example/")
    assert names.allowed() == ["console.example", "backup.example"]
    assert names.base_url() == "https://console.example"
