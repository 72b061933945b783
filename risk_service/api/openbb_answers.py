"""What the widgets of OpenBB Workspace are told: flat rows, metrics, a plotly figure, news.

Shapes by "Metric", "Plotly Charts", "Newsfeed" and "AgGrid Table Charts" of OpenBB's documentation
(docs.openbb.co/workspace/developers/widget-types). Unknown is null, never 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

import pandas as pd

from risk_service.api.formats import rows_of
from risk_service.api.history import weekly
from risk_service.store.upsert import Row

Theme = Literal["dark", "light"]
MOST_DAYS = 3_700
"""Of a longer span whole weeks are drawn."""
_COLUMNS = (
    "risk_index", "low", "high", "escalation_index", "thaw_index", "pressure", "coverage",
    "stories",
)  # fmt: skip
_PAINT: Mapping[Theme, Mapping[str, str]] = {
    "dark": {"back": "#151518", "text": "#ffffff", "grid": "rgba(255,255,255,0.12)",
             "line": "#ff9f5a", "band": "rgba(255,159,90,0.22)"},
    "light": {"back": "#ffffff", "text": "#222222", "grid": "rgba(0,0,0,0.12)",
              "line": "#b3362b", "band": "rgba(179,54,43,0.18)"},
}  # fmt: skip
"""Backgrounds are those of OpenBB's widgets."""
_STORY = (
    "story_id", "published_at", "text", "source", "theme", "contribution", "change", "severity",
    "reports", "url",
)  # fmt: skip
_MARKDOWN = re.compile(r"([\\`*_\[\]#|~])")
_TAGS = str.maketrans({"<": "‹", ">": "›"})


def metrics(answer: Mapping[str, Any]) -> list[dict[str, str]]:
    """The live answer as metrics; a move that is not known is left out."""
    low, high = answer["interval"]["low"], answer["interval"]["high"]
    level = f"{100 * answer['interval']['level']:.0f} % interval"
    change, coverage = answer["change"], answer["coverage"]
    return [
        _metric("Risk index", answer["risk_index"], change["one_day"]),
        {"label": level, "value": f"{low:.1f} – {high:.1f}"},
        _metric("Seven days ago: move", change["seven_days"]),
        _metric("Escalation", answer["escalation_index"]),
        _metric("Thaw", answer["thaw_index"]),
        {"label": "Stories", "value": f"{coverage['stories']}"},
        {"label": "State", "value": _state(answer)},
    ]


def _metric(label: str, value: float | None, delta: float | None = None) -> dict[str, str]:
    told = {"label": label, "value": "unknown" if value is None else f"{value:.1f}"}
    return told if delta is None else {**told, "delta": f"{delta:.1f}"}


def _state(answer: Mapping[str, Any]) -> str:
    reasons = answer["freshness"]["reasons"]
    return f"{answer['state']}: {reasons[0]}" if reasons else str(answer["state"])


def history_rows(days: pd.DataFrame) -> list[Row]:
    """Settled days as flat rows, the newest first."""
    table = days[["day", *_COLUMNS]].rename(columns={"day": "date"})
    rounded = table.round(dict.fromkeys(_COLUMNS, 2))
    return rows_of(rounded.iloc[::-1])


def theme_rows(answer: Mapping[str, Any]) -> list[Row]:
    """What each theme adds now."""
    return [
        {"theme": theme.replace("_", " "), "points": points}
        for theme, points in answer["themes"].items()
    ]


def story_rows(answer: Mapping[str, Any]) -> list[Row]:
    """The stories that weigh most now, without the words behind them."""
    return [{name: story[name] for name in _STORY} for story in answer["drivers"]]


