"""The table of people: one row a person, found by number, else by name."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from staffing.exchange import headers, texts
from staffing.exchange.columns import Choice, Column, Flag, Text
from staffing.exchange.resources import Judged, SheetResource
from staffing.exchange.world import plain_number
from staffing.models import Person

LANGUAGES = (("zh-hans", "中文", "Chinese"), ("en", "英文", "English"))
RESERVES = (("reserve", "候补人员", "Reserve"), ("functional", "职能人员", "Functional staff"))


class PeopleResource(SheetResource):
    """Who there is at a site. Nobody is taken away by a file: who has left is marked so."""

    needed: ClassVar[headers.Needed] = (("name",),)

    number = Column("number", ("工号", "Staff number"), Text(40), also=("编号", "No.", "ID"), sample="9001")
    name = Column("name", ("姓名", "Name"), also=("名字", "人员"), sample=("示例人员甲", "Sample Person A"))
    department = Column("department", ("部门", "Department"), also=("科室", "所属部门"))
    language = Column(
        "language", ("语言", "Language"), Choice(lambda: LANGUAGES), also=("通知语言",), sample=("中文", "English")
    )
    reserve = Column("reserve", ("可召集为", "Called in as"), Choice(lambda: RESERVES), also=("候补",))
    is_active = Column("is_active", ("在职", "Active"), Flag(), also=("状态",), sample=("是", "Yes"))

    model = Person

    class Meta(SheetResource.Meta):
        model = Person
        fields = ("number", "name", "department", "language", "reserve", "is_active")

    def get_queryset(self) -> "QuerySet[Person]":
        return Person.objects.filter(site=self.site).select_related("department").order_by("number", "name", "pk")

    def get_bulk_update_fields(self) -> list[str]:
        return list(self._meta.fields)

    def init_instance(self, row: Mapping[str, Any] | None = None) -> Any:
        person: Any = super().init_instance(row)
        person.site = self.site
        return person

    def dehydrate_department(self, person: Person) -> str:
        """The department in the reader's language."""
        return self.world.departments.writing(person.department) if person.department else ""

    def shown(self, row: Judged, attribute: str, value: Any) -> str:
        if attribute in ("language", "reserve"):
            return str(self.fields[attribute].widget.render(value))
        if attribute == "department" and value is not None:
            return texts.pick(value.zh, value.en)
        return super().shown(row, attribute, value)

    def match(self, rows: Sequence[Judged]) -> None:
        for row in rows:
            self._want(row)
        numbers = self._lines_by_number(rows)
        for row in rows:
            if not row.problems:
                self._find(row, numbers)

    def _want(self, row: Judged) -> None:
        values = row.values
        if not values.get("name") and not any(column == self.fields["name"].title for column, _said in row.problems):
            row.problems.append((self.fields["name"].title, _("请填写姓名。")))
        row.wanted = {key: value for key, value in values.items() if key != "department"}
        for key, otherwise in (("language", "zh-hans"), ("is_active", True)):
            if key in row.wanted and row.wanted[key] in (None, ""):
                row.wanted[key] = otherwise
        if "department" in values:
            self._want_department(row, values["department"])

    def _want_department(self, row: Judged, word: str) -> None:
        try:
            row.wanted["department"] = (
                self.world.departments.find(word, _("部门“%s”不存在"), _("叫“%s”的部门不止一个，请填代号。"))
                if word
                else None
            )
        except ValueError as error:
            row.problems.append((self.fields["department"].title, str(error)))

    def _lines_by_number(self, rows: Sequence[Judged]) -> dict[str, int]:
        """The first row of each number; a later one is refused."""
        first: dict[str, int] = {}
        for row in rows:
            number = plain_number(row.values.get("number", ""))
            if not number:
                continue
            if number in first:
                row.problems.append((self.fields["number"].title, _("工号与第 %d 行相同。") % first[number]))
            first.setdefault(number, row.number)
        return first

    def _find(self, row: Judged, numbers: Mapping[str, int]) -> None:
        """By number; else the one person of that name who has none; else somebody new."""
        number, name = row.values.get("number", ""), row.values["name"]
        person = self.world.people.numbered(number) if number else None
        if person is not None:
            row.instance = person
            if plain_number(person.number) == plain_number(number):
                row.wanted.pop("number", None)
            return
        same = self.world.people.named(name)
        if number:
            same = [person for person in same if not person.number]
        elif "number" in row.values and len(same) == 1 and same[0].number:
            row.wanted.pop("number")  # an empty cell takes nobody's number away: it is how he is known
        if len(same) > 1:
            row.problems.append(
                (
                    self.fields["name"].title,
                    _("本站有 %(count)d 位“%(name)s”，请填工号。") % {"count": len(same), "name": name},
                )
            )
        elif same:
            row.instance = same[0]

    def check(self, rows: Sequence[Judged]) -> None:
        """Nobody twice: not the same person, and not two new ones whom nothing tells apart."""
        seen: dict[tuple[str, Any], int] = {}
        for row in rows:
            if row.problems:
                continue
            number = plain_number(row.values.get("number", ""))
            key = ("id", row.instance.pk) if row.exists else ("new", (number, row.values["name"]))
            if key in seen:
                row.problems.append(
                    (self.fields["name"].title, _("与第 %d 行是同一个人；确有同名的，请填工号。") % seen[key])
                )
            seen.setdefault(key, row.number)
