"""The answers of the UDF datafeed, as TradingView's library takes them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from risk_service.api.schemas.common import Out, example

_SYMBOL: dict[str, Any] = {
    "name": "USARUS_RISK", "ticker": "USARUS_RISK", "full_name": "RISK:USARUS_RISK",
    "description": "USA-RUS: risk index, 0 to 100, 50 is neither thaw nor escalation",
    "type": "index", "exchange": "RISK", "listed_exchange": "RISK", "session": "24x7",
    "timezone": "Etc/UTC", "format": "price", "minmov": 1, "pricescale": 100,
    "has_intraday": True, "intraday_multipliers": ["60"], "has_daily": True,
    "has_weekly_and_monthly": True, "supported_resolutions": ["60", "1D", "1W"],
    "has_no_volume": True, "visible_plots_set": "ohlc", "data_status": "streaming",
}  # fmt: skip


class UdfErrorOut(Out):
    """What is asked for is not there: a symbol or a resolution. Answered with 200, as UDF does."""

    model_config = example({"s": "error", "errmsg": "unknown symbol"})

    s: Literal["error"]
    errmsg: str


class UdfExchange(Out):
    """An exchange to search in; an empty value is any."""

    value: str
    name: str
    desc: str


class UdfKind(Out):
    """A kind of symbol to search for; an empty value is any."""

    name: str
    value: str


class UdfConfigOut(Out):
    """What the datafeed can do."""

    model_config = example(
        {
            "supports_search": True, "supports_group_request": False, "supports_marks": True,
            "supports_timescale_marks": True, "supports_time": True,
            "supported_resolutions": ["60", "1D", "1W"],
            "exchanges": [{"value": "RISK", "name": "RISK", "desc": "risk-service"}],
            "symbols_types": [{"name": "Index and its parts", "value": "index"}],
        }
    )  # fmt: skip

    supports_search: bool
    supports_group_request: bool
    supports_marks: bool
    supports_timescale_marks: bool
    supports_time: bool
    supported_resolutions: list[str]
    exchanges: list[UdfExchange]
    symbols_types: list[UdfKind]


class UdfSymbolOut(Out):
    """A symbol; times are UTC, and a day's bar is named by its 00:00."""

    model_config = example(_SYMBOL)

    name: str
    ticker: str
    full_name: str
    description: str
    type: str
    exchange: str
    listed_exchange: str
    session: str
    timezone: str
    format: str
    minmov: int
    pricescale: int
    has_intraday: bool
    intraday_multipliers: list[str]
    has_daily: bool
    has_weekly_and_monthly: bool
    supported_resolutions: list[str]
    has_no_volume: bool
    visible_plots_set: str
    data_status: str


class UdfFoundOut(Out):
    """A symbol that was found."""

    model_config = example(
        {
            "symbol": "USARUS_RISK", "full_name": "RISK:USARUS_RISK", "ticker": "USARUS_RISK",
            "description": _SYMBOL["description"], "exchange": "RISK", "type": "index",
        }
    )  # fmt: skip

    symbol: str
    full_name: str
    ticker: str
    description: str
    exchange: str
    type: str


class UdfBarsOut(Out):
    """Bars, or ``no_data``; an error has a message."""

    model_config = example(
        {
            "s": "ok", "t": [1740614400], "o": [61.4], "h": [61.4], "l": [61.4], "c": [61.4],
        }
    )  # fmt: skip

    s: Literal["ok", "no_data", "error"]
    t: list[int] = Field([], description="First second of each bar, UTC")
    o: list[float] = Field([])
    h: list[float] = Field([])
    l: list[float] = Field([])  # noqa: E741
    c: list[float] = Field([])
    nextTime: int | None = Field(  # noqa: N815
        None, description="Beside no_data: the newest bar before what was asked for"
    )
    errmsg: str | None = None


class UdfMarksOut(Out):
    """Stories as marks, a column each: of one bar at most ten, the heaviest."""

    model_config = example(
        {
            "id": [5121], "time": [1740614400], "color": ["blue"],
            "text": ["Washington and Moscow agree to reopen consulates – Example Wire, thaw"],
            "label": ["T"], "labelFontColor": ["white"], "minSize": [17],
        }
    )  # fmt: skip

    id: list[int]
    time: list[int]
    color: list[str]
    text: list[str]
    label: list[str]
    labelFontColor: list[str]  # noqa: N815
    minSize: list[int]  # noqa: N815


class UdfTimescaleMarksOut(Out):
    """The heaviest story of each bar, a column each."""

    model_config = example(
        {
            "id": ["t5121"], "time": [1740614400], "color": ["blue"], "label": ["T"],
            "tooltip": [["Washington and Moscow agree to reopen consulates", "Example Wire, thaw"]],
        }
    )  # fmt: skip

    id: list[str]
    time: list[int]
    color: list[str]
    label: list[str]
    tooltip: list[list[str]]