def sector_row(sector: str, levels: pd.DataFrame, today: date, *, simulated: bool) -> Row:
    """Level of a sector and its moves over a day and a year, in percent, from day and level."""
    known = levels.dropna(subset=["level"])
    row: Row = {
        "sector": sector, "trading_day": None, "level": None, "change_percent": None,
        "year_percent": None, "simulated": simulated,
    }  # fmt: skip
    if known.empty:
        return row
    level, last = known["level"], known["day"].iloc[-1]
    before = level[known["day"] <= last - pd.DateOffset(years=1)]
    row |= {"trading_day": last.date(), "level": round(float(level.iloc[-1]), 2)}
    row["change_percent"] = _percent(level.iloc[-2:-1], level.iloc[-1])
    row["year_percent"] = _percent(before.tail(1), level.iloc[-1])
    return row


def _percent(before: pd.Series[float], now: float) -> float | None:
    return None if before.empty else round(100 * (now / float(before.iloc[0]) - 1), 2)


def figure(days: pd.DataFrame, dyad: str, theme: Theme) -> dict[str, Any]:
    """The index with its band as plotly JSON; weeks where there are many days."""
    by_week = len(days) > MOST_DAYS
    shown = weekly(days) if by_week else days
    times = shown["day"].dt.strftime("%Y-%m-%d").tolist()
    paint = _PAINT[theme]
    bound = {"type": "scatter", "mode": "lines", "x": times, "line": {"width": 0},
             "hoverinfo": "skip", "showlegend": False}  # fmt: skip
    data = [
        {**bound, "name": "low", "y": _ys(shown, "low")},
        {**bound, "name": "high", "y": _ys(shown, "high"), "fill": "tonexty",
         "fillcolor": paint["band"]},
        {"type": "scatter", "mode": "lines", "name": "risk index", "x": times,
         "y": _ys(shown, "risk_index"), "line": {"color": paint["line"], "width": 2}},
    ]  # fmt: skip
    title = f"{dyad} risk index" + (", weekly means" if by_week else "")
    return {"data": data, "layout": _layout(title, paint)}


def _ys(shown: pd.DataFrame, name: str) -> list[float]:
    return [round(value, 2) for value in shown[name].tolist()]


def _layout(title: str, paint: Mapping[str, str]) -> dict[str, Any]:
    axis = {"gridcolor": paint["grid"], "zeroline": False}
    return {
        "title": {"text": title},
        "paper_bgcolor": paint["back"], "plot_bgcolor": paint["back"],
        "font": {"color": paint["text"]}, "hovermode": "x unified", "showlegend": False,
        "margin": {"l": 40, "r": 20, "t": 50, "b": 40},
        "xaxis": {"type": "date", **axis},
        "yaxis": {"range": [0, 100], "title": {"text": "50 is neither"}, **axis},
        "shapes": [
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 50, "y1": 50,
             "line": {"color": paint["text"], "width": 1, "dash": "dot"}},
        ],
    }  # fmt: skip


def articles(stories: Iterable[Row]) -> list[dict[str, str]]:
    """Stories as a newsfeed, the newest first."""
    ordered = sorted(stories, key=lambda story: story["published_at"], reverse=True)
    return [_article(story) for story in ordered]


def _article(story: Row) -> dict[str, str]:
    way = "escalation" if story["p_escalation"] >= story["p_thaw"] else "thaw"
    share = max(story["p_escalation"], story["p_thaw"])
    text = str(story["text"] or f"coded event {story['event_code']}").translate(_TAGS)
    told = f"{way} ({100 * share:.0f} %), severity {story['severity']:.1f}"
    theme = str(story["theme"]).replace("_", " ")
    url = str(story["url"] or "")
    link = (
        f"\n\n[At the outlet]({_address(url)})" if url.startswith(("http://", "https://")) else ""
    )
    return {
        "title": text,
        "date": story["published_at"].isoformat().replace("+00:00", "Z"),
        "author": str(story["source"]).translate(_TAGS),
        "excerpt": f"{told}, {theme}",
        # A headline is text of others: nothing in it is to become markdown of ours.
        "body": f"{_unmarked(text)}\n\n{told}, {theme}.{link}",
    }


def _unmarked(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _address(url: str) -> str:
    return re.sub(r"[()\s<>]", lambda found: f"%{ord(found[0]):02X}", url)
