"""An ERP that echoes our secrets, wherever it can and however it spells them: none comes to journal, file or screen.

Eight are planted: a client secret, one that a command prints, a password, the pair of user and password, an unused
password, two tokens, a short token. (The ninth, of a proxy, is planted where a proxy can be.)
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from echoing_erp import PLACES, Answer, Echo, failed, serving
from sending_door import orders
from spellings import SPELLINGS

CLIENT, COMMAND, UNUSED = "pl4nted+client/secret=", 'pl4nted "by" a <command>', "pl4nted pass%word&"
FIRST, SECOND, SHORT = "pl4nted.t0k3n.one-_x", "pl4nted.t0k3n.two~/=", "tk-77"
USER, PASSWORD = "anna", "k1w!"
WAYS = {
    "client": (CLIENT, UNUSED, FIRST, SECOND),
    "command": (COMMAND, SHORT),
    "user": (PASSWORD, f"{USER}:{PASSWORD}"),
}
COMMANDS = (
    ("submit", "orders.json", "--output", "json"),
    ("status", "--export"),
    ("status", "--remote"),
    ("results", "--type", "all"),
    ("results", "b-9", "--type", "all", "--output", "ndjson"),
)
PIECES = 8


def known(way: str, place: str) -> tuple[str, ...]:
    """The secrets of a way that an ERP can have heard of by then: no token before it has given one."""
    return tuple(each for each in WAYS[way] if place != "token" or each not in (FIRST, SECOND, SHORT))


def said_by(way: str, place: str, piece: int) -> str:
    """A part of all spellings of all these secrets; together the pieces are all of them. The last fits in a name."""
    secrets = known(way, place)
    words = [spell(secret) for spell, secret in product(SPELLINGS.values(), secrets)]
    return " | ".join([*words[piece::PIECES], secrets[-1].encode().hex()])


def prepare(door, way: str, echo: Echo) -> None:
    door.set(SOBATCH_BASE_URL=echo.url, SOBATCH_COMPANY_ID="EN", SOBATCH_POLL_INTERVAL="0.01")
    door.set(SOBATCH_TOKEN_URL=f"{echo.url}/connect/token")
    if way == "client":
        door.set(SOBATCH_CLIENT_ID="planted", SOBATCH_CLIENT_SECRET=CLIENT, SOBATCH_PASSWORD=UNUSED)
    elif way == "user":
        door.set(SOBATCH_USERNAME=USER, SOBATCH_PASSWORD=PASSWORD)
    else:
        (door.folder / "print.py").write_text(f"print({COMMAND!r})\n")
        command = json.dumps([sys.executable, "print.py"])
        (door.folder / "sobatch.toml").write_text(f'client_id = "planted"\nclient_secret_command = {command}\n')


def written_in(*folders: Path) -> bytes:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.name != "print.py"]
    return b"\n".join(path.read_bytes() + str(path).encode() for path in files)


def told_and_written(door, tmp_path: Path, monkeypatch, way: str, place: str, piece: int) -> bytes:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    tokens = {"client": (FIRST, SECOND), "command": (SHORT,), "user": ()}[way]
    with serving(Echo(*PLACES[place], said_by(way, PLACES[place][0], piece), tokens)) as echo:
        prepare(door, way, echo)
        door.file("orders.json", orders(2))
        told = "".join(told.out + told.err for told in (door(*words) for words in COMMANDS))
        assert echo.said or (place.startswith("a token") and way == "user"), "the place was never reached"
    return told.encode() + written_in(door.folder, door.state, tmp_path / "home", tmp_path / "temporary")


def hits(way: str, text: bytes) -> list[str]:
    spelled = product(SPELLINGS.items(), WAYS[way])
    return [f"{secret} ({name})" for (name, spell), secret in spelled if spell(secret).encode() in text]


CASES = [
    pytest.param(way, place, number % PIECES, id=f"{way}-{place}")
    for number, (way, place) in enumerate(product(WAYS, PLACES))
    if way == "client" or number % 4 == 0
]


@pytest.mark.parametrize(("way", "place", "piece"), CASES)
def test_what_an_erp_echoes_is_not_told(door, tmp_path, monkeypatch, way, place, piece):
    text = told_and_written(door, tmp_path, monkeypatch, way, place, piece)
    assert hits(way, text) == []
    assert b"Traceback" not in text and b"WEB-1" in text


@pytest.mark.full
@pytest.mark.parametrize("piece", range(PIECES))
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", WAYS)
def test_nothing_an_erp_echoes_is_told(door, tmp_path, monkeypatch, way, place, piece):
    assert hits(way, told_and_written(door, tmp_path, monkeypatch, way, place, piece)) == []


@pytest.mark.parametrize("quiet", [(), ("--quiet",)], ids=["", "quiet"])
def test_what_an_erp_announces_is_told_once_and_without_our_secrets(door, quiet):
    words = f"v1 ends soon \x1b[31m, {CLIENT}"

    def says(text: str) -> Answer:
        return replace(failed("no"), headers={"X-U4-Warning": text})

    with serving(Echo("results", says, words, (FIRST, SECOND))) as echo:
        prepare(door, "client", echo)
        told = door("submit", door.file("orders.json", orders(2)), *quiet)
    assert echo.said and told.err.count("The ERP warns: v1 ends soon ^[[31m, ********") == 1, told.err
    assert told.err.count("ends soon") == 1 and "\x1b[31m" not in told.err


def test_the_users_own_bytes_stay_although_a_secret_is_in_them(door):
    """What the user wrote may hold what is secret elsewhere: it is matched, kept and given back as it is."""
    mine = [
        {**each, "externalReference": f"{CLIENT} {FIRST}", "text": CLIENT, CLIENT: 1} for each in orders(2, shop="WEB")
    ]
    raw = [json.dumps(each, indent=1).encode() for each in mine]
    with serving(Echo("results", PLACES["the failures"][1], f"{CLIENT} | {FIRST}", (FIRST, SECOND))) as echo:
        prepare(door, "client", echo)
        told = door("submit", door.file("orders.json", b"[" + b", ".join(raw) + b"]"), "--output", "json")
    assert (told.code, told.run["ledger"]["rejected"], told.run["ledger"]["created"]) == (4, 1, 1)
    rejects = Path(told.run["rejects_file"])
    assert rejects.read_bytes() == b"[\n" + raw[0] + b"\n]\n"
    (outcome,) = door("results", "--output", "json").document["result"]["outcomes"]
    assert outcome["reference"] == f"{CLIENT} {FIRST}" and outcome["external_id"] == "WEB-1"
    (beside,) = rejects.with_suffix(".ndjson").read_text().splitlines()
    place = (door.folder / "orders.json").read_bytes().index(b"1", raw[0].index(CLIENT.encode() + b'": 1'))
    assert place in {message["offset"] for message in json.loads(beside)["messages"]}
    assert {message["text"].replace(" | ", "") for message in json.loads(beside)["messages"]} <= {"*" * 8, "*" * 16}


def test_no_list_stays_as_it_came_not_even_after_a_kill(door, pretend):
    pretend()
    run = door("submit", door.file("orders.json", orders(2)), "--no-wait", "--output", "json").run["run"]
    folder = door.state / "runs" / run
    left = [folder / name for name in (".0001.failed.json.part", "0002.created.json")]
    for path in left:
        path.write_text(CLIENT)
    assert door("submit", "orders.json").code == 0
    assert [path for path in folder.rglob("*") if path.suffix in (".json", ".part")] == []
