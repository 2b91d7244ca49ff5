"""Planted secrets: whatever goes wrong, none of them is in an error, a repr, a warning, a receipt or a log."""

from __future__ import annotations

import base64
import logging
import pickle
import ssl
import traceback
from collections.abc import Callable
from urllib.parse import quote

import certifi
import httpcore
import httpx
import pytest
from erp_doubles import NOON, FakeClock, Journal, connection

from sobatch.erp.ports import Attempt, Kind, PartFile, Receipt
from sobatch.erp.unit4.api import Unit4, build
from sobatch.errors import NotAllowed, Temporary

SECRET, TOKEN, PASSWORD = "pl4nted+client/secret", "pl4nted.access.token", "pl4nted pass%word"
BASIC = base64.b64encode(f"user:{PASSWORD}".encode()).decode()


def echoing(status: int) -> httpx.Response:
    """A server that gives back every secret it saw, wherever it can."""
    all_of_them = f"{SECRET} {TOKEN} {PASSWORD} {quote(SECRET, safe='')} {BASIC}"
    return httpx.Response(
        status,
        headers={
            "Location": f"https://x/{TOKEN}/{quote(SECRET, safe='')}",
            "X-U4-Warning": all_of_them,
            "Retry-After": "999",
        },
        json={"message": "x" * 480 + all_of_them, "status": all_of_them},
    )


CALLS: dict[str, Callable[[Unit4, PartFile], object]] = {
    "prepare": lambda target, part: target.prepare(),
    "send": lambda target, part: target.send(part, Journal(), lambda _: None),
    "status": lambda target, part: target.status(Receipt("b-1")).message,
    "results": lambda target, part: target.results(Receipt("b-1"), Kind.FAILED, part.path.with_name("r.json")),
    "cancel": lambda target, part: target.cancel(Receipt("b-1")),
    "jobs": lambda target, part: list(target.jobs()),
    "find": lambda target, part: target.find(
        Attempt(part, None, NOON, NOON, 0.0, frozenset(), frozenset(), 700.0, 600.0)
    ),
}


@pytest.mark.parametrize("where", ["token", "call", "network"])
@pytest.mark.parametrize("basic", [False, True])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_planted_secret_is_told(call, basic, where, part: PartFile, caplog, clock: FakeClock) -> None:
    statuses = (200, 201, 302, 400, 401, 403, 404, 429, 500)
    told: list[str] = []
    caplog.set_level(logging.DEBUG)
    for status in statuses:
        made = connection(transport=httpx.MockTransport(server(where, status)), **credentials(basic))
        target = build(made, clock)
        try:
            told.append(repr(call(target, part)))
        except Exception as error:
            told += [str(error), repr(error), repr(vars(error)), "".join(traceback.format_exception(error))]
        told += [repr(made), repr(target), repr(vars(target)), *target.warnings]
    text = "\n".join([*told, caplog.text])
    planted = [PASSWORD, BASIC] if basic else [SECRET, TOKEN] if where == "call" else [SECRET]
    assert [form for form in planted if form in text or quote(form, safe="") in text] == []


def credentials(basic: bool) -> dict[str, object]:
    if basic:
        return {"client_id": None, "username": "user", "password": lambda: PASSWORD}
    return {"client_secret": lambda: SECRET}


def server(where: str, status: int) -> Callable[[httpx.Request], httpx.Response]:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token" and where == "call":
            return httpx.Response(200, json={"access_token": TOKEN, "expires_in": 4500})
        if where == "network":
            raise httpx.ReadError(f"lost {SECRET} {BASIC}")
        return echoing(status)

    return reply


def test_the_http_libraries_stay_silent(part: PartFile, target_of, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    target, _ = target_of(httpx.Response(201, headers={"Location": "/v1/batch-operations/b-1"}))
    target.send(part, Journal(), lambda _: None)
    assert [record for record in caplog.records if record.name.startswith("http")] == []


def test_a_receipt_can_be_written_down_without_secrets(part: PartFile, clock: FakeClock) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": TOKEN, "expires_in": 4500})
        return echoing(201)

    journal = Journal()
    target = build(connection(transport=httpx.MockTransport(reply), client_secret=lambda: SECRET), clock)
    receipt = target.send(part, journal, lambda _: None)
    assert receipt.location == "https://x/********/********"
    assert TOKEN.encode() not in pickle.dumps(receipt)


@pytest.mark.parametrize("ca_file", [None, certifi.where()], ids=["the usual roots", "a file"])
@pytest.mark.parametrize("proxy", [None, "https://proxy.example:3128"])
def test_no_key_of_a_connection_is_written_down(ca_file, proxy, clock: FakeClock, tmp_path, monkeypatch) -> None:
    keys = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    made: list[ssl.SSLContext] = []
    monkeypatch.setattr(httpcore.ConnectionPool, "__init__", lambda self, **given: made.append(given["ssl_context"]))
    monkeypatch.setattr(
        httpcore.HTTPProxy,
        "__init__",
        lambda self, **given: made.extend((given["ssl_context"], given["proxy_ssl_context"])),
    )
    build(connection(ca_file=ca_file, proxy=proxy), clock)
    assert made and {context.keylog_filename for context in made} == {None} and not keys.exists()
    assert all(each.check_hostname and each.verify_mode is ssl.CERT_REQUIRED and each.get_ca_certs() for each in made)
    assert all(each.minimum_version >= ssl.TLSVersion.TLSv1_2 for each in made)


def test_a_password_inside_the_proxy_address_is_a_secret(clock: FakeClock) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502, text="the proxy says no to pr%6fxy-p%2Fss and cHI6cHJveHktcC9zcw== and pr0xy")

    given = {"proxy": "http://pr:proxy-p%2Fss@proxy.example:3128", "transport": httpx.MockTransport(reply)}
    with pytest.raises(Temporary, match=r"no to \*+ and \*+== and pr0xy"):
        build(connection(**given), clock).prepare()


def test_a_secret_that_is_not_used_is_not_told_either(clock: FakeClock) -> None:
    made = connection(
        transport=httpx.MockTransport(lambda request: httpx.Response(403, text=PASSWORD)), secrets=[lambda: PASSWORD]
    )
    with pytest.raises(NotAllowed, match=r"403 \(\*+\)"):
        build(made, clock).prepare()
