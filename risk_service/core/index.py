"""Scored events to the risk index: one formula for the live value, each hour and each day.

At a moment t, with d_i = 2^-((t - t_i) / half-life) for each relevant event i published in the
window before t, r_i its relevance, n_i its report weight (``novelty.report_weights``), s_i its
severity (1–3)::

    e_i = r_i n_i s_i p_escalation_i          t_i = r_i n_i s_i p_thaw_i
    m_i = e_i + t_i + neutral_mass r_i n_i p_neutral_i

    net_escalation = sum d_i (e_i - t_i) / (sum d_i m_i + kappa)         in -1…+1
    risk_index     = 50 + 50 net_escalation                              in 0…100

kappa pseudo-stories of mass 1 and unknown direction pull thin news to 50, never to calm: this is
the mean of a Dirichlet process whose base measure is uniform on -1…+1 (Ferguson 1973). The
interval is that process's posterior by the Bayesian bootstrap (Rubin 1981): each story, and each
pseudo-story, gets an Exp(1) multiplier per replicate, the same at every moment, so that copies of
one story are never taken for independent evidence.

Only events published before t enter, so no value ever depends on a later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from risk_service.core.dyads import THEMES
from risk_service.core.method import METHOD, Method
from risk_service.core.novelty import report_weights

Floats = npt.NDArray[np.float64]

EVENT_COLUMNS = (
    "event_id", "published_at", "story_id", "relevance", "theme",
    "p_thaw", "p_escalation", "p_neutral", "severity", "act",
)  # fmt: skip
_NUMBERS = ("relevance", "p_thaw", "p_escalation", "p_neutral", "severity", "act")
PARTS = ("escalation", "thaw", "threats", "acts", "thaw_words", "thaw_deeds")
_PRIOR_SEED = 2**62
_CHUNK = 512


def weigh(events: pd.DataFrame, method: Method = METHOD) -> pd.DataFrame:
    """Add ``escalation``, ``thaw`` and ``mass`` (e, t and m above), undecayed, to scored events.

    Parameters
    ----------
    events
        Columns ``EVENT_COLUMNS``: published_at aware UTC; probabilities in 0–1; severity 1–3;
        act in 0–1, the share of deed against words. Any order; returned in order of
        (published_at, event_id).

    Raises
    ------
    ValueError
        For a missing column or a NaN among the numbers.
    """
    missing = [column for column in EVENT_COLUMNS if column not in events]
    if missing:
        raise ValueError(f"events: columns {missing} are missing")
    events = events.astype(
        {"published_at": "datetime64[us, UTC]", **dict.fromkeys(_NUMBERS, float)}
    )
    events = events.sort_values(["published_at", "event_id"], ignore_index=True)
    if events[list(_NUMBERS)].isna().to_numpy().any():
        raise ValueError("events: a relevance, probability, severity or act is NaN")
    weight = events["relevance"] * report_weights(events["story_id"].to_numpy(np.int64))
    escalation = weight * events["severity"] * events["p_escalation"]
    thaw = weight * events["severity"] * events["p_thaw"]
    mass = escalation + thaw + method.neutral_mass * weight * events["p_neutral"]
    return events.assign(escalation=escalation, thaw=thaw, mass=mass)


def index_at(
    events: pd.DataFrame, moments: Sequence[datetime] | pd.DatetimeIndex, method: Method = METHOD
) -> pd.DataFrame:
    """The index at each moment, from the events published before it.

    Parameters
    ----------
    events
        As for ``weigh``.
    moments
        Aware times, in order.

    Returns
    -------
    DataFrame, one row a moment
        risk_index, low, high (0–100); net_escalation (-1…1); escalation and thaw (0–1, whose
        difference is net_escalation); threats + acts = escalation; thaw_words + thaw_deeds = thaw;
        attention (decayed mass, 0 up; direction plays no part in it); pressure (attention times
        direction, sum d (e - t), unbounded: what counts of coded events measure); coverage (0–1,
        news against prior); stories (reports of one happening are one) and events within the
        window; one column a theme, in risk points, which sum to risk_index - 50.

    Examples
    --------
    >>> none = pd.DataFrame({column: [] for column in EVENT_COLUMNS})
    >>> index_at(none, pd.to_datetime(["2025-01-01"], utc=True))["risk_index"].tolist()
    [50.0]
    """
    events = weigh(events, method)
    at = pd.to_datetime(list(moments), utc=True).as_unit("us")
    chunks = [
        _index_chunk(events, at[i : i + _CHUNK], method) for i in range(0, max(len(at), 1), _CHUNK)
    ]
    return pd.concat(chunks)


def drivers_at(events: pd.DataFrame, moment: datetime, method: Method = METHOD) -> pd.DataFrame:
    """What each story adds to the index at a moment, and to its change over the day before.

    Returns
    -------
    DataFrame, one row a story, the largest move first
        story_id, theme, reports, contribution (risk points; all sum to risk_index - 50), change
        (risk points; all sum to the move since 24 hours earlier).
    """
    events = weigh(events, method)
    at = pd.to_datetime([moment - timedelta(days=1), moment], utc=True).as_unit("us")
    decays = _decays(events, at, method)
    total = decays @ events["mass"].to_numpy() + method.prior_stories
    push = (events["escalation"] - events["thaw"]).to_numpy()
    points = 50 * (decays.multiply(push).toarray().T / total)
    table = pd.DataFrame(
        {
            "story_id": events["story_id"],
            "theme": events["theme"],
            "reports": (decays[[1]].toarray()[0] > 0).astype(int),
            "contribution": points[:, 1],
            "change": points[:, 1] - points[:, 0],
        }
    )
    table = table[(points != 0).any(axis=1) | (table["reports"] > 0)]
    stories: pd.DataFrame = table.groupby("story_id", as_index=False).agg(
        {"theme": "first", "reports": "sum", "contribution": "sum", "change": "sum"}
    )
    order = stories["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return stories.loc[order].reset_index(drop=True)


def _index_chunk(events: pd.DataFrame, at: pd.DatetimeIndex, method: Method) -> pd.DataFrame:
    if len(at):
        times = events["published_at"]
        first, last = times.searchsorted(at[0] - method.window), times.searchsorted(at[-1])
        events = events.iloc[first:last]
    decays = _decays(events, at, method)
    total = decays @ events["mass"].to_numpy(float) + method.prior_stories
    push = (events["escalation"] - events["thaw"]).to_numpy(float)
    net = decays @ push / total
    low, high = _interval(events, decays, push, method)
    frame = pd.DataFrame(
        {
            "risk_index": 50 + 50 * net,
            "low": np.minimum(50 + 50 * low, 50 + 50 * net),
            "high": np.maximum(50 + 50 * high, 50 + 50 * net),
            "net_escalation": net,
        },
        index=at,
    )
    for name, values in _parts(events).items():
        frame[name] = decays @ values / total
    frame["attention"] = total - method.prior_stories
    frame["pressure"] = decays @ push
    frame["coverage"] = frame["attention"] / total
    present = decays.astype(bool).astype(float)
    frame["events"] = present @ np.ones(len(events))
    frame["stories"] = present @ (~events["story_id"].duplicated()).to_numpy(float)
    themes = events["theme"].to_numpy()
    for theme in THEMES:
        frame[theme] = 50 * (decays @ np.where(themes == theme, push, 0.0)) / total
    return frame


def _parts(events: pd.DataFrame) -> dict[str, Floats]:
    escalation, thaw = events["escalation"].to_numpy(float), events["thaw"].to_numpy(float)
    act = events["act"].to_numpy(float)
    values = (
        escalation, thaw, escalation * (1 - act), escalation * act, thaw * (1 - act), thaw * act,
    )  # fmt: skip
    return dict(zip(PARTS, values, strict=True))


def _decays(events: pd.DataFrame, at: pd.DatetimeIndex, method: Method) -> sparse.csr_array:
    """Weight by age, shape (moments, events); 0 outside the window and at or after the moment."""
    times = pd.DatetimeIndex(events["published_at"]).as_unit("us").asi8
    moments = at.as_unit("us").asi8
    second = 1_000_000
    window = int(method.window.total_seconds()) * second
    starts = np.searchsorted(times, moments - window)
    stops = np.searchsorted(times, moments)
    counts = stops - starts
    pointers = np.concatenate([[0], np.cumsum(counts)])
    columns = np.arange(pointers[-1]) - np.repeat(pointers[:-1] - starts, counts)
    ages = np.repeat(moments, counts) - times[columns]
    weights = np.exp2(-ages / (method.half_life.total_seconds() * second))
    return sparse.csr_array((weights, columns, pointers), shape=(len(at), len(times)))


def _interval(
    events: pd.DataFrame, decays: sparse.csr_array, push: Floats, method: Method
) -> tuple[Floats, Floats]:
    draws = multipliers(events["story_id"].to_numpy(np.int64), method.replicates)
    prior = np.array([_PRIOR_SEED + k for k in range(method.prior_stories)])
    prior_mass = multipliers(prior, method.replicates)
    prior_push = prior_mass * (2 * _uniforms(prior + method.prior_stories, method.replicates) - 1)
    mass = decays @ (events["mass"].to_numpy(float)[:, None] * draws) + prior_mass.sum(axis=0)
    net = (decays @ (push[:, None] * draws) + prior_push.sum(axis=0)) / mass
    tail = (1 - method.interval) / 2
    low, high = np.quantile(net, [tail, 1 - tail], axis=1)
    return low, high


def multipliers(identities: npt.NDArray[np.int64], replicates: int) -> Floats:
    """Exp(1) draws, shape (identities, replicates), the same for an identity at every call."""
    return -np.log1p(-_uniforms(identities, replicates))


def _uniforms(identities: npt.NDArray[np.int64], replicates: int) -> Floats:
    """Uniform draws on [0, 1) by hashing (identity, replicate) with splitmix64 (Steele 2014)."""
    with np.errstate(over="ignore"):
        x = identities.astype(np.uint64)[:, None] * np.uint64(0xD1342543DE82EF95)
        x = x + np.arange(1, replicates + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    uniforms: Floats = (x >> np.uint64(11)).astype(np.float64) / 2**53
    return uniforms
