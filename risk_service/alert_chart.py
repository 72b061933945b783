"""What a rule would have told, as a picture: the series, its firings, and how high they reached.

Needs the ``charts`` extra.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from risk_service.alert_preview import Preview
from risk_service.core.jumps import Level, Rule
from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.rules import NEITHER
from risk_service.pictures import COLOURS, Picture, new_figure, written

_MARKS = {"thaw": "v", "escalation": "^"}
_LINE, _GREY = "#33506e", "#8a8a8a"
_DOTS_PER_INCH = 110


def draw_preview(
    days: pd.DatetimeIndex,
    values: Floats,
    found: Preview,
    rule: Rule,
    title: str,
    picture: Picture,
) -> bytes:
    """Two panels: the series (T,) with a mark at each firing, and the firings' scores over time.

    The threshold is a dashed line: below, in its own unit; above too where it is a level.

    Raises
    ------
    NoCharts
        Where matplotlib is not installed.
    """
    figure = new_figure(figsize=(11, 5.6))
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.plot(days, values, color=_LINE, linewidth=0.7)
    above.axhline(NEITHER, color=_GREY, linewidth=0.6)
    if isinstance(rule, Level):
        for edge in (-found.threshold, found.threshold):
            above.axhline(NEITHER + edge, color=_GREY, linewidth=0.8, linestyle="--")
    below.axhline(found.threshold, color=_GREY, linewidth=0.8, linestyle="--")
    for direction, rows in found.firings.groupby("direction"):
        _draw(above, below, str(direction), rows)
    above.set_ylabel("index scale, 50 is neither", fontsize=8)
    below.set_ylabel("score", fontsize=8)
    below.set_ylim(bottom=0)
    for panel in (above, below):
        panel.tick_params(labelsize=8)
    if len(found.firings):
        above.legend(fontsize=8, frameon=False, loc="upper left")
    figure.suptitle(title, fontsize=11, color="#222222")
    figure.supxlabel(_told(found), fontsize=8, color=_GREY)
    return written(figure, picture, _DOTS_PER_INCH)


def _draw(above: Any, below: Any, direction: str, rows: pd.DataFrame) -> None:
    colour = COLOURS[direction]
    above.scatter(
        rows["day"], rows["value_to"], color=colour, marker=_MARKS[direction], s=22, zorder=3,
        label=f"{direction}, {len(rows)} firings",
    )  # fmt: skip
    below.vlines(rows["day"], 0, rows["score"], color=colour, linewidth=1.0)


def _told(found: Preview) -> str:
    if found.expected is None:
        return f"threshold {found.threshold:.3g}; false alarms unknown: {found.unknown_because}"
    rate = found.expected
    return (
        f"threshold {found.threshold:.3g}; {rate.expected:.2f} false alarms a quarter "
        f"({rate.low:.2f}–{rate.high:.2f}), told from days before {found.calibrated_before}"
    )
