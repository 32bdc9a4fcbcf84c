"""The plans and the demo people as rows: loaded once, put back in no time after a test that commits."""

from pathlib import Path

from auditlog.context import disable_auditlog
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

ROOT = Path(__file__).resolve().parent.parent
APART = frozenset({"django_migrations"})
# Django puts these back itself, under other ids: but a web process that goes on remembers the old ones.
RENUMBERED = ("auth_permission", "django_content_type")
PUBLISHED = "playbooks_planversion"  # once its row says so, nothing can be added to it
EMPTY = 21  # bytes of a binary COPY without a row
_rows: dict[str, bytes] = {}


def load() -> None:
    """As `make run` loads them; unaudited, which takes a third less."""
    with disable_auditlog():
        call_command("load_plans", verbosity=0, dir=ROOT / "fixtures" / "plans")
        call_command("load_demo", without_rosters=True, verbosity=0)


def keep() -> None:
    """Remember every row there is."""
    with connection.cursor() as cursor:
        for table in set(connection.introspection.django_table_names(only_existing=True)) - APART:
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as out:
                rows = b"".join(out)
            if len(rows) > EMPTY:
                _rows[table] = rows


def put_back() -> None:
    """Write them again without the triggers that check keys, so in any order: but a plan is published last."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in RENUMBERED:
            cursor.execute(f'DELETE FROM "{table}"')
        for table in sorted(_rows, key=PUBLISHED.__eq__):
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as into:
                into.write(_rows[table])
        cursor.execute("SET LOCAL session_replication_role = origin")
    ContentType.objects.clear_cache()
