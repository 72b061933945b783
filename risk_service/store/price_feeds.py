"""How the asking for prices fares: a provider, and each ticker it is asked for.

Both are kept as feeds, under ``prices:<provider>`` and ``prices:<provider>:<ticker>``, so that
every replica tells of them and not only the one that asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from risk_service.store.feeds import FEED_STATE, FeedState, record_failure, record_success
from risk_service.store.tables import feeds

PRICES = "prices:"


@dataclass(frozen=True, slots=True)
class PriceFeed:
    """A provider's own state, and that of each ticker it was asked for."""

    provider: str
    state: FeedState
    tickers: Mapping[str, FeedState]


def record_tickers(
    conn: Connection,
    feed: str,
    tickers: Iterable[str],
    failures: Mapping[str, str],
    now: datetime,
) -> None:
    """Note for each ticker asked for under ``feed`` whether it was answered for, or why not."""
    for ticker in sorted(tickers):
        name = f"{feed}:{ticker}"
        if ticker in failures:
            record_failure(conn, name, now, failures[ticker])
        else:
            record_success(conn, name, now, None)


def last_price_feed(conn: Connection, *, simulated: bool) -> PriceFeed | None:
    """The provider of real or of simulated closes that was asked last; None where none ever was."""
    query = select(*FEED_STATE).where(feeds.c.name.startswith(PRICES, autoescape=True))
    states = [FeedState(*row) for row in conn.execute(query)]
    asked = [
        (state.attempted_at, name, state)
        for state in states
        if state.attempted_at is not None
        and ":" not in (name := state.name.removeprefix(PRICES))
        and (name == "sample") == simulated
    ]
    if not asked:
        return None
    _, provider, state = max(asked, key=lambda one: one[:2])
    prefix = f"{PRICES}{provider}:"
    tickers = {one.name.removeprefix(prefix): one for one in states if one.name.startswith(prefix)}
    return PriceFeed(provider, state, tickers)
