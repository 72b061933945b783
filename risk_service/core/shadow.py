"""Two models on the same events: where they differ, and what the index would be with either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.index import index_at, weigh
from risk_service.core.method import METHOD, Method

DIRECTIONS = ("thaw", "escalation", "neutral")
_PROBABILITIES = ["p_thaw", "p_escalation", "p_neutral"]
MOST_MISSING = 0.05
"""Share of a day's news that either model may not have scored for the day to be told."""


@dataclass(frozen=True, slots=True)
class Differences:
    """Events that two models scored, by count and by weight (relevance × report weight).

    ``changed`` have another most probable direction, ``opposite`` of these thaw with one and
    escalation with the other. ``mean_difference`` is the mean by weight of
    |net of b − net of a|, net being p_escalation − p_thaw; None without events.
    """

    events: int
    weight: float
    changed: int
    changed_weight: float
    opposite: int
    opposite_weight: float
    mean_difference: float | None


def in_common(a: pd.DataFrame, b: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The events that are in both, each in the order of ``event_id``."""
    both = np.intersect1d(a["event_id"], b["event_id"])
    first, second = (
        one[one["event_id"].isin(both)].sort_values("event_id", ignore_index=True) for one in (a, b)
    )
    return first, second


def compare_events(a: pd.DataFrame, b: pd.DataFrame, method: Method = METHOD) -> pd.DataFrame:
    """One row an event that both scored, the largest difference first.

    Parameters
    ----------
    a, b
        Scored events as ``core.index.weigh`` takes them; what only one has scored is left out.

    Returns
    -------
    DataFrame
        event_id; weight (relevance × report weight); a and b (directions); net_a, net_b
        (p_escalation − p_thaw, −1…+1); changed, opposite (bool).
    """
    first, second = in_common(a, b)
    if first.empty:
        columns = ["event_id", "weight", "a", "b", "net_a", "net_b", "changed", "opposite"]
        return pd.DataFrame({name: [] for name in columns})
    weighed = weigh(first, method).set_index("event_id").loc[first["event_id"]]
    best_a, best_b = _best(first), _best(second)
    # thaw 0 and escalation 1: two different directions that add up to 1 are opposite.
    changed = best_a != best_b
    table = pd.DataFrame(
        {
            "event_id": first["event_id"],
            "weight": (weighed["strength"] / weighed["severity"]).to_numpy(),
            "a": np.array(DIRECTIONS)[best_a],
            "b": np.array(DIRECTIONS)[best_b],
            "net_a": first["p_escalation"] - first["p_thaw"],
            "net_b": second["p_escalation"] - second["p_thaw"],
            "changed": changed,
            "opposite": changed & (best_a + best_b == 1),
        }
    )
    size = (table["weight"] * (table["net_b"] - table["net_a"]).abs()).rename("size")
    order = size.sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def count_differences(table: pd.DataFrame) -> Differences:
    """Count a table of ``compare_events``."""
    weight = table["weight"].astype(float)
    changed, opposite = (table[name].astype(bool) for name in ("changed", "opposite"))
    moved = (table["net_b"] - table["net_a"]).abs().astype(float)
    total = float(weight.sum())
    return Differences(
        len(table),
        total,
        int(changed.sum()),
        float(weight[changed].sum()),
        int(opposite.sum()),
        float(weight[opposite].sum()),
        float((weight * moved).sum() / total) if total else None,
    )


def index_with_both(
    a: pd.DataFrame,
    b: pd.DataFrame,
    moments: Sequence[datetime] | pd.DatetimeIndex,
    method: Method = METHOD,
) -> pd.DataFrame:
    """What the index is with either model, from the events that both scored.

    Returns
    -------
    DataFrame, one row a moment
        a, b (risk_index, 0–100), difference (b − a), share (0–1: of the news before the moment,
        what both scored; NaN where there is none). Moments of which more than ``MOST_MISSING`` is
        not scored by both are left out: their values would be of half the news.
    """
    # The interval is not asked for: two replicates of it cost nothing.
    method = replace(method, replicates=2)
    common = in_common(a, b)
    found = [index_at(one, moments, method) for one in common]
    shares = [
        both["attention"] / index_at(whole, moments, method)["attention"]
        for whole, both in zip((a, b), found, strict=True)
    ]
    table = pd.DataFrame({"a": found[0]["risk_index"], "b": found[1]["risk_index"]})
    table["difference"] = table["b"] - table["a"]
    table["share"] = np.minimum(shares[0].to_numpy(float), shares[1].to_numpy(float))
    return table[table["share"] >= 1 - MOST_MISSING]


def _best(events: pd.DataFrame) -> npt.NDArray[np.int64]:
    best: npt.NDArray[np.int64] = events[_PROBABILITIES].to_numpy(float).argmax(axis=1)
    return best
