"""Who may come in: host names, API keys and their scopes, sizes, kinds of body, and the pace.

The same doors stand before every route and before the fast path of ``polls.py``. What needs no key
is listed; all else needs one, reads on a loopback address excepted. A key that is sent is always
checked.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from risk_service.api import problems
from risk_service.api.callers import Heads, host_name, key_in, network_of
from risk_service.api.problems import Problem, problem_response
from risk_service.store.engine import reading
from risk_service.store.keys import allows, hash_key, scope_of

MAX_BODY = 4 * 1024 * 1024
KEY_LIFE = 10.0
"""Seconds a key's scope is remembered: how long a revoked key still opens."""
KEYS_HELD = 1_024
LONGEST_KEY = 200
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by address and without a key by whatever keeps the service running."""
OPEN_PATHS = PROBES | {"/", "/docs", "/favicon.ico", "/openapi.json"}
OPEN_FOLDER = "/static/"
READ_BY_POST = frozenset({"/v1/alerts/preview", "/v1/event-study", "/v1/score"})
FOR_ADMINS = frozenset({"/v1/set-aside"})
"""Files and feeds as they came are for whoever runs the service, on loopback too."""
MODELS = "/v1/models/"
"""Whatever is posted below it changes who serves, and is for admins too."""
CHANNELS = "/v1/alerts/channels"
"""Where alerts go, and with which secrets; for admins alone."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Route = tuple[re.Pattern[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the doors go by.

    ``open_reads`` says that reads need no key: only where the service listens on a loopback
    address; ``allowed_hosts`` are host names besides loopback's own, ``*`` for any; the pace is
    per key, or per address without one, and is kept in the memory of one replica. ``routes`` are
    the addresses known and the methods they take.
    """

    open_reads: bool
    allowed_hosts: frozenset[str] = frozenset()
    rate_per_minute: int = 1_200
    open_paths: frozenset[str] = OPEN_PATHS
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone let in: whether a key was needed, and the headers that tell the pace."""

    keyed: bool
    pace: tuple[tuple[bytes, bytes], ...] = ()


class Doors:
    """The rules, the keys seen lately, and the pace of each caller."""

    def __init__(self, engine: Engine, rules: Rules) -> None:
        self._engine, self._rules = engine, rules
        self._keys: dict[str, tuple[str | None, float]] = {}
        self._limit = RateLimitItemPerMinute(rules.rate_per_minute)
        self._pace = MovingWindowRateLimiter(MemoryStorage())
        self._good_hosts: set[bytes] = set()
        # Threads of their own: keys must not wait behind reads that are slow.
        self._looking = ThreadPoolExecutor(2, "keys")

    def admit_poll(self, heads: Heads) -> Caller | None:
        """Let a poll of the index in from memory alone; None where the whole check is needed.

        Polls that bring no key where none is needed are not counted: to count one costs more than
        to answer it. A key that is brought is looked at, needed or not.
        """
        if not self._host_is_ours(heads):
            return None
        if self._rules.open_reads and not (b"x-api-key" in heads or b"authorization" in heads):
            return _OPEN
        key = key_in(heads)
        if key is None and self._rules.open_reads:
            return _OPEN
        digest = hash_key(key) if key else ""
        scope, until = self._keys.get(digest, (None, 0.0))
        if scope is None or until < time.monotonic() or not allows(scope, "read"):
            return None
        if not self._pace.hit(self._limit, "key", digest):
            return None
        return Caller(True, self._pace_headers("key", digest))

    async def look_again(self, heads: Heads) -> bool:
        """Look up the key of a poll once more if it opened before and its time in memory is over.

        Whether it did: then ``admit_poll`` may be asked again. Polls so never wait for the routes.
        """
        key = key_in(heads)
        digest = hash_key(key) if key else ""
        scope, until = self._keys.get(digest, (None, 0.0))
        if key is None or scope is None or until >= time.monotonic():
            return False
        await self._learn(key, digest)
        return True

    async def admit(self, method: str, path: str, heads: Heads, address: str) -> Caller:
        """Let a request in.

        A key that is sent is checked even where none is needed, the probes excepted: whoever sends
        one that is wrong or revoked must not learn of it only when reads are closed.

        Raises
        ------
        Problem
            400 for a strange host, 401 without a key that is needed or with one that is not known,
            403 where its scope is too low, 429 beyond the pace.
        """
        if path not in PROBES and not self._host_is_ours(heads):
            raise Problem(problems.BAD_HOST, "Host: is neither loopback's nor an allowed host.")
        needed = scope_needed(method, path, self._rules)
        key = key_in(heads)
        if needed is None and (key is None or path in PROBES):
            return self._counted("address", network_of(address), keyed=False)
        if key is None or len(key) > LONGEST_KEY:
            self._counted("address", network_of(address), keyed=True)
            if key is not None:
                raise _key_problem(_UNKNOWN_KEY)
            raise _key_problem("An API key is needed: Authorization: Bearer KEY, or X-API-Key.")
        digest, scope = await self._scope_of(key, address)
        if scope is None:
            raise _key_problem(_UNKNOWN_KEY)
        # Counted before its scope is looked at: what is refused costs its key's pace too.
        caller = self._counted("key", digest, keyed=True)
        if needed is not None and not allows(scope, needed):
            detail = f"This needs a key with the scope {needed}; this key's scope is {scope}."
            raise Problem(problems.LOW_SCOPE, detail)
        return caller

    async def _scope_of(self, key: str, address: str) -> tuple[str, str | None]:
        digest = hash_key(key)
        scope, until = self._keys.get(digest, (None, 0.0))
        if scope is None:
            # Guessing at keys costs the guesser's address, whether we look them up or not.
            self._counted("address", network_of(address), keyed=True)
        if until < time.monotonic():
            scope = await self._learn(key, digest)
        return digest, scope

    async def _learn(self, key: str, digest: str) -> str | None:
        loop = asyncio.get_running_loop()
        scope = await loop.run_in_executor(self._looking, self._look_up, key)
        if len(self._keys) >= KEYS_HELD:
            self._keys.clear()
        self._keys[digest] = (scope, time.monotonic() + KEY_LIFE)
        return scope

    def _look_up(self, key: str) -> str | None:
        with reading(self._engine) as conn:
            return scope_of(conn, key)

    def _host_is_ours(self, heads: Heads) -> bool:
        raw = heads.get(b"host", b"")
        if raw in self._good_hosts:
            return True
        name = host_name(raw)
        allowed = self._rules.allowed_hosts
        good = "*" in allowed or name in LOOPBACK_NAMES or name in allowed
        if good and len(self._good_hosts) < 100:
            self._good_hosts.add(raw)
        return good

    def _counted(self, kind: str, identity: str, *, keyed: bool) -> Caller:
        taken = self._pace.hit(self._limit, kind, identity)
        pace = self._pace_headers(kind, identity)
        if taken:
            return Caller(keyed, pace)
        told = {name.decode(): value.decode() for name, value in pace}
        wait = self._seconds_left(kind, identity)[0]
        raise Problem(
            problems.TOO_MANY,
            f"More than {self._rules.rate_per_minute} requests within a minute.",
            headers={"Retry-After": str(wait), **told},
        )

    def _pace_headers(self, kind: str, identity: str) -> tuple[tuple[bytes, bytes], ...]:
        left, remaining = self._seconds_left(kind, identity)
        policy = f'"minute";q={self._rules.rate_per_minute};w=60'
        now = f'"minute";r={remaining};t={left}'
        return (b"ratelimit-policy", policy.encode()), (b"ratelimit", now.encode())

    def _seconds_left(self, kind: str, identity: str) -> tuple[int, int]:
        stats = self._pace.get_window_stats(self._limit, kind, identity)
        return max(1, math.ceil(stats.reset_time - time.time())), max(0, stats.remaining)


