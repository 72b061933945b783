"""What a UDF datafeed calls a symbol: the index, its parts, its themes, and the sectors.

UDF is TradingView's "Universal Data Feed" protocol (Advanced Charts documentation, "UDF"). A name
holds letters, digits and underscores only, since a chart reads ``A-B`` as a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from risk_service.core.dyads import THEMES
from risk_service.store.upsert import Row

Kind = Literal["index", "theme", "sector"]
Resolution = Literal["60", "1D", "1W"]

EXCHANGE = "RISK"
RESOLUTIONS: tuple[Resolution, ...] = ("60", "1D", "1W")
_SPELLINGS: Mapping[str, Resolution] = {
    "60": "60", "1H": "60", "D": "1D", "1D": "1D", "W": "1W", "1W": "1W",
}  # fmt: skip
_PARTS = (
    ("RISK", "risk_index", "risk index, 0 to 100, 50 is neither thaw nor escalation"),
    ("LOW", "low", "lower bound of the risk index"),
    ("HIGH", "high", "upper bound of the risk index"),
    ("ESCALATION", "escalation_index", "escalation, 100 is the mean of the base period"),
    ("THAW", "thaw_index", "thaw, 100 is the mean of the base period"),
    ("PRESSURE", "pressure", "attention times direction, unbounded"),
    ("ATTENTION", "attention", "how much news there is, whichever way it points"),
)
_THEME = "part of the risk index due to {}, in risk points from 50"
_SECTOR = "{} sector, level, 100 is the first close kept"


@dataclass(frozen=True, slots=True)
class Symbol:
    """One line that can be drawn.

    ``column`` is a column of the index by day or hour, or the name of a sector, whose ``dyad`` is
    None.
    """

    name: str
    kind: Kind
    column: str
    description: str
    dyad: str | None


def catalogue(
    dyads: Iterable[str], sectors: Iterable[str], *, simulated: bool
) -> dict[str, Symbol]:
    """Every symbol by name; ``simulated`` says that the sectors' closes are made up.

    >>> list(catalogue(["USA-RUS"], ["energy"], simulated=False))[:3]
    ['USARUS_RISK', 'USARUS_LOW', 'USARUS_HIGH']
    """
    found = [symbol for dyad in dyads for symbol in _of_dyad(dyad)]
    mark = " (SIMULATED closes, no market)" if simulated else ""
    found += [
        Symbol(f"SECTOR_{name.upper()}", "sector", name, _SECTOR.format(name) + mark, None)
        for name in sectors
    ]
    return {symbol.name: symbol for symbol in found}


def find(symbols: Mapping[str, Symbol], asked: str) -> Symbol | None:
    """The symbol a client means: in any case, with the exchange before it or without."""
    return symbols.get(asked.strip().upper().removeprefix(f"{EXCHANGE}:"))


def resolution_of(asked: str) -> Resolution | None:
    """The resolution a client means, or None for one there is none of.

    >>> resolution_of("D"), resolution_of("60"), resolution_of("1")
    ('1D', '60', None)
    """
    return _SPELLINGS.get(asked.strip().upper())


def matching(
    symbols: Mapping[str, Symbol], query: str, kind: str, exchange: str, limit: int
) -> list[Symbol]:
    """Symbols whose name or description holds a text; an empty kind or exchange is any."""
    if exchange not in ("", EXCHANGE):
        return []
    text = query.strip().lower()
    found = [
        symbol
        for symbol in symbols.values()
        if kind in ("", symbol.kind)
        and (text in symbol.name.lower() or text in symbol.description.lower())
    ]
    return found[:limit]


def symbol_info(symbol: Symbol) -> Row:
    """What ``/symbols`` says of one. It has no key ``s``: the library's adapter takes any answer
    with one for an error.

    Sectors have one close a day, so only closes are drawn; the index moves within hours and weeks.
    """
    by_hour = symbol.kind != "sector"
    return {
        "name": symbol.name,
        "ticker": symbol.name,
        "full_name": f"{EXCHANGE}:{symbol.name}",
        "description": symbol.description,
        "type": symbol.kind,
        "exchange": EXCHANGE,
        "listed_exchange": EXCHANGE,
        "session": "24x7",
        "timezone": "Etc/UTC",
        "format": "price",
        "minmov": 1,
        "pricescale": 100,
        "has_intraday": by_hour,
        "intraday_multipliers": ["60"] if by_hour else [],
        "has_daily": True,
        "has_weekly_and_monthly": True,
        "supported_resolutions": list(RESOLUTIONS) if by_hour else ["1D", "1W"],
        "has_no_volume": True,
        "visible_plots_set": "ohlc" if by_hour else "c",
        "data_status": "streaming" if by_hour else "endofday",
    }


def _of_dyad(dyad: str) -> list[Symbol]:
    prefix = dyad.replace("-", "")
    parts = [
        Symbol(f"{prefix}_{name}", "index", column, f"{dyad}: {words}", dyad)
        for name, column, words in _PARTS
    ]
    themes = [
        Symbol(f"{prefix}_{theme.upper()}", "theme", theme, f"{dyad}: {_told(theme)}", dyad)
        for theme in THEMES
    ]
    return parts + themes


def _told(theme: str) -> str:
    return _THEME.format(theme.replace("_", " "))
