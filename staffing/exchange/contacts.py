"""The table of contacts: one row a way of reaching somebody."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from staffing import masks
from staffing.exchange import headers, texts
from staffing.exchange.columns import Choice, Clock, Column, Number, Text, check_address
from staffing.exchange.resources import Judged, SheetResource
from staffing.models import Contact

CHANNELS = (
    ("in_app", "站内", "On screen"),
    ("email", "邮件", "Email"),
    ("phone", "手机", "Mobile"),
    ("office", "办公电话", "Office phone"),
)
TELEPHONES = ("phone", "office")
MOST_ORDER = 99


class ContactsResource(SheetResource):
    """How people are reached. A row with the channel and order of a kept one replaces its address."""

    needed: ClassVar[headers.Needed] = (("number", "name"), ("channel",), ("address",))

    number = Column("person__number", ("工号", "Staff number"), Text(40), also=("编号", "No.", "ID"), sample="9001")
    name = Column("person__name", ("姓名", "Name"), also=("名字", "人员"), sample=("示例人员甲", "Sample Person A"))
    channel = Column(
        "channel", ("通道", "Channel"), Choice(lambda: CHANNELS), also=("方式",), sample=("手机", "Mobile")
    )
    address = Column(
        "address", ("地址", "Address"), Text(200), also=("号码", "电话", "邮箱", "Number"), sample="000-0000-9001"
    )
    order = Column("order", ("顺序", "Order"), Number(1, MOST_ORDER), also=("次序",), sample="1")
    from_time = Column("from_time", ("可用时段从", "Available from"), Clock(), also=("从",))
    to_time = Column("to_time", ("可用时段到", "Available until"), Clock(), also=("到",))

    model = Contact

    class Meta(SheetResource.Meta):
        model = Contact
        fields = ("number", "name", "channel", "address", "order", "from_time", "to_time")

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole = whole  # numbers in full; the caller answers for it

    def get_queryset(self) -> "QuerySet[Contact]":
        found = Contact.objects.filter(person__site=self.site).select_related("person")
        return found.order_by("person__number", "person__name", "person_id", "order", "pk")

    def get_bulk_update_fields(self) -> list[str]:
        return ["address", "order", "from_time", "to_time"]

    def dehydrate_address(self, contact: Contact) -> str:
        """Whole, or masked."""
        return contact.address if self.whole else masks.contact(contact.address)

    def shown(self, row: Judged, attribute: str, value: Any) -> str:
        """What is kept is masked here: the file shows only what it brought."""
        if attribute == "address" and value == row.instance.address:
            return masks.contact(value)
        if attribute in ("from_time", "to_time"):
            return f"{value:%H:%M}" if value else _("全天")
        return super().shown(row, attribute, value)

    def match(self, rows: Sequence[Judged]) -> None:
        kept: dict[int, list[Contact]] = defaultdict(list)
        for contact in self.get_queryset():
            kept[contact.person_id].append(contact)
        for row in rows:
            self._want(row)
        found = {row.number: self._same_address(row, kept) for row in rows if not row.problems}
        taken = {contact.pk for contact in found.values() if contact}
        for row in rows:
            if not row.problems:
                row.instance = found[row.number] or self._same_place(row, kept, taken)
                self._fill(row, kept)

    def _want(self, row: Judged) -> None:
        values, broken = row.values, {column for column, _said in row.problems}
        if not broken & {self.fields["number"].title, self.fields["name"].title}:
            self._person(row)
        channel, address = values.get("channel"), values.get("address", "")
        if channel == "" and self.fields["channel"].title not in broken:
            row.problems.append((self.fields["channel"].title, _("请填写通道。")))
        if channel and self.fields["address"].title not in broken:
            try:
                check_address(channel, address)
            except ValueError as error:
                row.problems.append((self.fields["address"].title, str(error)))
        if ("from_time" in values) is ("to_time" in values) and (
            (values.get("from_time") is None) is not (values.get("to_time") is None)
        ):
            row.problems.append((self.fields["from_time"].title, _("可用时段的起止要么都填，要么都不填。")))
        row.wanted = {
            key: values[key] for key in ("channel", "address", "order", "from_time", "to_time") if key in values
        }

    def _person(self, row: Judged) -> None:
        number, name = row.values.get("number", ""), row.values.get("name", "")
        title = self.fields["number" if number else "name"].title
        if not number and not name:
            row.problems.append((title, _("请填写姓名或工号。")))
            return
        try:
            row.values["person"] = self.world.people.find(number, name)
        except ValueError as error:
            row.problems.append((title, str(error)))

    def _same_address(self, row: Judged, kept: Mapping[int, Sequence[Contact]]) -> Contact | None:
        wanted = (row.values["channel"], _essence(row.values["channel"], row.values["address"]))
        for contact in kept[row.values["person"].pk]:
            if (contact.channel, _essence(contact.channel, contact.address)) == wanted:
                return contact
        return None

    def _same_place(self, row: Judged, kept: Mapping[int, Sequence[Contact]], taken: set[int]) -> Contact | None:
        """The kept contact of that channel and order, which the row replaces; None where the row adds one."""
        order = row.values.get("order")
        for contact in kept[row.values["person"].pk]:
            if (contact.channel, contact.order) == (row.values["channel"], order) and contact.pk not in taken:
                taken.add(contact.pk)
                return contact
        return None

    def _fill(self, row: Judged, kept: Mapping[int, Sequence[Contact]]) -> None:
        """What an empty cell means: the order that is kept, or the next one."""
        wanted, person = row.wanted, row.values["person"]
        if wanted.get("order") is None:
            last = max((contact.order for contact in kept[person.pk]), default=0)
            wanted["order"] = row.instance.order if row.exists else min(last + 1, MOST_ORDER)
        if row.exists:
            same = _essence(row.instance.channel, row.instance.address) == _essence(
                wanted["channel"], wanted["address"]
            )
            if same:
                wanted.pop("address")
            wanted.pop("channel")
        else:
            wanted["person"] = person

    def check(self, rows: Sequence[Judged]) -> None:
        """No address twice for one person."""
        seen: dict[tuple[int, str, str], int] = {}
        for row in rows:
            if row.problems:
                continue
            channel = row.values["channel"]
            key = (row.values["person"].pk, channel, _essence(channel, row.values["address"]))
            if key in seen:
                row.problems.append((self.fields["address"].title, _("与第 %d 行是同一联系方式。") % seen[key]))
            seen.setdefault(key, row.number)
            if channel == "in_app" and row.values["person"].user_id is None:
                row.notes.append(_("此人没有登录账号，站内消息看不到。"))


def _essence(channel: str, address: str) -> str:
    """What makes two addresses the same: the digits of a telephone number, an address in small letters."""
    if channel in TELEPHONES:
        return texts.digits(address) or texts.squash(address)
    return texts.squash(address).casefold()
