"""How many notices a second leave, records included, beside the raw rate of the same mail server.

`python bench/notices.py [COUNT]`: a mail server in a process of its own, a database of its own.
"""

import multiprocessing
import os
import smtplib
import socket
import subprocess
import sys
import time
from pathlib import Path

import django

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from console import engines  # noqa: E402


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PORT = free_port()
engines.attach()
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "console.settings",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_PORT": str(PORT),
    "TEST_DATABASE": "bench_notices",
}
django.setup()

from django.db import connections, transaction  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from notices import delivery, outbox  # noqa: E402
from notices.models import Attempt, Notice  # noqa: E402


def raw(count: int) -> float:
    """Mails a second over one connection, nothing recorded."""
    mail = b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * 40
    with smtplib.SMTP("127.0.0.1", PORT, local_hostname="bench") as server:
        started = time.perf_counter()
        for _ in range(count):
            server.sendmail("a@example.invalid", ["b@example.invalid"], mail)
        return count / (time.perf_counter() - started)


def write(name: str, count: int, channel: str) -> float:
    rung = {"person": "Dana", "user_id": 1, "channel": channel, "address": "dana@example.org", "wait_seconds": 3600}
    data = {"number": "INC-1", "title_zh": "核心系统故障", "duty_zh": "报告中心经理", "due": timezone.now().isoformat()}
    drafts = [
        outbox.Draft(
            key=f"{name}-{number}",
            incident_id=None,
            site_id=1,
            mode="real",
            kind="duty",
            data=data,
            person="Dana",
            ladder=[rung | {"language": "zh-hans"}],
        )
        for number in range(count)
    ]
    started = time.perf_counter()
    with transaction.atomic():
        outbox.enqueue_many(drafts, now=timezone.now())
    return count / (time.perf_counter() - started)


def send_all() -> None:
    while delivery.deliver(now=timezone.now()):
        pass


def delivered(senders: int, count: int) -> float:
    connections.close_all()
    before = Attempt.objects.count()
    connections.close_all()
    started = time.perf_counter()
    workers = [multiprocessing.get_context("fork").Process(target=send_all) for _ in range(senders)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spent = time.perf_counter() - started
    assert Attempt.objects.filter(outcome="accepted").count() == before + count
    assert not Notice.objects.filter(state="queued").exists()
    return count / spent


def main(count: int) -> None:
    sink = subprocess.Popen([sys.executable, HERE / "smtp_sink.py", str(PORT)])
    kept = setup_databases(verbosity=0, interactive=False)
    try:
        print(f"raw SMTP, one connection      {raw(count):8.0f} /s")
        print(f"written to the outbox         {write('one', count, 'email'):8.0f} /s")
        print(f"delivered by mail, 1 sender   {delivered(1, count):8.0f} /s")
        write("two", count, "email")
        print(f"delivered by mail, 2 senders  {delivered(2, count):8.0f} /s")
        write("inside", count, "in_app")
        print(f"delivered in-app, 1 sender    {delivered(1, count):8.0f} /s")
    finally:
        teardown_databases(kept, verbosity=0)
        sink.terminate()
        sink.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
