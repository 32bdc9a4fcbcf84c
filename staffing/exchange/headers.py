"""Headers of a file against the columns of a table: both languages are known, anything else is asked about."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from staffing.exchange import texts
from staffing.exchange.columns import Column
from staffing.exchange.files import UnreadableError

Needed = Sequence[Sequence[str]]  # of each group one column must be there


def match(headers: Sequence[str], columns: Mapping[str, Column], needed: Needed) -> list[str]:
    """The column key of each header, empty for one without a name. Raises UnreadableError naming every mistake."""
    known = {texts.fold(writing): key for key, column in columns.items() for writing in (*column.writings, key)}
    keys = [known.get(_bare(header), "") for header in headers]
    wrong = [_unknown(header, columns) for header, key in zip(headers, keys, strict=True) if header and not key]
    twice = {key for key in keys if key and keys.count(key) > 1}
    wrong += [_("“%s”这一列出现了两次。") % columns[key].title for key in columns if key in twice]
    for group in needed:
        if not set(group) & set(keys):
            names = _("或").join(_("“%s”") % columns[key].title for key in group)
            wrong.append(_("缺少表头%s。") % names)
    if wrong:
        every = _("、").join(column.title for column in columns.values())
        raise UnreadableError(*wrong, _("这种表的表头是：%s。") % every)
    return keys


def _bare(header: str) -> str:
    """Without what people add to a header: a star, a remark in brackets."""
    return texts.fold(header.partition("（")[0].partition("(")[0]).strip("* :")


def _unknown(header: str, columns: Mapping[str, Column]) -> str:
    close = texts.meant(header, [(column.title, column.writings) for column in columns.values()])
    if close:
        return _("不认识表头“%(header)s”，应为“%(close)s”？") % {"header": header[:40], "close": close}
    return _("不认识表头“%s”。") % header[:40]