class Gate:
    """ASGI: lets a request through the doors to the application, or answers with the problem."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app, self._doors = app, doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/healthz":
            await self._app(scope, receive, send)
            return
        heads = dict(scope["headers"])
        address = scope["client"][0] if scope.get("client") else ""
        try:
            scope["caller"] = await self._doors.admit(
                scope["method"], scope["path"], heads, address
            )
            check_body(scope["method"], heads)
        except Exception as error:
            problem = error if isinstance(error, Problem) else problems.problem_of(error)
            await problem_response(problem, scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive, send)


def scope_needed(method: str, path: str, rules: Rules) -> str | None:
    """The scope a request needs; None where no key is asked for.

    >>> rules = Rules(open_reads=False)
    >>> [scope_needed("GET", "/v1/index", rules), scope_needed("POST", "/v1/score", rules)]
    ['read', 'read']
    >>> scope_needed("POST", "/v1/events", rules), scope_needed("GET", "/healthz", rules)
    ('write', None)
    >>> scope_needed("GET", "/v1/set-aside", Rules(open_reads=True))
    'admin'
    >>> scope_needed("POST", "/v1/models/rollback", rules)
    'admin'
    """
    if path in FOR_ADMINS or path.startswith(CHANNELS):
        return "admin"
    if method in _SAFE:
        is_open = path in rules.open_paths or path.startswith(OPEN_FOLDER)
        return None if is_open or rules.open_reads else "read"
    if path in READ_BY_POST or _takes_not(method, path, rules.routes):
        return None if rules.open_reads else "read"
    return "admin" if path.startswith(MODELS) else "write"


def _takes_not(method: str, path: str, routes: Iterable[Route]) -> bool:
    """Whether an address is known and does not take a method: the answer will be 405."""
    taken = [methods for pattern, methods in routes if pattern.fullmatch(path)]
    return bool(taken) and not any(method in methods for methods in taken)


def check_body(method: str, heads: Heads) -> None:
    """Raise Problem for a body said to be too large (413) or not said to be JSON (415)."""
    if method in _SAFE:
        return
    length = heads.get(b"content-length", b"")
    if length.isdigit() and int(length) > MAX_BODY:
        detail = f"The body has {int(length)} bytes, at most {MAX_BODY} are taken."
        raise Problem(problems.TOO_LARGE, detail, headers={"Connection": "close"})
    kind = heads.get(b"content-type", b"").partition(b";")[0].strip().lower()
    has_body = length not in (b"", b"0") or b"transfer-encoding" in heads
    is_json = kind == b"application/json" or (
        kind.startswith(b"application/") and kind[-5:] == b"+json"
    )
    if has_body and not is_json:
        raise Problem(problems.NOT_JSON, "Send the body with Content-Type: application/json.")


def _key_problem(detail: str) -> Problem:
    return Problem(
        problems.NO_KEY, detail, headers={"WWW-Authenticate": 'Bearer realm="risk-service"'}
    )


_OPEN = Caller(keyed=False)
_UNKNOWN_KEY = "The API key is not known, or has been revoked."
