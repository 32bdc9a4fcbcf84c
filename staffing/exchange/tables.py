"""What the pages ask for: look at a file, carry it out, write a table out."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, models, transaction
from import_export.exceptions import ImportError

from staffing.exchange import files, recording, workbooks
from staffing.exchange.columns import Column
from staffing.exchange.contacts import ContactsResource
from staffing.exchange.files import Sheet
from staffing.exchange.people import PeopleResource
from staffing.exchange.resources import Judged, SheetResource
from staffing.exchange.shifts import ShiftsResource
from staffing.models import Person, Site, User

RESOURCES: Mapping[str, type[SheetResource]] = {
    "people": PeopleResource,
    "contacts": ContactsResource,
    "shifts": ShiftsResource,
}


class WorldChangedError(Exception):
    """Between looking and importing something changed that makes a difference; nothing was written."""


@dataclass(frozen=True)
class Preview:
    """What a file would do now. `mark` tells two previews apart that would not do the same."""

    kind: str
    sheet: Sheet
    rows: tuple[Judged, ...]
    mark: str

    @property
    def counts(self) -> Mapping[str, int]:
        """Outcome -> number of rows."""
        return {"new": 0, "changed": 0, "same": 0, "refused": 0} | Counter(row.outcome for row in self.rows)

    @property
    def may_import(self) -> bool:
        """Whether there is something to do and nothing is wrong: all or nothing."""
        counts = self.counts
        return not counts["refused"] and bool(counts["new"] or counts["changed"])


def columns(kind: str) -> Mapping[str, Column]:
    """Key -> column of a kind of table, in the order in which they stand."""
    resource = RESOURCES[kind]
    return {key: resource.fields[key] for key in resource._meta.fields}


def read(source: bytes) -> Sheet:
    """The table in a file, whatever its name says. Raises UnreadableError."""
    files.check_size(len(source))
    files.check_type(source)
    return workbooks.read(source) if files.is_workbook(source) else files.read_text(source)


def look(source: bytes, *, site: Site, kind: str, now: datetime) -> Preview:
    """Say of every row what it would do; writes nothing. Raises UnreadableError."""
    sheet = read(source)
    resource = RESOURCES[kind](site, now)
    resource.dataset(sheet)
    resource.judge()
    return _preview(kind, sheet, resource)


def carry_out(source: bytes, *, site: Site, kind: str, actor: User, now: datetime, mark: str) -> Preview:
    """Do all of it, in the caller's transaction. Raises WorldChangedError, UnreadableError; then the caller rolls back.

    The rows are judged again behind locks, so that two imports, or an import and a hand at the roster, do not mix.
    """
    sheet = read(source)
    resource = RESOURCES[kind](site, now)
    _lock(site)
    dataset = resource.dataset(sheet)
    resource.judge()
    preview = _preview(kind, sheet, resource)
    if preview.mark != mark or not preview.may_import:
        raise WorldChangedError
    try:
        with transaction.atomic():
            resource.import_data(dataset, dry_run=False, raise_errors=True, use_transactions=False)
            recording.record(resource.model, resource.rows, actor)
    except ImportError as error:
        if isinstance(error.error, IntegrityError):  # a hand was faster where no lock reaches
            raise WorldChangedError from error
        raise
    return preview


def _lock(site: Site) -> None:
    """The site, so that one import follows another; then its people by id, as whoever plans a shift locks them."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    people = Person.objects.select_for_update(no_key=True).filter(site=site).order_by("pk")
    list(people.values_list("pk", flat=True))


def _preview(kind: str, sheet: Sheet, resource: SheetResource) -> Preview:
    return Preview(kind, sheet, tuple(resource.rows), _mark(resource.rows))


def _mark(rows: Iterable[Judged]) -> str:
    """A digest of what the rows would do, and to what."""
    digest = hashlib.sha256()
    for row in rows:
        place = row.instance.pk if row.exists else None
        changes = [
            (one.attribute, _raw(row.instance, one.attribute), _plain(row.wanted[one.attribute])) for one in row.changes
        ]
        digest.update(repr((row.number, row.outcome, place, changes)).encode())
    return digest.hexdigest()[:32]


def _raw(instance: models.Model, attribute: str) -> str:
    return _plain(getattr(instance, attribute))


def _plain(value: object) -> str:
    """The same in every language."""
    return str(value.pk) if isinstance(value, models.Model) else str(value)
