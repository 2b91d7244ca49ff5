"""The token: asked for when needed, renewed in time, never guessed."""

from __future__ import annotations

import base64

import httpx
import pytest
from erp_doubles import FakeClock, connection

from sobatch.erp.unit4.api import build
from sobatch.erp.wire.authority import opened
from sobatch.erp.wire.redactor import Redactor
from sobatch.errors import NotAllowed, UsageError


class TestToken:
    def test_is_asked_for_as_the_identity_service_wants_it_and_only_when_needed(self, target_of) -> None:
        target, world = target_of(httpx.Response(200, json=[]))
        target.prepare()
        list(target.jobs())
        asked = [request for request in world.requests if request.url.path == "/token"]
        assert len(asked) == 1
        assert asked[0].content == (
            b"client_id=me&client_secret=planted-secret-1&grant_type=client_credentials&scope=u4erp"
        )
        assert "authorization" not in asked[0].headers
        assert world.calls[0].headers["authorization"] == "Bearer token-1"

    @pytest.mark.parametrize(("waited", "asked"), [(0, 1), (4439, 1), (4440, 2), (9000, 2)])
    def test_is_renewed_sixty_seconds_before_it_ends(self, waited, asked, target_of, clock: FakeClock) -> None:
        target, world = target_of(httpx.Response(200, json=[]))
        target.prepare()
        clock.time += waited
        target.prepare()
        assert len(world.requests) == asked

    @pytest.mark.parametrize(
        ("expires", "lasts"),
        [
            ("4500", 4440),
            (None, 3540),
            ("soon", 3540),
            (-5, 3540),
            (40, 20),
            (float("1e300"), 3540),
            ([], 3540),
        ],
    )
    def test_a_strange_lifetime_does_no_harm(self, expires, lasts, clock: FakeClock) -> None:
        asked = 0

        def reply(request: httpx.Request) -> httpx.Response:
            nonlocal asked
            asked += 1
            return httpx.Response(200, json={"access_token": "t", "expires_in": expires})

        target = build(connection(transport=httpx.MockTransport(reply)), clock)
        target.prepare()
        clock.time += lasts - 1
        target.prepare()
        assert asked == 1
        clock.time += 1
        target.prepare()
        assert asked == 2

    def test_is_renewed_once_after_a_read_was_turned_away(self, target_of) -> None:
        answers = iter([httpx.Response(401), httpx.Response(200, json=[])])
        target, world = target_of(lambda _: next(answers))
        assert list(target.jobs()) == []
        assert [request.url.path for request in world.requests].count("/token") == 2

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"access_token": ""},
            {"access_token": 7},
            {"access_token": "a\nb"},
            [],
            None,
        ],
    )
    def test_without_a_usable_token_there_is_no_access(self, body, clock: FakeClock) -> None:
        made = connection(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body)))
        with pytest.raises(NotAllowed, match="without a usable access token"):
            build(made, clock).prepare()

    @pytest.mark.parametrize("missing", ["token_url", "client_secret"])
    def test_a_missing_credential_is_named(self, missing: str, clock: FakeClock) -> None:
        with pytest.raises(UsageError, match=missing):
            build(connection(**{missing: None}), clock)


@pytest.mark.parametrize(
    ("form", "hidden"),
    [
        ({"client_id": "me"}, ()),
        ({"client_id": "me", "refresh_token": lambda: "ticket-1"}, ("ticket-1",)),
        ({"password": lambda: "word-2"}, ("word-2",)),
        ({"username": "anna", "password": lambda: "word-3"}, ("word-3", "anna:word-3")),
    ],
)
def test_a_form_is_opened_whichever_secrets_it_holds(form, hidden) -> None:
    redact = Redactor()
    assert opened(form, redact) == {name: each if isinstance(each, str) else each() for name, each in form.items()}
    for secret in hidden:
        assert secret not in redact(f"it said: {secret}!")
    for _, secret in (each.split(":") for each in hidden if ":" in each):
        assert secret not in redact(base64.b64encode(f"anna:{secret}".encode()).decode())
