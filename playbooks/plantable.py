"""A typed cursor over one mapping of a plan file: every read checks, and what nobody read is a mistake."""

import re
from decimal import Decimal
from typing import Final, TypeVar

from playbooks.mistakes import Ledger, hint
from playbooks.plannodes import Mapping, Node, Scalar, Sequence

_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_Word = TypeVar("_Word", bound=str)
_TRUE: Final = ("yes", "true")
_FALSE: Final = ("no", "false")
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
REQUIREMENT: Final = re.compile(r"[A-Z]{2}-[0-9]+(\.[0-9]+)*-\d{2}")


class Table:
    """Reads one mapping; wrong or missing values are noted in the ledger and a stand-in is returned."""

    def __init__(self, node: Mapping, path: str, ledger: Ledger) -> None:
        self.node, self.path, self.ledger, self.line = node, path, ledger, node.line
        self.entries: dict[str, Node] = {}
        self.used: set[str] = set()
        ledger.lines.setdefault(path, node.line)
        for key, value in node.pairs:
            if key.value in self.entries:
                self.wrong(key.value, f"键“{key.value}”重复", f"key {key.value} is written twice", line=key.line)
            self.entries.setdefault(key.value, value)
            ledger.lines.setdefault(self.under(key.value), key.line)

    def again(self, ledger: Ledger) -> "Table":
        """The same mapping to be read anew, with another ledger."""
        return Table(self.node, self.path, ledger)

    def under(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, zh: str, en: str, *, line: int | None = None) -> None:
        path = self.under(key) if key else self.path
        self.ledger.add(line or self.ledger.lines.get(path, self.line), path, zh, en)

    def has(self, key: str) -> bool:
        return key in self.entries

    def close(self) -> None:
        """Note every key that nobody read."""
        for key in self.entries:
            if key not in self.used:
                zh, en = hint(key, self.used)
                self.wrong(key, f"未知的键“{key}”{zh}", f"unknown key {key}{en}")

    def take(self, key: str, *, required: bool = False) -> Node | None:
        self.used.add(key)
        node = self.entries.get(key)
        if node is None and required:
            self.wrong("", f"缺少“{key}”", f"{key} is missing")
        return node

    def scalar(self, key: str, *, required: bool = False) -> Scalar | None:
        node = self.take(key, required=required)
        if node is None or isinstance(node, Scalar):
            return node
        self.wrong(key, "应为单个值", "must be a single value")
        return None

    def text(self, key: str, *, required: bool = True, limit: int = 2000) -> str:
        node = self.scalar(key, required=required)
        if node is None:
            return ""
        value = node.value.strip()
        if not value and required:
            self.wrong(key, "不能为空", "must not be empty")
        if len(value) > limit:
            self.wrong(key, f"过长（上限 {limit} 字）", f"too long (at most {limit} characters)")
        return value

    def key(self, name: str = "key") -> str:
        value = self.text(name, limit=60)
        if value and not _KEY.fullmatch(value):
            self.wrong(name, f"“{value}”只能用字母、数字和 . _ -", f"{value}: only letters, digits and . _ -")
        return value

    def zh_en(self, *, limit: int = 2000) -> tuple[str, str]:
        """Both languages of this mapping itself; a missing one is a missing translation."""
        texts = []
        for language, zh, en in (
            ("zh", "缺少中文", "missing translation: zh"),
            ("en", "缺少英文", "missing translation: en"),
        ):
            node = self.scalar(language)
            value = node.value.strip() if node else ""
            if not value:
                self.wrong("" if node is None else language, zh, en)
            elif len(value) > limit:
                self.wrong(language, f"过长（上限 {limit} 字）", f"too long (at most {limit} characters)")
            texts.append(value)
        return texts[0], texts[1]

    def words(self, key: str, *, required: bool = False) -> tuple[str, str]:
        table = self.table(key, required=required)
        if table is None:
            return "", ""
        words = table.zh_en()
        table.close()
        return words

    def flag(self, key: str) -> bool:
        node = self.scalar(key)
        if node is None:
            return False
        value = as_flag(node)
        if value is None:
            self.wrong(key, "应为 yes 或 no", "must be yes or no")
        return bool(value)

    def number(self, key: str, *, above: int | None = None) -> Decimal | None:
        node = self.scalar(key)
        if node is None:
            return None
        value = as_number(node)
        if value is None:
            self.wrong(key, f"“{node.value}”不是数字", f"{node.value} is not a number")
        elif above is not None and value <= above:
            self.wrong(key, f"必须大于 {above}", f"must be more than {above}")
            return None
        return value

    def integer(self, key: str, default: int) -> int:
        value = self.number(key)
        if value is None:
            return default
        if value != int(value) or value < 0 or value > 1_000_000:
            self.wrong(key, "应为不小于 0 的整数", "must be a whole number, not below 0")
            return default
        return int(value)

    def one_of(self, key: str, known: tuple[_Word, ...], default: _Word | None = None) -> _Word:
        """One of the known words; `default` where the key is absent, required without a default."""
        node = self.scalar(key, required=default is None)
        if node is None:
            return known[0] if default is None else default
        for word in known:
            if word == node.value:
                return word
        zh, en = hint(node.value, known)
        self.wrong(
            key, f"“{node.value}”不在 {'、'.join(known)} 之中{zh}", f"{node.value} is none of {', '.join(known)}{en}"
        )
        return known[0]

    def names(self, key: str) -> tuple[str, ...]:
        """A list of single words; each remembers its line under `key[word]`."""
        node = self.take(key)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.wrong(key, "应为列表", "must be a list")
            return ()
        found: list[str] = []
        for item in node.items:
            if not isinstance(item, Scalar) or not item.value.strip() or len(item.value) > 60:
                self.wrong(key, "列表中应为 60 字以内的词", "words of at most 60 characters", line=item.line)
                continue
            if item.value in found:
                self.wrong(key, f"“{item.value}”重复", f"{item.value} is listed twice", line=item.line)
            self.ledger.lines.setdefault(f"{self.under(key)}[{item.value}]", item.line)
            found.append(item.value)
        return tuple(found)

    def requirements(self) -> tuple[str, ...]:
        found = self.names("requirements")
        for name in found:
            if not REQUIREMENT.fullmatch(name):
                path = f"requirements[{name}]"
                self.wrong(path, f"“{name}”不是条目编号", f"{name} is not a requirement id")
        return found

    def table(self, key: str, *, required: bool = False) -> "Table | None":
        node = self.take(key, required=required)
        if node is None:
            return None
        if not isinstance(node, Mapping):
            self.wrong(key, "应为键值结构", "must be a mapping")
            return None
        return Table(node, self.under(key), self.ledger)

    def tables(self, key: str, *, required: bool = False, named: str = "key") -> "list[Table]":
        """A list of mappings; each is named in paths by its `named` entry, or by its place."""
        node = self.take(key, required=required)
        if node is None:
            return []
        if not isinstance(node, Sequence):
            self.wrong(key, "应为列表", "must be a list")
            return []
        found = []
        for place, item in enumerate(node.items):
            if not isinstance(item, Mapping):
                self.wrong(f"{key}[{place}]", "应为键值结构", "must be a mapping", line=item.line)
                continue
            name = next((v.value for k, v in item.pairs if k.value == named and isinstance(v, Scalar)), str(place))
            found.append(Table(item, f"{self.under(key)}[{name}]", self.ledger))
        return found

    def each(self, key: str, *, required: bool = False, named: str = "key") -> "list[Table]":
        """`tables` whose name is new; a second one of the same name is a mistake and left out."""
        seen: set[str] = set()
        kept = []
        for table in self.tables(key, required=required, named=named):
            node = table.scalar(named)
            name = node.value if node else ""
            if name and name in seen:
                line = node.line if node else table.line
                self.ledger.add(line, table.path, f"“{name}”重复", f"{name} is defined twice")
                continue
            seen.add(name)
            kept.append(table)
        return kept


def as_flag(node: Node) -> bool | None:
    """A plain yes/no; None where it is something else."""
    if not isinstance(node, Scalar) or not node.plain:
        return None
    word = node.value.lower()
    return True if word in _TRUE else False if word in _FALSE else None


def as_number(node: Node) -> Decimal | None:
    """A plain decimal number; never octal, never sixty-based, never in quotes."""
    if not isinstance(node, Scalar) or not node.plain or not _NUMBER.fullmatch(node.value):
        return None
    return Decimal(node.value)
