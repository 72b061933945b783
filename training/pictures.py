"""The pictures of the documentation, drawn from a database: ``python -m training.pictures``.

Needs the ``charts`` extra (matplotlib). ``history.svg`` is the whole index; ``year.svg`` the index
from July 2025 to June 2026 with three happenings marked.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from risk_service.desk import DEFAULT_DYAD
from risk_service.store.engine import make_engine, reading
from risk_service.store.index import read_days

INK, BAND = "#1f4e79", "#9dbbd6"
MARKS = (
    (date(2025, 8, 15), "Alaska summit"),
    (date(2025, 10, 22), "Rosneft and Lukoil\nsanctioned"),
    (date(2026, 3, 12), "oil sanctions\nwaived"),
)


def draw_index(axes: Axes, days: pd.DataFrame) -> None:
    """The index with its interval, and the line at 50 that means neither way."""
    axes.fill_between(days.index, days["low"], days["high"], color=BAND, alpha=0.5, linewidth=0)
    axes.plot(days.index, days["risk_index"], color=INK, linewidth=1.1)
    axes.axhline(50, color="grey", linewidth=0.7)
    axes.set_ylim(0, 100)
    axes.set_ylabel("risk index (50 = neither way)")
    axes.spines[["top", "right"]].set_visible(False)


def history(days: pd.DataFrame, path: Path) -> None:
    """Monthly means since 1991."""
    monthly = days[["risk_index", "low", "high"]].resample("MS").mean()
    figure, axes = plt.subplots(figsize=(10, 3.6), layout="constrained")
    draw_index(axes, monthly)
    axes.set_title("US–Russia risk index, monthly means with 90 % interval", loc="left")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def year(days: pd.DataFrame, path: Path) -> None:
    """Days from August 2025 to June 2026, with the happenings of ``MARKS``."""
    figure, axes = plt.subplots(figsize=(10, 3.6), layout="constrained")
    draw_index(axes, days.loc["2025-07-25":"2026-06-13"])
    for day, words in MARKS:
        at: Any = pd.Timestamp(day)  # matplotlib takes moments, its types do not say so
        axes.axvline(at, color="#b04a00", linewidth=0.8, linestyle="--")
        axes.annotate(words, (at, 98), fontsize=8, va="top", ha="left")
    axes.set_title("US–Russia risk index, daily with 90 % interval", loc="left")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main(arguments: Sequence[str]) -> None:
    """Draw both pictures from the database at the first argument into the folder at the second."""
    mpl.use("Agg")
    plt.rcParams["svg.hashsalt"] = "risk-service"
    engine, folder = make_engine(arguments[0]), Path(arguments[1])
    with reading(engine) as conn:
        days = read_days(conn, DEFAULT_DYAD)
    days = days.set_index(pd.to_datetime(days["day"]))
    history(days, folder / "history.svg")
    year(days, folder / "year.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
