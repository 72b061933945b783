"""The pictures of a model card as SVG; needs the ``charts`` extra (matplotlib)."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from models.card import Card
from models.estimators import CLASSES

INK, BAND = "#1f4e79", "#9dbbd6"

mpl.rcParams["svg.hashsalt"] = "risk-service"
mpl.rcParams["svg.fonttype"] = "none"


def reliability_svg(card: Card) -> str:
    """Share right over confidence, the size of a dot telling how many texts; the line is honest."""
    confidence, right, texts = (np.array(column) for column in zip(*card.reliability, strict=True))
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.plot(confidence, right, color=BAND, linewidth=1)
    axes.scatter(confidence, right, s=10 + 190 * texts / texts.max(), color=INK, zorder=3)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right")
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def confusion_svg(card: Card) -> str:
    """Texts by true class and by the class they were taken for; shades are shares of a row."""
    table = np.array(card.confusion)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.subplots()
    middles = np.arange(len(CLASSES))
    axes.pcolormesh(middles, middles, shares, cmap="Blues", vmin=0, vmax=1)
    axes.invert_yaxis()
    for row, column in np.ndindex(table.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(table[row, column]), ha="center", va="center", color=colour)
    axes.set_xticks(middles, CLASSES)
    axes.set_yticks(middles, CLASSES)
    axes.set(xlabel="read as", ylabel="true")
    return _svg(figure)


def _svg(figure: Figure) -> str:
    written = io.BytesIO()
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(written, metadata={"Date": None})
    text = written.getvalue().decode()
    # Inside a page there is no place for the heading of a file of its own.
    return text[text.index("<svg") :]
