"""What a rule would have told, as a picture: the series, its firings, and how high they reached.

Needs the ``charts`` extra. Figures are drawn without pyplot, whose state all threads would share.
"""

from __future__ import annotations

import io
from typing import Any, Literal

import pandas as pd

from risk_service.alert_preview import Preview
from risk_service.core.jumps import Level, Rule
from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.rules import NEITHER
from risk_service.errors import NoCharts

try:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # With fixed names inside and text as shapes, the same preview is the same file everywhere.
    mpl.rcParams.update({"svg.hashsalt": "risk-service", "svg.fonttype": "path"})
except ImportError:  # the extra is not installed
    mpl = None  # type: ignore[assignment]

Picture = Literal["svg", "png"]
COLOURS = {"thaw": "#1b7f5c", "escalation": "#b3362b"}
_MARKS = {"thaw": "v", "escalation": "^"}
_LINE, _GREY = "#33506e", "#8a8a8a"


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
    if mpl is None:
        raise NoCharts("charts need matplotlib: pip install 'risk-service[charts]'")
    figure = Figure(figsize=(11, 5.6), layout="constrained")
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
    return _written(figure, picture)


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


def _written(figure: Any, picture: Picture) -> bytes:
    sink = io.BytesIO()
    if picture == "png":
        FigureCanvasAgg(figure)
        figure.savefig(sink, format="png", dpi=110)
        return sink.getvalue()
    FigureCanvasSVG(figure)
    figure.savefig(sink, format="svg", metadata={"Date": None})
    return sink.getvalue()
