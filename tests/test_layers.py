"""The arrows of the design and the budgets of the house, read from the code's own imports and lines."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sobatch"
MODULES = sorted(PACKAGE.rglob("*.py"))
EVERYTHING = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]
MOST_LINES, MOST_OF_A_FUNCTION, MOST_OF_A_LINE = 300, 40, 120

# Which layers and which foreign packages each layer may import. A layer is a folder or a module of the package.
FACTS = {"errors", "core"}
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "errors": (set(), set()),
    "setting_kinds": (set(), set()),
    "secrets_source": ({"errors"}, {"keyring"}),
    "profile": ({"secrets_source"}, set()),
    "config": ({"errors", "profile", "secrets_source", "setting_kinds"}, {"platformdirs"}),
    "core": (FACTS, {"msgspec", "orjson", "ijson", "isal", "zstandard"}),
    "erp": (FACTS | {"erp"}, {"msgspec"}),
    "erp.talks": (FACTS | {"erp", "sobatch"}, {"httpx", "orjson", "ijson", "tenacity", "msgspec"}),
    "lifecycle": (FACTS | {"lifecycle", "erp.ports"}, {"msgspec", "filelock", "isal"}),
    "show": (
        FACTS | {"sobatch", "show", "profile", "secrets_source", "erp.ports", "lifecycle.events"},
        {"rich", "orjson"},
    ),
    "sandbox": ({"sandbox"}, {"werkzeug", "orjson"}),
    "cli": (
        {
            "sobatch",
            "cli",
            "core",
            "config",
            "erp",
            "errors",
            "lifecycle",
            "profile",
            "sandbox",
            "setting_kinds",
            "show",
        },
        {"typer", "orjson", "httpx"},
    ),
    "sobatch": ({"cli"}, set()),
}
# Of an ERP's modules these are offline: what an order is, without a word on how to talk.
OFFLINE = re.compile(r"erp/(__init__|[a-z0-9_]+/(__init__|order|rules|currencies|limits))\.py$")
ERPS = [path.name for path in (PACKAGE / "erp").iterdir() if (path / "order.py").is_file()]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layer(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    if len(inside.parts) == 1:
        return "sobatch" if inside.stem in ("__init__", "__main__") else inside.stem
    if inside.parts[0] == "erp" and not OFFLINE.search(relative(path)) and inside.name != "ports.py":
        return "erp.talks"
    return inside.parts[0]


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
            yield from (name if is_module(name) else full for name in names)


def is_module(name: str) -> bool:
    place = ROOT / Path(*name.split("."))
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def foreign(name: str) -> str | None:
    top = name.partition(".")[0]
    return None if top == "sobatch" or top in sys.stdlib_module_names else top


def target(name: str) -> str:
    """What an arrow into the package points at: the layer, or a named door of one."""
    steps = name.split(".")[1:]
    return "sobatch" if not steps else steps[0]


def allows(may: set[str], name: str) -> bool:
    inner = name.removeprefix("sobatch.")
    return target(name) in may or inner in may


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_arrows_point_the_right_way(path):
    own, packages = ALLOWED[layer(path)]
    wrong = [
        name for name in imports(path) if foreign(name) is None and name.startswith("sobatch") and not allows(own, name)
    ]
    strange = [name for name in imports(path) if (top := foreign(name)) is not None and top not in packages]
    assert wrong + strange == []


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_an_erp_is_named_only_in_its_own_folder_and_in_the_table(path):
    """Core and lifecycle name no ERP, and no ERP folder imports another."""
    inside = path.relative_to(PACKAGE).parts
    reached = {name.split(".")[2] for name in imports(path) if name.startswith("sobatch.erp.") and name.count(".") >= 2}
    if inside[0] in ("core", "lifecycle"):
        words = {
            node.value
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        } - docstrings(path)
        assert [word for word in words for erp in ERPS if re.search(rf"\b{erp}\b", word, re.I)] == []
    assert reached & set(ERPS) <= ({inside[1]} if inside[0] == "erp" else set())


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


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_one_door_for_each_way_out(path):
    """Only `show` prints, only `cli/main.py` exits, only `config.py` reads the environment, the clock is handed in."""
    inside, made = path.relative_to(PACKAGE), set(calls(path))
    if inside.parts[0] == "sandbox":
        return  # a program of its own
    if inside.parts[0] != "show":
        assert made & {"print", "sys.stdout.write", "sys.stderr.write"} == set()
    if inside.as_posix() != "cli/main.py":
        assert made & {"sys.exit", "exit", "quit"} == set()
    if inside.as_posix() != "config.py":
        assert made & {"os.environ", "os.getenv", "os.environb"} == set()
    if inside.parts[0] != "cli":
        assert made & {"time.sleep", "random.random", "time.time", "time.monotonic"} <= TIMED.get(str(inside), set())


# A progress line now and then is a matter of the eye, not of the work: the display keeps its own clock.
TIMED = {"show/progress.py": {"time.monotonic"}}


@pytest.mark.parametrize("path", EVERYTHING, ids=relative)
def test_budgets(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_LINES
    assert [number for number, line in enumerate(lines, 1) if len(line) > MOST_OF_A_LINE] == []
    long = [
        node.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and length(node) > MOST_OF_A_FUNCTION
    ]
    assert long == []


def length(function: ast.FunctionDef) -> int:
    """Lines of a function. What a command declares (its options and its help) is a table, and not counted."""
    first = function
    if function.name == "command":
        first = function.body[1] if ast.get_docstring(function) is not None else function.body[0]
    return (function.end_lineno or 0) - first.lineno + 1


def test_the_tree_is_the_one_of_the_design():
    known = {"pyproject.toml", "README.md", "sobatch", "tests", "samples", "completions"}
    made = {".git", ".venv", "venv", "build", "dist", "__pycache__"}
    found = {each.name for each in ROOT.iterdir() if not each.name.startswith(".")}
    assert found - known - made == set()
    assert {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} - {"__init__", "__main__"} == (
        set(ALLOWED) - {"erp.talks", "sobatch"}
    )


HEAVY = ("httpx", "werkzeug", "tenacity", "filelock", "ijson", "keyring")
OFFLINE_COMMANDS = (
    "--version",
    "--help",
    "submit --help",
    "validate orders.json",
    "explain SO-102",
    "estimate-rows orders.json",
    "config show",
    "split orders.json --out-dir parts",
)
SMALL = b'[{"customerId":"1","transactionType":"SO","orderLines":[{"productCode":"1","quantity":1}]}]'


@pytest.mark.parametrize("words", OFFLINE_COMMANDS)
def test_an_offline_command_loads_nothing_of_the_network_or_the_journal(words, tmp_path):
    (tmp_path / "orders.json").write_bytes(SMALL)
    code = (
        "import sys; from sobatch.cli.main import main; code = main(sys.argv[1:]);"
        f"loaded = [name for name in {(*HEAVY, 'rich.progress', 'sobatch.lifecycle.journal')} if name in sys.modules];"
        "sys.stderr.write(f'{code} {loaded}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PATH": "", "SOBATCH_STATE_DIR": str(tmp_path / "state")},
    )
    assert done.stderr.splitlines()[-1] == "0 []", done.stdout
    assert not (tmp_path / "state").exists()
