"""An ERP that gives back what it should keep to itself, in one chosen place of its answers."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

BATCH = "b-1"


@dataclass(frozen=True)
class Answer:
    """What comes back: a body that is no bytes is written as JSON."""

    status: int
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def octets(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Says = Callable[[str], Answer]


def page(status: int) -> Says:
    return lambda text: Answer(status, f"<html><title>No: {text}</title></html>".encode())


def words(status: int) -> Says:
    return lambda text: Answer(status, {"error": {"message": [f"No: {text}"]}})


def place_of(text: str) -> Answer:
    return Answer(201, headers={"Location": text})


def state(**members: Any) -> Answer:
    told = {"status": "T", "processorResult": "Success", "processedItems": 2, "validationErrorCount": 1}
    return Answer(200, told | members)


def failed(text: str) -> Answer:
    """Words of every kind about the first order, one message for each word."""
    each = [{"field": word, "message": word} for word in text.split(" | ")]
    return Answer(200, [{"externalOrderId": "WEB-1", text: text, "notificationMessages": each, "errors": {text: text}}])


def created(text: str) -> Answer:
    return Answer(200, [{"externalOrderId": "WEB-2", "orderNumber": text, "other": {text: text}, "message": text}])


PLACES: dict[str, tuple[str, Says]] = {
    "a token that is refused": ("token", words(401)),
    "a token that is refused by a page": ("token", page(403)),
    "a send that is refused": ("submit", words(400)),
    "a send that is refused by a page": ("submit", page(422)),
    "a send that is refused in plain words": ("submit", lambda text: Answer(400, text.encode())),
    "a send that is refused by a member's name": ("submit", lambda text: Answer(400, {text: {text: text}})),
    "a send that fails": ("submit", words(500)),
    "a send that is sent away": ("submit", lambda text: Answer(307, headers={"Location": text})),
    "a receipt from elsewhere": ("submit", lambda text: place_of(f"https://elsewhere.example/{text}")),
    "a receipt that names it": ("submit", lambda text: place_of(f"/v1/batch-operations/{text.split(' | ')[-1]}")),
    "a warning": ("status", lambda text: Answer(200, state().body, {"X-U4-Warning": text})),
    "an encoding": ("status", lambda text: Answer(200, b"x", {"Content-Encoding": text})),
    "a status that is none": ("status", lambda text: state(status=text)),
    "a status with words": ("status", lambda text: state(processorResult=text, message=text, **{text: text})),
    "a status that is not allowed": ("status", words(403)),
    "a status that is no JSON": ("status", lambda text: Answer(200, text.encode())),
    "a status line": ("status", lambda text: Answer(-1, text.encode())),
    "the failures": ("results", failed),
    "the successes": ("success", created),
    "results that are not allowed": ("results", words(403)),
    "results that are no list": ("results", lambda text: Answer(200, {text: text})),
    "the list": ("list", lambda text: Answer(200, [{"batchId": "b-2", "status": text, "createdAt": text}])),
    "the names in the list": ("list", lambda text: Answer(200, [{"batchId": text.split(" | ")[-1], "status": "T"}])),
    "a list that is not allowed": ("list", words(403)),
    "a list that is none": ("list", lambda text: Answer(200, {"message": text})),
}


@dataclass
class Echo:
    """Where it says what. Elsewhere it is well, but it turns away every other token, so that each command needs two."""

    place: str
    says: Says
    text: str
    tokens: tuple[str, ...]
    url: str = ""
    said: int = 0
    handed: int = -1
    taken: bool = False

    def answer(self, place: str, authorization: str) -> Answer:
        if place != "token" and len(self.tokens) > 1 and authorization == f"Bearer {self.tokens[0]}":
            return Answer(401, {"message": "Invalid JWT."})
        self.taken |= place == "submit"
        if place == self.place and not (place == "status" and self.said):  # a second poll brings the end
            self.said += 1
            return self.says(self.text)
        return {
            "token": lambda: Answer(200, {"access_token": self.tokens[self._handed_out()], "expires_in": 4500}),
            "submit": lambda: place_of(f"/v1/batch-operations/{BATCH}"),
            "status": state,
            "results": lambda: failed("no such customer"),
            "success": lambda: created("900002"),
            "list": lambda: Answer(200, [{"batchId": BATCH, "status": "T"}] * self.taken),
            "cancel": lambda: Answer(202),
        }[place]()

    def _handed_out(self) -> int:
        self.handed += 1
        return self.handed % len(self.tokens)


def _place(method: str, path: str) -> str:
    if method == "POST":
        return "token" if "token" in path else "cancel" if path.endswith("cancel") else "submit"
    if "/results" in path:
        return "success" if "type=success" in path else "results"
    return "status" if path.endswith("/status") else "list"


@contextmanager
def serving(echo: Echo) -> Iterator[Echo]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def _any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = echo.answer(_place(self.command, self.path), self.headers.get("Authorization", ""))
            if answer.status < 0:
                self.wfile.write(b"HTTP/1.1 " + answer.octets + b"\r\n\r\n")
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.octets)))
            self.end_headers()
            self.wfile.write(answer.octets)

        do_GET = do_POST = _any

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        echo.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield echo
        finally:
            server.shutdown()
            thread.join()
