"""The pictures of docs/episodes.md; matplotlib, from the ``charts`` extra.

Cumulative abnormal returns are drawn, never the prices they were made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from risk_service.core.sectors import Sectors
from risk_service.pictures import COLOURS
from risk_service.studies import Studied
from risk_service.study_chart import draw_study
from training.episode_studies import CarPath, EpisodeFound
from training.episode_tables import NAMES

INK, BAND, GREY = "#1f4e79", "#9dbbd6", "#8a8a8a"
_AS_TEXT: Any = {"svg.hashsalt": "risk-service", "svg.fonttype": "none"}
"""Letters as shapes would be most of the file."""
LINES = ("#b04a00", "#5b7f1e", "#7a4fa3", "#8a8a8a")


def draw_episode(found: EpisodeFound, sectors: Sectors, path: Path) -> None:
    """Both sectors' cumulative abnormal returns by day, and the index beside them."""
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    panels = figure.subplots(1, len(sectors.members) + 1)
    for panel, sector in zip(panels, sectors.members, strict=False):
        own = [p for p in found.paths if p.asset == sector or _of(p.asset, sector, sectors)]
        _draw_paths(panel, own, sector, COLOURS[found.episode.direction])
    _draw_index(panels[-1], found)
    figure.suptitle(found.episode.title, fontsize=11)
    _write(figure, path)


def draw_chronology(studied: Studied, name: str, path: Path) -> None:
    """CAARs of thaw and escalation on both sectors with intervals and placebo."""
    title = f"Chronology since 2004, {name}"
    with mpl.rc_context(_AS_TEXT):
        path.write_bytes(draw_study(studied, title, simulated=False, picture="svg"))


def _of(asset: str, sector: str, sectors: Sectors) -> bool:
    return asset in sectors.tickers(sector) or (asset == "BRENT_SPOT" and sector == "energy")


def _draw_paths(panel: Any, paths: Sequence[CarPath], sector: str, colour: str) -> None:
    panel.axhline(0, color=GREY, linewidth=0.6)
    others = iter(LINES)
    for path in paths:
        days = np.arange(len(path.car))
        if path.asset == sector:
            panel.fill_between(
                days, 100 * path.low, 100 * path.high, color=colour, alpha=0.18, linewidth=0
            )
            style: dict[str, Any] = {"color": colour, "linewidth": 2.0}
        else:
            style = {"color": next(others), "linewidth": 1.0}
        panel.plot(days, 100 * path.car, label=NAMES[path.asset], **style)
    panel.set_title(f"{NAMES[sector]} and members", fontsize=9)
    panel.set_xlabel("trading days after the first close", fontsize=8)
    panel.set_ylabel("CAR from day 0 on, %", fontsize=8)
    panel.legend(fontsize=7, frameon=False)
    panel.tick_params(labelsize=8)


def _draw_index(panel: Any, found: EpisodeFound) -> None:
    days = pd.to_datetime(found.index["day"])
    away = (days - pd.Timestamp(found.episode.at.date())).dt.days.to_numpy()
    panel.fill_between(
        away, found.index["low"], found.index["high"], color=BAND, alpha=0.5, linewidth=0
    )
    panel.plot(away, found.index["risk_index"], color=INK, linewidth=1.6)
    panel.axhline(50, color=GREY, linewidth=0.6)
    panel.axvline(0, color=GREY, linewidth=0.6, linestyle=":")
    panel.set_ylim(0, 100)
    panel.set_title("risk index, with 90 % interval", fontsize=9)
    panel.set_xlabel("days after the happening", fontsize=8)
    panel.tick_params(labelsize=8)


def _write(figure: Any, path: Path) -> None:
    with mpl.rc_context(_AS_TEXT):
        FigureCanvasSVG(figure)
        figure.savefig(path, format="svg", metadata={"Date": None})
