"""`make run`: the whole console comes up, says where it is, mends itself, and leaves nothing behind."""

import http.client
import os
import re
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from console import engines, processes
from console.management.commands import prepare, up
from tests.ami_server import FakeAsterisk

ROOT = Path(__file__).resolve().parents[2]
GREETING = "Ctrl-C stops it."

real = pytest.mark.processes


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def read_until(child, text, seconds=60):
    """Return what a command says up to a text; it is killed when that takes too long."""
    watch = threading.Timer(seconds, child.kill)
    watch.start()
    said = ""
    try:
        while text not in said:
            line = child.stdout.readline()
            assert line, f"ended before saying {text!r}:\n{said}"
            said += line
    finally:
        watch.cancel()
    return said


def health(port):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def words(pid):
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@real
def test_comes_up_refuses_a_second_mends_a_death_and_stops_clean(home, port, wait_until):
    console = home.start("manage.py", "up", PORT=port)
    said = read_until(console, GREETING)
    assert f"http://127.0.0.1:{port}/" in said
    assert "omar-demo" in said
    assert health(port) == 200

    second = home.run("manage.py", "up", PORT=port)
    assert second.returncode == 1
    assert second.stderr == f"The console is up already: process {console.pid}, http://127.0.0.1:{port}/.\n"

    running = children(console.pid)
    beat = next(pid for pid in running if "beat" in words(pid))
    os.kill(beat, signal.SIGKILL)
    read_until(console, "!! beat ended (code -9); starting it again in 0.5 s")
    wait_until(lambda: any("beat" in words(pid) for pid in children(console.pid) if pid != beat))

    begun = time.monotonic()
    console.send_signal(signal.SIGINT)
    rest, _ = console.communicate(timeout=20)
    assert console.returncode == 0, rest
    assert time.monotonic() - begun < 8
    assert all(is_gone(pid) for pid in running)
    assert home.is_quiet()
    assert health(port) is None


@real
def test_nothing_outlives_a_killed_up(home, port, wait_until):
    console = home.start("manage.py", "up", "--no-demo", PORT=port)
    said = read_until(console, GREETING)
    assert "first_admin" in said and "omar" not in said
    running = children(console.pid)
    running += [below for pid in running for below in children(pid)]
    assert len(running) >= 7
    console.kill()
    console.wait()
    wait_until(lambda: all(is_gone(pid) for pid in running))
    wait_until(home.is_quiet)


@real
def test_an_exchange_is_listened_to_where_one_is_named(home, port, wait_until):
    with FakeAsterisk() as exchange:
        exchange.queue("elsewhere", "a1")
        console = home.start("manage.py", "up", "--no-demo", PORT=port, AMI_URL=exchange.url)
        said = read_until(console, "no queue here is fed from: elsewhere", 120)
        assert f"ami    | connected to console@127.0.0.1:{exchange.port}" in said
        assert exchange.secret not in said
        exchange.drop()
        wait_until(lambda: exchange.logins == 2)
        feed = next(pid for pid in children(console.pid) if "ami_feed" in words(pid))
        os.kill(feed, signal.SIGKILL)
        read_until(console, "!! ami ended (code -9); starting it again in 0.5 s")
        wait_until(lambda: exchange.logins == 3)
        wait_until(lambda: exchange.asked[-1]["Action"] == "QueueStatus")
        begun = time.monotonic()
        console.send_signal(signal.SIGINT)
        rest, _ = console.communicate(timeout=20)
    assert console.returncode == 0, rest
    assert "ami    | stopped" in rest
    assert time.monotonic() - begun < 8
    assert home.is_quiet()


