"""Translations without GNU gettext: extracts what must be said in English, and compiles the catalogue.

python -m console.words extract   texts of templates and code without English, and English of nothing
python -m console.words compile   locale/*/LC_MESSAGES/django.po -> django.mo, only when older
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import template as templates

ROOT = Path(__file__).resolve().parent.parent
CODE = ("console", "playbooks", "staffing", "notices", "incident", "planroom", "dutyroom", "drills")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "n_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": None,
}
CATALOGUES = tuple(ROOT / "locale" / name / "LC_MESSAGES" / "django.po" for name in ("en", "zh_Hans"))


def texts() -> Iterator[tuple[str, str]]:
    """Every translatable text with the file it stands in."""
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _in(path, path.read_text())
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield from _in(path, templates.templatize(path.read_text(), origin=str(path)))


def _in(path: Path, source: str) -> Iterator[tuple[str, str]]:
    for found in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        text = _singular(found[1])
        if text:
            yield text, str(path.relative_to(ROOT))


def _singular(message: object) -> str:
    """The text of a message; of one with a plural, its singular."""
    return str(message[0] if isinstance(message, tuple | list) else message or "")


def known(path: Path = CATALOGUES[0]) -> dict[str, str]:
    """What the catalogue says, text -> translation."""
    with path.open("rb") as file:
        return {_singular(entry.id): _singular(entry.string) for entry in read_po(file, locale="en") if entry.id}


def compile_all() -> int:
    """Compile every catalogue that changed; how many that were."""
    count = 0
    for source in CATALOGUES:
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file)
        fresh = target.with_suffix(".mo.new")
        with fresh.open("wb") as file:
            write_mo(file, catalogue)
        fresh.replace(target)
        count += 1
    return count


def gaps() -> tuple[dict[str, str], set[str]]:
    """Texts without a translation (with a file that says them), and translations of nothing."""
    said = dict(texts())
    translated = known()
    return {text: where for text, where in said.items() if not translated.get(text)}, set(translated) - set(said)


def main(arguments: list[str]) -> int:
    if arguments == ["compile"]:
        compile_all()
        return 0
    if arguments == ["extract"]:
        if not settings.configured:
            settings.configure(USE_I18N=True)
            django.setup()
        missing, idle = gaps()
        for text, where in sorted(missing.items(), key=lambda item: item[1]):
            print(f"{where}: {text!r}")
        for text in sorted(idle):
            print(f"no longer used: {text!r}")
        return 1 if missing or idle else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
