"""Planted secrets: whatever a command does and however it ends, none of them is in anything it says or writes."""

from __future__ import annotations

import base64
import sqlite3
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from sending_door import orders

from sobatch.sandbox import Fault

SECRET, PASSWORD, USER = "pl4nted+client/secret=", "pl4nted pass%word&", "anna"
LEAKS = {
    "all is well": [],
    "the token is refused": [Fault("token", "custom", status=401, body=f'{{"error":"{SECRET} is wrong"}}')],
    "the token service breaks": [Fault("token", "custom", status=500, body=SECRET, times=None)],
    "the send is refused": [Fault("submit", "custom", status=400, body=f'{{"message":"{SECRET} {PASSWORD}"}}')],
    "the send is lost": [Fault("submit", "close", saved=True)],
    "the send is sent away": [Fault("submit", "redirect", location=f"https://evil.example/?s={quote(SECRET)}")],
    "the place tells it": [Fault("submit", "location", location=f"/x/{quote(SECRET, safe='')}/{quote(PASSWORD)}")],
    "the status tells it": [
        Fault("status", "custom", status=200, body=f'{{"status":"{SECRET}","message":"{PASSWORD}"}}')
    ],
    "the results tell it": [Fault("results", "custom", status=403, body=f'{{"message":"{SECRET} {PASSWORD}"}}')],
}
COMMANDS = [
    ["submit", "orders.json"],
    ["submit", "orders.json", "--output", "json", "--progress", "json"],
    ["status"],
    ["status", "--export"],
    ["status", "--remote"],
    ["results", "--type", "all"],
    ["results", "--output", "json"],
    ["config", "show", "--origin"],
    ["config", "show", "--output", "json"],
    ["cancel", "--timeout", "2m"],
]


def forms_of(secret: str) -> list[bytes]:
    pair = base64.b64encode(f"{USER}:{secret}".encode()).decode()
    encoded = base64.b64encode(secret.encode()).decode()
    return [form.encode() for form in (secret, quote(secret, safe=""), quote_plus(secret), pair, encoded)]


def tokens(world) -> list[bytes]:
    with sqlite3.connect(world.database) as database:
        found = [row[0].encode() for row in database.execute("SELECT token FROM tokens")]
    database.close()
    return found


def everything_written(*folders: Path) -> bytes:
    return b"\n".join(
        path.read_bytes() + str(path).encode() for folder in folders for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("basic", [False, True], ids=["client", "user"])
@pytest.mark.parametrize("faults", LEAKS.values(), ids=LEAKS)
def test_no_secret_is_said_or_written(door, pretend, monkeypatch, tmp_path, faults, basic):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    world = pretend(*faults, clients={"planted": SECRET}, users={USER: PASSWORD})
    door.set(SOBATCH_CLIENT_ID="planted", SOBATCH_CLIENT_SECRET=SECRET)
    if basic:
        monkeypatch.delenv("SOBATCH_CLIENT_ID")
        door.set(SOBATCH_USERNAME=USER, SOBATCH_PASSWORD=PASSWORD)
    door.file("orders.json", orders(2))
    door.hurry()
    said = "".join(told.out + told.err for told in (door(*words) for words in COMMANDS)).encode()
    written = everything_written(door.folder, door.state, tmp_path / "home", tmp_path / "temporary")
    planted = forms_of(PASSWORD if basic else SECRET) + tokens(world)
    assert [form for form in planted if form in said + written] == []
    assert len(said) > 500 and b"WEB-1" in said + written


def test_a_defect_tells_no_secret(door, pretend, monkeypatch, tmp_path):
    pretend()
    door.set(SOBATCH_CLIENT_SECRET=SECRET)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def broken(connection, clock):
        raise RuntimeError(f"{connection.client_secret()}")

    monkeypatch.setattr("sobatch.erp.unit4.api.build", broken)
    told = door("submit", door.file("orders.json", orders(1)))
    (report,) = tmp_path.glob("sobatch-report-*")
    assert told.code == 1
    assert SECRET not in told.out + told.err + report.read_text()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no process list to read")
def test_no_secret_is_in_the_process_list(door, pretend):
    """Also not while a helper command fetches it."""
    pretend(start_delay=600)
    helper = door.folder / "fetch.py"
    helper.write_text("print('sand' + 'box')")
    (door.folder / "mine.toml").write_text(f'client_secret_command = ["{sys.executable}", "fetch.py"]\n')
    settings = {"SOBATCH_CLIENT_SECRET": "", "SOBATCH_CONFIG": "mine.toml"}
    with door.start("submit", door.file("orders.json", orders(1)), env=settings) as child:
        heard = b""
        while b"accepted" not in heard:
            heard += child.stderr.readline() or pytest.fail(f"it ended with {heard!r}")
        listed = Path(f"/proc/{child.pid}/cmdline").read_bytes()
        child.terminate()
    assert b"submit" in listed and b"sandbox" not in listed.replace(b"sobatch", b"")


def test_a_secret_is_no_option(door):
    for name in ("--client-secret", "--password", "--token"):
        told = door("submit", "orders.json", name, SECRET)
        assert told.code == 2
        assert SECRET not in told.out + told.err
