"""How the asking for a sector's prices fares: its state, the reasons, and when it last worked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from risk_service.store.feeds import FeedState
from risk_service.store.price_feeds import PriceFeed
from risk_service.store.upsert import Row

ASKED_WITHIN = timedelta(days=1)
"""Prices that nobody has asked for longer than this are stale, however well it went then."""
_MOMENTS = ("attempted_at", "succeeded_at", "failed")


def price_state(feed: PriceFeed | None, tickers: Sequence[str], now: datetime) -> Row:
    """State and reasons for the tickers of one sector; every replica tells the same.

    ``state`` is ``never`` (nobody has asked), ``stale`` (nobody has for a day), ``failed`` (no
    ticker was answered for), ``partial`` (some were) or ``fresh``.
    """
    if feed is None:
        empty: Row = {"attempted_at": None, "succeeded_at": None, "failed": []}
        return {"state": "never", "reasons": ["no price provider has been asked yet"], **empty}
    failed = {t: feed.tickers[t] for t in tickers if t in feed.tickers and feed.tickers[t].failures}
    return {
        "state": _state(feed.state, len(failed), len(tickers), now),
        "reasons": _reasons(feed, failed, now),
        "attempted_at": feed.state.attempted_at,
        "succeeded_at": feed.state.succeeded_at,
        "failed": [
            {
                "ticker": ticker,
                "reason": state.error,
                "attempted_at": state.attempted_at,
                "succeeded_at": state.succeeded_at,
            }
            for ticker, state in failed.items()
        ],
    }


def steady(state: Row) -> Row:
    """A price state without its moments: what an entity tag must move with."""
    return {name: value for name, value in state.items() if name not in _MOMENTS}


def _state(provider: FeedState, failed: int, asked: int, now: datetime) -> str:
    if _is_old(provider, now):
        return "stale"
    if provider.failures or failed == asked:
        return "failed"
    return "partial" if failed else "fresh"


def _reasons(feed: PriceFeed, failed: dict[str, FeedState], now: datetime) -> list[str]:
    provider = feed.state
    reasons = []
    if _is_old(provider, now):
        reasons.append(f"{feed.provider} has not been asked since {_minute(provider.attempted_at)}")
    if provider.failures:
        worked = _minute(provider.succeeded_at)
        return [*reasons, f"{provider.error}; {feed.provider} last worked {worked}"]
    return reasons + [
        f"{ticker}: {state.error}; last read {_minute(state.succeeded_at)}"
        for ticker, state in failed.items()
    ]


def _is_old(provider: FeedState, now: datetime) -> bool:
    return provider.attempted_at is None or now - provider.attempted_at > ASKED_WITHIN


def _minute(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%dT%H:%MZ}"
