"""The demo's rosters: laid around today the first time, extended later; what somebody changed stays changed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from staffing import demo
from staffing.models import Absence, Department, Need, Person, Post, Rotation, Shift, ShiftKind, Site, User

ZONE = ZoneInfo(settings.TIME_ZONE)
BEFORE, AFTER = timedelta(weeks=1), timedelta(weeks=5)  # laid around the Monday of this week
DAY = timedelta(days=1)
STANDS_IN = timedelta(hours=8)
OFF = "off"


def load(rosters: Mapping[str, Any], *, now: datetime) -> None:
    """Add what is missing of people, posts' settings, shifts of the day, needs and rotations, in one transaction.

    A rotation is laid once for each post, up to five weeks ahead of its last shift. `now:` names the account that has
    the present shift, so that whoever tries the demo is on duty.
    """
    with transaction.atomic():
        for site in Site.objects.filter(key__in=list(rosters["sites"])).order_by("pk"):
            _Roster(site, rosters["sites"][site.key], now).load()


class _Roster:
    """One site's."""

    def __init__(self, site: Site, row: Mapping[str, Any], now: datetime) -> None:
        self.site, self.row, self.now = site, row, now
        self.today = now.astimezone(ZONE).date()
        self.posts = {post.key: post for post in Post.objects.filter(site=site)}
        self.people = {
            person.name: person for person in Person.objects.filter(site=site).select_related("user").order_by("-pk")
        }

    def load(self) -> None:
        is_new = not ShiftKind.objects.filter(site=self.site).exists()
        if is_new:
            self._settings()
            self._logins()
        self._people()
        self.kinds = {kind.key: kind for kind in map(self._kind, self.row["kinds"])}
        if is_new:
            self._needs()
        for rota in self.row["rotations"]:
            self._lay(rota, is_new=is_new)
        if is_new:
            self._leave()
            self._tear_a_gap()

    def _settings(self) -> None:
        self.site.duty_phone = self.row["duty_phone"]
        self.site.follow_minutes = self.row.get("follow_minutes")
        self.site.save(update_fields=["duty_phone", "follow_minutes"])
        for key, values in self.row.get("posts", {}).items():
            for name, value in values.items():
                setattr(self.posts[key], name, value)
            self.posts[key].save(update_fields=list(values))
        for row in self.row.get("departments", ()):
            values = {name: value for name, value in row.items() if name not in ("key", "posts")}
            made, _ = Department.objects.get_or_create(site=self.site, key=row["key"], defaults=values)
            Post.objects.filter(site=self.site, key__in=row["posts"]).update(department=made)

    def _people(self) -> None:
        for row in self.row.get("people", ()):
            for who in _each(row):
                if who["name"] not in self.people:
                    values = {"name": who["name"], "reserve": who.get("reserve", "")}
                    self.people[who["name"]] = person = Person.objects.create(site=self.site, **values)
                    demo.contacts(person, who)

    def _logins(self) -> None:
        """Somebody to hand the shift over to."""
        for name, username in self.row.get("logins", {}).items():
            Person.objects.filter(site=self.site, name=name, user=None).update(
                user=User.objects.filter(username=username).first()
            )

    def _kind(self, row: Mapping[str, Any]) -> ShiftKind:
        values = {name: value for name, value in row.items() if name != "key"}
        values |= {name: time.fromisoformat(row[name]) for name in ("starts", "ends")}
        made, _ = ShiftKind.objects.get_or_create(
            site=self.site, key=row["key"], defaults={**values, "order": 9 if row.get("standby") else 1}
        )
        return made

    def _needs(self) -> None:
        for row in self.row["needs"]:
            for kind in row["kinds"]:
                values = {"count": row.get("count", 1), "workdays_only": row.get("workdays_only", False)}
                Need.objects.get_or_create(post=self.posts[row["post"]], kind=self.kinds[kind], defaults=values)

    def _lay(self, rota: Mapping[str, Any], *, is_new: bool) -> None:
        """Lay the rotation for the weeks around today, or for those that have come since."""
        people = self._crew(rota["people"])
        post, pattern = self.posts[rota["post"]], rota["pattern"]
        monday = self.today - self.today.weekday() * DAY
        if is_new:
            first = monday - BEFORE
            first_on = self._turn(rota, first)
        else:
            old = Rotation.objects.filter(post=post, people=[person.pk for person in people]).order_by("-until").first()
            if old is None:
                return
            first_on, first = old.starts_on, old.until + DAY
        last = monday + AFTER - DAY
        if first <= last:
            made = [key if key != OFF else "" for key in pattern]
            Rotation.objects.create(
                post=post, people=[person.pk for person in people], pattern=made, starts_on=first_on, until=last
            )
            self._shifts(post, people, made, first_on=first_on, first=first, last=last)
        self._stand_in(rota, post)

    def _crew(self, named: str | Sequence[str]) -> list[Person]:
        if isinstance(named, str):
            found = [person for name, person in self.people.items() if name.startswith(named)]
            return sorted(found, key=lambda person: person.pk)
        return [self.people[name] for name in named]

    def _turn(self, rota: Mapping[str, Any], first: date) -> date:
        """The day from which the rotation counts: so that the first of the people works the present shift today."""
        if "now" not in rota:
            return first
        pattern = rota["pattern"]
        for place, key in enumerate(pattern):
            if key != OFF and _is_within(self.now, _span(self.kinds[key], self.today)):
                return first - (place - (self.today - first).days) % len(pattern) * DAY
        return first

    def _shifts(
        self, post: Post, people: Sequence[Person], pattern: Sequence[str], *, first_on: date, first: date, last: date
    ) -> None:
        rows = []
        for number in range((last - first).days + 1):
            day = first + number * DAY
            for place, person in enumerate(people):
                key = pattern[((day - first_on).days + place) % len(pattern)]
                if key:
                    starts_at, ends_at = _span(self.kinds[key], day)
                    rows.append(
                        Shift(
                            post=post, person=person, kind=self.kinds[key], starts_at=starts_at, ends_at=ends_at,
                            standby=self.kinds[key].standby, source=Shift.Source.ROTATION, changed_at=self.now,
                        )
                    )  # fmt: skip
        Shift.objects.bulk_create(rows, ignore_conflicts=True)

    def _stand_in(self, rota: Mapping[str, Any], post: Post) -> None:
        """Whoever tries the demo on a later day is on duty too."""
        person = next((one for one in self.people.values() if one.user and one.user.username == rota.get("now")), None)
        if person is None:
            return
        on_now = Shift.objects.filter(post=post, person=person, starts_at__lte=self.now, ends_at__gt=self.now)
        if not on_now.filter(removed_at=None).exists():
            starts_at = self.now.replace(minute=0, second=0, microsecond=0)
            taken = Shift.objects.filter(
                post=post, person=person, removed_at=None, starts_at__gte=starts_at
            ).order_by("starts_at").values_list("starts_at", flat=True).first()  # fmt: skip
            ends_at = min(starts_at + STANDS_IN, taken or starts_at + STANDS_IN)
            if ends_at > self.now:
                Shift.objects.create(
                    post=post, person=person, starts_at=self.now, ends_at=ends_at, is_override=True,
                    changed_at=self.now, note="示例顶班",
                )  # fmt: skip

    def _leave(self) -> None:
        for row in self.row.get("leave", ()):
            starts_at = datetime.combine(self.today + row["days_ahead"] * DAY, time(), ZONE)
            Absence.objects.create(
                person=self.people[row["name"]], starts_at=starts_at, ends_at=starts_at + row["days"] * DAY,
                reason=row["reason"],
            )  # fmt: skip

    def _tear_a_gap(self) -> None:
        gap = self.row.get("gap")
        if gap:
            starts_at, _ends_at = _span(self.kinds[gap["kind"]], self.today + gap["days_ahead"] * DAY)
            Shift.objects.filter(post=self.posts[gap["post"]], starts_at=starts_at).update(removed_at=self.now)


def _each(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One person, or a numbered row of them with numbered telephones and addresses."""
    if "name" in row:
        return [dict(row)]
    number, (name, domain) = int(row["phone"][-4:]), row["email"].split("@")
    return [
        {**row, "name": f"{row['names']}{place}", "phone": f"{row['phone'][:-4]}{number + place:04d}",
         "email": f"{name}{place}@{domain}"}
        for place in range(1, row["count"] + 1)
    ]  # fmt: skip


def _span(kind: ShiftKind, day: date) -> tuple[datetime, datetime]:
    starts_at = datetime.combine(day, kind.starts, ZONE)
    ends_at = datetime.combine(day, kind.ends, ZONE)
    return starts_at, ends_at if ends_at > starts_at else ends_at + DAY


def _is_within(moment: datetime, span: tuple[datetime, datetime]) -> bool:
    return span[0] <= moment < span[1]
