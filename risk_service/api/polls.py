"""The fast path: ``GET /v1/index`` answered from memory, before routing and middleware.

It answers plain polls only: no query or a dyad, a host and key the doors know already, and an
answer at hand. Everything else goes the long way, which gives the same bytes and headers.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from risk_service.api.callers import Heads
from risk_service.api.doors import Doors
from risk_service.desk import DEFAULT_DYAD
from risk_service.snapshot import Snapshot, Snapshots

POLLED = "/v1/index"
CACHED = b"max-age=1, stale-if-error=60"

RawHeaders = list[tuple[bytes, bytes]]

SECURITY: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

_DYAD = re.compile(rb"dyad=([A-Z]{3}-[A-Z]{3})")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_RUN = secrets.token_hex(4)
_count = itertools.count(1)


class Polls:
    """ASGI, outermost: answers plain polls itself and hands on everything else.

    ``api`` is the application behind; ``counted`` is called with the status of each poll answered.
    """

    def __init__(
        self, app: ASGIApp, doors: Doors, snapshots: Snapshots, counted: Callable[[int], None]
    ) -> None:
        self._app, self._doors, self._snapshots, self._counted = app, doors, snapshots, counted
        self._ready: dict[tuple[str, bool], tuple[Snapshot, RawHeaders]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != POLLED or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        heads = dict(scope["headers"])
        dyad = polled_dyad(scope["query_string"])
        held = self._snapshots.held(dyad) if dyad else None
        caller = self._doors.admit_poll(heads) if held else None
        if caller is None and held and await self._doors.look_again(heads):
            caller = self._doors.admit_poll(heads)
        if dyad is None or held is None or caller is None:
            await self._app(scope, receive, send)
            return
        status = 304 if etag_known(heads.get(b"if-none-match"), held.etag) else 200
        headers = self._headers(dyad, held, caller.keyed)
        # The first two, type and length, are of a body, and 304 has none.
        headers = [*headers[2 if status == 304 else 0 :], *caller.pace]
        headers.append((b"x-request-id", request_id(heads)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = held.body if status == 200 else b""
        await send({"type": "http.response.body", "body": body})
        self._counted(status)

    def _headers(self, dyad: str, held: Snapshot, keyed: bool) -> RawHeaders:
        known = self._ready.get((dyad, keyed))
        if known is not None and known[0] is held:
            return known[1]
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(held.body)).encode()),
            *poll_headers(held.etag, keyed),
            *SECURITY,
        ]
        self._ready[dyad, keyed] = held, headers
        return headers


def poll_headers(etag: str, keyed: bool) -> RawHeaders:
    """Validator and caching rules of an answer; one that needed a key is the caller's alone."""
    headers = [
        (b"etag", etag.encode()),
        (b"cache-control", (b"private, " if keyed else b"public, ") + CACHED),
    ]
    return [*headers, (b"vary", b"Authorization, X-API-Key")] if keyed else headers


def polled_dyad(query: bytes) -> str | None:
    """The dyad of a plain poll; None for any other query.

    >>> polled_dyad(b""), polled_dyad(b"dyad=USA-CHN"), polled_dyad(b"as_of=2025-01-01")
    ('USA-RUS', 'USA-CHN', None)
    """
    if not query:
        return DEFAULT_DYAD
    match = _DYAD.fullmatch(query)
    return match[1].decode() if match else None


def etag_known(header: bytes | None, etag: str) -> bool:
    """Whether ``If-None-Match`` names an entity tag: lists, ``W/`` and ``*`` are understood.

    >>> [etag_known(header, '"a"') for header in (b'"b", W/"a"', b"*", b'"b"', None)]
    [True, True, False, False]
    """
    if header is None:
        return False
    wanted = etag.removeprefix("W/")
    parts = (part.strip() for part in header.decode("latin-1").split(","))
    return any(part == "*" or part.removeprefix("W/") == wanted for part in parts)


def request_id(heads: Heads) -> bytes:
    """The caller's own request id where it is a plain one, else a new one."""
    given = heads.get(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given
    return f"{_RUN}-{next(_count)}".encode()
