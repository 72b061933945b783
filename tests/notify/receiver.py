"""A receiver of webhooks that fails half the time, in every way that receivers fail."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from standardwebhooks import Webhook

from tests.hosted import Hosted
from tests.notify.alerts import SECRET


@dataclass
class Arrived:
    """What came and was answered with 2xx, by (path, alert, act): its ids, one for each time.

    ``unsigned`` counts requests whose signature is not right, ``failed`` those that were refused.
    """

    ids: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    unsigned: int = 0
    failed: int = 0


class HalfReceiver(Hosted):
    """Takes a request, or (half the time) answers 500, hangs up, or takes it and hangs up."""

    def __init__(self, seed: int = 0) -> None:
        self.arrived = Arrived()
        self._lot, self._lock = random.Random(seed), threading.Lock()
        server = _Server(("127.0.0.1", 0), _Handler)
        server.receiver = self
        super().__init__(server)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> str:
        """What is done with a request: ok, refuse, hang up, or ok and hang up."""
        id_, moment = headers["webhook-id"], int(headers["webhook-timestamp"])
        signed = Webhook(SECRET).sign(id_, datetime.fromtimestamp(moment, UTC), body.decode())
        told: dict[str, Any] = orjson.loads(body)
        key = (path, str(told["data"]["alert"]["id"]), str(told["type"]))
        with self._lock:
            do = self._lot.choice(("ok", "ok", "ok", "refuse", "hang up", "ok and hang up"))
            if signed != headers["webhook-signature"]:
                self.arrived.unsigned += 1
            if do.startswith("ok"):
                self.arrived.ids.setdefault(key, []).append(id_)
            self.arrived.failed += do != "ok"
        return do


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    receiver: HalfReceiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that is killed hangs up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # Killed while it sent: nothing came.
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        do = self.server.receiver.take(self.path, headers, body)
        if not do.endswith("hang up"):
            self.send_response_only(200 if do == "ok" else 500)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
