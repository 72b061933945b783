"""``/v1/sectors``: sectors beside the index, by the no-look-ahead rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import pandas as pd
from fastapi import APIRouter, Path, Request
from sqlalchemy import Connection
from starlette.responses import Response

from risk_service.api.deps import (
    AsOf,
    DaysDep,
    DyadDep,
    FormatDep,
    Parts,
    PartsDep,
    check_as_of,
    standing,
)  # fmt: skip
from risk_service.api.formats import (
    caching,
    encoded,
    json_response,
    table_response,
    unchanged,
    untimed,
    weak_etag,
)  # fmt: skip
from risk_service.api.price_state import price_state, steady
from risk_service.api.schemas.sectors import NOTE, SectorOut, SectorsOut
from risk_service.api.sector_reads import WAIT, WARM_UP, closes_of, known_sector
from risk_service.core.sectors import sector_returns, sector_table
from risk_service.store.engine import reading
from risk_service.store.index import last_day, read_days
from risk_service.store.price_feeds import last_price_feed
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/sectors", tags=["sectors"])

YEAR = timedelta(days=365)


@router.get("", response_model=SectorsOut, summary="The sectors followed")
def get_sectors(parts: PartsDep, dyad: DyadDep) -> Response:
    """Members, level, newest return and freshness of each sector."""
    now = parts.clock()
    with reading(parts.engine) as conn:
        sectors = [_summary(conn, parts, sector, now) for sector in parts.sectors.members]
        about = standing(conn, parts, dyad, now)
    return json_response({"note": NOTE, "sectors": sectors, **about})


@router.get("/{sector}", response_model=SectorOut, summary="A sector beside the index")
def get_sector(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    sector: Annotated[str, Path(examples=["energy"])],
    days: DaysDep,
    form: FormatDep,
    as_of: AsOf = None,
) -> Response:
    """Each settled day beside the level, return and abnormal return of the first trading day all
    of whose closes lie after it; the last year if no span is given. Nothing here predicts returns.

    A day comes in the newest vintage known before that close: what is revised later stays out.
    ``prices`` says how the last asking for closes went, whichever replica asked; in every format
    the header X-Prices-State does.

    With ``as_of``, only vintages known and closes made by then, each close as it had been read by
    then; one read here only later is given as it was read first. No later revision enters.
    """
    sector, now = known_sector(parts, sector), parts.clock()
    check_as_of(as_of, now)
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, now)
        until = days[1] or last_day(conn, dyad) or now.date()
        since = days[0] or until - YEAR
        closes = closes_of(conn, parts, sector, since - WARM_UP, until + WAIT, as_of)
        prices, asking = _prices(parts, closes), _asking(conn, parts, sector, now)
        versions, fresh = about["versions"], about["freshness"]
        told = (versions, fresh["watched_until"], untimed(fresh), prices, steady(asking))
        headers = caching(request, weak_etag(request, form, *told))
        headers["X-Prices-State"] = asking["state"]
        index = read_days(conn, dyad, since, until, as_of, every=True)
    if (same := unchanged(request, headers)) is not None:
        return same
    table = sector_table(index, closes, parts.sectors, sector)
    asked = {**_named(parts, sector), "dyad": dyad, "from": since, "to": until, "as_of": as_of}
    table = _from_100(table.assign(day=pd.to_datetime(table["day"])))
    shown = {**asked, "note": NOTE, "prices": {**prices, **asking}, **about}
    return table_response(form, encoded(form, table), shown, headers)


def _named(parts: Parts, sector: str) -> Row:
    return {
        "sector": sector,
        "tickers": list(parts.sectors.tickers(sector)),
        "market": parts.sectors.market,
    }


def _prices(parts: Parts, closes: pd.DataFrame) -> Row:
    empty = closes.empty
    return {
        "simulated": parts.simulated_prices,
        "providers": sorted(closes["provider"].unique()),
        "last_trading_day": None if empty else closes["trading_day"].max().date(),
        "fetched_at": None if empty else closes["fetched_at"].max().to_pydatetime(),
    }


def _asking(conn: Connection, parts: Parts, sector: str, now: datetime) -> Row:
    feed = last_price_feed(conn, simulated=parts.simulated_prices)
    return price_state(feed, [*parts.sectors.tickers(sector), parts.sectors.market], now)


def _summary(conn: Connection, parts: Parts, sector: str, now: datetime) -> Row:
    today = now.date()
    closes = closes_of(conn, parts, sector, today - YEAR - WARM_UP, today, None)
    levels = sector_returns(closes, parts.sectors.holdings(sector), parts.sectors.market)
    levels = levels[levels.index >= pd.Timestamp(today - YEAR)]
    known = levels.dropna(subset=["level"])
    newest = None if known.empty else known.iloc[-1]
    return {
        **_named(parts, sector),
        "trading_day": None if newest is None else known.index[-1].date(),
        "level": None if newest is None else 100 * newest["level"] / known["level"].iloc[0],
        "change": None if newest is None else newest["return"],
        "abnormal_return": None if newest is None else newest["abnormal_return"],
        "prices": {**_prices(parts, closes), **_asking(conn, parts, sector, now)},
    }


def _from_100(table: pd.DataFrame) -> pd.DataFrame:
    """Levels anew from 100 at the first that is shown; the warm-up before it is not."""
    known = table["level"].dropna()
    return table if known.empty else table.assign(level=100 * table["level"] / known.iloc[0])
