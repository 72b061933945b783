"""A real HTTP server on a local port that answers from a small table, for tests."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.hosted import Hosted


@dataclass(frozen=True)
class Reply:
    """One canned answer.

    ``length`` is a Content-Length that lies; ``delay`` is waited before the answer, ``drip``
    before each byte of the body, both in seconds. A request that knows ``etag`` gets 304.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    delay: float = 0.0
    drip: float = 0.0
    etag: str | None = None


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Wire(Hosted):
    """The server; paths of ``route`` are matched whole, with their query.

    >>> with Wire() as wire:
    ...     url = wire.route("/a", Reply(b"one"), Reply(b"two"))
    >>> url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.asked: list[Asked] = []
        self._routes: dict[str, list[Reply]] = {}
        server = _Server((address, 0), _Handler)
        server.wire = self
        super().__init__(server)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def route(self, path: str, *replies: Reply) -> str:
        """Answer a path with the replies in turn, the last of them for ever; gives its address."""
        self._routes[path] = list(replies)
        return self.url + path

    def asked_for(self, path: str) -> list[Asked]:
        """The requests that came for one path, oldest first."""
        return [asked for asked in self.asked if asked.path == path]

    def reply_of(self, path: str) -> Reply:
        """The answer that a path gives next."""
        return self._routes[path][0]

    def reply_to(self, asked: Asked) -> Reply:
        """The next canned answer to a request; 404 for a path that has none."""
        self.asked.append(asked)
        replies = self._routes.get(asked.path, [])
        if not replies:
            return Reply(b"nothing here", 404)
        return replies.pop(0) if len(replies) > 1 else replies[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    wire: Wire


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = Asked(self.command, self.path, dict(self.headers.items()), self._content())
        reply = self.server.wire.reply_to(asked)
        try:
            self._send(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_POST = do_GET  # noqa: N815
    do_PUT = do_GET  # noqa: N815

    def _content(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _send(self, reply: Reply) -> None:
        time.sleep(reply.delay)
        unchanged = reply.etag is not None and self.headers.get("If-None-Match") == reply.etag
        body = b"" if unchanged else reply.body
        self.send_response_only(304 if unchanged else reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.etag is not None:
            self.send_header("ETag", reply.etag)
        self.send_header("Content-Length", str(len(body) if reply.length is None else reply.length))
        # One connection a request: a lie about the length must not leak into the next answer.
        self.send_header("Connection", "close")
        self.end_headers()
        self._write(body, reply.drip)

    def _write(self, body: bytes, drip: float) -> None:
        if not drip:
            self.wfile.write(body)
            return
        for byte in body:
            time.sleep(drip)
            self.wfile.write(bytes([byte]))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: tests look at ``Wire.asked``."""
