"""The pipeline's step for prices: read what is stored, ask for what is missing, save."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from risk_service.core.closes import Close
from risk_service.core.sectors import Sectors
from risk_service.feeds.price_contract import PriceProvider, PriceReading, SetAside
from risk_service.store.engine import reading, writing
from risk_service.store.prices import (
    Holding,
    SavedCloses,
    latest_closes,
    newest_close,
    record_prices,
    save_closes,
)

SINCE = date(2000, 1, 1)
OVERLAP = timedelta(days=5)
# An adjustment that moved by less than this is Yahoo's rounding; no dividend is that small.
_REBASED = 1e-5


@dataclass(frozen=True, slots=True)
class PriceStep:
    """What one refresh did.

    ``failures`` gives the reason for each ticker without an answer; ``rebased`` names those whose
    whole history was read again.
    """

    provider: str
    saved: SavedCloses = SavedCloses()
    failures: Mapping[str, str] = field(default_factory=dict)
    set_aside: Sequence[SetAside] = ()
    rebased: Sequence[str] = ()


def refresh_prices(
    engine: Engine,
    provider: PriceProvider,
    sectors: Sectors,
    now: datetime,
    since: date = SINCE,
) -> PriceStep:
    """Bring the closes of every member and control up to ``now``; safe to repeat.

    Each ticker is asked for from five days before its last stored close, or from ``since``. A
    dividend or split changes the adjusted closes of the whole past: where the first day of the
    overlap comes back changed, the ticker's history is read again from its first day, lest the
    old basis and the new meet in a return that never was. Success or failure is noted under
    ``prices:<provider>``; the step counts as failed only when no ticker was answered for.
    """
    tickers = list(sectors.instruments)
    with reading(engine) as conn:
        held = newest_close(conn, simulated=provider.simulated)
    starts = {t: held[t].last_day - OVERLAP if t in held else since for t in tickers}
    answer = _ask(provider, starts, now)
    rebased = _rebased(engine, provider, held, answer.closes)
    again = _ask(provider, {ticker: held[ticker].first_day for ticker in rebased}, now)
    closes = [close for close in answer.closes if close.ticker not in rebased] + again.closes
    failures = {**answer.failures, **again.failures}
    with writing(engine) as conn:
        saved = save_closes(conn, closes)
        answered = len(failures) < len(tickers)
        record_prices(conn, provider.name, now, failures, answered)
    return PriceStep(
        provider.name, saved, failures, (*answer.set_aside, *again.set_aside), tuple(rebased)
    )


def _ask(provider: PriceProvider, starts: Mapping[str, date], now: datetime) -> PriceReading:
    """One call of the provider for each distinct start."""
    together: dict[date, list[str]] = defaultdict(list)
    for ticker, start in starts.items():
        together[start].append(ticker)
    whole = PriceReading()
    for start, tickers in sorted(together.items()):
        part = provider.closes(tickers, start, now.date(), now)
        whole.add(part.closes, part.set_aside)
        whole.failures.update(part.failures)
    return whole


def _rebased(
    engine: Engine,
    provider: PriceProvider,
    held: Mapping[str, Holding],
    closes: Iterable[Close],
) -> list[str]:
    """Tickers whose first close of the overlap is not what was stored of that day."""
    first: dict[str, Close] = {}
    for close in closes:
        if close.ticker in held and close.trading_day <= held[close.ticker].last_day:
            earliest = first.setdefault(close.ticker, close)
            if close.trading_day < earliest.trading_day:
                first[close.ticker] = close
    if not first:
        return []
    days = [close.trading_day for close in first.values()]
    with reading(engine) as conn:
        stored = latest_closes(conn, first, min(days), max(days), simulated=provider.simulated)
    before = stored.set_index(["ticker", "trading_day"])["adj_close"].to_dict()
    return [
        ticker
        for ticker, close in first.items()
        if _moved(before.get((ticker, close.trading_day)), close.adj_close)
    ]
