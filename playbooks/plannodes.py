"""YAML text to plain nodes with line numbers, refusing whatever a plan file has no use for."""

import re
from dataclasses import dataclass, field
from typing import Final

import yaml

from playbooks.mistakes import Ledger

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 16
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAB_INDENT: Final = re.compile(r"^ *\t")


@dataclass(slots=True)
class Scalar:
    line: int
    value: str
    plain: bool


@dataclass(slots=True)
class Sequence:
    line: int
    items: "list[Node]" = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    line: int
    pairs: "list[tuple[Scalar, Node]]" = field(default_factory=list)


Node = Scalar | Sequence | Mapping


def parse(source: str | bytes, ledger: Ledger) -> Mapping | None:
    """The document's top mapping, or None with the reasons in the ledger."""
    text = _decode(source, ledger)
    if text is None:
        return None
    for number, content in enumerate(text.splitlines(), start=1):
        if _TAB_INDENT.match(content):
            ledger.add(number, "", "缩进用了制表符，请改用空格", "a tab is used to indent; use spaces")
    if ledger.mistakes:
        return None
    try:
        return _Builder(ledger).build(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        ledger.add(line, "", "含有不允许的控制字符", "a control character is not allowed here")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "?"
        ledger.add(mark.line + 1 if mark else 1, "", f"YAML 语法错误：{problem}", f"YAML syntax: {problem}")
    except yaml.YAMLError as error:
        # libyaml reports bad characters without a mark.
        ledger.add(1, "", f"YAML 语法错误：{error}", f"YAML syntax: {error}")
    return None


def _decode(source: str | bytes, ledger: Ledger) -> str | None:
    if isinstance(source, str):
        source = source.encode("utf-8", "surrogatepass")
    if len(source) > MAX_BYTES:
        ledger.add(1, "", f"文件过大（上限 {MAX_BYTES} 字节）", f"file too large (at most {MAX_BYTES} bytes)")
        return None
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        ledger.add(line, "", "不是 UTF-8 编码", "not UTF-8 text")
        return None


class _Refused(Exception):
    """A construct was refused; the ledger holds why."""


class _Builder:
    """Builds nodes from YAML events without recursion, so that depth and aliases can't hurt."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.open: list[Sequence | Mapping] = []
        self.keys: list[Scalar | None] = []
        self.root: Node | None = None

    def build(self, text: str) -> Mapping | None:
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self.take(event)
        except _Refused:
            return None
        if not isinstance(self.root, Mapping):
            self.ledger.add(1, "", "文件为空或不是键值结构", "the file is empty or not a mapping")
            return None
        return None if self.ledger.mistakes else self.root

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self.refuse(line, "不允许使用锚点和别名（& 与 *）", "anchors and aliases (& and *) are not allowed")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self.refuse(line, f"不允许使用标签 {tag}", f"tags such as {tag} are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            self.place(Scalar(line, event.value, event.style is None or event.style == ""))
        elif isinstance(event, yaml.MappingStartEvent):
            self.descend(Mapping(line))
        elif isinstance(event, yaml.SequenceStartEvent):
            self.descend(Sequence(line))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.open.pop()
            self.keys.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self.refuse(line, "一个文件只能有一份文档", "a file holds one document only")

    def descend(self, node: Sequence | Mapping) -> None:
        if len(self.open) >= MAX_DEPTH:
            self.refuse(node.line, "嵌套过深", "nested too deeply")
        self.place(node)
        self.open.append(node)
        self.keys.append(None)

    def place(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif (key := self.keys[-1]) is not None:
            parent.pairs.append((key, node))
            self.keys[-1] = None
        elif isinstance(node, Scalar):
            self.keys[-1] = node
        else:
            self.refuse(node.line, "键必须是单个词", "a key must be a single word")

    def refuse(self, line: int, zh: str, en: str) -> None:
        self.ledger.add(line, "", zh, en)
        raise _Refused
