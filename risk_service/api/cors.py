"""Which web pages of other origins may read what: cross-origin sharing (Fetch standard, CORS).

Only the addresses that tools in a browser ask are shared: OpenBB Workspace's and the UDF datafeed.
A preflight brings no key, so it is answered before the doors; the request after it is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

SHARED_FOLDERS = ("/openbb/", "/udf/")
SHARED_PATHS = frozenset({"/widgets.json", "/apps.json"})
ANY_ORIGIN = "*"
ASKED_HEADERS = ("Authorization", "If-None-Match", "X-API-Key", "X-Request-Id")
TOLD_HEADERS = (
    "ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Index-Version", "X-Method-Version",
    "X-Model-Version", "X-Request-Id", "X-Watched-Until",
)  # fmt: skip
PREFLIGHT_SECONDS = 600


class Cors:
    """ASGI: Starlette's CORS around the shared addresses, nothing around the others."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._shared: ASGIApp = app
        if origins:
            self._shared = CORSMiddleware(
                app,
                allow_origins=list(origins),
                allow_methods=("GET", "HEAD"),
                allow_headers=ASKED_HEADERS,
                # OpenBB's pages may send credentials along. There are no cookies here to send, and
                # a browser takes no wildcard beside credentials: neither do we.
                allow_credentials=ANY_ORIGIN not in origins,
                # A page on the web that reads from the reader's own machine asks for that too.
                allow_private_network=ANY_ORIGIN not in origins,
                expose_headers=TOLD_HEADERS,
                max_age=PREFLIGHT_SECONDS,
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shared = scope["type"] == "http" and is_shared(scope["path"])
        await (self._shared if shared else self._app)(scope, receive, send)


def is_shared(path: str) -> bool:
    """Whether pages of other origins may read an address.

    >>> [is_shared(path) for path in ("/udf/config", "/widgets.json", "/v1/index", "/udfs")]
    [True, True, False, False]
    """
    return path in SHARED_PATHS or path.startswith(SHARED_FOLDERS)
