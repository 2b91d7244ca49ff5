"""Single requests: what goes over the wire, what each end of a send proves, and what a look lets through."""

from __future__ import annotations

import base64
import itertools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from erp_doubles import FakeClock, connection
from scripted_server import Peer, answer, serving
from sending_doubles import accept_and, silent

from sobatch.erp.exchange import Answer, Request
from sobatch.erp.ports import InDoubt, NotSent
from sobatch.erp.wire.authority import Bearer, Fixed, client_credentials, login
from sobatch.erp.wire.caller import Caller
from sobatch.errors import Defect, NotAllowed, RemoteFailed, SobatchError, Temporary

ORDER = Request("POST", "/salesorder", {"a": "b c"}, {"X-Run": "7"}, b'{"Price":0.90}')
READ = Request("GET", "/salesorder/7")


def keyed(url: str, clock: FakeClock, **changes: object) -> Caller:
    return Caller(
        connection(url, send_timeout=5.0, **changes),
        clock,
        lambda _, redact: Fixed({"apiKey": lambda: "planted-key-1", "email": "me@example.com"}, redact),
        headers={"x-tenant": "t1"},
    )


def over(reply: Callable[[httpx.Request], httpx.Response], clock: FakeClock) -> Caller:
    return keyed("https://erp.example.com/api", clock, transport=httpx.MockTransport(reply))


def test_the_request_on_the_wire(clock: FakeClock) -> None:
    with serving(accept_and(lambda peer: peer.send(answer("201 Created", "X-Id: 7", body=b'{"DocNo":7}')))) as server:
        caller = keyed(server.url + "/api/", clock)
        got = caller.exchange(ORDER)
        caller.close()
    (peer,) = server.peers
    assert peer.head.startswith(b"POST /api/salesorder?a=b+c HTTP/1.1\r\n")
    assert peer.body == ORDER.body and peer.header("content-length") == "14"
    sent = {name: peer.header(name) for name in ("apikey", "email", "x-tenant", "x-run", "content-type", "accept")}
    assert list(sent.values()) == ["planted-key-1", "me@example.com", "t1", "7", *["application/json"] * 2]
    assert (got.status, got.headers["x-id"], got.json()) == (201, "7", {"DocNo": 7})


YES = b'{"id": 7, "number": "A"}'
SAID: dict[str, tuple[Callable[[Peer], None], Answer | type[Exception]]] = {
    "a yes": (lambda peer: peer.send(answer("200 OK", body=YES)), Answer(200, body=YES)),
    "a cut yes": (lambda peer: peer.send(answer("200 OK", body=YES, length=9999)), InDoubt),
    "a no": (lambda peer: peer.send(answer("409 Conflict", body=b"[]")), Answer(409, body=b"[]")),
    "a cut no": (lambda peer: peer.send(answer("400 Bad", body=b"so", length=9999)), Answer(400, body=b"so")),
    "a failure": (lambda peer: peer.send(answer("500 Oh", body=b"so")), Answer(500, body=b"so")),
    "a redirect": (lambda peer: peer.send(answer("302 Found", "Location: /there")), Answer(302)),
    "no answer": (lambda peer: None, InDoubt),
    "no HTTP": (lambda peer: peer.send(b"hello\r\n\r\n"), InDoubt),
    "a yes beyond all size": (lambda peer: peer.send(answer("200 OK", body=b" " * (8 << 20) + b"{}")), InDoubt),
}


@pytest.mark.parametrize(("script", "means"), SAID.values(), ids=SAID)
def test_a_request_is_made_once_whatever_it_ends_with(script, means, clock: FakeClock) -> None:
    with serving(accept_and(script)) as server:
        caller = keyed(server.url, clock)
        if isinstance(means, Answer):
            got = caller.exchange(ORDER)
            assert (got.status, got.body) == (means.status, means.body)
        else:
            with pytest.raises(means):
                caller.exchange(ORDER)
        caller.close()
    assert len(server.peers) == 1 and clock.slept == []


