"""``/v1/sectors/{sector}/sensitivity``: how a sector and the index went together over time."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from risk_service.api.deps import (
    AsOf,
    DaysDep,
    DyadDep,
    Parts,
    PartsDep,
    check_as_of,
    standing,
)  # fmt: skip
from risk_service.api.formats import (
    Encoded,
    caching,
    document_response,
    encoded,
    rows_of,
    to_json,
    unchanged,
    untimed,
    weak_etag,
)  # fmt: skip
from risk_service.api.schemas.common import ALSO_CSV
from risk_service.api.schemas.sensitivity import NOTE, SensitivityOut
from risk_service.api.sector_reads import WAIT, WARM_UP, closes_of, known_sector
from risk_service.core import sensitivity as links
from risk_service.core.closes import FIRST_DAY
from risk_service.core.sectors import sector_table
from risk_service.store.close_counts import count_closes
from risk_service.store.engine import reading
from risk_service.store.index import last_day, read_days
from risk_service.store.upsert import Row
from risk_service.study_answer import prices_of

router = APIRouter(prefix="/v1/sectors", tags=["sectors"])

_DIGITS = 10

Span = tuple[date | None, date | None]


@router.get(
    "/{sector}/sensitivity",
    response_model=SensitivityOut,
    responses=ALSO_CSV,
    summary="A sector and the index over time",
)
def get_sensitivity(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    sector: Annotated[str, Path(examples=["defense"])],
    days: DaysDep,
    as_of: AsOf = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="csv: rolling")] = (
        "json"
    ),
) -> Response:
    """Rolling betas of the sector's abnormal return on changes of the index with errors by Newey
    and West, before and since February 2022, leads and lags both ways with a correction for many
    tests, and how well the index forecast the next day's return out of sample.

    The public record finds no reliable prediction of next-day returns, and ``out_of_sample`` shows
    our own figure, whatever it is. All days that have an index and closes, if no span is given.
    """
    sector, now = known_sector(parts, sector), parts.clock()
    check_as_of(as_of, now)
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, now)
        count = count_closes(conn, simulated=parts.simulated_prices)
        headers = caching(
            request, weak_etag(request, form, about["versions"], untimed(about["freshness"]), count)
        )
        if (same := unchanged(request, headers)) is not None:
            return same
        key = ("sensitivity", dyad, sector, days, as_of, form, str(about["versions"]), count)
        made = parts.held.get_or_make(
            key, lambda: _make(conn, parts, dyad, sector, days, as_of, form)
        )
    return document_response(form, made, about, headers)


def _make(
    conn: Connection, parts: Parts, dyad: str, sector: str, days: Span, as_of: datetime | None,
    form: Literal["json", "csv"],
) -> Encoded:  # fmt: skip
    sectors = parts.sectors
    until = days[1] or last_day(conn, dyad) or parts.clock().date()
    since = max(days[0] or FIRST_DAY, FIRST_DAY)
    closes = closes_of(conn, parts, sector, since - WARM_UP, until + WAIT, as_of)
    index = read_days(conn, dyad, since, until, as_of, every=True)
    joined = links.index_and_returns(sector_table(index, closes, sectors, sector))
    rolling = links.rolling_fits(joined).rename_axis("trading_day").reset_index()
    if form == "csv":
        return encoded("csv", rolling.assign(simulated=parts.simulated_prices))
    r_squared, forecasts = links.out_of_sample(joined)
    answer = {
        "dyad": dyad,
        "sector": sector,
        "market": sectors.market,
        "from": None if joined.empty else joined.index[0].date(),
        "to": None if joined.empty else joined.index[-1].date(),
        "as_of": as_of,
        "note": NOTE,
        "regimes": {name: _fit(found) for name, found in links.regimes(joined).items()},
        "lead_lag": _rows(links.lead_lag(joined)),
        "out_of_sample": {"r_squared": r_squared, "forecasts": forecasts},
        "rolling": _rows(rolling),
        "parameters": _PARAMETERS,
        "prices": prices_of(closes, parts.simulated_prices),
    }
    return Encoded(len(rolling), to_json(answer))


_PARAMETERS: Row = {
    "window": links.WINDOW,
    "least": links.LEAST,
    "hac_lags": links.HAC_LAGS,
    "split": links.REGIME.date(),
    "first_forecast": links.FIRST_FORECAST,
}


def _fit(found: links.Fit) -> Row:
    return {name: _rounded(value) for name, value in asdict(found).items()}


def _rows(table: pd.DataFrame) -> list[Row]:
    # Betas are a few parts in ten thousand: six decimals would leave little of them.
    exact = {name: table[name].to_numpy() for name in ("beta", "error") if name in table}
    return [
        {**row, **{name: _rounded(values[i]) for name, values in exact.items()}}
        for i, row in enumerate(rows_of(table))
    ]


def _rounded(value: Any) -> Any:
    return round(float(value), _DIGITS) if isinstance(value, float) else value
