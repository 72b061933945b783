"""The pipeline's step for prices: read what is stored, ask for what is missing, save."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NoReturn

import numpy as np
from sqlalchemy import Engine

from risk_service.core.closes import FIRST_DAY, Close, closes_to_frame
from risk_service.core.sectors import Sectors
from risk_service.errors import PriceError
from risk_service.feeds.contract import storable
from risk_service.feeds.price_contract import PriceProvider, PriceReading, feed_name
from risk_service.store.engine import reading, writing
from risk_service.store.feeds import put_aside, record_failure, record_success
from risk_service.store.price_feeds import record_tickers
from risk_service.store.prices import (
    Holding,
    SavedCloses,
    latest_closes,
    newest_close,
    save_closes,
)

OVERLAP = timedelta(days=5)
MAX_REASON = 300
# An adjustment that moved by less than this is Yahoo's rounding; no dividend is that small.
_REBASED = 1e-5


@dataclass(frozen=True, slots=True)
class PriceStep:
    """What one refresh did.

    ``failures`` gives the reason for each ticker without an answer; ``set_aside`` counts the rows
    that are no closes; ``rebased`` names the tickers whose whole history was read again.
    """

    provider: str
    saved: SavedCloses
    failures: Mapping[str, str]
    set_aside: int
    rebased: Sequence[str]


def refresh_prices(
    engine: Engine,
    provider: PriceProvider,
    sectors: Sectors,
    now: datetime,
    since: date = FIRST_DAY,
) -> PriceStep:
    """Bring the closes of every member and control up to ``now``; safe to repeat.

    Each ticker is asked for from five days before its last stored close, or from ``since``. A
    dividend or split changes the adjusted closes of the whole past: where the first day of the
    overlap comes back changed, the ticker's history is read again from its first day, lest the
    old basis and the new meet in a return that never was. How it went is noted under
    ``prices:<provider>``, the tickers without an answer in ``cursor``, and of each ticker under
    ``prices:<provider>:<ticker>``.

    Raises
    ------
    PriceError
        When no ticker at all was answered for; the failure is on record by then.
    """
    tickers = list(sectors.instruments)
    with reading(engine) as conn:
        held = newest_close(conn, simulated=provider.simulated)
    starts = {t: held[t].last_day - OVERLAP if t in held else since for t in tickers}
    answer = _ask(provider, starts, now)
    rebased = _rebased(engine, provider, held, answer.closes)
    again = _ask(provider, {ticker: held[ticker].first_day for ticker in rebased}, now)
    failures = _reasons({**answer.failures, **again.failures})
    if len(failures) == len(tickers):
        _record_and_raise(engine, provider, failures, now)
    closes = [close for close in answer.closes if close.ticker not in rebased] + again.closes
    aside = {row.key: row for row in (*answer.set_aside, *again.set_aside)}
    with writing(engine) as conn:
        saved = save_closes(conn, closes)
        put_aside(conn, aside.values(), now)
        record_success(conn, feed_name(provider.name), now, {"failures": failures})
        record_tickers(conn, feed_name(provider.name), tickers, failures, now)
    return PriceStep(provider.name, saved, failures, len(aside), tuple(rebased))


def _reasons(failures: Mapping[str, str]) -> dict[str, str]:
    """Why each ticker had no answer, as it may be stored."""
    return {ticker: storable(reason, MAX_REASON) for ticker, reason in failures.items()}


def _record_and_raise(
    engine: Engine, provider: PriceProvider, failures: Mapping[str, str], now: datetime
) -> NoReturn:
    ticker, reason = next(iter(failures.items()))
    error = f"{provider.name} answered for none of {len(failures)} tickers; {ticker}: {reason}"
    with writing(engine) as conn:
        record_failure(conn, feed_name(provider.name), now, error)
        record_tickers(conn, feed_name(provider.name), failures, failures, now)
    raise PriceError(error)


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
    """Tickers whose adjusted close of the first day read again is not the one stored."""
    overlap = closes_to_frame(close for close in closes if close.ticker in held)
    if overlap.empty:
        return []
    start, end = overlap["trading_day"].min().date(), overlap["trading_day"].max().date()
    with reading(engine) as conn:
        stored = latest_closes(conn, held, start, end, simulated=provider.simulated)
    both = overlap.merge(stored, on=["ticker", "trading_day"], suffixes=("", "_before"))
    first = both.drop_duplicates("ticker")
    same = np.isclose(first["adj_close"], first["adj_close_before"], rtol=_REBASED, atol=0)
    return [str(ticker) for ticker in first.loc[~same, "ticker"]]
