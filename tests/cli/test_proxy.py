"""A proxy that wants to know who asks: told once, by name and password, which are nowhere to be read."""

from __future__ import annotations

import base64
import http.server
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sending_door import orders

USER, PASSWORD = "ab1234", "pl4nted+pr0xy/pass"
PAIR = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@contextmanager
def turning_away(*words: str) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A proxy that answers with one status line after the other: its address, and what it was asked and by whom."""
    asked: list[tuple[str, str | None]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append((self.path, self.headers.get("Proxy-Authorization")))
            status, reason = words[min(len(asked), len(words)) - 1].split(" ", 1)
            self.send_response(int(status), reason)
            self.end_headers()
            self.wfile.write(f"not {PASSWORD}, {PAIR}".encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def configured(door, proxy: str, password: str) -> None:
    door.set(SOBATCH_BASE_URL="https://erp.example.com", SOBATCH_TOKEN_URL="https://erp.example.com/token")
    door.set(SOBATCH_CLIENT_ID="me", SOBATCH_CLIENT_SECRET="pl4nted-secret", SOBATCH_COMPANY_ID="EN")
    (door.folder / "sobatch.toml").write_text(f'proxy = "{proxy}"\nproxy_username = "{USER}"\n{password}\n')


def forms(door) -> dict[str, str]:
    (door.folder / "print.py").write_text(f"print({PASSWORD!r})\n")
    (door.folder / "word").write_text(PASSWORD + "\n")
    (door.folder / "word").chmod(0o600)
    command = json.dumps([sys.executable, str(door.folder / "print.py")])
    return {"file": 'proxy_password_file = "word"', "command": f"proxy_password_command = {command}", "variable": ""}


@pytest.mark.parametrize("form", ["file", "command", "variable"])
def test_a_proxy_that_says_no_is_asked_once_and_told_who_asks(door, form):
    with turning_away(f"407 Who is {PASSWORD}?") as (url, asked):
        configured(door, url, forms(door)[form])
        if form == "variable":
            door.set(SOBATCH_PROXY_PASSWORD=PASSWORD)
        told = door("submit", door.file("orders.json", orders(2)))
        shown = door("config")
    assert asked == [("erp.example.com:443", f"Basic {PAIR}")]
    assert told.code == 6 and "proxy_password" in told.err and "nothing was sent" in told.err, told.err
    text = told.out + told.err + shown.out + shown.err
    assert PASSWORD not in text and PAIR not in text and USER in shown.out


def test_a_proxy_that_is_busy_is_asked_again(door):
    with turning_away("503 Later", "407 No") as (url, asked):
        configured(door, url, 'proxy_password_file = "word"')
        forms(door)
        told = door("submit", door.file("orders.json", orders(1)))
    assert told.code == 6 and len(asked) == 2


@pytest.mark.parametrize("kept", ["proxy_username", "proxy_password"])
def test_half_of_who_asks_is_a_setting_to_mend(door, kept):
    configured(door, "http://127.0.0.1:1", "")
    lines = {"proxy_username": f'proxy_username = "{USER}"', "proxy_password": 'proxy_password_file = "word"'}
    forms(door)
    (door.folder / "sobatch.toml").write_text(f'proxy = "http://127.0.0.1:1"\n{lines[kept]}\n')
    told = door("submit", door.file("orders.json", orders(1)))
    missing = next(iter(lines.keys() - {kept}))
    assert told.code == 2 and missing in told.err and PASSWORD not in told.err


def test_no_name_or_password_inside_the_address(door):
    configured(door, f"http://{USER}:{PASSWORD}@127.0.0.1:1", "")
    told = door("submit", door.file("orders.json", orders(1)))
    assert told.code == 2 and "user name or password" in told.err and PASSWORD not in told.err + told.out
