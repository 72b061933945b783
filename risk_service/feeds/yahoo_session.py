"""yfinance made honest: one fresh client a reading, errors raised, noise kept in.

What yfinance 1.7 does unless it is stopped, and what is done about it here:

* Its client is one for the whole process and keeps cookies, crumbs (even the text of a refusal)
  and failed replies. Here each reading makes a client of its own, and the cache of replies is
  emptied when it ends.
* It hides exceptions behind empty frames. ``config.debug.hide_exceptions`` is off while we read.
* It logs, and pandas warns from inside it. Both are silenced while we read, for its logger and its
  modules alone.
* Its addresses are fixed: query1, query2, fc, guce and consent, all under yahoo.com. A session of
  ours sends every one of them to ``base_url``, path and query unchanged, so a proxy or a test's
  server only has to speak ``/v8/finance/chart/TICKER`` and may answer 404 to the rest.
* It waits 30 seconds for each cookie. Here no request may take longer than the timeout.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from curl_cffi import requests
from pandas.errors import Pandas4Warning
from yfinance.config import YfConfig
from yfinance.data import YfData

# Settings, logger and warning filters belong to the process: one reading at a time.
_ONE_READING = threading.Lock()


class YahooSession(requests.Session[requests.Response]):
    """A browser-like session that may send Yahoo's addresses elsewhere, and recalls one answer.

    ``last_status`` is the status of the last one, ``asked_wait`` the seconds its Retry-After asks
    for; None where there are none.
    """

    def __init__(self, base_url: str | None, timeout: float) -> None:
        super().__init__(impersonate="chrome")
        self._moved_to = (base_url or "").rstrip("/")
        self._limit = timeout
        self.last_status: int | None = None
        self.asked_wait: float | None = None

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        """As the parent's, with the address moved and the time limited."""
        self.last_status = self.asked_wait = None
        kwargs["timeout"] = self._limit
        response = super().request(method, self._moved(url), *args, **kwargs)
        self.last_status = response.status_code
        wait = (response.headers.get("retry-after") or "").strip()
        self.asked_wait = float(wait) if wait.isascii() and wait.isdigit() else None
        return response

    def _moved(self, url: str) -> str:
        parts = urlsplit(url)
        if not self._moved_to or not (parts.hostname or "").endswith("yahoo.com"):
            return url
        query = f"?{parts.query}" if parts.query else ""
        return f"{self._moved_to}{parts.path or '/'}{query}"


@contextmanager
def honest_yfinance(base_url: str | None, timeout: float) -> Iterator[tuple[YfData, YahooSession]]:
    """A yfinance client and its session for one reading; settings are as before when it ends."""
    with _ONE_READING, _loud_errors(), _no_noise(), YahooSession(base_url, timeout) as session:
        try:
            # The metaclass would hand out the process's one client: make another beside it.
            yield type.__call__(YfData, session=session), session
        finally:
            YfData.cache_get.cache_clear()


@contextmanager
def _loud_errors() -> Iterator[None]:
    debug = YfConfig.debug
    before = debug.hide_exceptions
    debug.hide_exceptions = False
    try:
        yield
    finally:
        debug.hide_exceptions = before


@contextmanager
def _no_noise() -> Iterator[None]:
    logger = logging.getLogger("yfinance")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            for category in (Pandas4Warning, DeprecationWarning, FutureWarning):
                warnings.filterwarnings("ignore", category=category, module=r"yfinance\b")
            yield
    finally:
        logger.setLevel(before)
