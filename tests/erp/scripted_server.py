"""A server of raw sockets that does what it is told, connection by connection: for what a real server never does."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Peer:
    """One connection, seen from the server. `head` and `body_bytes` tell what arrived; `body` only when kept."""

    sock: socket.socket
    keep: bool = True
    head: bytes = b""
    body: bytes = b""
    body_bytes: int = 0

    def read_head(self) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.sock.recv(65536)
            if not more:
                break
            data += more
        self.head, _, rest = data.partition(b"\r\n\r\n")
        self._got(rest)

    def read_body(self, limit: int | None = None) -> None:
        wanted = self.length if limit is None else min(limit, self.length)
        while self.body_bytes < wanted:
            more = self.sock.recv(1 << 20)
            if not more:
                break
            self._got(more)

    def read_all(self) -> None:
        self.read_head()
        self.read_body()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def pause(self, seconds: float) -> None:
        """Say nothing for a while; ends at once, and the script with it, when the other side has gone."""
        if select.select([self.sock], [], [], seconds)[0] and not self.sock.recv(1):
            raise BrokenPipeError

    def reset(self) -> None:
        """End the connection so that the other side sees a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    @property
    def length(self) -> int:
        return int(self.header("content-length") or 0)

    def header(self, name: str) -> str | None:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.encode():
                return value.strip().decode()
        return None

    def _got(self, data: bytes) -> None:
        self.body_bytes += len(data)
        if self.keep:
            self.body += data


Script = Callable[[Peer], None]


@dataclass
class ScriptedServer:
    """`peers` are the connections so far; connection n follows script n, and the last script goes on for ever."""

    url: str
    peers: list[Peer] = field(default_factory=list)


@contextmanager
def serving(*scripts: Script, keep: bool = True) -> Iterator[ScriptedServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = ScriptedServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
    threads: list[threading.Thread] = []

    def follow(script: Script, peer: Peer) -> None:
        try:
            script(peer)
        except OSError:
            pass
        finally:
            peer.sock.close()

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.settimeout(10)
            peer = Peer(sock, keep)
            server.peers.append(peer)
            script = scripts[min(len(server.peers), len(scripts)) - 1]
            thread = threading.Thread(target=follow, args=(script, peer))
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(10)
        for thread in threads:
            thread.join(10)


def answer(status: str, *headers: str, body: bytes = b"", length: int | None = None) -> bytes:
    """The bytes of a response; `length` may lie."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode() + body
