"""What the house asks of every file: small, plain, and without a clock of its own."""

import ast

import pytest

from tests.service import ROOT

ROOMS = ("risk_service", "models", "training")
MIGRATIONS = "risk_service/store/migrations/versions"
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
NAIVE = {"utcnow", "utcfromtimestamp"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files() -> list[str]:
    """Those of the rooms; a migration is written by a program, and is a list of columns."""
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    names = sorted(path.relative_to(ROOT).as_posix() for path in found)
    return [name for name in names if not name.startswith(MIGRATIONS)]


def functions(name: str) -> list[Function]:
    tree = ast.parse((ROOT / name).read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def lines_of(function: Function) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        assert docstring.end_lineno is not None
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


def naive_clocks(tree: ast.AST) -> list[int]:
    """Lines that read the clock without a zone: ``datetime.now()``, ``utcnow()``, ``today()``."""
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name, bare = node.func.attr, not node.args and not node.keywords
        if name in NAIVE or (name in ("now", "today") and bare):
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("name", python_files())
def test_a_file_is_short(name: str) -> None:
    assert len((ROOT / name).read_text("utf-8").splitlines()) < LONGEST_FILE


@pytest.mark.parametrize("name", python_files())
def test_functions_are_short(name: str) -> None:
    long = {f.name: lines_of(f) for f in functions(name) if lines_of(f) > LONGEST_FUNCTION}
    assert long == {}


@pytest.mark.parametrize("name", python_files())
def test_nothing_is_imported_inside_a_function(name: str) -> None:
    hidden = [
        f"{function.name}, line {node.lineno}"
        for function in functions(name)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@pytest.mark.parametrize("name", python_files())
def test_no_clock_is_read_without_a_zone(name: str) -> None:
    assert naive_clocks(ast.parse((ROOT / name).read_text("utf-8"))) == []


def test_the_rules_see_what_they_look_for() -> None:
    """A rule that finds nothing anywhere must not be one that cannot find anything."""
    source = (
        "def f():\n    '''Two\n    lines.'''\n    import os\n    return datetime.now()\n"
        "x = datetime.now(UTC), date.today(), datetime.utcnow()\n"
    )
    tree = ast.parse(source)
    (function,) = (node for node in ast.walk(tree) if isinstance(node, Function))
    assert lines_of(function) == 3
    assert sorted(naive_clocks(tree)) == [5, 6, 6]
    assert len(python_files()) > 100
    assert {name.split("/")[0] for name in python_files()} == set(ROOMS)
