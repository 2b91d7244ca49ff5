"""What an answer says as JSON: exactly, and never with an exception."""

from __future__ import annotations

import pytest

from sobatch.erp.exchange import Answer

BODIES = {
    b'{"DocNo": 12345678901234567890123, "Total": 0.5}': {"DocNo": 12345678901234567890123, "Total": 0.5},
    b'\xef\xbb\xbf [1, "\xc3\xa9"]\r\n': [1, "é"],
    b"": None,
    b"null": None,
    b"<html>Sign in</html>": None,
    b'{"id": NaN}': None,
    b'{"id": 1} {"id": 2}': None,
    b'{"id": "\xff"}': None,
    b'{"id": ' + b"9" * 5000 + b"}": None,
    b"[" * 200_000: None,
}


@pytest.mark.parametrize(("body", "meant"), BODIES.items(), ids=range(len(BODIES)))
def test_a_body_is_json_or_nothing(body: bytes, meant: object) -> None:
    assert Answer(200, body=body).json() == meant
