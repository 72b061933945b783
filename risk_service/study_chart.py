"""A study as a picture: CAAR with its interval and its placebo, thaw and escalation side by side.

Needs the ``charts`` extra.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from risk_service.core.event_study import Average
from risk_service.core.placebo import Placebo
from risk_service.pictures import COLOURS, Picture, new_figure, written
from risk_service.studies import GroupStudy, Studied

_PLAIN = "#33506e"
_GREY = "#8a8a8a"
_DOTS_PER_INCH = 130


def draw_study(studied: Studied, title: str, *, simulated: bool, picture: Picture) -> bytes:
    """One panel for each asset (down) and direction (across), in percent.

    Parameters
    ----------
    title
        Above all panels. Where prices are simulated the picture says so in large letters.

    Raises
    ------
    NoCharts
        Where matplotlib is not installed.
    """
    groups = [group for group in studied.groups if group.result is not None]
    names = [average.asset for average in _averages(groups[0])] if groups else []
    width, height = max(1, len(groups)), max(1, len(names))
    figure = new_figure(figsize=(4.6 * width, 1.1 + 2.7 * height))
    panels = figure.subplots(height, width, squeeze=False, sharey="row")
    for column, group in enumerate(groups):
        for row, average in enumerate(_averages(group)):
            _draw_panel(
                panels[row][column], group.direction, average, group.placebos[average.asset]
            )
    if not names:
        panels[0][0].set_axis_off()
        panels[0][0].text(0.5, 0.5, "no closes to study", ha="center", color=_GREY)
    _entitle(figure, title, simulated)
    return written(figure, picture, _DOTS_PER_INCH)


def _averages(group: GroupStudy) -> tuple[Average, ...]:
    return () if group.result is None else group.result.averages


def _draw_panel(panel: Any, direction: str, average: Average, found: Placebo) -> None:
    colour = COLOURS.get(direction, _PLAIN)
    days = np.array(average.days)
    panel.axhline(0, color=_GREY, linewidth=0.6)
    panel.axvline(0, color=_GREY, linewidth=0.6, linestyle=":")
    for edge in (found.low, found.high):
        panel.plot(days, 100 * edge, color=_GREY, linewidth=0.9, linestyle="--")
    panel.fill_between(
        days, 100 * average.low, 100 * average.high, color=colour, alpha=0.18, linewidth=0
    )
    panel.plot(days, 100 * average.caar, color=colour, linewidth=1.8, marker="o", markersize=3)
    panel.set_title(f"{average.asset}, {direction}, {average.events} events", fontsize=10)
    panel.set_xlabel("trading days after the first close", fontsize=8)
    panel.set_ylabel("CAAR, %", fontsize=8)
    panel.tick_params(labelsize=8)
    panel.xaxis.get_major_locator().set_params(integer=True)


def _entitle(figure: Any, title: str, simulated: bool) -> None:
    head = f"SIMULATED PRICES, no market\n{title}" if simulated else title
    figure.suptitle(head, fontsize=11, color="#b3362b" if simulated else "#222222")
    figure.supxlabel(
        "band: bootstrap interval; dashed: the same study on random dates (placebo)",
        fontsize=8, color=_GREY,
    )  # fmt: skip
