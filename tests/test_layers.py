"""The arrows of the design, room by room, and the budgets of the house, read from the code's own imports and lines.

`python tests/test_layers.py` prints the table of rooms: files, lines, and the rooms each one reaches.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from house import (
    EVERYTHING,
    MODULES,
    PACKAGE,
    ROOT,
    calls,
    foreign,
    imports,
    neighbours,
    node,
    reached,
    relative,
    room,
    tree,
    words,
)

MOST_LINES, MOST_OF_A_FUNCTION, MOST_OF_A_LINE, MOST_IN_A_FOLDER = 300, 40, 120, 9

# Which rooms (folders of the package, or modules at its top) and which foreign packages each room may import. A room
# always reaches itself, `errors` and `sobatch` (the version). "core/*" is every room of the core.
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "": ({"cli"}, set()),
    "errors": (set(), set()),
    "core": (set(), set()),
    "core/order": (set(), {"msgspec"}),
    "core/syntax": (set(), set()),
    "core/read": ({"core/order", "core/syntax"}, {"msgspec", "isal", "zstandard"}),
    "core/place": ({"core/read", "core/syntax"}, set()),
    "core/check": ({"core/order", "core/read", "core/place"}, {"msgspec"}),
    "core/cut": ({"core/order", "core/read", "core/check"}, {"msgspec", "orjson", "isal"}),
    "erp": ({"core/order"}, {"msgspec"}),
    "erp/wire": ({"erp", "core/place"}, {"httpx", "certifi", "orjson", "tenacity"}),
    "erp/jtl": ({"erp", "erp/wire", "core/order"}, {"msgspec"}),
    "erp/myob_exo": ({"erp", "erp/wire", "core/order"}, {"msgspec"}),
    "erp/rambase": ({"erp", "erp/wire", "core/order"}, {"msgspec"}),
    "erp/order_time": ({"erp", "erp/wire", "core/order"}, {"msgspec"}),
    "erp/unit4": ({"erp", "erp/wire", "core/order", "core/place"}, {"httpx", "msgspec", "ijson"}),
    "config": ({"core/order"}, {"platformdirs", "keyring"}),
    "lifecycle": ({"core/*", "erp", "lifecycle/*"}, set()),
    "lifecycle/journal": ({"core/*"}, {"filelock"}),
    "lifecycle/send": ({"core/*", "erp", "lifecycle", "lifecycle/journal"}, set()),
    "lifecycle/settle": (
        {"core/*", "erp", "lifecycle", "lifecycle/journal", "lifecycle/send", "lifecycle/settle/match"},
        {"isal"},
    ),
    "lifecycle/settle/match": ({"core/*", "erp", "lifecycle/journal"}, {"msgspec"}),
    "lifecycle/told": ({"core/*", "lifecycle", "lifecycle/journal"}, set()),
    "work": ({"config", "core/*", "erp", "lifecycle", "lifecycle/*", "sandbox"}, {"httpx"}),
    "show": ({"core/*", "lifecycle"}, {"rich", "orjson"}),
    "show/prose": ({"show", "core/*", "config"}, set()),
    "show/reports": ({"show", "show/prose", "core/*"}, {"orjson"}),
    "cli": ({"show", "work", "config", "core/order"}, {"typer"}),
    "cli/commands": ({"cli", "show", "show/*", "work"}, {"typer"}),
    "sandbox": ({"sandbox/*"}, {"werkzeug"}),
    "sandbox/pretend": (set(), {"orjson", "werkzeug"}),
    "sandbox/jtl": ({"sandbox/pretend"}, set()),
    "sandbox/order_time": ({"sandbox/pretend"}, set()),
    "sandbox/myob_exo": ({"sandbox/pretend"}, set()),
    "sandbox/rambase": ({"sandbox/pretend"}, set()),
    "sandbox/unit4": ({"sandbox/pretend"}, {"werkzeug", "orjson"}),
}
# Arrows that are not as drawn. The library under the commands, where a program gets values in place of text, and the
# ERP that declares itself will remove them.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("work", "show"): "a command's work still builds its answer and speaks to the terminal",
    ("work", "show/prose"): "a command's work still puts its facts into words",
    ("work", "show/reports"): "validate picks the writer where the problems are streamed",
    ("cli/commands", "core/order"): "explain reads the table of codes itself",
    ("cli/commands", "core/cut"): "estimate-rows estimates without a function of the library",
    ("cli/commands", "lifecycle"): "cancel, resolve and submit reach the verbs without a function of the library",
    ("cli/commands", "lifecycle/told"): "status reaches export and pruning without a function of the library",
}
# Folders with more than nine entries, and why.
FULL_FOLDERS = {
    "show/prose": "one file a subject that is put into words",
    "cli/commands": "one file a command",
    "core/cut": "one file a step from orders to parts, and the proof that nothing was lost",
    "erp": "one room an ERP, and the port between them and the verbs",
    "erp/unit4": "what it declares of itself stands beside what an order is and how it talks",
    "erp/wire": "what a call needs at each stage, from who we are to what its answer means",
    "lifecycle": "the verbs, and the rooms of their stages",
    "lifecycle/journal": "what is written at each stage, what is asked, and how the file comes to be",
    "lifecycle/send": "the stages of a send, of one part at a time and of many orders",
    "work": "one file a piece of work, until the library is cut out of it",
}
# What only an ERP's own folder and its pretend server say.
ERP_WORDS = re.compile(r"unit4|jtl|rambase|order_?time|myob|workflow|submit_path|manual_number_types", re.I)
# A step of the schema that was released is never changed: it has the name that a later one does away with.
RELEASED = {"lifecycle/journal/schema.py": {"workflow"}}
# Of an ERP's modules these are offline: what an order is, without a word on how to talk.
OFFLINE = re.compile(r"erp/(__init__|ports|[a-z0-9_]+/(__init__|order|rules|limits|settings|codes))\.py$")
OFFLINE_ARROWS = ({"core/order", "erp"}, {"msgspec"})
ERPS = [path.name for path in (PACKAGE / "erp").iterdir() if (path / "order.py").is_file()]


def drawn(to: str, may: Iterable[str]) -> bool:
    return any(to == each or (each.endswith("/*") and to.startswith(each[:-1])) for each in may)


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_arrows_point_the_right_way(path):
    here = room(path)
    rooms, packages = ALLOWED[here]
    if OFFLINE.search(relative(path)):
        rooms, packages = OFFLINE_ARROWS
    assert {to for to in reached(path) if not drawn(to, rooms) and (here, to) not in EXCEPTIONS} == set()
    assert foreign(path) - packages == set()


def test_every_permission_is_used():
    """An arrow that nobody takes any more must not stay allowed; an exception neither."""
    arrows = {(room(path), to) for path in MODULES for to in reached(path)}
    assert set(EXCEPTIONS) - arrows == set()
    permitted = {(here, to) for here, (rooms, _) in ALLOWED.items() for to in rooms if "*" not in to}
    assert permitted - arrows == set()
    packages = {(room(path), name) for path in MODULES for name in foreign(path)}
    assert {(here, name) for here, (_, names) in ALLOWED.items() for name in names} - packages == {
        ("config", "keyring")
    }


def circle(arrows: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_circle_anywhere():
    """Neither among the modules, nor among the rooms, where a file beside rooms counts as a room of its own."""
    modules = {relative(path): {relative(to) for to in neighbours(path)} for path in MODULES}
    assert circle(modules) == []
    rooms: dict[str, set[str]] = {}
    for path in MODULES:
        rooms.setdefault(node(path), set()).update({node(to) for to in neighbours(path)} - {node(path)})
    assert circle(rooms) == []


def folders() -> list[Path]:
    return [PACKAGE, *sorted({path.parent for path in MODULES} - {PACKAGE})]


@pytest.mark.parametrize("folder", folders(), ids=relative)
def test_a_folder_is_a_house_with_few_rooms_and_says_what_it_is_for(folder):
    entries = {each.name for each in folder.iterdir() if each.suffix == ".py" or (each / "__init__.py").is_file()}
    entries -= {"__init__.py", "__main__.py"}
    assert len(entries) <= MOST_IN_A_FOLDER or relative(folder).removeprefix("sobatch/") in FULL_FOLDERS
    assert ast.get_docstring(tree(folder / "__init__.py"))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_an_erp_is_named_only_in_its_own_folder_and_in_the_table(path):
    """No ERP folder imports another, and nobody else knows an ERP's name or one of its settings."""
    inside = path.relative_to(PACKAGE).parts
    names = {name.split(".")[2] for name in imports(path) if name.startswith("sobatch.erp.") and name.count(".") >= 2}
    assert names & set(ERPS) <= ({inside[1]} if inside[0] == "erp" else set())
    if inside[0] not in ("erp", "sandbox"):
        assert re.search(r'"SO-[2-9]', path.read_text(encoding="utf-8")) is None
        assert {word for word in words(path) if ERP_WORDS.search(word)} == RELEASED.get("/".join(inside), set())


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_one_door_for_each_way_out(path):
    """Only `show` prints, only `cli/main.py` exits, only `config` reads the environment, the clock is handed in."""
    inside, made = path.relative_to(PACKAGE), set(calls(path))
    if inside.parts[0] == "sandbox":
        return  # a program of its own
    if inside.parts[0] != "show":
        assert made & {"print", "sys.stdout.write", "sys.stderr.write"} == set()
    if inside.as_posix() != "cli/main.py":
        assert made & {"sys.exit", "exit", "quit"} == set()
    if inside.parts[0] != "config":
        assert made & {"os.environ", "os.getenv", "os.environb"} == set()
    if inside.parts[0] not in ("cli", "work"):
        assert made & {"time.sleep", "random.random", "time.time", "time.monotonic"} <= TIMED.get(str(inside), set())


# A progress line now and then is a matter of the eye, not of the work: the display keeps its own clock. A call is cut
# in real time, by a thread that waits for it, whatever clock the work goes by.
TIMED = {"show/progress.py": {"time.monotonic"}, "erp/wire/deadline.py": {"time.monotonic"}}


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
    assert {room(path) for path in MODULES} == set(ALLOWED)


def table() -> Iterator[str]:
    """The rooms: files, lines, and where each one's arrows go."""
    yield f"{'room':<20}{'files':>6}{'lines':>7}  arrows"
    for here in sorted({room(path) for path in MODULES}):
        files = [path for path in MODULES if room(path) == here]
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
        to = sorted({each for path in files for each in reached(path)})
        marked = [each + (" (!)" if (here, each) in EXCEPTIONS else "") for each in to]
        yield f"{here or '.':<20}{len(files):>6}{lines:>7}  {', '.join(marked)}"


if __name__ == "__main__":
    sys.stdout.writelines(line + "\n" for line in table())
