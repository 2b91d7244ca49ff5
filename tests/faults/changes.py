"""Small changes that somebody could make by mistake: every place in a module where one fits, found in its syntax tree.

A change keeps the rest of the text as it is. Texts are left alone: their words are for people, and the snapshots and
the tests of messages hold them. So is `zip(strict=True)`: a question to ourselves that is never answered with no.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

_COMPARED = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_COUNTED = {ast.Add: "-", ast.Sub: "+"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: where, what stands there, and what stands there instead."""

    file: str
    line: int
    function: str
    begin: int
    end: int
    lines: range
    right: str
    wrong: str
    nth: int = 1
    """Which one of those that read the same in this function."""

    @property
    def name(self) -> str:
        """The change without its line, so that it keeps its name while the file moves on."""
        again = "" if self.nth == 1 else f" ({self.nth})"
        return f"{self.file}:{self.function}: {' '.join(self.right.split())} -> {' '.join(self.wrong.split())}{again}"

    def applied(self, text: str) -> str:
        """The spoiled text."""
        data = text.encode()
        return (data[: self.begin] + self.wrong.encode() + data[self.end :]).decode()


class _Finder(ast.NodeVisitor):
    def __init__(self, text: str, file: str) -> None:
        self._data = text.encode()
        self._file = file
        self._starts = [0]
        for line in self._data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._functions: list[str] = []
        self._told: Counter[str] = Counter()
        self.found: list[Change] = []

    def _place(self, node: ast.AST) -> tuple[int, int]:
        begin = self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        return begin, self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def _text(self, node: ast.AST) -> str:
        begin, end = self._place(node)
        return self._data[begin:end].decode()

    def _add(self, node: ast.AST, wrong: str, place: tuple[int, int] | None = None) -> None:
        begin, end = place or self._place(node)
        right = self._data[begin:end].decode()
        line = node.lineno  # type: ignore[attr-defined]
        lines = range(line, node.end_lineno + 1)  # type: ignore[attr-defined]
        change = Change(self._file, line, ".".join(self._functions), begin, end, lines, right, wrong)
        self._told[change.name] += 1
        self.found.append(replace(change, nth=self._told[change.name]))

    def _between(self, left: ast.AST, right: ast.AST, word: str) -> None:
        """Replace what stands between two operands."""
        place = (self._place(left)[1], self._place(right)[0])
        told = self._data[place[0] : place[1]].decode()
        if told.strip(" \n()") and "(" not in told and ")" not in told:
            self._add(left, f" {word} ", place)

    # ---- where to look ----------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._functions.append(node.name)
        for each in node.body:
            self.visit(each)
        self._functions.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases):
            return
        self._functions.append(node.name)
        for each in node.body:
            if not isinstance(each, ast.AnnAssign):
                self.visit(each)
        self._functions.pop()

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self._statement(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Import(self, node: ast.Import) -> None:
        return

    visit_ImportFrom = visit_Import  # type: ignore[assignment]

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        if self._functions:
            self._add(node.test, "True")
            self._add(node.test, "False")
        self.generic_visit(node)

    # ---- what to change ---------------------------------------------------------------------------------------------

    def _statement(self, node: ast.stmt) -> None:
        if self._functions:
            self._add(node, "pass")
        self.generic_visit(node)

    visit_Raise = visit_Continue = visit_Break = visit_AugAssign = visit_Delete = _statement

    def visit_Return(self, node: ast.Return) -> None:
        said_no = isinstance(node.value, ast.Constant) and node.value.value in (None, False)
        if node.value is not None and not said_no:
            self._add(node.value, "None")
        if node.value is not None:
            self.visit(node.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        word = _COMPARED.get(type(node.ops[0]))
        if word is not None and len(node.ops) == 1:
            self._between(node.left, node.comparators[0], word)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        word = "or" if isinstance(node.op, ast.And) else "and"
        self._between(node.values[0], node.values[1], word)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._add(node, f"bool({self._text(node.operand)})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        word = _COUNTED.get(type(node.op))
        if word is not None and not any(isinstance(side, ast.Constant) for side in (node.left, node.right)):
            self._between(node.left, node.right, word)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        checked = isinstance(node.func, ast.Name) and node.func.id == "zip"
        for each in (node.func, *node.args, *(word.value for word in node.keywords if not checked)):
            self.visit(each)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._add(node, str(not node.value))
        elif isinstance(node.value, int):
            self._add(node, f"({node.value} + 1)")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        return


def changes_of(path: Path, file: str) -> Iterator[Change]:
    """Every change that fits into a module and leaves it a program."""
    text = path.read_text(encoding="utf-8")
    finder = _Finder(text, file)
    finder.visit(ast.parse(text))
    for change in finder.found:
        try:
            compile(change.applied(text), file, "exec")
        except SyntaxError:
            continue
        yield change
