"""Tokens, plain users, and what becomes of secrets."""

from __future__ import annotations

import pytest

FORM = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox", "scope": "u4erp"}


def test_a_token_reply_has_its_four_members(erp):
    reply = erp().http.post("/identity/connect/token", data=FORM).json()
    assert (reply["token_type"], reply["expires_in"], reply["scope"]) == ("Bearer", 4500, "u4erp")
    assert reply["access_token"]


def test_the_secret_may_come_in_a_basic_header(erp):
    http = erp().http
    right = http.post("/identity/connect/token", data={"grant_type": "client_credentials"}, auth=("sandbox", "sandbox"))
    wrong = http.post("/identity/connect/token", data={"grant_type": "client_credentials"}, auth=("sandbox", "x"))
    assert (right.status_code, wrong.status_code) == (200, 400)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": ""}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_bad_token_request_is_refused(erp, change, error):
    response = erp().http.post("/identity/connect/token", data=FORM | change)
    assert (response.status_code, response.json()) == (400, {"error": error})


def test_a_token_ends_with_its_lifetime(erp):
    visitor = erp(token_lifetime=100)
    visitor.clock.tick(99.9)
    assert visitor.get("/v1/batch-operations").status_code == 200
    visitor.clock.tick(0.1)
    response = visitor.get("/v1/batch-operations")
    assert (response.status_code, response.json()) == (401, {"statusCode": 401, "message": "Invalid JWT."})


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Digest x", "Basic !!!", "Basic c2FuZGJveDp4"])
def test_without_a_valid_credential_nothing_is_reached(erp, order, header):
    visitor = erp()
    visitor.headers = {} if header is None else {"Authorization": header}
    for response in (visitor.post([order()]), visitor.get("/v1/batch-operations"), visitor.cancel("x")):
        assert response.json() == {"statusCode": 401, "message": "Invalid JWT."}
    assert visitor.sandbox.batches() == []


def test_a_plain_user_is_let_in(erp, order):
    visitor = erp()
    visitor.headers = {"Authorization": "Basic c2FuZGJveDpzYW5kYm94"}
    assert visitor.letter(visitor.submit([order()])) == "T"


def test_the_record_holds_no_secret(erp, order, tmp_path):
    visitor = erp(clients={"sandbox": "sandbox", "spy": "hunter2-secret"})
    token = visitor.token("spy", "hunter2-secret")
    visitor.headers = {"Authorization": f"Bearer {token}", "X-Client-Secret": "hunter2-secret"}
    visitor.get("/v1/batch-operations", client_secret="hunter2-secret", status="T")
    seen = visitor.sandbox.requests()[-1]
    assert (seen.headers["Authorization"], seen.headers["X-Client-Secret"]) == ("Bearer ***", "***")
    assert seen.query == "client_secret=***&status=T"
    assert "hunter2" not in repr(visitor.sandbox.requests())
