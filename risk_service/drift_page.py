"""Drift as one page of HTML that needs nothing else. Needs the ``charts`` extra (matplotlib)."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, PALE, THIRD = "#1f4e79", "#9dbbd6", "#b5651d"
LANGUAGES_SHOWN = 6
_SAID = {
    "week": "week of", "events": "events", "relevance_rate": "relevant", "scored": "scored",
    "share_thaw": "thaw", "share_escalation": "escalation", "share_neutral": "neutral",
    "psi": "PSI", "psi_expected": "by chance", "ks": "KS", "ks_critical": "1 in 20",
    "class_psi": "PSI of directions", "language_psi": "PSI of languages",
    "unknown_words": "unknown words",
}  # fmt: skip
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Drift</title><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
svg{max-width:100%;height:auto}
table{border-collapse:collapse;font-size:13px}
td,th{padding:.15rem .5rem;text-align:right;border-bottom:1px solid #ddd}
</style></head><body>
"""
_EXPLAINED = """<p>PSI (Siddiqi 2006) and KS (two-sample Kolmogorov–Smirnov) compare each week's
p_escalation − p_thaw with that of the reference. Below 0.1 a PSI is usually called no change, above
0.25 a large one; in a week of few texts chance alone makes more of it, which the pale line shows
(its mean; for KS what chance exceeds one time in twenty). That is of reports that know nothing of
one another: those of one story are alike, and let a week stand further out. Unknown words are
those the model has no place for. News can move these as well as the model's fitness can: a week of
talks is no fault.</p>
"""


def drift_page(dyad: str, version: str, weeks: pd.DataFrame, now: datetime) -> str:
    """The page of one dyad, from ``store.drift.read_drift``."""
    parts = [
        _HEAD,
        f"<h1>Drift of {html.escape(version)}, {html.escape(dyad)}</h1>\n",
        f"<p>{html.escape(_standing(weeks, now))}</p>\n",
        _EXPLAINED,
    ]
    if len(weeks):
        parts += [_pictures(weeks), _table(weeks)]
    return "".join([*parts, "</body></html>\n"])


def _standing(weeks: pd.DataFrame, now: datetime) -> str:
    if weeks.empty:
        return f"{now:%Y-%m-%d %H:%M}Z. No news has been assessed yet."
    newest = weeks.iloc[-1]
    if newest["reference_from"] is None:
        return f"{now:%Y-%m-%d %H:%M}Z. There are not enough weeks for a reference yet."
    return (
        f"{now:%Y-%m-%d %H:%M}Z. Reference: {newest['reference_scored']} texts scored in weeks from"
        f" {newest['reference_from']} to {newest['reference_to']}."
    )


def _pictures(weeks: pd.DataFrame) -> str:
    shown: Sequence[tuple[str, Callable[[Axes, pd.DataFrame], None]]] = (
        ("Scores: PSI", _psi),
        ("Scores: KS", _ks),
        ("Directions", _directions),
        ("Languages", _languages),
        ("Unknown words", _unknown),
        ("Relevant events", _relevant),
    )
    figure = Figure(figsize=(11, 9), layout="constrained")
    for place, (title, draw) in enumerate(shown, 1):
        axes = figure.add_subplot(3, 2, place)
        draw(axes, weeks)
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8, axis="both")
        if axes.get_legend_handles_labels()[0]:
            axes.legend(
                loc="lower right", bbox_to_anchor=(1, 1), ncols=6, fontsize=7, frameon=False
            )
    figure.autofmt_xdate()
    return _svg(figure)


def _svg(figure: Figure) -> str:
    sink = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "drift"}):
        figure.savefig(sink, format="svg", metadata={"Date": None})
    drawn = sink.getvalue()
    return drawn[drawn.index("<svg") :]


def _line(axes: Axes, weeks: pd.DataFrame, name: str, color: str, label: str = "") -> None:
    axes.plot(weeks["week"], weeks[name].astype(float), color=color, label=label, marker=".")


def _psi(axes: Axes, weeks: pd.DataFrame) -> None:
    _line(axes, weeks, "psi", INK, "PSI")
    _line(axes, weeks, "psi_expected", PALE, "by chance, mean")
    axes.axhline(0.25, color=THIRD, linewidth=0.8, linestyle="--", label="0.25")


def _ks(axes: Axes, weeks: pd.DataFrame) -> None:
    _line(axes, weeks, "ks", INK, "KS")
    _line(axes, weeks, "ks_critical", PALE, "by chance, 1 in 20")


def _directions(axes: Axes, weeks: pd.DataFrame) -> None:
    for name, color in (("escalation", THIRD), ("thaw", INK), ("neutral", PALE)):
        _line(axes, weeks, f"share_{name}", color, name)


def _languages(axes: Axes, weeks: pd.DataFrame) -> None:
    mixes = pd.DataFrame(list(weeks["languages"])).fillna(0.0)
    for language in mixes.mean().sort_values(ascending=False).index[:LANGUAGES_SHOWN]:
        axes.plot(weeks["week"], mixes[language], label=str(language), marker=".")


def _unknown(axes: Axes, weeks: pd.DataFrame) -> None:
    _line(axes, weeks, "unknown_words", INK)


def _relevant(axes: Axes, weeks: pd.DataFrame) -> None:
    _line(axes, weeks, "relevance_rate", INK)


def _table(weeks: pd.DataFrame) -> str:
    head = "".join(f"<th>{html.escape(words)}</th>" for words in _SAID.values())
    rows = (
        "<tr>" + "".join(f"<td>{_cell(row[name])}</td>" for name in _SAID) + "</tr>\n"
        for row in weeks.iloc[::-1].to_dict("records")
    )
    return f"<table><tr>{head}</tr>\n{''.join(rows)}</table>\n"


def _cell(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if value is None or pd.isna(value):
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
