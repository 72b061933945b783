"""How long should news weigh? Half-life and kappa against the next day's direction.

``python -m training.smoothing LABELS.csv [...]`` prints the grid. A label file has columns
``date`` (or ``occurred_on``), ``text``, ``direction`` and ``intensity``; no published index is
looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from risk_service.core.dyads import Gazetteer
from risk_service.core.index import index_at, weigh
from risk_service.core.method import METHOD
from risk_service.core.relevance import relevance_of
from risk_service.desk import DEFAULT_DYAD, read_gazetteers

HALF_LIVES = (2, 3, 5, 7, 10, 14, 28, 56)
KAPPAS = (1, 2, 4, 8, 16, 32)
WARM_UP = timedelta(days=30)
CERTAIN = 0.9
"""Probability given to a label, the rest being shared by the other two."""


def labelled_events(frame: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Hand-labelled texts as scored events, each a story of its own; irrelevant ones left out."""
    rest = (1 - CERTAIN) / 2
    weights = [relevance_of(text, gazetteer).weight for text in frame["text"]]
    events = pd.DataFrame(
        {
            "event_id": np.arange(len(frame)),
            "story_id": np.arange(len(frame)),
            "story_seed": np.arange(len(frame)),
            "published_at": frame["published_at"].to_numpy(),
            "relevance": weights,
            "theme": "diplomacy",
            "severity": frame["intensity"].fillna(1.0).to_numpy(float),
            "act": 0.0,
            **{
                f"p_{name}": np.where(frame["direction"] == name, CERTAIN, rest)
                for name in ("thaw", "escalation", "neutral")
            },
        }
    )
    events["published_at"] = pd.to_datetime(events["published_at"], utc=True)
    return events[events["relevance"] > 0].reset_index(drop=True)


def next_day_error(events: pd.DataFrame, half_life: int, kappa: int) -> float:
    """Mean squared error of each midnight's net_escalation against the net of the day after it.

    Days weigh by the mass of their directed news, so that one report does not count like thirty.
    """
    method = replace(
        METHOD,
        half_life=timedelta(days=half_life),
        window=timedelta(days=8 * half_life),
        prior_stories=kappa,
        replicates=2,
    )
    weighed = weigh(events, method)
    day = weighed["published_at"].dt.floor("D")
    daily = weighed.groupby(day)[["escalation", "thaw"]].sum()
    mass = daily["escalation"] + daily["thaw"]
    actual = (daily["escalation"] - daily["thaw"]) / mass
    midnights = pd.date_range(day.min() + WARM_UP, day.max(), freq="D")
    expected = index_at(events, midnights, method)["net_escalation"]
    columns = [actual.rename("y"), expected.rename("x"), mass.rename("w")]
    both = pd.concat(columns, axis=1, sort=True).dropna()
    return float(np.average((both["y"] - both["x"]) ** 2, weights=both["w"]))


def grid(events: pd.DataFrame) -> pd.DataFrame:
    """``next_day_error`` for each half-life (rows, days) and kappa (columns)."""
    return pd.DataFrame(
        [[next_day_error(events, h, k) for k in KAPPAS] for h in HALF_LIVES],
        index=pd.Index(HALF_LIVES, name="half-life"),
        columns=pd.Index(KAPPAS, name="kappa"),
    )


def read_dated_labels(path: str) -> pd.DataFrame:
    """A label file with its dates; a day without a time is known at its end."""
    frame = pd.read_csv(path)
    name = "occurred_on" if "occurred_on" in frame else "date"
    moments = pd.to_datetime(frame[name], utc=True, errors="coerce", format="mixed")
    days = frame[name].astype(str).str.len() <= len("2025-01-01")
    frame["published_at"] = moments + pd.to_timedelta(np.where(days, 86_399, 0), unit="s")
    return frame.dropna(subset=["published_at"]).sort_values("published_at")


def main(paths: Sequence[str]) -> None:
    """Print one grid a file."""
    gazetteer = next(g for g in read_gazetteers(None) if g.name == DEFAULT_DYAD)
    for path in paths:
        events = labelled_events(read_dated_labels(path), gazetteer)
        sys.stdout.write(f"{path}: {len(events)} relevant labelled events\n")
        sys.stdout.write(grid(events).round(4).to_string() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
