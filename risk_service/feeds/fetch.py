"""One GET of an address we do not trust: bounded in time, size, redirects and reach."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx
import stamina

from risk_service.errors import FeedError, Refused
from risk_service.feeds.guard import GuardedTransport
from risk_service.feeds.inflate import inflated

USER_AGENT = "risk-service/0.1 (US-Russia risk index; reads public news feeds)"
MAX_REDIRECTS = 5
MAX_BYTES = 10_000_000
SECONDS = 30.0
ATTEMPTS = 3

_STEP_SECONDS = 10.0
_PASSING = (
    httpx.TransportError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
)


class Missing(FeedError):
    """The address answered that there is nothing (404, 410)."""


class Passing(FeedError):
    """A trouble that may pass: no connection, a timeout, 429 or 5xx.

    ``wait`` is the number of seconds the server asked for, or None.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered; ``body`` is None where nothing changed (304)."""

    body: bytes | None
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None


def fetch(
    url: str,
    *,
    private: bool = False,
    seconds: float = SECONDS,
    max_bytes: int = MAX_BYTES,
    attempts: int = ATTEMPTS,
    accept: str = "*/*",
    etag: str | None = None,
    last_modified: str | None = None,
) -> Answer:
    """GET an http or https address.

    Troubles that may pass are tried again, at most ``attempts`` times in all, after the time that
    Retry-After asks for or a growing pause. At most 5 redirects are followed; no hop may lead
    into a private network unless ``private``. Cookies are neither kept nor sent.

    Parameters
    ----------
    seconds
        Time for everything together: pauses, redirects, body. Only the system's name look-up
        has a limit of its own.
    max_bytes
        Largest body, on the wire and unpacked.
    etag, last_modified
        What an earlier answer said; the server may then answer that nothing changed.

    Raises
    ------
    FeedError
        ``Missing`` for 404 and 410, ``Passing`` for a trouble that did not pass in time.
    """
    deadline = time.monotonic() + seconds
    headers = _headers(accept, etag, last_modified)
    for attempt in _tries(attempts, seconds, deadline):
        with attempt:
            return _try_once(url, headers, deadline, private, max_bytes)
    raise FeedError("no attempt was made")


def _headers(accept: str, etag: str | None, last_modified: str | None) -> dict[str, str]:
    headers = {"User-Agent": USER_AGENT, "Accept": accept, "Accept-Encoding": "gzip"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return headers


def _tries(attempts: int, seconds: float, deadline: float) -> Iterable[stamina.Attempt]:
    """Attempts with growing pauses between them; those that Retry-After asks for come first."""
    return stamina.retry_context(
        on=partial(_pause, deadline=deadline),
        attempts=attempts,
        timeout=seconds,
        wait_initial=0.5,
        wait_jitter=0.5,
    )


def _pause(error: Exception, deadline: float) -> bool | float:
    if not isinstance(error, Passing):
        return False
    if error.wait is None:
        return True
    return error.wait if time.monotonic() + error.wait < deadline else False


def _try_once(
    url: str, headers: dict[str, str], deadline: float, private: bool, max_bytes: int
) -> Answer:
    transport = GuardedTransport(deadline, private)
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    with httpx.Client(transport=transport, cookies=no_cookies, timeout=_STEP_SECONDS) as client:
        try:
            return _follow(client, client.build_request("GET", url, headers=headers), max_bytes)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, Refused) as error:
            raise FeedError(str(error)) from None
        except _PASSING as error:
            raise Passing(f"{type(error).__name__}: {error}") from None


def _follow(client: httpx.Client, request: httpx.Request, max_bytes: int) -> Answer:
    for _ in range(MAX_REDIRECTS + 1):
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise FeedError(f"{request.url.scheme or 'no scheme'}: not an http or https address")
        response = client.send(request, stream=True)
        try:
            if response.next_request is None:
                return _answer(response, max_bytes)
            request = response.next_request
        finally:
            response.close()
    raise FeedError(f"more than {MAX_REDIRECTS} redirects")


def _answer(response: httpx.Response, max_bytes: int) -> Answer:
    status, headers = response.status_code, response.headers
    if status == 304 and (
        "if-none-match" in response.request.headers
        or "if-modified-since" in response.request.headers
    ):
        body = None
    elif status == 200:
        body = _body(response, max_bytes)
    else:
        raise _refusal(status, headers)
    return Answer(
        body,
        headers.get("content-type", ""),
        _repeatable(headers.get("etag")),
        _repeatable(headers.get("last-modified")),
    )


def _repeatable(value: str | None) -> str | None:
    """A header's value that may be sent back as it is, else None."""
    sound = value is not None and len(value) <= 500 and value.isascii() and value.isprintable()
    return value if sound else None


def _refusal(status: int, headers: httpx.Headers) -> FeedError:
    reason = f"answered with status {status}"
    if status in (404, 410):
        return Missing(reason)
    if status in (408, 429) or status >= 500:
        return Passing(reason, retry_after(headers))
    return FeedError(reason)


def retry_after(headers: httpx.Headers) -> float | None:
    """The seconds that Retry-After asks for, as a number or a date; None where it says neither."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        # The server's own clock, where it tells it, for ours may differ.
        said = headers.get("date")
        since = parsedate_to_datetime(said) if said else datetime.now(UTC)
        return max(0.0, (until - since).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _body(response: httpx.Response, max_bytes: int) -> bytes:
    encoding = response.headers.get("content-encoding", "").strip().lower()
    chunks = _bounded(response, max_bytes)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return inflated(chunks, max_bytes)
    if encoding in ("", "identity"):
        return b"".join(chunks)
    raise FeedError(f"the body is encoded as {encoding[:50]!r}, which was not asked for")


def _bounded(response: httpx.Response, max_bytes: int) -> Iterator[bytes]:
    said = response.headers.get("content-length", "")
    size = int(said) if said.isascii() and said.isdigit() else 0
    for chunk in response.iter_raw():
        size = max(size, response.num_bytes_downloaded)
        if size > max_bytes:
            raise FeedError(f"the body is larger than {max_bytes} bytes")
        yield chunk
