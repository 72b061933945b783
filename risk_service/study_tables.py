"""A study as tables: averages by day, tests, the CAR of every event, and what was dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from risk_service.core.event_study import Average, StudyResult
from risk_service.studies import GroupStudy, Studied

AVERAGE_COLUMNS = (
    "direction", "asset", "events", "day", "aar", "aar_p_value", "caar", "low", "high",
    "placebo_mean", "placebo_low", "placebo_high", "crowding", "simulated",
)  # fmt: skip
TEST_COLUMNS = (
    "direction", "asset", "events", "caar", "low", "high", "test", "statistic", "p_value",
    "crowding", "simulated",
)  # fmt: skip
CAR_COLUMNS = (
    "direction", "event_id", "knowable_at", "text", "asset", "trading_day", "closes_at", "over_at",
    "car", "car_error", "p_value", "alpha", "sigma", "observations", "surprise", "reconstructed",
    "simulated",
)  # fmt: skip
_BESIDE = ["event_id", "knowable_at", "text", "surprise", "reconstructed"]
DROP_COLUMNS = ("direction", "event_id", "knowable_at", "text", "asset", "reason")

Row = dict[str, Any]

LONGEST_TEXT = 300
_MERGED = re.compile(r"(merged with event )(\d+)$")


def averages_table(studied: Studied, simulated: bool) -> pd.DataFrame:
    """AAR, CAAR, interval and placebo of each direction, asset and day of the event window."""
    rows = [
        {
            "direction": group.direction,
            "asset": average.asset,
            "events": average.events,
            "day": day,
            "aar": average.aar[i],
            "aar_p_value": average.aar_p_value[i],
            "caar": average.caar[i],
            "low": average.low[i],
            "high": average.high[i],
            **_placebo_at(group, average.asset, i),
            "crowding": average.crowding,
            "simulated": simulated,
        }
        for group, average in _averages(studied)
        for i, day in enumerate(average.days)
    ]
    return pd.DataFrame(rows, columns=list(AVERAGE_COLUMNS))


def significance_table(studied: Studied, simulated: bool) -> pd.DataFrame:
    """Each test of each CAAR over the whole window; ``placebo`` is the one by random dates."""
    rows: list[Row] = []
    for group, average in _averages(studied):
        whole = {
            "direction": group.direction,
            "asset": average.asset,
            "events": average.events,
            "caar": average.caar[-1],
            "low": average.low[-1],
            "high": average.high[-1],
            "crowding": average.crowding,
            "simulated": simulated,
        }
        rows += [
            {**whole, "test": one.test, "statistic": one.statistic, "p_value": one.p_value}
            for one in average.significances
        ]
        share = group.placebos[average.asset].share
        rows.append({**whole, "test": "placebo", "statistic": np.nan, "p_value": share})
    return pd.DataFrame(rows, columns=list(TEST_COLUMNS))


def cars_table(studied: Studied, simulated: bool) -> pd.DataFrame:
    """The CAR of every event and asset used."""
    parts = [
        _named(group, result.pairs.drop(columns=["knowable_at"])).assign(simulated=simulated)
        for group, result in _results(studied)
    ]
    return _together(parts, CAR_COLUMNS)


def dropped_table(studied: Studied) -> pd.DataFrame:
    """Every event, or asset of an event, that is in no average, with the reason."""
    parts = [_named(group, _by_name(group, result.dropped)) for group, result in _results(studied)]
    return _together(parts, DROP_COLUMNS)


def reasons_of(result: StudyResult) -> list[Row]:
    """How often each reason left an event out whole, or one asset of an event."""
    reasons = result.dropped["reason"].str.replace(r"event \d+$", "an earlier event", regex=True)
    whole = result.dropped["asset"] == ""
    counts = Counter(zip(reasons, whole, strict=True))
    return [
        {"reason": str(reason), "whole_event": bool(of_all), "count": count}
        for (reason, of_all), count in sorted(counts.items())
    ]


def _averages(studied: Studied) -> Iterator[tuple[GroupStudy, Average]]:
    for group, result in _results(studied):
        for average in result.averages:
            yield group, average


def _results(studied: Studied) -> Iterator[tuple[GroupStudy, StudyResult]]:
    for group in studied.groups:
        if group.result is not None:
            yield group, group.result


def _placebo_at(group: GroupStudy, asset: str, day: int) -> Row:
    found = group.placebos[asset]
    return {
        "placebo_mean": found.mean[day],
        "placebo_low": found.low[day],
        "placebo_high": found.high[day],
    }


def _named(group: GroupStudy, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with a column ``event``, beside what that event was."""
    known = group.events.reindex(columns=_BESIDE)
    beside = known.iloc[rows["event"].to_numpy(int)].reset_index(drop=True)
    beside = beside.assign(text=beside["text"].str.slice(0, LONGEST_TEXT))
    whole = pd.concat([beside, rows.reset_index(drop=True)], axis=1)
    return whole.assign(direction=group.direction)


def _by_name(group: GroupStudy, dropped: pd.DataFrame) -> pd.DataFrame:
    """The event that another was merged with by its id, where it has one, and not by its place."""
    if "event_id" not in group.events:
        return dropped
    ids = group.events["event_id"].to_numpy()
    named = dropped["reason"].str.replace(
        _MERGED, lambda found: f"{found[1]}{ids[int(found[2])]}", regex=True
    )
    return dropped.assign(reason=named)


def _together(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(parts, ignore_index=True)[list(columns)]
