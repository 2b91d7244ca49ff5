"""The house as the tests of its arrows see it: modules, rooms, and who imports whom, read from the code's own text."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sobatch"
MODULES = sorted(PACKAGE.rglob("*.py"))
EVERYTHING = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(path: Path) -> str:
    """The folder inside the package; a module at its top is a room of its own."""
    inside = path.relative_to(PACKAGE)
    if len(inside.parts) > 1:
        return inside.parent.as_posix()
    return "" if inside.stem in ("__init__", "__main__") else inside.stem


def imports(path: Path) -> Iterator[str]:
    """Every module that a module imports, at its head or inside a function, by its full name."""
    package = list(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            full = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{full}.{alias.name}" for alias in node.names]
            yield from dict.fromkeys(name if file_of(name) else full for name in names)


@cache
def file_of(name: str) -> Path | None:
    """The file of a module of ours."""
    place = ROOT / Path(*name.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None) if name.startswith("sobatch") else None


def reached(path: Path) -> set[str]:
    """The rooms that a module imports from, but for its own."""
    files = [file for name in imports(path) if (file := file_of(name)) is not None]
    return {room(file) for file in files} - {room(path), "", "errors"}


def foreign(path: Path) -> set[str]:
    tops = {name.partition(".")[0] for name in imports(path)}
    return {top for top in tops if top != "sobatch" and top not in sys.stdlib_module_names}


def neighbours(path: Path) -> set[Path]:
    return {file for name in imports(path) if (file := file_of(name)) is not None} - {path}


def node(path: Path) -> str:
    holds_rooms = any((each / "__init__.py").is_file() for each in path.parent.iterdir() if each.is_dir())
    return relative(path) if holds_rooms else room(path)


def docstrings(path: Path) -> set[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return {
        doc
        for node in ast.walk(tree(path))
        if isinstance(node, kinds) and (doc := ast.get_docstring(node, clean=False)) is not None
    }


def calls(path: Path) -> Iterator[str]:
    """Every call by its dotted name, and every attribute that is only looked at."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def words(path: Path) -> set[str]:
    """Every name and every text of a module but for its docstrings: a text by the words in it."""
    found: set[str] = set()
    for each in ast.walk(tree(path)):
        for field in ("id", "attr", "arg", "name"):
            found.add(str(getattr(each, field, "")))
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value not in docstrings(path):
            found.update(re.findall(r"[A-Za-z0-9_]+", each.value))
    return found