def test_only_a_connection_that_never_was_is_not_sent(clock: FakeClock) -> None:
    with serving(silent) as server:
        gone = server.url
    caller = keyed(gone, clock)
    with pytest.raises(NotSent, match="nothing was sent"):
        caller.exchange(ORDER)
    with serving(silent) as server, pytest.raises(InDoubt):
        keyed(server.url, clock).exchange(ORDER)


@pytest.mark.parametrize("path", ["salesorder", "/a/../b", "/a?b=c", "/a b", "/a\r\nX: y", "/a#b", "//..", "/%zz", ""])
def test_a_path_made_of_something_strange_goes_nowhere(path: str, clock: FakeClock) -> None:
    caller = over(lambda request: httpx.Response(200, json={}), clock)
    for call in (caller.exchange, caller.look):
        with pytest.raises(Defect):
            call(Request("POST", path))


def looked(status: int) -> type[SobatchError] | None:
    """What a look at a status ends with; None when the answer comes home."""
    if status in (408, 425, 429) or status >= 500 or status < 200:
        return Temporary if status >= 200 else RemoteFailed
    return NotAllowed if status in (401, 403) or 300 <= status < 400 else None


def test_a_look_lets_every_answer_through_that_says_something(clock: FakeClock) -> None:
    for status in range(100, 600):
        caller = over(lambda request, status=status: httpx.Response(status, json={"n": status}), clock)
        expected = looked(status)
        if expected is None:
            assert caller.look(READ).json() == {"n": status}
            continue
        with pytest.raises(SobatchError) as caught:
            caller.look(READ)
        assert type(caught.value) is expected, status


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b'{"Items":[', b"NaN"])
def test_a_200_that_is_no_json_is_asked_for_again_and_never_told(body: bytes, clock: FakeClock) -> None:
    bodies = iter([body, b'{"Items":[]}'])
    caller = over(lambda request: httpx.Response(200, content=next(bodies)), clock)
    assert caller.look(READ).json() == {"Items": []}
    with pytest.raises(Temporary):
        over(lambda request: httpx.Response(200, content=body), clock).look(READ)


def test_a_read_with_a_body_is_repeated_with_it(clock: FakeClock) -> None:
    seen: list[bytes] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return httpx.Response(503 if len(seen) < 3 else 200, json=[], headers={"Retry-After": "7"})

    assert over(reply, clock).look(Request("POST", "/list", body=b'{"Type":7}')).json() == []
    assert seen == [b'{"Type":7}'] * 3
    assert all(wait <= 0.25 for wait in clock.slept if wait < 7) and sum(clock.slept) >= 14


# ---- who we are ------------------------------------------------------------

SECRET, PASSWORD = "pl4nted+client/secret", "pl4nted pass%word"


def form(request: httpx.Request) -> Mapping[str, str]:
    return dict(httpx.QueryParams(request.content.decode()))


def basic(request: httpx.Request) -> str | None:
    said = request.headers.get("authorization", "")
    return base64.b64decode(said[6:]).decode() if said.startswith("Basic ") else None


def grants(made, examine):
    return {
        "client in the form": client_credentials(made, "all"),
        "client in a header": client_credentials(made, basic=True),
        "login": login(made, {"target": "T1", "otp": lambda: "pl4nted-otp-99"}, examine),
    }


