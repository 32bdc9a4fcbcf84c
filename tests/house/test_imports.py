"""The house rules that a machine can hold: who imports whom, what is never written, and how long things are."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("console", "playbooks", "staffing", "notices", "incident", "planroom", "dutyroom", "drills")
MODULE_LINES = 400
FUNCTION_LINES = 60

# The default of a column, and the entry points: whoever is called by a person or a machine, not by our own code.
MAY_READ_THE_CLOCK = re.compile(r"(^|/)(models(/|\.py)|management/commands/|admin(/|\.py)|views(/|\.py)|templatetags/)")
# A strip is kept as a template painted it; the two figures put into it are digits.
KEEPS_PAINTED_HTML = {"incident/screens/strips.py"}


def sources(*rooms: str) -> list[Path]:
    found = [path for room in rooms or ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def shown(path: Path, line: int = 0) -> str:
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))


def trees(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sources(*rooms):
        yield path, ast.parse(path.read_text())


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_with(pattern: str, paths: list[Path]) -> list[str]:
    wanted = re.compile(pattern)
    return [
        shown(path, number)
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if wanted.search(line)
    ]


def test_the_import_star_holds(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


def test_no_function_imports():
    inside = [
        shown(path, node.lineno)
        for path, tree in trees()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_nothing_happens_behind_a_signal():
    assert lines_with(r"@receiver\b|\b(pre|post)_(save|delete|init)\b|\bm2m_changed\b", sources()) == []


def test_saving_a_row_does_nothing_else():
    overrides = [
        shown(path, node.lineno)
        for path, tree in trees()
        for parent in ast.walk(tree)
        if isinstance(parent, ast.ClassDef) and any("Model" in ast.unparse(base) for base in parent.bases)
        if not any("Admin" in ast.unparse(base) or "Form" in ast.unparse(base) for base in parent.bases)
        for node in parent.body
        if isinstance(node, ast.FunctionDef) and node.name in ("save", "delete")
    ]
    assert overrides == []


def test_no_timer_in_the_broker():
    assert lines_with(r"\b(eta|countdown)\s*=", sources()) == []


def test_logic_is_given_the_time():
    readers = [path for path in sources() if not MAY_READ_THE_CLOCK.search(shown(path))]
    assert lines_with(r"\btimezone\.now\(\)|\bdatetime\.(now|utcnow|today)\(|\btime\.time\(\)", readers) == []


def test_nothing_defaults_to_the_present():
    defaults = [
        shown(path, function.lineno)
        for path, tree in trees()
        if "templatetags" not in path.parts
        for function in functions(tree)
        for argument, default in _defaults(function)
        if argument.arg == "now" and isinstance(default, ast.Constant) and default.value is None
    ]
    assert defaults == []


def _defaults(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    plain = function.args.posonlyargs + function.args.args
    if function.args.defaults:
        yield from zip(plain[-len(function.args.defaults) :], function.args.defaults, strict=True)
    yield from zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)


def test_no_script_or_style_inside_a_page():
    """The admin's library brings its own; a mail program reads no style sheet."""
    own = [path for path in templates() if "admin" not in path.parts and path.name != "email.html"]
    scripts = lines_with(r"<script(?![^>]*\b(src=|type=\"application/json\"))", own)
    assert scripts + lines_with(r"<style\b|\sstyle=|\son[a-z]+=\"|javascript:", own) == []


def test_no_text_is_trusted():
    assert lines_with(r"\|\s*safe\b|autoescape off|\|\s*safeseq\b", templates()) == []
    careful = [path for path in sources() if shown(path) not in KEEPS_PAINTED_HTML]
    assert lines_with(r"\bmark_safe\(|\bSafeString\(|\bSafeText\(|__html__", careful) == []


def test_no_code_of_others_is_kept_here():
    """Packages bring it: htmx comes with django-htmx, the admin with its own package."""
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
    foreign = re.compile(r"(\.min\.(js|css)|node_modules/|vendor/|(htmx|alpine|jquery)[^/]*\.(js|css))$", re.I)
    assert [path for path in kept if foreign.search(path)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_modules_are_short(room):
    lengths = {shown(path): len(path.read_text().splitlines()) for path in sources(room)}
    assert {path: lines for path, lines in lengths.items() if lines > MODULE_LINES} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_functions_are_short(room):
    long = {
        f"{shown(path, function.lineno)} {function.name}": lines
        for path, tree in trees(room)
        for function in functions(tree)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    }
    assert long == {}


@pytest.mark.parametrize("room", [*ROOMS, "tests", "bench"])
def test_the_first_line_says_what_a_module_is(room):
    """One sentence; a package without words of its own may stay empty."""
    silent = []
    for path in sources(room):
        said = ast.get_docstring(ast.parse(path.read_text()))
        if said is None:
            if path.read_text().strip():
                silent.append(shown(path))
        elif not said.split("\n\n")[0].rstrip().endswith((".", ":")) or "\n" in said.split("\n\n")[0]:
            silent.append(shown(path))
    assert silent == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_function_says_what_it_returns(room):
    bare = [
        f"{shown(path, function.lineno)} {function.name}"
        for path, tree in trees(room)
        for function in functions(tree)
        if function.returns is None
    ]
    assert bare == []
