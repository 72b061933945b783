"""The index as a picture to embed: the line with its band, dark or light, and what to know of it.

Needs the ``charts`` extra.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from risk_service.pictures import Picture, date_axis, new_figure, written

Theme = Literal["light", "dark"]
DOTS_PER_INCH = 100


@dataclass(frozen=True, slots=True)
class _Paint:
    back: str
    text: str
    faint: str
    line: str
    warning: str


_PAINTS: dict[Theme, _Paint] = {
    "light": _Paint("#ffffff", "#222222", "#8a8a8a", "#33506e", "#b3362b"),
    "dark": _Paint("#151518", "#f0f0f0", "#8f8f8f", "#7fb2e5", "#ff8f80"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture looks: pixels, theme and kind."""

    width: int
    height: int
    theme: Theme
    picture: Picture


def draw_index(points: pd.DataFrame, title: str, notes: tuple[str, ...], look: Look) -> bytes:
    """Draw the index over time.

    Parameters
    ----------
    points
        day (datetime64), risk_index, low and high, 0–100, in order; may be empty. Days that are
        missing are a gap in the line.
    notes
        What a reader must know, such as that the news is stale: told in the picture, in a colour
        that warns.

    Raises
    ------
    NoCharts
        Where matplotlib is not installed.
    """
    paint = _PAINTS[look.theme]
    size = (look.width / DOTS_PER_INCH, look.height / DOTS_PER_INCH)
    figure = new_figure(figsize=size, dpi=DOTS_PER_INCH, facecolor=paint.back)
    panel = figure.subplots()
    _dress(panel, paint)
    if points.empty:
        panel.text(0.5, 0.5, "no settled day", ha="center", color=paint.text,
                   transform=panel.transAxes)  # fmt: skip
    else:
        _draw(panel, points, paint)
    figure.suptitle(title, fontsize=11, color=paint.text)
    if notes:
        figure.supxlabel("\n".join(notes), fontsize=8, color=paint.warning)
    return written(figure, look.picture, DOTS_PER_INCH)


def _dress(panel: Any, paint: _Paint) -> None:
    panel.set_facecolor(paint.back)
    panel.set_ylim(0, 100)
    panel.axhline(50, color=paint.faint, linewidth=0.8, linestyle=":")
    panel.set_ylabel("50 is neither thaw nor escalation", fontsize=7, color=paint.faint)
    panel.tick_params(labelsize=8, colors=paint.text)
    for side, spine in panel.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(paint.faint)


def _draw(panel: Any, points: pd.DataFrame, paint: _Paint) -> None:
    shown = _with_gaps(points)
    days = shown["day"].to_numpy("datetime64[D]")
    panel.fill_between(days, shown["low"], shown["high"], color=paint.line, alpha=0.25, linewidth=0)
    panel.plot(days, shown["risk_index"], color=paint.line, linewidth=1.4)
    if len(points) == 1:
        panel.plot(days, shown["risk_index"], color=paint.line, marker="o", markersize=4)
    date_axis(panel, most=10)


def _with_gaps(points: pd.DataFrame) -> pd.DataFrame:
    """The points with an unknown one in each gap, so that no line runs over an outage."""
    days = points.set_index("day")
    steps = days.index.to_series().diff()
    usual = pd.Timedelta(steps.median()) if len(days) > 1 else pd.Timedelta(days=1)
    gaps = pd.DatetimeIndex(days.index[steps > usual]) - usual
    return days.reindex(days.index.union(gaps)).rename_axis("day").reset_index()
