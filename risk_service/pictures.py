"""Figures that any thread may draw, and the file that each becomes.

Needs the ``charts`` extra. Figures are drawn without pyplot, whose state all threads would share.
"""

from __future__ import annotations

import io
from typing import Any, Literal

from risk_service.errors import NoCharts

try:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure

    # With fixed names inside and text as shapes, the same content is the same file everywhere.
    mpl.rcParams.update({"svg.hashsalt": "risk-service", "svg.fonttype": "path"})
    # They come without types of their own.
    _LOCATOR: Any = AutoDateLocator
    _FORMATTER: Any = ConciseDateFormatter
except ImportError:  # the extra is not installed
    mpl = None  # type: ignore[assignment]

Picture = Literal["svg", "png"]
PICTURE_TYPES: dict[Picture, str] = {"svg": "image/svg+xml", "png": "image/png"}
COLOURS = {"thaw": "#1b7f5c", "escalation": "#b3362b"}
"""Of whatever points to thaw or to escalation."""


def new_figure(**look: Any) -> Any:
    """An empty figure whose parts make room for one another.

    Raises
    ------
    NoCharts
        Where matplotlib is not installed.
    """
    if mpl is None:
        raise NoCharts("charts need matplotlib: pip install 'risk-service[charts]'")
    return Figure(layout="constrained", **look)


def date_axis(panel: Any, most: int) -> None:
    """At most so many dates below a panel, each in short."""
    locator = _LOCATOR(maxticks=most)
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(_FORMATTER(locator))


def written(figure: Any, picture: Picture, dots_per_inch: int) -> bytes:
    """A figure as a file; the resolution is that of a PNG."""
    sink = io.BytesIO()
    if picture == "png":
        FigureCanvasAgg(figure)
        figure.savefig(sink, format="png", dpi=dots_per_inch)
        return sink.getvalue()
    FigureCanvasSVG(figure)
    figure.savefig(sink, format="svg", metadata={"Date": None})
    return sink.getvalue()
