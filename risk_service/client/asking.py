"""Requests: kept answers (ETag), waits where the service asks for one, and its errors."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import httpx
import stamina

from risk_service.client.errors import ProblemError, Unreachable, problem_of

ATTEMPTS = 4
LONGEST_WAIT = 60.0
"""Seconds; where the service asks for more patience than this, the error is raised at once."""
KEPT = 100
"""Answers kept for ``If-None-Match``."""

Query = Mapping[str, Any]


class Asker:
    """One connection pool, and the answers it keeps."""

    def __init__(self, base_url: str, key: str | None, timeout: float) -> None:
        headers = {"X-API-Key": key} if key else {}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=timeout)
        self._kept: OrderedDict[str, httpx.Response] = OrderedDict()

    def get(self, path: str, query: Query, accept: str = "application/json") -> httpx.Response:
        """A read. An answer that is kept and has not changed is not sent again.

        Raises
        ------
        ProblemError
            When the service says no, after patience where it asks for some.
        Unreachable
            When it does not answer.
        """
        request = self._http.build_request(
            "GET", path, params=plain(query) or None, headers={"Accept": accept}
        )
        name = f"{request.url} {accept}"
        kept = self._kept.get(name)
        if kept is not None:
            request.headers["If-None-Match"] = kept.headers["etag"]
        answer = self._patiently(request)
        if answer.status_code == 304 and kept is not None:
            self._kept.move_to_end(name)
            return kept
        if "etag" in answer.headers:
            self._kept[name] = answer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return answer

    def post(
        self, path: str, query: Query, body: Any, accept: str = "application/json"
    ) -> httpx.Response:
        """A question with a body; errors as of ``get``. Only for what may be asked twice."""
        headers = {"Accept": accept}
        return self._patiently(
            self._http.build_request("POST", path, params=plain(query), json=body, headers=headers)
        )

    def opened(self, path: str, query: Query, headers: Mapping[str, str], silence: float) -> Any:
        """An answer that is read as it comes, as a context; no longer silent than ``silence``."""
        timeout = httpx.Timeout(self._http.timeout.connect, read=silence)
        return self._http.stream(
            "GET", path, params=plain(query), headers=dict(headers), timeout=timeout
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def closed(self) -> bool:
        """Whether the connections are closed."""
        return self._http.is_closed

    @property
    def base_url(self) -> str:
        """Where the service is."""
        return str(self._http.base_url).rstrip("/")

    def _patiently(self, request: httpx.Request) -> httpx.Response:
        for attempt in stamina.retry_context(
            on=wait_before_again,
            attempts=ATTEMPTS,
            timeout=2 * LONGEST_WAIT,
            wait_initial=0.2,
            wait_jitter=0.2,
        ):
            with attempt:
                return self._once(request)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = self._http.send(request)
        except httpx.TransportError as error:
            raise Unreachable(f"{self.base_url}: {error or type(error).__name__}") from error
        if answer.status_code != 304 and not answer.is_success:
            raise problem_of(answer)
        return answer


def wait_before_again(error: Exception) -> bool | float:
    """Whether to ask once more, or the seconds to wait before; for stamina.

    >>> [wait_before_again(ProblemError(429, {}, wait)) for wait in (3.0, 3600.0, None)]
    [3.0, False, True]
    >>> wait_before_again(ProblemError(422, {})), wait_before_again(Unreachable("x"))
    (False, False)
    """
    if isinstance(error, Unreachable):
        return isinstance(error.__cause__, httpx.ConnectError | httpx.RemoteProtocolError)
    if not isinstance(error, ProblemError) or error.status not in (429, 503):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= LONGEST_WAIT else False


def plain(query: Query) -> dict[str, str]:
    """A query as the service takes it: days and moments in ISO 8601, nothing that is None.

    >>> from datetime import date, datetime, UTC
    >>> plain({"from": date(2025, 2, 1), "as_of": datetime(2025, 3, 1, tzinfo=UTC), "to": None})
    {'from': '2025-02-01', 'as_of': '2025-03-01T00:00:00+00:00'}
    >>> plain({"assets": ["energy", "defense"]})
    {'assets': 'energy,defense'}
    """
    return {name: _written(value) for name, value in query.items() if value is not None}


def _written(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(map(str, value))
    return str(value)
