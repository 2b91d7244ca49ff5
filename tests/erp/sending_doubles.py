"""Targets that only send, and what a scripted server answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from erp_doubles import FakeClock, connection
from scripted_server import Peer, answer

from sobatch.erp.unit4.api import Unit4, build

CREATED = answer("201 Created", "Location: /v1/batch-operations/b-1/status", "Date: Sat, 21 Nov 2026 09:00:03 GMT")


class ReadyToken:
    """An authority that asks nobody, so that each connection of a socket test is a send."""

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": "Bearer ready"}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return True


def target_at(url: str, clock: FakeClock, **changes: object) -> Unit4:
    target = build(connection(url, **changes), clock)
    target._authority = ReadyToken()
    return target


def accept_and(then: Callable[[Peer], None]) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        peer.read_all()
        then(peer)

    return script


def silent(peer: Peer) -> None:
    """Closes without having read anything."""
