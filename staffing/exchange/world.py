"""What a site knows when a file is compared with it: its people, posts, departments and kinds of shift, read once."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from django.utils.translation import gettext as _

from staffing.exchange import texts
from staffing.models import Department, Person, Post, ShiftKind, Site


class Worded(Protocol):
    """Anything with a key, a Chinese and an English name."""

    key: str
    zh: str
    en: str


N = TypeVar("N", bound=Worded)


class Names(Generic[N]):
    """Things by any of their names."""

    def __init__(self, things: Iterable[N], also: Callable[[N], Sequence[str]] = lambda thing: ()) -> None:
        self.things = list(things)
        self._writings = [(thing, (thing.zh, thing.en, *also(thing))) for thing in self.things]
        self._by_name: dict[str, list[N]] = {}
        for thing, writings in self._writings:
            for word in {texts.fold(word) for word in writings if word}:
                self._by_name.setdefault(word, []).append(thing)

    def find(self, word: str, unknown: str, ambiguous: str) -> N:
        """The thing of that name. Raises ValueError with one of the sentences, which may hold a %s for the word."""
        found = self._by_name.get(texts.fold(word), [])
        exact = [thing for thing in found if word in (thing.zh, thing.en)] or found
        if len(exact) == 1:
            return exact[0]
        if exact:
            raise ValueError(ambiguous % word)
        close = texts.meant(word, [(texts.pick(thing.zh, thing.en), writings) for thing, writings in self._writings])
        hint = _("应为“%s”？") % close if close else _("可填：%s。") % self.some()
        raise ValueError(_("%(unknown)s，%(hint)s") % {"unknown": unknown % word, "hint": hint})

    def writing(self, thing: N) -> str:
        """The name by which `find` finds the thing again: in the reader's language, its key where that is not sure."""
        name = texts.pick(thing.zh, thing.en)
        alike = [one for one in self.things if name in (one.zh, one.en)]
        return name if alike == [thing] else thing.key

    def some(self, count: int = 6) -> str:
        """The first few names."""
        shown = [texts.pick(thing.zh, thing.en) for thing in self.things]
        return _("、").join(shown[:count]) + ("…" if len(shown) > count else "") if shown else _("（还没有）")


class People:
    """The people of a site by number and by name."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.all = people
        self._by_number: dict[str, list[Person]] = {}
        self._by_name: dict[str, list[Person]] = {}
        for person in people:
            if person.number:
                self._by_number.setdefault(plain_number(person.number), []).append(person)
            self._by_name.setdefault(texts.squash(person.name), []).append(person)

    def numbered(self, number: str) -> Person | None:
        """Whoever has the number, however wide its digits are."""
        found = self._by_number.get(plain_number(number), [])
        exact = [person for person in found if texts.squash(person.number) == number] or found
        return exact[0] if exact else None

    def named(self, name: str) -> list[Person]:
        """Everybody of that name."""
        return self._by_name.get(name, [])

    def find(self, number: str, name: str) -> Person:
        """The person by number, else by name. Raises ValueError where nobody or several could be meant."""
        if number:
            return self._numbered(number, name)
        found = self.named(name)
        if not found:
            close = texts.meant(name, [(person.name, (person.name,)) for person in self.all])
            hint = _("应为“%s”？") % close if close else _("请先导入人员。")
            raise ValueError(_("本站没有“%(name)s”，%(hint)s") % {"name": name, "hint": hint})
        if len(found) > 1:
            raise ValueError(_("本站有 %(count)d 位“%(name)s”，请填工号。") % {"count": len(found), "name": name})
        return found[0]

    def _numbered(self, number: str, name: str) -> Person:
        person = self.numbered(number)
        if person is None:
            raise ValueError(_("本站没有工号“%s”。") % number)
        if name and texts.squash(person.name) != name:
            raise ValueError(
                _("工号 %(number)s 是“%(known)s”，不是“%(name)s”。")
                % {"number": number, "known": person.name, "name": name}
            )
        return person


class World:
    """A site as it is now; four queries."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.people = People(list(Person.objects.filter(site=site).select_related("department").order_by("pk")))
        self.departments = Names(Department.objects.filter(site=site).order_by("pk"), lambda one: (one.key,))
        self.posts = Names(
            Post.objects.filter(site=site).select_related("site").order_by("pk"), lambda one: (one.key, *one.aliases)
        )
        self.kinds = Names(ShiftKind.objects.filter(site=site).order_by("order", "pk"), lambda one: (one.key,))


def plain_number(number: str) -> str:
    """A staff number without the difference of full-width and half-width digits."""
    return texts.squash(unicodedata.normalize("NFKC", number))
