"""Carry a fault out: spoil the answer, or the connection under it.

What happens to the connection itself is done on the raw socket, so it needs one: mounted in process such a fault is
refused loudly, for a test that believed in it would prove nothing.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from .answers import Answer, HungUp, data, empty, gateway, text
from .calls import Call
from .faults import Fault

EVIL = "http://evil.example/v1/batch-operations/11111111-1111-1111-1111-111111111111/status"
GARBAGE_LOCATION = "::: not a \\ place at all ///%%%"
PAGE = "<html><head><title>Please wait</title></head><body><h1>Service desk</h1></body></html>"
LINGER = 0.05


class NeedsSocket(RuntimeError):
    """The fault acts on a connection, and there is none."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a fault has to work with. `usual` carries the request out and gives the answer that is due."""

    fault: Fault
    call: Call
    usual: Callable[[], Answer]
    finish: Callable[[Answer], Answer]
    sleep: Callable[[float], None]

    def socket(self) -> socket.socket:
        """The raw connection."""
        found = self.call.environ.get("werkzeug.socket")
        if found is None:
            raise NeedsSocket(f"the fault '{self.fault.action}' works on a socket only: start the sandbox with serve()")
        return cast(socket.socket, found)

    def carried_out(self) -> Answer:
        """The usual answer, complete with the headers every answer has, its body in one piece."""
        return self.finish(self.usual()).gathered()

    def transmit(self, data: bytes, status: int | None = None) -> None:
        """Write raw bytes, past the server. A status that goes out this way is noted for the record."""
        if status is not None:
            self.call.notes["status"] = status
        self.socket().sendall(data)

    def consume(self) -> None:
        """Read the whole request, and carry it out if the fault says so."""
        if self.fault.saved:
            self.carried_out()
        self.call.drain()


def spoil(scene: Scene) -> Answer:
    """The spoilt answer; or `HungUp`, when the connection has been dealt with already."""
    return _DEEDS[scene.fault.action](scene)


def wire(answer: Answer) -> bytes:
    """An answer as bytes, exactly as written: nothing is escaped, checked or repaired."""
    lines = [f"HTTP/1.1 {answer.status_line}", *(f"{name}: {value}" for name, value in answer.headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + b"".join(answer.body)


def _refuse(scene: Scene) -> Answer:
    """Say goodbye first: closing over unread data resets the connection, and the reset must not overtake the end.

    The pause is for the kernel, so it is a real one whatever clock the sandbox was given.
    """
    connection = scene.socket()
    connection.shutdown(socket.SHUT_WR)
    time.sleep(LINGER)
    raise HungUp


def _reset(scene: Scene) -> Answer:
    """With a linger time of zero the kernel sends RST. The descriptor is closed here, past every wrapper."""
    connection = scene.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())
    raise HungUp


def _close(scene: Scene) -> Answer:
    scene.socket()
    scene.consume()
    raise HungUp


def _reset_after(scene: Scene) -> Answer:
    scene.socket()
    scene.consume()
    return _reset(scene)


def _silence(scene: Scene) -> Answer:
    scene.socket()
    scene.consume()
    scene.sleep(scene.fault.seconds)
    raise HungUp


def _late(scene: Scene) -> Answer:
    scene.sleep(scene.fault.seconds)
    return scene.usual()


def _partial_header(scene: Scene) -> Answer:
    scene.socket()
    scene.consume()
    scene.transmit(b"HTTP/1.1 201 Created\r\nLocat")
    raise HungUp


def _cut_body(scene: Scene) -> Answer:
    """All headers arrive, also Location; of the announced body the last bytes never do."""
    scene.socket()
    answer = scene.carried_out()
    scene.call.drain()
    length = len(b"".join(answer.body))
    scene.transmit(wire(answer.with_headers(Content_Length=str(length + 100))), answer.status)
    raise HungUp


def _location(value: str | None) -> Callable[[Scene], Answer]:
    def deed(scene: Scene) -> Answer:
        answer = scene.usual()
        wanted = (scene.fault.location or "") if value is None else value
        chosen = wanted.replace("{usual}", answer.header("Location") or "")
        return answer.with_headers(Location=chosen)

    return deed


def _no_location(scene: Scene) -> Answer:
    return scene.usual().with_headers(Location=None)


def _status(scene: Scene) -> Answer:
    return replace(scene.usual(), status=scene.fault.status or 200)


def _instead(scene: Scene, answer: Answer) -> Answer:
    """An answer in place of the usual one; the request was carried out or not, as the fault says."""
    if scene.fault.saved:
        scene.carried_out()
    return answer


def _throttle(scene: Scene) -> Answer:
    wait = scene.fault.retry_after
    answer = gateway(429, f"Rate limit is exceeded. Try again in {wait or 'some'} seconds.")
    return _instead(scene, answer.with_headers(Retry_After=wait))


def _error(scene: Scene) -> Answer:
    status = scene.fault.status or 500
    answer = data(status, {"code": status, "message": "An error has occurred."})
    return _instead(scene, answer.with_headers(Retry_After=scene.fault.retry_after))


def _unauthorized(scene: Scene) -> Answer:
    return _instead(scene, gateway(401, "Invalid JWT."))


def _redirect(scene: Scene) -> Answer:
    target = scene.fault.location or f"http://evil.example{scene.call.path}"
    return _instead(scene, empty(scene.fault.status or 307).with_headers(Location=target))


def _drip(scene: Scene) -> Answer:
    scene.socket()
    answer = scene.carried_out()
    scene.call.drain()
    for byte in wire(answer):
        scene.transmit(bytes([byte]), answer.status)
        scene.sleep(scene.fault.seconds)
    raise HungUp


def _html(scene: Scene) -> Answer:
    return _instead(scene, text(scene.fault.status or 200, scene.fault.body or PAGE, "text/html; charset=utf-8"))


def _truncated(scene: Scene) -> Answer:
    answer = scene.usual().gathered()
    body = b"".join(answer.body)
    return replace(answer, body=(body[: len(body) // 2],)).gathered()


def _garbage(scene: Scene) -> Answer:
    scene.socket()
    scene.consume()
    scene.transmit(b"\x16\x03\x01\x00\xa5 this is no HTTP at all\r\n\r\n")
    raise HungUp


def _early_413(scene: Scene) -> Answer:
    return text(413, PAGE, "text/html").with_headers(Connection="close")


def _custom(scene: Scene) -> Answer:
    fault = scene.fault
    answer = _instead(scene, text(fault.status or 200, fault.body or "", fault.content_type))
    answer = answer.with_headers(
        **{
            name: value
            for name, value in (("Location", fault.location), ("Retry_After", fault.retry_after))
            if value is not None
        }
    )
    if answer.status >= 200:
        return answer
    scene.socket()
    scene.call.drain()
    scene.transmit(wire(scene.finish(answer)), answer.status)
    raise HungUp


_DEEDS: dict[str, Callable[[Scene], Answer]] = {
    "refuse": _refuse,
    "reset": _reset,
    "close": _close,
    "reset_after": _reset_after,
    "silence": _silence,
    "late": _late,
    "partial_header": _partial_header,
    "cut_body": _cut_body,
    "no_location": _no_location,
    "foreign_location": _location(EVIL),
    "garbage_location": _location(GARBAGE_LOCATION),
    "location": _location(None),
    "status": _status,
    "throttle": _throttle,
    "error": _error,
    "unauthorized": _unauthorized,
    "redirect": _redirect,
    "drip": _drip,
    "html": _html,
    "truncated": _truncated,
    "garbage": _garbage,
    "early_413": _early_413,
    "custom": _custom,
}
