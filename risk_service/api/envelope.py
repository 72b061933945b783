"""ASGI around every answer but the fast path's: security headers, request id, HEAD, count, log."""

from __future__ import annotations

import time

import structlog
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from risk_service.api.metrics import Metrics
from risk_service.api.polls import POLLED, SECURITY, RawHeaders, request_id

GZIP_LEVEL = 1
"""A whole history shrinks to a fifth at level 1, and to a sixth at three times the cost at 6."""

log = structlog.get_logger()


class Envelope:
    """Adds what every answer carries; HEAD is GET with its body left out."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        inner = {**scope, "method": "GET"} if method == "HEAD" else scope
        # For those whose body never ends: leaving it out would not end it.
        inner["head"] = method == "HEAD"
        name = request_id(dict(scope["headers"]))
        inner["request_id"] = name.decode()
        status = 500

        async def send_enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = enveloped(message.get("headers", []), inner, name)
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(inner, receive, send_enveloped)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(inner.get("route"), "path", "")
            self._metrics.count(method, route, status, seconds)
            log.debug(
                "request", method=method, path=scope["path"], status=status,
                ms=round(1000 * seconds, 1), request_id=name.decode(),
            )  # fmt: skip


class Compress:
    """gzip for all but polls, whose entity tag stands for the exact bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._gzip = GZipMiddleware(app, minimum_size=1_000, compresslevel=GZIP_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        polled = scope["type"] == "http" and scope["path"] == POLLED
        await (self._plain if polled else self._gzip)(scope, receive, send)


def enveloped(headers: RawHeaders, scope: Scope, name: bytes) -> RawHeaders:
    """The headers with those every answer carries; what the answer set itself stands."""
    present = {key.lower() for key, _ in headers}
    caller = scope.get("caller")
    added = [*SECURITY, (b"cache-control", b"no-store"), *(caller.pace if caller else ())]
    missing = [pair for pair in added if pair[0] not in present]
    return [*headers, *missing, (b"x-request-id", name)]
