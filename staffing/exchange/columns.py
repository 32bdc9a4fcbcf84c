"""Columns of a table: their names in both languages, and how one cell is read and written."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import Widget

from staffing.exchange import texts, times
from staffing.models import Contact

FEW, MOST = 7, 15  # digits of a telephone number of the world; E.164
MOBILE = 11
LONG = 9  # digits of a number that anybody means
YES = frozenset({"是", "yes", "y", "true", "1", "√", "✓", "在职", "对"})
NO = frozenset({"否", "no", "n", "false", "0", "×", "x", "离职", "错", "-"})
_SCIENTIFIC = ("e+", "E+")


class Formula(str):
    """A cell that a spreadsheet program would have to work out; `str()` is what it says."""

    __slots__ = ()


class Column(Field):
    """A column; what it is called in both languages, other names for it, and a sample of what stands in it."""

    def __init__(
        self,
        attribute: str,
        names: tuple[str, str],
        widget: Widget | None = None,
        *,
        also: Sequence[str] = (),
        sample: str | tuple[str, str] = "",
    ) -> None:
        super().__init__(attribute=attribute, widget=widget or Text())
        self.zh, self.en = names
        self.also = tuple(also)
        self.samples = sample if isinstance(sample, tuple) else (sample, sample)

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return texts.pick(self.zh, self.en)

    @property
    def sample(self) -> str:
        """The sample in the reader's language."""
        return texts.pick(*self.samples)

    @property
    def writings(self) -> tuple[str, ...]:
        """Every name under which the column is known."""
        return (self.zh, self.en, *self.also)

    def clean(self, row: Mapping[str, Any], **kwargs: Any) -> Any:
        """What the cell says. Raises ValueError with a sentence."""
        value = row.get(self.column_name)
        if isinstance(value, Formula):
            raise ValueError(_("“%s”是公式，请改成数值或文字。") % str(value)[:40])
        return self.widget.clean(value, row)


class Text(Widget):
    """Words of one line."""

    def __init__(self, most: int = 80) -> None:
        super().__init__()
        self.most = most

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = texts.squash(texts.unescaped(plain(value)))
        if texts.has_control(text):
            raise ValueError(_("含有看不见的控制字符，请重新输入。"))
        if len(text) > self.most:
            raise ValueError(_("最多 %(most)d 个字，现在是 %(length)d 个。") % {"most": self.most, "length": len(text)})
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value) if value is not None else ""


class Flag(Widget):
    """Yes or no; None where the cell is empty."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:
        word = texts.fold(plain(value))
        if not word:
            return None
        if word not in YES | NO:
            raise ValueError(_("请填“是”或“否”，现在是“%s”。") % plain(value)[:20])
        return word in YES

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return _("是") if value else _("否")


class Choice(Widget):
    """One of a few words, in either language or by key; empty is allowed."""

    def __init__(self, choices: Callable[[], Sequence[tuple[str, str, str]]]) -> None:
        super().__init__()
        self.choices = choices  # (key, Chinese, English)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        word = texts.fold(plain(value))
        if not word:
            return ""
        for key, *names in self.choices():
            if word in {texts.fold(name) for name in (key, *names)}:
                return key
        known = _("、").join(texts.pick(zh, en) for _key, zh, en in self.choices())
        raise ValueError(_("没有“%(word)s”，可填：%(known)s。") % {"word": plain(value)[:20], "known": known})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return next((texts.pick(zh, en) for key, zh, en in self.choices() if key == value), "")


class Number(Widget):
    """A whole number from `least` to `most`; None where the cell is empty."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__()
        self.least, self.most = least, most

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        text = texts.fold(plain(value))
        if not text:
            return None
        if not text.isdecimal() or len(text) > LONG or not self.least <= int(text) <= self.most:
            raise ValueError(
                _("请填 %(least)d 到 %(most)d 的整数，现在是“%(text)s”。")
                % {"least": self.least, "most": self.most, "text": plain(value)[:20]}
            )
        return int(text)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)


class When(Widget):
    """A date, a time or both; None where the cell is empty."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> times.Written | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        return times.written(texts.unescaped(value) if isinstance(value, str) else value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if isinstance(value, datetime):
            return times.shown(value)
        return "" if value is None else f"{value:%H:%M}" if isinstance(value, time) else f"{value:%Y-%m-%d}"


class Clock(When):
    """A time of the day; None where the cell is empty."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> time | None:
        found = super().clean(value, row)
        if isinstance(found, timedelta):
            return time()
        if isinstance(found, date):
            raise ValueError(_("这里只填时刻，例如 08:00。"))
        return found


def plain(value: Any) -> str:
    """A cell as text: a whole number without point, whatever the spreadsheet kept it as."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def check_address(channel: str, address: str) -> None:
    """Raises ValueError where nobody could be reached so."""
    if channel == Contact.Channel.IN_APP:
        if address:
            raise ValueError(_("站内通道的地址须留空。"))
        return
    if not address:
        raise ValueError(_("请填写地址。"))
    if "*" in address:
        raise ValueError(_("“%s”是打了码的，不能导入：请用有完整号码的文件。") % address)
    if channel == Contact.Channel.EMAIL:
        _check_email(address)
    else:
        _check_phone(channel, address)


def _check_email(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValueError(_("“%s”不是邮箱地址。") % address) from error


def _check_phone(channel: str, address: str) -> None:
    if any(sign in address for sign in _SCIENTIFIC):
        raise ValueError(_("“%s”被表格软件改成了科学计数，请把这一列设为文本再填。") % address)
    strange = texts.fold(address).translate({ord(sign): "" for sign in "0123456789-+() ./#*转"}).replace("ext", "")
    if strange:
        raise ValueError(_("“%s”不是电话号码。") % address)
    count = len(texts.digits(address))
    is_abroad = texts.fold(address).startswith(("+", "00")) and not texts.fold(address).startswith(("+86", "000"))
    if channel == Contact.Channel.OFFICE or is_abroad:
        if not (3 if channel == Contact.Channel.OFFICE else FEW) <= count <= MOST + 5:
            raise ValueError(_("“%s”的位数不对。") % address)
        return
    missing = MOBILE - len(texts.digits(address.removeprefix("+86")))
    if missing > 0:
        raise ValueError(_("手机少 %(count)d 位：%(address)s") % {"count": missing, "address": address})
    if missing < 0:
        raise ValueError(_("手机多 %(count)d 位：%(address)s") % {"count": -missing, "address": address})
