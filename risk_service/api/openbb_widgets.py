"""``widgets.json`` and ``apps.json`` of OpenBB Workspace: what there is to put on a dashboard.

Written by "widgets.json Reference", "apps.json Reference" and "TradingView Charts" of OpenBB's
documentation (docs.openbb.co/workspace/developers). A widget's id is its endpoint with ``/`` as
``_``, as the second asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from risk_service.core.dyads import THEMES
from risk_service.desk import DEFAULT_DYAD

Config = dict[str, Any]

SOURCE = ["risk-service"]
CATEGORY = "Geopolitical risk"
MINUTE = 60_000
"""Milliseconds between two asks of a widget."""
DEFAULT_SYMBOL = "USARUS_RISK"
GRID_WIDTH = 40


def widgets(dyads: Sequence[str]) -> dict[str, Config]:
    """Every widget by id."""
    dyad = _choice("dyad", "Dyad", "Whose index", DEFAULT_DYAD, dyads)
    found = _of_index(dyad) | _of_stories(dyad) | _of_markets()
    return {
        name: {**widget, "endpoint": f"/{name.replace('_', '/', 1)}"}
        for name, widget in found.items()
    }


def _of_index(dyad: Config) -> dict[str, Config]:
    since = _date("from", "From", "First day", "$currentDate-2y")
    until = _date("to", "To", "Last day", None)
    return {
        "openbb_metric": _widget(
            "Risk index now", "The US–Russia risk index now: value, interval, move of a day, "
            "escalation, thaw, and how fresh the news is.", "metric", (20, 5), [dyad],
        ),
        "openbb_chart": _widget(
            "Risk index", "The risk index by day with its interval; 50 is neither thaw nor "
            "escalation.", "chart", (40, 15), [since, until, dyad], raw=True,
        ),
        "openbb_history": _widget(
            "Risk index, days", "Settled days of the risk index with interval, escalation, thaw "
            "and coverage.", "table", (40, 14), [since, until, dyad],
            data={"table": _table(_HISTORY, "line", ["date", "risk_index"])},
        ),
        "openbb_themes": _widget(
            "Risk by theme", "What each theme adds to the risk index, in risk points from 50.",
            "table", (20, 10), [dyad], data={"table": _table(_THEMES, "bar", ["theme", "points"])},
        ),
    }  # fmt: skip


def _of_stories(dyad: Config) -> dict[str, Config]:
    # Not "theme": Workspace sends its own, dark or light, under that name.
    topic = _choice("topic", "Theme", "Of which stories", "all", ["all", *THEMES])
    limit = {
        "type": "number", "paramName": "limit", "value": 20, "label": "Stories",
        "description": "How many, at most 100", "show": True,
    }  # fmt: skip
    return {
        "openbb_stories": _widget(
            "What moved the index", "The stories that weigh most in the index now, with what each "
            "adds, in risk points.", "table", (40, 12), [dyad], data={"table": _table(_STORIES)},
        ),
        "openbb_news": _widget(
            "Stories", "The weightiest stories of the last days, thaw and escalation.",
            "newsfeed", (20, 20), [topic, limit, dyad],
        ),
    }  # fmt: skip


def _of_markets() -> dict[str, Config]:
    return {
        "openbb_sectors": _widget(
            "Sectors", "Level and latest moves of the energy and defence sectors. It does not "
            "predict returns.", "table", (20, 8), [], data={"table": _table(_SECTORS)},
        ),
        "udf": _widget(
            "Risk charts", "The index, its parts and themes by hour, day and week, and the "
            "sectors, with stories as marks.", "advanced_charting", (40, 20), [],
            data={"defaultSymbol": DEFAULT_SYMBOL, "updateFrequency": MINUTE},
        ),
    }  # fmt: skip


def apps() -> list[Config]:
    """One dashboard of the widgets above, 40 columns wide."""
    now = [
        _placed("openbb_metric", 0, 0, 40, 5), _placed("openbb_chart", 0, 5, 40, 15),
        _placed("openbb_stories", 0, 20, 40, 12), _placed("openbb_themes", 0, 32, 20, 10),
        _placed("openbb_sectors", 20, 32, 20, 10),
    ]  # fmt: skip
    return [
        {
            "name": "US–Russia risk",
            "description": "Thaw against escalation between the United States and Russia, from "
            "the news: one number from 0 to 100, and what moved it.",
            "img": "", "img_dark": "", "img_light": "",
            "allowCustomization": True,
            "tabs": {
                "now": {"id": "now", "name": "Now", "layout": now},
                "charts": {
                    "id": "charts", "name": "Charts", "layout": [_placed("udf", 0, 0, 40, 25)],
                },
                "stories": {
                    "id": "stories", "name": "Stories",
                    "layout": [
                        _placed("openbb_news", 0, 0, 20, 25),
                        _placed("openbb_history", 20, 0, 20, 25),
                    ],
                },
            },
            "groups": [],
            "prompts": [
                "What moved the US–Russia risk index today?",
                "How do energy and defence compare with the index over the last year?",
            ],
        }
    ]  # fmt: skip


def _widget(
    name: str,
    description: str,
    kind: str,
    size: tuple[int, int],
    params: list[Config],
    **more: Any,
) -> Config:
    return {
        "name": name,
        "description": description,
        "category": CATEGORY,
        "type": kind,
        "gridData": {"w": size[0], "h": size[1]},
        "source": SOURCE,
        "params": params,
        "refetchInterval": MINUTE,
        "staleTime": MINUTE,
        **more,
    }


def _choice(name: str, label: str, description: str, value: str, options: Sequence[str]) -> Config:
    return {
        "type": "text", "paramName": name, "value": value, "label": label,
        "description": description, "show": True,
        "options": [{"label": one.replace("_", " "), "value": one} for one in options],
    }  # fmt: skip


def _date(name: str, label: str, description: str, value: str | None) -> Config:
    return {
        "type": "date", "paramName": name, "value": value, "label": label,
        "description": description, "show": True,
    }  # fmt: skip


def _table(
    columns: list[Config], chart: str | None = None, shown: list[str] | None = None
) -> Config:
    table: Config = {"enableCharts": True, "showAll": False, "columnsDefs": columns}
    if chart is not None:
        view = {"enabled": False, "chartType": chart, "cellRangeCols": {chart: shown}}
        table["chartView"] = view
    return table


def _column(field: str, header: str, kind: str = "number", **more: Any) -> Config:
    formatting: Config = {"formatterFn": "none"} if kind == "number" else {}
    series = {"number": "series", "text": "category"}.get(kind, "time")
    return {
        "field": field, "headerName": header, "cellDataType": kind, "chartDataType": series,
        **formatting, **more,
    }  # fmt: skip


def _placed(widget: str, x: int, y: int, w: int, h: int) -> Config:
    return {"i": widget, "x": x, "y": y, "w": w, "h": h}


_HISTORY = [
    _column("date", "Day", "dateString", pinned="left"), _column("risk_index", "Risk index"),
    _column("low", "Low"), _column("high", "High"), _column("escalation_index", "Escalation"),
    _column("thaw_index", "Thaw"), _column("pressure", "Pressure"),
    _column("coverage", "Coverage"), _column("stories", "Stories"),
]  # fmt: skip
_THEMES = [_column("theme", "Theme", "text"), _column("points", "Risk points")]
_STORIES = [
    _column("published_at", "Published", "dateString"),
    _column("text", "Story", "text", width=500), _column("source", "Source", "text"),
    _column("theme", "Theme", "text"), _column("contribution", "Risk points"),
    _column("change", "Since yesterday"), _column("severity", "Severity"),
    _column("reports", "Reports"), _column("url", "Link", "text"),
]  # fmt: skip
_SECTORS = [
    _column("sector", "Sector", "text"), _column("trading_day", "Trading day", "dateString"),
    _column("level", "Level"), _column("change_percent", "Day, %"),
    _column("year_percent", "Year, %"), _column("simulated", "Simulated", "boolean"),
]  # fmt: skip
