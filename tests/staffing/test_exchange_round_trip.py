"""What is taken out can be brought back unchanged, in both forms and both languages, whatever people are called."""

import itertools
from contextlib import contextmanager
from datetime import time, timedelta

import openpyxl
import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from staffing.exchange import tables, texts, times, writing
from staffing.models import Contact, Department, Person, Post, Shift
from tests import rosters
from tests.sheets import NOW, local

FORMS = list(itertools.product(("xlsx", "csv"), ("zh-hans", "en")))
IN_A_TEST = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # noqa: RUF001
# Anything a person may be called, the strangest first: no control characters, which are refused, and no loose halves.
words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(texts.squash)
nasty = st.one_of(
    words,
    st.sampled_from(["=1+1", "+86", "-", "@x", "'=1+1", "''@", '"', "a,b", "a;b", "ｆｕｌｌ", "1e5", "0012",
                     "2026-12-15", "TRUE", "null", "None", "𠮷野家", "a\u2028b", "مرحبا", "😀", "是",
                     "_x0041_", "'", "=" * 40]),
)  # fmt: skip


@contextmanager
def for_a_while():
    """What is done inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def come_back(site, kind, make):
    """Every row of the table is the same when it comes back."""
    for form, language in FORMS:
        with translation.override(language):
            source = writing.as_bytes(make(), form, kind)
            found = tables.look(source, site=site, kind=kind, now=NOW)
        wrong = [(row.cells, row.problems, row.changes) for row in found.rows if row.outcome != "same"]
        assert not wrong, (form, language)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("'=x")
@example("''''\t")
def test_an_escaped_cell_is_no_formula_and_comes_back(text):
    cell = texts.escaped(text)
    assert not cell.startswith(DANGEROUS)
    if "\ufffd" not in cell:
        assert texts.unescaped(cell) == text


@pytest.mark.django_db
@IN_A_TEST
@given(names=st.lists(nasty, min_size=1, max_size=6, unique_by=lambda one: texts.squash(one)),
       numbers=st.lists(nasty, min_size=6, max_size=6, unique_by=lambda one: texts.fold(one)))  # fmt: skip
def test_people_with_nasty_names(callcentre, names, numbers):
    with for_a_while():
        Person.objects.filter(site=callcentre).delete()
        department = Department.objects.create(site=callcentre, key="d", zh=numbers[0], en="")
        rows = [
            Person(site=callcentre, name=name, number=number[:40] if place % 2 else "", reserve="reserve",
                   is_active=bool(place % 3), language="en", department=department)
            for place, (name, number) in enumerate(zip(names, numbers, strict=False))
        ]  # fmt: skip
        Person.objects.bulk_create(rows)
        come_back(callcentre, "people", lambda: writing.people(callcentre, NOW))


@pytest.mark.django_db
@IN_A_TEST
@given(names=st.lists(nasty, min_size=1, max_size=4, unique_by=lambda one: texts.squash(one)),
       digits=st.integers(0, 10**11 - 1), order=st.integers(1, 99))  # fmt: skip
def test_contacts_of_people_with_nasty_names(callcentre, names, digits, order):
    with for_a_while():
        Person.objects.filter(site=callcentre).delete()
        for place, name in enumerate(names):
            person = Person.objects.create(site=callcentre, name=name)
            number = f"{digits:011}"
            ways = [
                ("phone", f"+86 {number}"),
                ("office", number[:8]),
                ("email", f"a{place}@example.invalid"),
                ("in_app", ""),
            ]
            for channel, address in ways:
                Contact.objects.create(person=person, channel=channel, address=address, order=order,
                                       from_time=time(8), to_time=time(0, 30))  # fmt: skip
        come_back(callcentre, "contacts", lambda: writing.contacts(callcentre, NOW, whole=True))


@pytest.mark.django_db
@IN_A_TEST
@given(names=st.lists(nasty, min_size=2, max_size=2, unique_by=lambda one: texts.fold(one)), note=nasty,
       minutes=st.integers(0, 60 * 24 * 40), length=st.integers(1, 24 * 60), standby=st.booleans())  # fmt: skip
def test_shifts_on_posts_with_nasty_names(callcentre, names, note, minutes, length, standby):
    with for_a_while():
        post = Post.objects.create(site=callcentre, key="odd", zh=names[0], en=names[1])
        kind = rosters.kind(callcentre, "odd", names[0][:20])
        start = local("2026-12-02") + timedelta(minutes=minutes)
        who = rosters.person(callcentre, "示例班长I")
        Shift.objects.create(post=post, person=who, kind=kind, starts_at=start, note=note, standby=standby,
                             ends_at=start + timedelta(minutes=length), is_override=not standby)  # fmt: skip
        span = (start - timedelta(days=1), start + timedelta(days=2))
        come_back(callcentre, "shifts", lambda: writing.roster(callcentre, NOW, span))


@pytest.mark.django_db
def test_the_demo_comes_back(callcentre):
    rosters.kind(callcentre)
    come_back(callcentre, "people", lambda: writing.people(callcentre, NOW))
    come_back(callcentre, "contacts", lambda: writing.contacts(callcentre, NOW, whole=True))


@pytest.mark.django_db
def test_masked_numbers_are_no_contacts(callcentre):
    source = writing.as_bytes(writing.contacts(callcentre, NOW, whole=False), "csv", "x")
    assert b"000-0000-0001" not in source
    found = tables.look(source, site=callcentre, kind="contacts", now=NOW)
    assert found.counts["refused"] == 22
    assert "打了码" in found.rows[-1].problems[0][1]


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "language"), FORMS)
@pytest.mark.parametrize("kind", writing.KINDS)
def test_every_template_reads_and_its_sample_is_refused(callcentre, kind, form, language):
    with translation.override(language):
        source = writing.as_bytes(writing.sample(callcentre, kind, NOW), form, kind)
        found = tables.look(source, site=callcentre, kind=kind, now=NOW)
    assert [row.outcome for row in found.rows] == ["refused"]
    assert len(found.rows[0].problems) == 1


@pytest.mark.django_db
def test_cells_of_a_workbook_are_text(callcentre, tmp_path):
    """A telephone number keeps its zeros, and nothing is worked out."""
    person = rosters.person(callcentre, "=HYPERLINK(1)")
    Contact.objects.create(person=person, channel="phone", address="00000000001")
    path = tmp_path / "contacts.xlsx"
    path.write_bytes(writing.as_bytes(writing.contacts(callcentre, NOW, whole=True), "xlsx", "x"))
    cells = {cell.value: cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row}
    assert {cell.data_type for cell in cells.values() if cell.value} == {"s"}
    assert cells["00000000001"].number_format == "@"
    assert "'=HYPERLINK(1)" in cells


@pytest.mark.django_db
def test_the_shifts_of_some_days_are_those_that_touch_them(callcentre):
    post, who = rosters.post(callcentre, "agent"), rosters.person(callcentre, "示例座席J")
    starts = [local("2026-12-14T20:00"), local("2026-12-15T20:00"), local("2026-12-17")]
    for start in starts:
        rosters.shift(post, who, start)
    gone = rosters.shift(post, who, local("2026-12-15T08:00"))
    Shift.objects.filter(pk=gone.pk).update(removed_at=NOW)
    found = writing.roster(callcentre, NOW, (local("2026-12-15"), local("2026-12-17")))
    assert [row[5] for row in found] == [times.shown(start) for start in starts[:2]]
