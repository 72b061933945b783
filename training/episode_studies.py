"""What closes did around known happenings, and around the whole chronology, as numbers.

Single happenings are judged by the market model of the 250 trading days that end well before
them; many together by ``core.event_study`` with a placebo beside each result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit
from sqlalchemy import Connection
from statsmodels.stats.multitest import multipletests

from risk_service.core.event_study import Asset, Study, StudyResult, run_study
from risk_service.core.happenings import Direction, Wanted
from risk_service.core.sectors import Sectors
from risk_service.studies import (
    Question,
    Studied,
    make_assets,
    read_happenings,
    read_study_closes,
    study_groups,
)

Floats = npt.NDArray[np.float64]

LEVEL = 0.95
LAST = 10
SINGLE = Study(first=0, last=LAST, gap=15, controls=("SPY",), level=LEVEL)
MANY = Study(first=-1, last=2, controls=("SPY",), level=LEVEL)
HORIZONS = (0, 2, LAST)
"""Last days of the windows of the table, each from day 0 on."""
SINCE = datetime(2004, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Episode:
    """A happening that is looked at by itself.

    ``at`` is when it was knowable, UTC; ``tickers`` the notable members shown by sector.
    """

    name: str
    title: str
    direction: Direction
    at: datetime
    tickers: tuple[str, ...]


EPISODES = (
    Episode(
        "crimea-2014", "March 2014: Crimea", "escalation",
        datetime(2014, 3, 1, 16, tzinfo=UTC), ("XOM", "BRENT_SPOT", "LMT", "BA.L"),
    ),
    Episode(
        "invasion-2022", "February 2022: the invasion", "escalation",
        datetime(2022, 2, 24, 3, tzinfo=UTC), ("XOM", "BRENT_SPOT", "LMT", "RHM.DE", "BA.L"),
    ),
    Episode(
        "alaska-2025", "August 2025: the summit in Alaska", "thaw",
        datetime(2025, 8, 15, 23, 30, tzinfo=UTC), ("XOM", "BRENT_SPOT", "LMT", "GD"),
    ),
    Episode(
        "rosneft-2025", "October 2025: Rosneft and Lukoil sanctioned", "escalation",
        datetime(2025, 10, 22, 21, tzinfo=UTC), ("XOM", "BRENT_SPOT", "LMT", "GD"),
    ),
)  # fmt: skip

FILTERS: dict[str, Wanted] = {
    "all about the dyad": Wanted(directness="dyad", origin="chronology", since=SINCE),
    "deeds (severity 2 and more)": Wanted(
        directness="dyad", origin="chronology", since=SINCE, min_severity=2
    ),
    "surprises (1 and more)": Wanted(
        directness="dyad", origin="chronology", since=SINCE, min_surprise=1
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class CarPath:
    """CAR of one asset from day 0 to each day of ``SINGLE``, logs, with its interval and p-value.

    ``days`` are trading days of its market.
    """

    asset: str
    days: pd.DatetimeIndex
    car: Floats
    low: Floats
    high: Floats
    p_value: Floats


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeFound:
    """All that was found of an episode; ``pooled`` is (members, KP p-value, correlation) of each
    sector over days 0 to 2, ``index`` the settled days around it.
    """

    episode: Episode
    paths: tuple[CarPath, ...]
    pooled: dict[str, tuple[int, float, float]]
    missing: dict[str, str]
    index: pd.DataFrame


def study_episode(
    conn: Connection, sectors: Sectors, episode: Episode, index: pd.DataFrame, now: datetime
) -> EpisodeFound:
    """Study one episode on both baskets and its notable members."""
    members = [ticker for sector in sectors.members for ticker in sectors.tickers(sector)]
    names = tuple(dict.fromkeys((*sectors.members, *episode.tickers, *members)))
    question = Question(names, SINGLE)
    groups = {"": pd.DataFrame({"knowable_at": pd.to_datetime([episode.at], utc=True)})}
    closes = read_study_closes(conn, sectors, question, groups, now, simulated=False)
    assets, missing = make_assets(closes, sectors, question)
    shown = [one for one in assets if one.name in {*sectors.members, *episode.tickers}]
    runs = [run_study([episode.at], shown, replace(SINGLE, last=last)) for last in range(LAST + 1)]
    paths = [path for one in shown if (path := _path(one.name, runs)) is not None]
    pooled = {
        sector: _pooled(episode, [one for one in assets if one.name in sectors.tickers(sector)])
        for sector in sectors.members
    }
    lacking = {name: why for name, why in missing.items() if name in episode.tickers}
    lacking |= _dropped(runs[-1])
    return EpisodeFound(episode, tuple(paths), pooled, lacking, _around(index, episode.at.date()))


def study_filter(
    conn: Connection, sectors: Sectors, dyad: str, model: str, wanted: Wanted, now: datetime
) -> Studied:
    """Thaw and escalation of the chronology on both baskets, with placebo."""
    groups = read_happenings(conn, dyad, wanted, model, None)
    question = Question(tuple(sectors.members), MANY)
    closes = read_study_closes(conn, sectors, question, groups, now, simulated=False)
    return study_groups(groups, closes, sectors, question)


def corrected(p_values: Sequence[float]) -> Floats:
    """Benjamini and Hochberg's (1995) q-values of those that are known.

    >>> corrected([0.01, 0.04, float("nan"), 0.5]).round(3).tolist()
    [0.03, 0.06, nan, 0.5]
    """
    values = np.array(p_values, dtype=np.float64)
    known = np.isfinite(values)
    found = np.full(len(values), np.nan)
    if known.any():
        found[known] = multipletests(values[known], method="fdr_bh")[1]
    return found


def _path(asset: str, results: Sequence[StudyResult]) -> CarPath | None:
    """Each day's CAR from a study that ends with it; None where the asset was not used."""
    rows = [one.pairs[one.pairs["asset"] == asset] for one in results]
    if any(row.empty for row in rows):
        return None
    whole = pd.concat(rows, ignore_index=True)
    degrees = whole["observations"].to_numpy() - len(SINGLE.controls) - 1
    half = stdtrit(degrees, (1 + LEVEL) / 2) * whole["car_error"].to_numpy()
    car = whole["car"].to_numpy()
    # A day of the basket is over with the last of its closes, on the same date everywhere here.
    days = pd.DatetimeIndex(whole["over_at"]).tz_localize(None).normalize()
    return CarPath(asset, days, car, car - half, car + half, whole["p_value"].to_numpy())


def _pooled(episode: Episode, members: Sequence[Asset]) -> tuple[int, float, float]:
    if not members:
        return 0, np.nan, np.nan
    pooled = run_study([episode.at], members, replace(SINGLE, last=HORIZONS[1])).pooled
    return pooled.cars, pooled.significance("kolari_pynnonen").p_value, pooled.correlation


def _dropped(result: StudyResult) -> dict[str, str]:
    rows = result.dropped
    return dict(zip(rows["asset"].tolist(), rows["reason"].tolist(), strict=True))


def _around(index: pd.DataFrame, day: date) -> pd.DataFrame:
    """Settled days from a week before the day to two weeks after."""
    first, last = day - timedelta(days=7), day + timedelta(days=14)
    return index[(index["day"] >= first) & (index["day"] <= last)].reset_index(drop=True)
