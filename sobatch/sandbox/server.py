"""Serve the sandbox on a loopback socket: threads, keep-alive, quiet, and closed when it is told to close.

Werkzeug supplies the server and the environment; the conversation is held here, because its own handler closes every
connection and writes its own `Date`, and a simulator needs both in hand.
"""

from __future__ import annotations

import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .pretend.answers import HungUp, text

HOSTS = {"127.0.0.1": socket.AF_INET, "localhost": socket.AF_INET, "::1": socket.AF_INET6}
SMALL_REST = 1 << 20
LARGEST_REST = 1 << 30
PATIENCE = 5.0


class _Handler(WSGIRequestHandler):
    """One connection, any number of requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Hold one request: call the application, send what it says, leave the connection fit for the next."""
        environ = self.environ = self.make_environ()
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:
            head[:] = (status, headers)
            return _unused

        try:
            body = self.server.app(environ, start_response)
        except HungUp:
            self.close_connection = True
            self._tell("connection ended")
            return
        except ConnectionError:
            raise
        except Exception as defect:
            traceback.print_exc()
            answer = text(500, f"The sandbox itself failed: {defect!r}").with_headers(Connection="close")
            head[:], body = (answer.status_line, list(answer.headers)), answer.body
        try:
            self._send(head[0], head[1], body)
        finally:
            getattr(body, "close", _unused)()
        self._leave_clean()

    def _send(self, status: str, headers: list[tuple[str, str]], body: Iterable[bytes]) -> None:
        """Send an answer, its head together with the first piece: small answers go out as one packet."""
        self._tell(status)
        names = {name.lower(): value for name, value in headers}
        bodyless = status[:3] in ("204", "304") or self.command == "HEAD"
        chunked = "content-length" not in names and not bodyless and self.request_version == "HTTP/1.1"
        closing = names.get("connection", "").lower() == "close" or self._rest() > SMALL_REST
        if closing or ("content-length" not in names and not bodyless and not chunked):
            self.close_connection = True
        extra = [("Transfer-Encoding", "chunked")] if chunked else []
        extra += [("Connection", "close")] if self.close_connection and "connection" not in names else []
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in (*headers, *extra)), "", ""]
        waiting = "\r\n".join(lines).encode("latin-1", "replace")
        for piece in () if bodyless else _framed(body, chunked):
            self.wfile.write(waiting + piece)
            waiting = b""
        if waiting:
            self.wfile.write(waiting)

    def _rest(self) -> int:
        """How much of the request body nobody has read."""
        if self.environ.get("wsgi.input_terminated"):
            return 0
        return int(self.environ.get("CONTENT_LENGTH") or 0) - int(getattr(self.environ["wsgi.input"], "count", 0))

    def _leave_clean(self) -> None:
        """Read the rest of the body. Closing over unread data would reset the connection and lose the answer."""
        rest = min(self._rest(), LARGEST_REST)
        if self.environ.get("wsgi.input_terminated"):
            self._drain_chunks()
        self.connection.settimeout(PATIENCE)
        while rest > 0:
            block = self.rfile.read(min(1 << 16, rest))
            if not block:
                self.close_connection = True
                return
            rest -= len(block)
        self.connection.settimeout(None)

    def _drain_chunks(self) -> None:
        try:
            while self.environ["wsgi.input"].read(1 << 16):
                pass
        except OSError:
            self.close_connection = True

    def _tell(self, outcome: str) -> None:
        """One line per request, without the query: it may hold what nobody should read."""
        self.log("info", f"{self.command} {self.path.partition('?')[0]} {outcome}")

    def log(self, type: str, message: str, *args: Any) -> None:
        """Every word of the server's goes to the callable that was given, or nowhere."""
        listener = self.server.listener if isinstance(self.server, _Listening) else None
        if listener is not None:
            listener(message % args if args else message)


def _unused(*_: object) -> None:
    """Stands where the protocol asks for a callable that nobody calls."""


def _framed(body: Iterable[bytes], chunked: bool) -> Iterator[bytes]:
    for piece in body:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    if chunked:
        yield b"0\r\n\r\n"


class _Listening(ThreadedWSGIServer):
    """The server itself. It knows its open connections, so that closing it closes them."""

    def __init__(self, host: str, listening: socket.socket, app: WSGIApplication, log: Callable[[str], None] | None):
        self.listener = log
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(host, listening.getsockname()[1], app, handler=_Handler, fd=listening.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection, then serve it on a thread of its own."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it. One that a fault has detached is closed already."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no event here; anything else is a defect and must be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def cut_all(self) -> None:
        """End every open connection."""
        with self._guard:
            for connection in self._open:
                _hang_up(connection)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # It is gone already.


class Server:
    """A running sandbox. Close it, or use it in a `with` block; `wait` blocks until somebody does."""

    def __init__(self, host: str, listening: _Listening) -> None:
        self.host = host
        self.port: int = listening.port
        self._listening = listening
        self._closed = threading.Event()
        self._thread = threading.Thread(
            target=listening.serve_forever, kwargs={"poll_interval": 0.02}, name="sandbox", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The base address, without a slash at its end."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def wait(self, seconds: float | None = None) -> bool:
        """Block until the server is closed; a signal may interrupt. Says whether it is closed."""
        return self._closed.wait(seconds)

    def close(self) -> None:
        """Stop listening and end every connection."""
        if self._closed.is_set():
            return
        self._listening.shutdown()
        self._thread.join()
        self._listening.cut_all()
        self._closed.set()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(
    sandbox: WSGIApplication,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[int], None] | None = None,
    *,
    log: Callable[[str], None] | None = None,
) -> Server:
    """Serve on a thread and return the running server. Loopback only: there is nothing here to protect orders.

    Args:
        sandbox: the application.
        host: 127.0.0.1, localhost or ::1; anything else is a ValueError.
        port: 0 takes a free one.
        ready: told the actual port once connections are accepted.
        log: told a line per request; without it the server is quiet.
    """
    if host not in HOSTS:
        raise ValueError(f"the sandbox serves this machine only, not {host}: use 127.0.0.1, localhost or ::1")
    with socket.socket(HOSTS[host], socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1" if host == "localhost" else host, port))
        listening.listen(128)
        server = Server(host, _Listening(host, listening, sandbox, log))
    if ready is not None:
        ready(server.port)
    return server