@pytest.mark.parametrize("kind", ["client in the form", "client in a header", "login"])
def test_a_token_is_asked_for_as_its_service_wants_it(kind: str, clock: FakeClock) -> None:
    requests: list[httpx.Request] = []
    examined: list[Mapping[str, object]] = []
    given = {"access_token": "pl4nted.token.1", "expires_in": "600", "is_target_test_system": True}

    def reply(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if request.url.path == "/token":
            return httpx.Response(200, json=given)
        return httpx.Response(401, text=f"{SECRET} {PASSWORD} {request.headers['authorization']} pl4nted-otp-99")

    made = connection(
        client_secret=lambda: SECRET,
        username="u" if kind == "login" else None,
        password=lambda: PASSWORD,
        transport=httpx.MockTransport(reply),
    )
    caller = Caller(made, clock, lambda r, redact: Bearer(grants(made, examined.append)[kind], r, clock, redact))
    got = caller.exchange(ORDER)
    asked, sent = requests
    base = {"grant_type": "client_credentials"}
    client = {"client_id": "me", "client_secret": SECRET}
    user = {"grant_type": "password", "username": "u", "password": PASSWORD, "target": "T1", "otp": "pl4nted-otp-99"}
    forms = {
        "client in the form": base | client | {"scope": "all"},
        "client in a header": base,
        "login": client | user,
    }
    assert form(asked) == forms[kind]
    assert basic(asked) == (f"me:{SECRET}" if kind == "client in a header" else None)
    assert sent.headers["authorization"] == "Bearer pl4nted.token.1"
    assert examined == ([given] if kind == "login" else [])
    shown = caller.redacted(got.body.decode())
    assert SECRET not in shown and "pl4nted.token.1" not in shown
    assert kind != "login" or shown.count("pl4nted") == 0
    assert caller.renew() and caller.renew()
    caller.exchange(ORDER)
    assert len(requests) == 4, "a token that was turned away is asked for anew"


def test_a_token_for_something_else_is_not_used(clock: FakeClock) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/token"
        return httpx.Response(200, json={"access_token": "t", "is_target_test_system": False})

    def examine(said: Mapping[str, object]) -> None:
        if not said["is_target_test_system"]:
            raise NotAllowed("this is the live system")

    made = connection(transport=httpx.MockTransport(reply))
    caller = Caller(made, clock, lambda r, redact: Bearer(login(made, {}, examine), r, clock, redact))
    for _ in range(2):
        with pytest.raises(NotAllowed, match="live"):
            caller.exchange(ORDER)


def test_fixed_headers_are_opened_once_and_stay_hidden(clock: FakeClock) -> None:
    opened: list[int] = []

    def key() -> str:
        opened.append(1)
        return "pl4nted-key-12"

    def reply(request: httpx.Request) -> httpx.Response:
        assert basic(request) == f"u:{PASSWORD}" and request.headers["x-key"] == "pl4nted-key-12"
        return httpx.Response(400, text=f"{request.headers['authorization']} pl4nted-key-12")

    made = connection(transport=httpx.MockTransport(reply))
    caller = Caller(made, clock, lambda _, r: Fixed({"x-key": key}, r, basic=("u", lambda: PASSWORD)))
    shown = [caller.redacted(caller.exchange(ORDER).body.decode()) for _ in range(3)]
    assert len(opened) == 1 and set(shown) == {"Basic ********== ********"} and not caller.renew()


@pytest.mark.parametrize("value", ["", "a\r\nX-Evil: 1", "é", " a", "a\x00"])
def test_what_cannot_stand_in_a_header_is_a_setting_to_mend(value: str, clock: FakeClock) -> None:
    made = connection(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
    caller = Caller(made, clock, lambda _, redact: Fixed({"x-key": lambda: value}, redact))
    with pytest.raises(SobatchError, match="x-key") as caught:
        caller.prepare()
    assert caught.value.exit_code == 2 and (not value.strip() or value not in caught.value.message)


def test_threads_share_one_token_and_renew_it_once(clock: FakeClock) -> None:
    given = itertools.count(1)
    turned_away = threading.Barrier(8)

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": f"token-{next(given)}", "expires_in": 4500})
        if request.headers["authorization"] == "Bearer token-1":
            turned_away.wait(10)  # all are on the wire with the old one
            return httpx.Response(401)
        return httpx.Response(201, json={"by": request.headers["authorization"]})

    made = connection(transport=httpx.MockTransport(reply))
    caller = Caller(made, clock, lambda r, redact: Bearer(client_credentials(made), r, clock, redact))

    def work(_: int) -> object:
        first = caller.exchange(ORDER)
        assert first.status == 401 and caller.renew()
        return caller.exchange(ORDER).json()

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(work, range(8)))
    assert said == [{"by": "Bearer token-2"}] * 8 and next(given) == 3