@real
def test_a_busy_port_is_one_sentence(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = home.run("manage.py", "up", PORT=str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"127.0.0.1 port {port} cannot be used (Address already in use): stop the program that holds it, "
        f"or choose another with PORT={port + 1} make run.\n"
    )


def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_containers_run_the_processes_that_up_runs():
    commands = {name: service.get("command") for name, service in compose().items()}
    assert commands["prepare"] == ["python", "manage.py", "prepare"]
    every = {*processes.NAMES, processes.FEED}
    for name in every:
        assert commands[name] == ["python", "manage.py", "serve", name]
    assert set(commands) - {"prepare", "postgres", "valkey"} == every
    assert 'CMD ["python", "manage.py", "serve", "web"]' in (ROOT / "Dockerfile").read_text()
    assert compose()[processes.FEED]["profiles"] == ["exchange"]  # only where there is an exchange to listen to
    waits = {name for name, service in compose().items() if "prepare" in service.get("depends_on", {})}
    assert waits == every


@real
def test_the_containers_commands_work_on_servers_given_by_address(make_home, port, wait_until):
    servers, home = make_home("servers"), make_home("container")
    held = engines.hold(servers.path, ["postgres", "valkey"])
    given = {
        "DATABASE_URL": held.urls["postgres"],
        "REDIS_URL": held.urls["valkey"],
        "SECRET_KEY": "given" * 10,
        "PORT": port,
    }
    try:
        prepared = home.run("manage.py", "prepare", **given)
        assert prepared.returncode == 0, prepared.stderr
        commands = [compose()[name]["command"][1:] for name in processes.NAMES]
        running = [home.start(*command, **given) for command in commands]
        wait_until(lambda: health(port) == 200, 30)
        for child, name in zip(running, processes.NAMES, strict=True):
            expected = processes.argv(name, host="127.0.0.1", port=int(port), home=home.path)
            wait_until(lambda pid=child.pid, argv=expected: words(pid)[:-1] == argv)
            assert child.poll() is None
        for child in running:
            child.terminate()
        for child in running:
            child.communicate(timeout=15)
        assert not (home.path / "postgres").exists()
        assert not (home.path / "secrets.json").exists()
    finally:
        held.close()


SUPERVISED = """
import sys
from pathlib import Path
from console import supervisor
supervisor._FIRST_PAUSE_SECONDS = 0.01
argvs = {"web": [sys.executable, "-c", "print('hello'); raise SystemExit(3)"],
         "beat": ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"]}
supervisor._TERM_SECONDS = 0.5
run = supervisor.Supervisor(argvs, Path(sys.argv[1]), lambda: None)
run.start()
run.run(until=lambda: False)
run.stop()
print("failed:", run.failed, "left:", [child.name for child in run.children.values() if child.is_running()])
"""


@real
def test_gives_up_on_a_web_server_that_keeps_dying_and_kills_what_does_not_stop(home):
    (home.path / "logs").mkdir(parents=True)
    done = home.run("-c", SUPERVISED, str(home.path))
    assert len(re.findall(r"!! web ended \(code 3\); starting it again", done.stdout)) == 4
    assert "!! web ended 5 times in a row (code 3); giving up." in done.stdout
    assert "web    | hello\n" in done.stdout
    assert done.stdout.endswith("failed: True left: []\n")
    assert (home.path / "logs" / "web.log").read_text() == "hello\n" * 5


def test_only_this_machine_means_every_name_of_the_console(settings):
    settings.HOST, settings.BASE_URL, settings.ALLOWED_HOSTS = (
        "127.0.0.1",
        "http://localhost:8000",
        ["[::1]", "127.0.0.1"],
    )
    assert up.is_only_local()
    for name, value in (
        ("HOST", "0.0.0.0"),
        ("BASE_URL", "https://console.example.org"),
        ("ALLOWED_HOSTS", ["127.0.0.1", "console.example.org"]),
        ("ALLOWED_HOSTS", ["*"]),
    ):
        before = getattr(settings, name)
        setattr(settings, name, value)
        assert not up.is_only_local(), name
        setattr(settings, name, before)


@pytest.mark.parametrize(("port", "sentence"), [(0, "between 1 and 65535"), (65536, "between 1 and 65535")])
def test_a_port_that_is_none_is_refused(port, sentence):
    with pytest.raises(SystemExit, match=sentence):
        up.check_port("127.0.0.1", port)


def test_an_address_is_shown_as_a_browser_wants_it(settings):
    assert up.address("127.0.0.1", 8000) == "http://127.0.0.1:8000/"
    assert up.address("::1", 8000) == "http://[::1]:8000/"
    for names, shown in (
        (["localhost", "127.0.0.1", "[::1]", "0.0.0.0"], "localhost"),
        (["localhost", "desk.example.org"], "desk.example.org"),
        ([".example.org"], "example.org"),
        (["*"], socket.gethostname()),
    ):
        settings.ALLOWED_HOSTS = names
        assert up.address("0.0.0.0", 8000) == f"http://{shown}:8000/"


@pytest.mark.django_db
def test_the_first_admin_gets_a_password_and_is_made_once(capsys):
    call_command("first_admin", "wang")
    password = capsys.readouterr().out.split("now: ")[1].strip()
    user = get_user_model().objects.get(username="wang")
    assert user.is_superuser and user.is_staff and user.check_password(password)
    with pytest.raises(CommandError, match="already"):
        call_command("first_admin", "wang")
    call_command("first_admin", "li", "--password", "given by hand")
    assert "given by hand" not in capsys.readouterr().out
    assert get_user_model().objects.get(username="li").check_password("given by hand")


@pytest.mark.django_db
def test_easy_passwords_are_closed_and_chosen_ones_kept(bare, settings, tmp_path):
    settings.HOME = tmp_path
    users = get_user_model().objects
    users.create_user(username="omar", password="omar-demo")
    users.create_user(username="dana", password="dana chose this")
    prepare.close_easy_doors()
    assert not users.get(username="omar").check_password("omar-demo")
    assert users.get(username="dana").check_password("dana chose this")


def test_every_process_has_a_command_line():
    for name in (*processes.NAMES, processes.FEED):
        assert processes.argv(name, host="::1", port=1, home=Path("/home"))[0] == sys.executable
    with pytest.raises(ValueError, match="No process is called 'cron'"):
        processes.argv("cron", host="::1", port=1, home=Path("/home"))
