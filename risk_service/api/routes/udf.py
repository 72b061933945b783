"""``/udf``: a datafeed for TradingView's charting library and for OpenBB's advanced charts.

Follows TradingView's "UDF" page (Advanced Charts documentation) and its UDF-compatible adapter.
Clients send parameters of their own (``currencyCode``, ``unitId``): here, unlike in ``/v1``, a
parameter that is not known is passed over.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy import Connection
from starlette.responses import Response

from risk_service.api.deps import Parts, PartsDep, standing
from risk_service.api.formats import json_response, tagged, unchanged
from risk_service.api.schemas.common import shown
from risk_service.api.schemas.udf import (
    UdfBarsOut,
    UdfConfigOut,
    UdfErrorOut,
    UdfFoundOut,
    UdfMarksOut,
    UdfSymbolOut,
    UdfTimescaleMarksOut,
)
from risk_service.api.udf_bars import DAY, Window
from risk_service.api.udf_marks import marks, timescale_marks
from risk_service.api.udf_series import LENGTHS, Live, answer_of, live_of
from risk_service.api.udf_symbols import (
    EXCHANGE,
    RESOLUTIONS,
    Symbol,
    catalogue,
    find,
    matching,
    resolution_of,
    symbol_info,
)
from risk_service.desk import DEFAULT_DYAD
from risk_service.store.close_counts import count_closes
from risk_service.store.engine import reading
from risk_service.store.story_marks import strongest_stories
from risk_service.store.upsert import Row

router = APIRouter(prefix="/udf", tags=["tools"])

MOST_MARKS, MOST_TIMESCALE_MARKS = 1_000, 200
MOST_BARS = 20_000
EARLIEST, LATEST = -5_000_000_000, 7_000_000_000
"""Seconds: 1811 to 2191. A chart that scrolls on asks for what is far off."""

From = Annotated[int, Query(alias="from", ge=EARLIEST, le=LATEST, description="Seconds, UTC")]
To = Annotated[int, Query(alias="to", ge=EARLIEST, le=LATEST, description="Not included")]
Named = Annotated[str, Query(description="Name or ticker", examples=["USARUS_RISK"])]
Asked = Annotated[str, Query(description="60, 1D or 1W", examples=["1D"])]


def _symbols(parts: PartsDep) -> dict[str, Symbol]:
    return catalogue(parts.desk.dyads, parts.sectors.members, simulated=parts.simulated_prices)


SymbolsDep = Annotated[dict[str, Symbol], Depends(_symbols)]


@router.get("/config", response_model=UdfConfigOut, summary="What the UDF datafeed can do")
def get_config(request: Request) -> Response:
    """Search, marks and server time are supported; hours, days and weeks are told."""
    content = {
        "supports_search": True,
        "supports_group_request": False,
        "supports_marks": True,
        "supports_timescale_marks": True,
        "supports_time": True,
        "supported_resolutions": list(RESOLUTIONS),
        "exchanges": [
            {"value": "", "name": "All", "desc": ""},
            {"value": EXCHANGE, "name": EXCHANGE, "desc": "risk-service"},
        ],
        "symbols_types": [
            {"name": "All", "value": ""},
            {"name": "Index and its parts", "value": "index"},
            {"name": "Themes", "value": "theme"},
            {"name": "Sectors", "value": "sector"},
        ],
    }
    return json_response(content)


@router.get(
    "/time",
    response_class=PlainTextResponse,
    summary="The server's time",
    responses={200: {"content": {"text/plain": {"example": "1740744003"}}}},
)
def get_time(parts: PartsDep) -> Response:
    """Seconds since 1970, UTC, as plain text."""
    return PlainTextResponse(str(int(parts.clock().timestamp())))


@router.get(
    "/symbols",
    response_model=UdfSymbolOut | UdfErrorOut,
    responses=shown(UdfSymbolOut),
    summary="One symbol",
)
def get_symbol(symbols: SymbolsDep, symbol: Named) -> Response:
    """The index, its bounds and parts, its themes, and the sectors; in any case, with ``RISK:``
    before it or without.
    """
    found = find(symbols, symbol)
    return _unknown("unknown symbol") if found is None else json_response(symbol_info(found))


@router.get(
    "/search",
    response_model=list[UdfFoundOut],
    responses=shown(UdfFoundOut, many=True),
    summary="Symbols that hold a text",
)
def get_search(
    symbols: SymbolsDep,
    query: Annotated[str, Query(description="In the name or the description")] = "",
    type: Annotated[str, Query(description="index, theme or sector; empty: any")] = "",
    exchange: Annotated[str, Query(description="RISK, or empty")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 30,
) -> Response:
    """At most ``limit`` symbols, the index first."""
    found = [symbol_info(symbol) for symbol in matching(symbols, query, type, exchange, limit)]
    names = [name for name in UdfFoundOut.model_fields if name != "symbol"]
    return json_response(
        [{"symbol": one["name"], **{name: one[name] for name in names}} for one in found]
    )


@router.get("/history", response_model=UdfBarsOut, summary="Bars of a symbol")
def get_history(
    request: Request,
    parts: PartsDep,
    symbols: SymbolsDep,
    symbol: Named,
    resolution: Asked,
    since: From,
    until: To,
    countback: Annotated[
        int | None, Query(ge=1, le=MOST_BARS, description="So many bars before to; from is nothing")
    ] = None,
) -> Response:
    """Bars named by their first second, UTC; a day's by its 00:00.

    A day has one value, settled at its end, so its bar's four are equal; an hour's run from the
    value at its start to that at its end; a week's are of its days. The last bar is not over yet.
    Hours nobody watched, and days, have no bar: ``no_data`` names the newest bar before.
    """
    found, asked = find(symbols, symbol), resolution_of(resolution)
    if found is None:
        return _unknown("unknown symbol")
    if asked is None or (asked == "60" and found.dyad is None):
        return _unknown(f"unsupported resolution; there are {', '.join(_resolutions(found))}")
    with reading(parts.engine) as conn:
        live = Live(None, {}) if found.dyad is None else live_of(parts.snapshots.held(found.dyad))
        about = _about(conn, parts, found)
        made_of = (live.moment, live.values.get(found.column), _closes(conn, parts, found))
        headers = tagged(request, about, *made_of)
        if (same := unchanged(request, headers)) is not None:
            return same
        window = Window(since, until, countback)
        content = answer_of(conn, parts, found, asked, window, live)
    return json_response(content, headers)


@router.get(
    "/marks",
    response_model=UdfMarksOut | UdfErrorOut,
    responses=shown(UdfMarksOut),
    summary="Stories as marks on bars",
)
def get_marks(
    request: Request,
    parts: PartsDep,
    symbols: SymbolsDep,
    symbol: Named,
    since: From,
    until: To,
    resolution: Asked = "1D",
) -> Response:
    """The stories that weigh most, at most ten a bar and 1,000 in all, red for escalation and blue
    for thaw; on a theme's symbol those of the theme, on a sector's none.
    """
    return _marked(request, parts, symbols, (symbol, resolution), (since, until), timescale=False)


@router.get(
    "/timescale_marks",
    response_model=UdfTimescaleMarksOut | UdfErrorOut,
    responses=shown(UdfTimescaleMarksOut),
    summary="The heaviest story of each bar",
)
def get_timescale_marks(
    request: Request,
    parts: PartsDep,
    symbols: SymbolsDep,
    symbol: Named,
    since: From,
    until: To,
    resolution: Asked = "1D",
) -> Response:
    """One mark a bar, for the time axis."""
    return _marked(request, parts, symbols, (symbol, resolution), (since, until), timescale=True)


def _marked(
    request: Request,
    parts: Parts,
    symbols: dict[str, Symbol],
    named: tuple[str, str],
    span: tuple[int, int],
    *,
    timescale: bool,
) -> Response:
    found, asked = find(symbols, named[0]), resolution_of(named[1])
    if found is None or asked is None:
        return _unknown("unknown symbol" if found is None else "unsupported resolution")
    length = LENGTHS[asked]
    most = MOST_TIMESCALE_MARKS if timescale else MOST_MARKS
    with reading(parts.engine) as conn:
        headers = tagged(request, _about(conn, parts, found))
        if (same := unchanged(request, headers)) is not None:
            return same
        stories: list[Row] = []
        if found.dyad is not None:
            model = parts.desk.classifier.version
            first, last = _moment(span[0]), _moment(span[1] + length)
            theme = found.column if found.kind == "theme" else None
            stories = strongest_stories(conn, found.dyad, model, first, last, most, theme)
    told = timescale_marks if timescale else marks
    return json_response(told(stories, length), headers)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(max(EARLIEST, min(seconds, LATEST + DAY)), UTC)


def _resolutions(symbol: Symbol) -> list[str]:
    return [str(one) for one in symbol_info(symbol)["supported_resolutions"]]


def _about(conn: Connection, parts: Parts, symbol: Symbol) -> Row:
    return standing(conn, parts, symbol.dyad or DEFAULT_DYAD, parts.clock())


def _closes(conn: Connection, parts: Parts, symbol: Symbol) -> int | None:
    if symbol.dyad is not None:
        return None
    return count_closes(conn, simulated=parts.simulated_prices)


def _unknown(message: str) -> Response:
    return json_response({"s": "error", "errmsg": message})
